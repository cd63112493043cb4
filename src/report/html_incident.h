// SPDX-License-Identifier: Apache-2.0
//
// The head of an incident in the HTML report: what happened in a table of questions and answers,
// the ticket's way, the steps over time, the processes. Its findings follow, then
// close_incident().
#pragma once

#include <chrono>
#include <cstdint>

#include "krbtrail/model/incident.h"
#include "report/html_writer.h"
#include "report/incident_sketch.h"

namespace krbtrail::report {

// `sketch` is what its findings added; null if they were not seen, or too long ago.
void open_incident(HtmlWriter& html, const model::Incident& incident, IncidentSketch* sketch,
                   std::chrono::minutes zone);
void close_incident(HtmlWriter& html, std::uint64_t findings_left_out);

// Its row in the table of contents.
void write_contents_row(HtmlWriter& html, const model::Incident& incident,
                        std::chrono::minutes zone);

}  // namespace krbtrail::report
