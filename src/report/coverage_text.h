// SPDX-License-Identifier: Apache-2.0
//
// What was read, what could not be seen, what it came to: the end of every text report.
#pragma once

#include <chrono>

#include "krbtrail/model/coverage.h"
#include "report/page.h"

namespace krbtrail::report {

void write_coverage(Page& page, const model::Coverage& coverage, std::chrono::minutes zone);

// --stats: every lane of the accounting identity, evictions, the sandbox's layers.
void write_accounting(Page& page, const model::Coverage& coverage, const model::Summary& summary);

void write_summary(Page& page, const model::Coverage& coverage, const model::Summary& summary);

}  // namespace krbtrail::report
