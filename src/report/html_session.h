// SPDX-License-Identifier: Apache-2.0
//
// The Windows session view: the logon and the service side by side with the time between them, what
// else the session did, each condition of the rule with the value it saw, and what to do.
#pragma once

#include <chrono>

#include "krbtrail/model/finding.h"
#include "report/html_writer.h"

namespace krbtrail::report {

// `finding.windows` must be set.
void write_session(HtmlWriter& html, const model::Finding& finding, std::chrono::minutes zone);

}  // namespace krbtrail::report
