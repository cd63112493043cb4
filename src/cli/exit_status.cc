// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_status.h"

namespace krbtrail::cli {

ExitStatus status_of(const model::Coverage& coverage, const model::Summary& summary) {
  if (summary.findings != 0)
    return ExitStatus::findings;
  const bool undecided = summary.near_misses + summary.indeterminate != 0;
  return undecided || coverage.incomplete() ? ExitStatus::incomplete : ExitStatus::clean;
}

}  // namespace krbtrail::cli
