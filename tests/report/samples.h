// SPDX-License-Identifier: Apache-2.0
//
// Findings, incidents and coverage with everything set and with nothing set.
#pragma once

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::test {

// The seed's test 1 as a finding of branch 1: 2023-11-14T22:13:20.123Z, cp reads /tmp/krb5cc_1001.
[[nodiscard]] model::Finding theft();

// Every member has a value; `windows` only in the second.
[[nodiscard]] model::Finding full_linux_finding();
[[nodiscard]] model::Finding full_windows_finding();
[[nodiscard]] model::Incident full_incident();
[[nodiscard]] model::Coverage full_coverage();  // adds up, and is incomplete
[[nodiscard]] model::Summary full_summary();

}  // namespace krbtrail::test
