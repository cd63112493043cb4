// SPDX-License-Identifier: Apache-2.0
//
// From root, as auditd starts a plugin, to what `live` needs while it runs: another user, hardly a
// capability, the sandbox.
//
//   const model::Result<Confinement> confined = confine({.reread = {config}, .written =
//   {findings}}); for (const std::string& layer : confined.value().layers) …   // the heartbeat's
//   words
//
// The user is `user`, or else krbtrail. Where this computer has no krbtrail the user stays, with no
// capability that is not needed: a plugin that does not start sees nothing, and one that stays root
// says so. An Error only if the user was named and cannot be had.
//
// Programs that an output starts inherit every wall, so that with one the sandbox is left out; they
// gain no privileges either way. Before the first thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

inline constexpr std::string_view kPluginUser = "krbtrail";

// What is opened again after the start.
struct RuntimeNeeds {
  std::string user = {};                    // empty: kPluginUser, if there is one
  std::vector<std::string> reread = {};     // files; their folders become readable
  std::vector<std::string> written = {};    // files; their folders become writable
  std::vector<std::string> connected = {};  // sockets that are root's own
  bool starts_programs = false;
};

struct Confinement {
  // A sentence for the user and each layer: that it is on, or why it is not.
  std::vector<std::string> layers;
  std::string warning;  // that it stays root although nobody asked for that; empty: it does not
};

[[nodiscard]] model::Result<Confinement> confine(const RuntimeNeeds& needs);

// A name that /etc/passwd could hold: letters, digits, '_', '-', '.', at most 32.
[[nodiscard]] model::Status check_user_name(std::string_view name);

}  // namespace krbtrail::cli
