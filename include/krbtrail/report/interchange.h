// SPDX-License-Identifier: Apache-2.0
//
// Findings in the shapes that other programs read, a line each; docs/FORMATS.md has the tables of
// fields.
//
//   ecs             NDJSON of Elastic Common Schema 8.11 documents
//   ocsf            NDJSON of OCSF 1.4.0 events: Detection Finding, and Scan Activity at the end
//   timesketch      JSON lines for a Timesketch timeline (the file's name must end with .jsonl)
//   timesketch_csv  the same as CSV (.csv)
//   sentinel        NDJSON for a custom table of Log Analytics, with the columns of the query first
//
// They stream: findings and incidents leave as they are pushed. close() adds what could not be seen
// and, last, what the run came to; output without that line is not whole. Near misses and what
// could not be decided are there, and are no alerts.
#pragma once

#include <cstdint>
#include <memory>

#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"

namespace krbtrail::report {

enum class Interchange : std::uint8_t { ecs, ocsf, timesketch, timesketch_csv, sentinel };

[[nodiscard]] std::unique_ptr<Sink> make_interchange_sink(std::unique_ptr<Delivery> delivery,
                                                          Interchange format);

}  // namespace krbtrail::report
