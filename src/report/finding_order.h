// SPDX-License-Identifier: Apache-2.0
//
// Keys that sort findings as documents print them, as bytes for SortedSpill.
//
// Newest first; at one instant the higher serial or record id first, then by host, rule and id.
// This does not depend on the order of arrival, so --jobs and the order of the inputs change
// nothing.
#pragma once

#include <string>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

// The parts of a document, in its order.
enum class Section : char { incidents = '1', findings, near_misses, indeterminate };
[[nodiscard]] Section section_of(const model::Finding& finding);

[[nodiscard]] std::string newest_first(const model::Finding& finding);
// The opposite in time, for a story.
[[nodiscard]] std::string oldest_first(const model::Finding& finding);

// By section, then most severe first, newest first within.
[[nodiscard]] std::string most_severe_first(const model::Finding& finding);
[[nodiscard]] std::string most_severe_first(const model::Incident& incident);

}  // namespace krbtrail::report
