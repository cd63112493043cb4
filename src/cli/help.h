// SPDX-License-Identifier: Apache-2.0
//
// The text of --help: at most 50 lines of 80 columns, ending with examples that work.
#pragma once

#include <string>

#include "cli/command.h"

namespace krbtrail::cli {

// `krbtrail --help`
[[nodiscard]] std::string program_help();

// `krbtrail COMMAND --help`
[[nodiscard]] std::string command_help(const Command& command);

}  // namespace krbtrail::cli
