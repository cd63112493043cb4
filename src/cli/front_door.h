// SPDX-License-Identifier: Apache-2.0
//
// From the words of the command line to a command and its exit status.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_status.h"

namespace krbtrail::cli {

// `words` is argv without the program's own name. Prints every error that comes up, once.
[[nodiscard]] ExitStatus run(const std::vector<std::string>& words);

}  // namespace krbtrail::cli
