// SPDX-License-Identifier: Apache-2.0
//
// From root to an account that can do little: auditd starts its plugins as root.
//
//   const Result<KeptCapabilities> kept =
//       become({.uid = 998, .gid = 998}, {.read = {"/var/log/audit/audit.log"}});
//
// Becomes the account for good, without supplementary groups, with an empty bounding set and with
// no capability but those without which it could not open again what is named: CAP_DAC_READ_SEARCH
// for `read`, CAP_DAC_OVERRIDE for `written` and `connected`. Which of them are needed is tried in
// a child process that has none, so that it is the kernel's own answer, access lists included. The
// account may be root's: then root is left that owns its files and may do nothing else.
//
// Before the first thread: capabilities belong to threads.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "krbtrail/model/error.h"

namespace krbtrail::live {

struct AccountIds {
  uid_t uid = 0;
  gid_t gid = 0;
};

// What is opened again while it runs.
struct NeededFiles {
  std::vector<std::string> read = {};
  // Files that come to be, and anew after a rotation; one that is no regular file is only opened.
  std::vector<std::string> written = {};
  // Sockets; one that does not exist yet is taken for root's own.
  std::vector<std::string> connected = {};
};

struct KeptCapabilities {
  bool read_search = false;  // CAP_DAC_READ_SEARCH
  bool override = false;     // CAP_DAC_OVERRIDE, which includes it

  bool operator==(const KeptCapabilities&) const = default;
};

// False where there is nothing to give up.
[[nodiscard]] bool is_root();

// An Error if the system refuses: nothing is promised of the capabilities then, and the user is the
// one of before.
[[nodiscard]] model::Result<KeptCapabilities> become(const AccountIds& account,
                                                     const NeededFiles& files);

}  // namespace krbtrail::live
