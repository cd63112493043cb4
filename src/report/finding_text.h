// SPDX-License-Identifier: Apache-2.0
//
// A finding, near miss, indeterminate or incident as a short story: who, what, when, where, why,
// how sure, and the records it rests on. Fields without a value are left out.
#pragma once

#include <chrono>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "report/page.h"

namespace krbtrail::report {

void write_finding(Page& page, const model::Finding& finding, std::chrono::minutes zone);
void write_incident(Page& page, const model::Incident& incident, std::chrono::minutes zone);

}  // namespace krbtrail::report
