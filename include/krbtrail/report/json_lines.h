// SPDX-License-Identifier: Apache-2.0
//
// The objects of docs/SCHEMA.md, each as one line without its end: what `live` sends, one at a
// time, to outlets.
#pragma once

#include <string>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/heartbeat.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

[[nodiscard]] std::string json_line(const model::Finding& finding);
[[nodiscard]] std::string json_line(const model::Incident& incident);
[[nodiscard]] std::string json_line(const model::Heartbeat& heartbeat);

// What ends a run: the coverage of each host, that of none, and the summary.
[[nodiscard]] std::vector<std::string> closing_lines(const model::Coverage& coverage,
                                                     const model::Summary& summary);

}  // namespace krbtrail::report
