// SPDX-License-Identifier: Apache-2.0
//
// What people are told about the three branches. The false alarms are the query's own ("False
// Positives & Tuning") and those met on captures of a real machine; docs/RULES.md says the same.
#pragma once

#include "krbtrail/detect/rule.h"

namespace krbtrail::detect::seed {

extern const RuleInfo kFileAccessInfo;    // branch 1
extern const RuleInfo kImpacketToolInfo;  // branch 2
extern const RuleInfo kCopyExfilInfo;     // branch 3

}  // namespace krbtrail::detect::seed
