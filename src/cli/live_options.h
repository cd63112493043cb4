// SPDX-License-Identifier: Apache-2.0
//
// What `krbtrail live` was asked to do.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/configuration.h"
#include "cli/finding_filter.h"
#include "cli/options.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

struct LiveOptions {
  std::string socket;      // of auditd's af_unix plugin; empty for none
  std::string follow;      // a log that grows; empty for none. Neither: standard input
  std::string config;      // krbtrail.conf; empty for none
  std::string exceptions;  // a file of exceptions; empty for none
  std::string hostname;    // of records that name no host; empty: this computer's name
  std::string user;        // who it becomes; empty: what the configuration says
  bool seed_only = false;
  bool strict_kql = false;
  bool prefilter = true;
  bool evidence = false;
  FindingFilter filter;
  std::vector<OutputTarget> outputs;  // beside those of the configuration
  std::string state;                  // as in LiveSettings; empty: what the configuration says
  bool proc = true;                   // processes that run already are read from /proc
  bool quiet = false;

  [[nodiscard]] bool is_plugin() const { return socket.empty() && follow.empty(); }
};

// The options of `krbtrail live`, in the order of its help.
[[nodiscard]] std::span<const Option> live_option_table();

// Checks what the table cannot.
[[nodiscard]] model::Result<LiveOptions> read_live_options(const Arguments& arguments);

}  // namespace krbtrail::cli
