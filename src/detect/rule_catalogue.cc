// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/rule_catalogue.h"

#include <array>

#include "detect/extended_rule_text.h"
#include "detect/seed_rule_text.h"
#include "krbtrail/detect/local_kerberos_service.h"

namespace krbtrail::detect {

std::span<const RuleInfo* const> rule_catalogue() {
  static const std::array<const RuleInfo*, 21> catalogue = {&seed::kFileAccessInfo,
                                                            &seed::kImpacketToolInfo,
                                                            &seed::kCopyExfilInfo,
                                                            &extended::kTicketAccessInfo,
                                                            &extended::kTicketOnCommandLineInfo,
                                                            &extended::kOwnerMismatchInfo,
                                                            &extended::kTicketPlantedInfo,
                                                            &extended::kOwnTicketReadInfo,
                                                            &extended::kTicketCopiedInfo,
                                                            &extended::kCopyUsedInfo,
                                                            &extended::kClientAtOddPathInfo,
                                                            &extended::kTicketToolInfo,
                                                            &extended::kTicketDiscoveryInfo,
                                                            &extended::kKeytabAccessInfo,
                                                            &extended::kStoreAccessInfo,
                                                            &extended::kKeyringReadInfo,
                                                            &extended::kProcessMemoryReadInfo,
                                                            &extended::kTicketSentInfo,
                                                            &extended::kTicketRenamedInfo,
                                                            &extended::kForeignNamespaceInfo,
                                                            &local_kerberos_service_info()};
  return catalogue;
}

const RuleInfo* find_rule(std::string_view id) {
  for (const RuleInfo* rule : rule_catalogue()) {
    if (rule->id == id)
      return rule;
  }
  return nullptr;
}

}  // namespace krbtrail::detect
