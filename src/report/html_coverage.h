// SPDX-License-Identifier: Apache-2.0
//
// What the run came to (the head of the HTML report) and what was read and could not be seen (its
// end).
#pragma once

#include <chrono>

#include "krbtrail/model/coverage.h"
#include "report/html_writer.h"

namespace krbtrail::report {

// The heading, the counts, and a banner if something was not evaluated.
void write_result(HtmlWriter& html, const model::Coverage& coverage, const model::Summary& summary,
                  std::chrono::minutes zone);

void write_coverage(HtmlWriter& html, const model::Coverage& coverage, std::chrono::minutes zone);

// The accounting of every byte; `in_full` with evictions and the sandbox's layers.
void write_accounting(HtmlWriter& html, const model::Coverage& coverage,
                      const model::Summary& summary, bool in_full);

}  // namespace krbtrail::report
