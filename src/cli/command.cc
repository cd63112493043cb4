// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <array>

namespace krbtrail::cli {

std::span<const Command* const> commands() {
  static const std::array<const Command*, 7> all{
      &scan_command(),  &live_command(),        &merge_command(),      &explain_command(),
      &rules_command(), &audit_rules_command(), &completions_command()};
  return all;
}

}  // namespace krbtrail::cli
