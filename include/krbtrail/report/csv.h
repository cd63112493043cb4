// SPDX-License-Identifier: Apache-2.0
//
// CSV (RFC 4180) for spreadsheets and timelines, newest first.
//
// The first nine columns are those of the query, under its names and in its order; ours follow, and
// docs/SCHEMA.md lists them. The column `type` tells findings, near misses and indeterminates
// apart. After them come rows of type `incident`, `coverage` (what was not read, what could not be
// seen) and, always last, one of type `summary`: each says in `title` what it has to say and leaves
// the nine columns empty.
#pragma once

#include <memory>

#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"
#include "krbtrail/report/spill.h"

namespace krbtrail::report {

[[nodiscard]] std::unique_ptr<Sink> make_csv_sink(std::unique_ptr<Delivery> delivery,
                                                  const SpillOptions& spill);

}  // namespace krbtrail::report
