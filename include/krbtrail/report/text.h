// SPDX-License-Identifier: Apache-2.0
//
// Text for people: incidents, findings, near misses, what could not be decided, coverage, summary.
// Most severe first, newest first within. 80 columns; long paths and command lines are wrapped,
// very long ones cut in the middle with a mark that says how much is missing; ids and events never
// are.
//
// A line that ends in a backslash continues, without a blank, on the next one.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"
#include "krbtrail/report/spill.h"

namespace krbtrail::report {

enum class Color { automatic, always, never };

// Whether to colour: `automatic` asks for a terminal that is not "dumb" and respects NO_COLOR
// (no-color.org: any value but the empty one forbids). `no_color` and `term` are the environment's
// values, empty if unset.
[[nodiscard]] bool wants_color(Color color, bool is_terminal, std::string_view no_color,
                               std::string_view term);

struct TextOptions {
  bool color = false;
  bool stats = false;            // the accounting in full, evictions, the sandbox's layers
  std::chrono::minutes zone{0};  // --display-zone
  SpillOptions spill;
};

[[nodiscard]] std::unique_ptr<Sink> make_text_sink(std::unique_ptr<Delivery> delivery,
                                                   const TextOptions& options);

}  // namespace krbtrail::report
