// SPDX-License-Identifier: Apache-2.0
//
// Where findings, incidents and coverage become something a person or a script reads.
#pragma once

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

// Called in the order: push() any number of times as findings complete, then close() once.
// A stream (NDJSON) writes as it is pushed to; a document (text, CSV) holds what it must sort,
// spilling to a temporary file beyond the bounds of SpillOptions, and writes in close().
//
//   std::unique_ptr<Sink> sink = make_text_sink(std::move(delivery), {.color = true});
//   for (const Finding& finding : findings)
//     if (Status pushed = sink->push(finding); !pushed) return pushed;
//   return sink->close(coverage, summary);
//
// A sink owns its Delivery; close() finishes it, so that afterwards the report is where it belongs.
// A sink that is destroyed unclosed leaves a file as it was. Not thread-safe.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  Sink(Sink&&) = delete;
  Sink& operator=(Sink&&) = delete;
  virtual ~Sink() = default;

  // An error means that the output is not whole; the caller stops and exits with 4.
  [[nodiscard]] virtual model::Status push(const model::Finding& finding) = 0;
  [[nodiscard]] virtual model::Status push(const model::Incident& incident) = 0;
  [[nodiscard]] virtual model::Status close(const model::Coverage& coverage,
                                            const model::Summary& summary) = 0;
};

}  // namespace krbtrail::report
