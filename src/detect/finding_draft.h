// SPDX-License-Identifier: Apache-2.0
//
// A finding as far as the event itself tells it: who, what, when, where, and the evidence. The rule
// that fired adds why (reasons, score, matched name).
#pragma once

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/rule.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::detect {

// Names for the ids that events carry. Both tables must outlive it.
struct EvidenceNames {
  const model::InputNames& inputs;
  const model::HostNames& hosts;
  bool keep_records = false;  // copies the raw records into the evidence
};

// `object` of the finding's id is empty: one finding per rule and event.
[[nodiscard]] model::Finding draft_finding(const RuleInfo& rule,
                                           const activity::ProcessEvent& event,
                                           const EvidenceNames& names);
[[nodiscard]] model::Finding draft_finding(const RuleInfo& rule, const activity::FileEvent& event,
                                           const EvidenceNames& names);
[[nodiscard]] model::Finding draft_finding(const RuleInfo& rule, const activity::CallEvent& event,
                                           const EvidenceNames& names);

}  // namespace krbtrail::detect
