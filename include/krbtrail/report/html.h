// SPDX-License-Identifier: Apache-2.0
//
// One HTML page for people: incidents with the ticket's way as a graph, a timeline and the process
// tree, findings with their evidence folded in, the Windows session view, coverage.
//
// The page is one file without scripts. Its Content-Security-Policy forbids everything but its own
// style sheet, named by its hash, so that even markup that got in could load and run nothing. It
// follows the reader's colour scheme, prints unfolded, and works without a mouse.
//
// A browser is not asked for more than it can show: the 200 most severe incidents with 50 findings
// each, 1,000 findings of no incident, 500 near misses and undecided pairs each, 32 MiB in all.
// What is left out is counted in the page. Memory: the bounds of `spill` twice, and the pictures of
// 256 open incidents, some 6 MiB; of more than those the least severe are drawn without their
// findings, and say so.
#pragma once

#include <chrono>
#include <memory>

#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"
#include "krbtrail/report/spill.h"

namespace krbtrail::report {

struct HtmlOptions {
  bool stats = false;            // evictions and the sandbox's layers
  std::chrono::minutes zone{0};  // --display-zone
  SpillOptions spill;
};

[[nodiscard]] std::unique_ptr<Sink> make_html_sink(std::unique_ptr<Delivery> delivery,
                                                   const HtmlOptions& options);

}  // namespace krbtrail::report
