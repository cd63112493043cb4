// SPDX-License-Identifier: Apache-2.0
//
// The objects of docs/SCHEMA.md, one function each. Each appends one object and no line end.
#pragma once

#include <string>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

// A finding, a near miss or an indeterminate, as its verdict says.
void append_finding(std::string& out, const model::Finding& finding);
void append_incident(std::string& out, const model::Incident& incident);
void append_host_coverage(std::string& out, const model::HostCoverage& host);
// What belongs to no host: the accounting, evictions, notes.
void append_coverage(std::string& out, const model::Coverage& coverage);
// `with_sandbox` adds the layers, which differ between kernels.
void append_summary(std::string& out, const model::Coverage& coverage,
                    const model::Summary& summary, bool with_sandbox);

}  // namespace krbtrail::report
