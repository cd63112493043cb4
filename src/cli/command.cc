// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <array>

namespace krbtrail::cli {

std::span<const Command* const> commands() {
  static constexpr std::array<const Command*, 2> kCommands{&kScanCommand, &kRulesCommand};
  return kCommands;
}

}  // namespace krbtrail::cli
