// SPDX-License-Identifier: Apache-2.0
//
// One finding as a <details> of the HTML report: the summary says who did what, the rest is folded.
// A Windows finding is unfolded and shows its session.
#pragma once

#include <chrono>

#include "krbtrail/model/finding.h"
#include "report/html_writer.h"

namespace krbtrail::report {

void write_finding(HtmlWriter& html, const model::Finding& finding, std::chrono::minutes zone);

}  // namespace krbtrail::report
