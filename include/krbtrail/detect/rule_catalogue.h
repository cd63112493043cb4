// SPDX-License-Identifier: Apache-2.0
//
// Every rule there is, as `krbtrail rules` and docs/RULES.md present it.
#pragma once

#include <span>
#include <string_view>

#include "krbtrail/detect/rule.h"

namespace krbtrail::detect {

// In the order of presentation: the seed's branches first, in the query's order; the Windows rule
// last.
[[nodiscard]] std::span<const RuleInfo* const> rule_catalogue();

// The rule of that id; nullptr if there is none.
[[nodiscard]] const RuleInfo* find_rule(std::string_view id);

}  // namespace krbtrail::detect
