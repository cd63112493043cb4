// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/rule_catalogue.h"

#include <array>

#include "detect/seed_rule_text.h"

namespace krbtrail::detect {
namespace {

constexpr std::array<const RuleInfo*, 3> kCatalogue = {
    &seed::kFileAccessInfo, &seed::kImpacketToolInfo, &seed::kCopyExfilInfo};

}  // namespace

std::span<const RuleInfo* const> rule_catalogue() {
  return kCatalogue;
}

const RuleInfo* find_rule(std::string_view id) {
  for (const RuleInfo* rule : kCatalogue) {
    if (rule->id == id)
      return rule;
  }
  return nullptr;
}

}  // namespace krbtrail::detect
