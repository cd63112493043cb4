// SPDX-License-Identifier: Apache-2.0
//
// A ticket's way as a picture: rows of boxes from the ticket down, an arrow for each act. SVG that
// the page's style sheet colours; each box and arrow has its whole text as a title.
#pragma once

#include <chrono>

#include "report/html_writer.h"
#include "report/trail_graph.h"

namespace krbtrail::report {

// Nothing if the graph has no node.
void draw_trail(HtmlWriter& html, const TrailGraph& graph, std::chrono::minutes zone);

}  // namespace krbtrail::report
