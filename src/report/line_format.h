// SPDX-License-Identifier: Apache-2.0
//
// A format that is written line by line: what each object appends, line ends included.
#pragma once

#include <string>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

struct LineFormat {
  void (*head)(std::string& out);
  void (*finding)(std::string& out, const model::Finding& finding);
  void (*incident)(std::string& out, const model::Incident& incident);
  // What could not be seen, and last what the run came to.
  void (*end)(std::string& out, const model::Coverage& coverage, const model::Summary& summary);
};

[[nodiscard]] LineFormat ecs_format();
[[nodiscard]] LineFormat ocsf_format();
[[nodiscard]] LineFormat timesketch_format();
[[nodiscard]] LineFormat timesketch_csv_format();
[[nodiscard]] LineFormat sentinel_format();

}  // namespace krbtrail::report
