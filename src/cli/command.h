// SPDX-License-Identifier: Apache-2.0
//
// One command of the program. To add one: write NAME_command.cc, which defines NAME_command(), and
// name that function here and in command.cc; parsing, help and the nearest spelling follow from it.
#pragma once

#include <span>
#include <string_view>

#include "cli/exit_status.h"
#include "cli/options.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// A line that a user can type, shown in the help; the tests run every one of them.
struct Example {
  std::string_view line;
  std::string_view does;
};

struct Command {
  std::string_view name;
  std::string_view summary;   // one line in `krbtrail --help`
  std::string_view operands;  // "PATH..."; empty: the command takes none
  std::string_view about;     // what its own --help says before the options, lines of 80 columns
  std::span<const Option> options;
  std::span<const Example> examples;
  // An Error is a usage error (ExitStatus::usage); the command reports other failures through the
  // status that it returns.
  model::Result<ExitStatus> (*run)(const Arguments& arguments);
};

[[nodiscard]] const Command& scan_command();         // scan_command.cc
[[nodiscard]] const Command& live_command();         // live_command.cc
[[nodiscard]] const Command& merge_command();        // merge_command.cc
[[nodiscard]] const Command& rules_command();        // rules_command.cc
[[nodiscard]] const Command& explain_command();      // explain_command.cc
[[nodiscard]] const Command& audit_rules_command();  // audit_rules_command.cc
[[nodiscard]] const Command& completions_command();  // completions_command.cc

// All of them, in the order of the help.
[[nodiscard]] std::span<const Command* const> commands();

}  // namespace krbtrail::cli
