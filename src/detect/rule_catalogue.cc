// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/rule_catalogue.h"

#include <array>

#include "detect/seed_rule_text.h"
#include "krbtrail/detect/local_kerberos_service.h"

namespace krbtrail::detect {

std::span<const RuleInfo* const> rule_catalogue() {
  static const std::array<const RuleInfo*, 4> kCatalogue = {
      &seed::kFileAccessInfo, &seed::kImpacketToolInfo, &seed::kCopyExfilInfo,
      &local_kerberos_service_info()};
  return kCatalogue;
}

const RuleInfo* find_rule(std::string_view id) {
  for (const RuleInfo* rule : rule_catalogue()) {
    if (rule->id == id)
      return rule;
  }
  return nullptr;
}

}  // namespace krbtrail::detect
