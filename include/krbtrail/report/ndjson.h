// SPDX-License-Identifier: Apache-2.0
//
// NDJSON for scripts: one object a line, as docs/SCHEMA.md and docs/krbtrail.schema.json say.
//
// Findings and incidents leave in the order in which they are pushed. close() adds one coverage
// object for each host, one without a host for what belongs to none, and the summary, which is
// always the last line: output without it is not whole.
#pragma once

#include <memory>

#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"

namespace krbtrail::report {

struct NdjsonOptions {
  bool stats = false;       // the sandbox's layers in the summary
  bool flush_each = false;  // every object is handed on at once (live)
};

[[nodiscard]] std::unique_ptr<Sink> make_ndjson_sink(std::unique_ptr<Delivery> delivery,
                                                     const NdjsonOptions& options);

}  // namespace krbtrail::report
