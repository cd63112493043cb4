// SPDX-License-Identifier: Apache-2.0
//
// What `krbtrail scan` was asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/finding_filter.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/report_output.h"
#include "krbtrail/detect/local_kerberos_service.h"
#include "krbtrail/input/files.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// automatic: if standard error is a terminal.

struct ScanOptions {
  std::vector<std::string> paths;  // "-" is standard input; empty if `root` is set
  std::string root;                // a mounted image; empty for none
  std::string passwd;              // a passwd file; empty for none
  std::string config;              // krbtrail.conf; empty for none
  std::string exceptions;          // a file of exceptions; empty for none
  std::string proposed;  // the id of the finding to write an exception for; empty for none
  std::string hostname;  // of records that name no host; empty for none
  input::KindChoice kind = input::KindChoice::automatic;
  bool seed_only = false;
  bool strict_kql = false;
  detect::RuleVariant windows_rule = detect::RuleVariant::v214;
  std::optional<std::chrono::minutes> input_zone;  // of Windows stamps that name none
  bool recovered = false;                          // the slack of EVTX files too
  unsigned jobs = 1;                               // 1 to windows::kMostJobs
  bool prefilter = true;
  bool evidence = false;
  bool hash = false;
  FindingFilter filter;
  ReportOptions report;
  When progress = When::automatic;
  bool quiet = false;  // no progress and no warnings; errors stay
};

// The options of `krbtrail scan`, in the order of its help.
[[nodiscard]] std::span<const Option> scan_option_table();

// Checks what the table cannot: times, zones, what goes together.
[[nodiscard]] model::Result<ScanOptions> read_scan_options(const Arguments& arguments);

}  // namespace krbtrail::cli
