// SPDX-License-Identifier: Apache-2.0
#include "report/trail_drawing.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/clock_text.h"

namespace krbtrail::report {
namespace {

// In the units of the view box, about a pixel each.
constexpr std::int64_t kBoxWidth = 232;
constexpr std::int64_t kBoxHeight = 46;
constexpr std::int64_t kBetweenBoxes = 28;
constexpr std::int64_t kBetweenRows = 62;
constexpr std::int64_t kMargin = 6;
constexpr std::int64_t kBelowBox = 10;  // where an arrow that goes around runs through a gap
constexpr std::int64_t kAboveBox = 18;
constexpr std::int64_t kLane = 14;        // beside the boxes, for arrows that skip rows
constexpr std::int64_t kLaneLabel = 170;  // room for the words beside the lanes
constexpr std::int64_t kNarrowest = 350;  // of one box and the words beside its arrow
constexpr std::int64_t kLineHeight = 14;
constexpr std::size_t kNameColumns = 29;  // that fit into a box
constexpr std::size_t kDetailColumns = 36;
constexpr std::size_t kLabelColumns = 26;

struct Box {
  std::int64_t x = 0, y = 0;  // of the upper left corner
  [[nodiscard]] std::int64_t middle() const { return x + kBoxWidth / 2; }
  [[nodiscard]] std::int64_t bottom() const { return y + kBoxHeight; }
  // Where an arrow that goes around meets it, beside those that go down.
  [[nodiscard]] std::int64_t aside() const { return x + kBoxWidth * 4 / 5; }
};

struct Layout {
  std::vector<Box> boxes;
  std::vector<unsigned> rows;
  std::vector<std::int64_t> arrivals;  // arrows into the top of each box
  std::int64_t lanes = 0;              // arrows beside the boxes
  std::int64_t boxes_width = 0;
  std::int64_t width = 0, height = 0;
};

[[nodiscard]] bool takes_a_lane(const TrailEdge& edge, const std::vector<unsigned>& rows) {
  return edge.back || rows[edge.to] != rows[edge.from] + 1;
}

[[nodiscard]] std::int64_t width_of(std::int64_t boxes) {
  return boxes * kBoxWidth + (boxes - 1) * kBetweenBoxes;
}

[[nodiscard]] Layout laid_out(const TrailGraph& graph) {
  Layout layout;
  layout.rows = graph.rows();
  const unsigned last = *std::ranges::max_element(layout.rows);
  std::vector<std::int64_t> in_row(last + 1, 0);
  for (const unsigned row : layout.rows)
    ++in_row[row];
  layout.boxes_width =
      std::max(width_of(*std::ranges::max_element(in_row)) + 2 * kMargin, kNarrowest);
  std::vector<std::int64_t> placed(in_row.size(), 0);
  for (const unsigned row : layout.rows) {
    const std::int64_t left = (layout.boxes_width - width_of(in_row[row])) / 2;
    layout.boxes.push_back({.x = left + placed[row]++ * (kBoxWidth + kBetweenBoxes),
                            .y = kMargin + row * (kBoxHeight + kBetweenRows)});
  }
  layout.arrivals.resize(layout.boxes.size(), 0);
  for (const TrailEdge& edge : graph.edges())
    ++(takes_a_lane(edge, layout.rows) ? layout.lanes : layout.arrivals[edge.to]);
  layout.width = layout.boxes_width + (layout.lanes == 0 ? 0 : layout.lanes * kLane + kLaneLabel);
  layout.height = 2 * kMargin + (last + 1) * kBoxHeight + last * kBetweenRows;
  return layout;
}

void write_class(HtmlWriter& html, TrailNodeKind kind) {
  switch (kind) {
    case TrailNodeKind::file:
      html.markup("<g class=\"node file\">");
      return;
    case TrailNodeKind::ticket:
      html.markup("<g class=\"node ticket\">");
      return;
    case TrailNodeKind::copy:
      html.markup("<g class=\"node copy\">");
      return;
    case TrailNodeKind::process:
      html.markup("<g class=\"node process\">");
      return;
    case TrailNodeKind::address:
      html.markup("<g class=\"node address\">");
      return;
  }
}

[[nodiscard]] std::string_view word_for(TrailNodeKind kind) {
  switch (kind) {
    case TrailNodeKind::file:
      return "file";
    case TrailNodeKind::ticket:
      return "ticket";
    case TrailNodeKind::copy:
      return "copy";
    case TrailNodeKind::process:
      return "process";
    case TrailNodeKind::address:
      return "address";
  }
  return {};
}

[[nodiscard]] std::string detail_of(const TrailNode& node) {
  if (node.kind == TrailNodeKind::process && !node.detail.empty())
    return node.detail;
  const std::string_view word = word_for(node.kind);
  return node.detail.empty() ? std::string{word} : fmt::format("{}, {}", word, node.detail);
}

void draw_box(HtmlWriter& html, const TrailNode& node, const Box& box) {
  const bool is_process = node.kind == TrailNodeKind::process;
  write_class(html, node.kind);
  html.markup("<title>").text(fmt::format("{}: {}", detail_of(node), node.name)).markup("</title>");
  html.markup("<rect x=\"").number(box.x).markup("\" y=\"").number(box.y);
  html.markup("\" width=\"").number(kBoxWidth).markup("\" height=\"").number(kBoxHeight);
  html.markup("\" rx=\"").number(is_process ? kBoxHeight / 2 : 4).markup("\"/>");
  html.markup("<text class=\"name\" x=\"").number(box.middle());
  html.markup("\" y=\"").number(box.y + 20).markup("\">").text(node.name, kNameColumns);
  html.markup("</text><text class=\"detail\" x=\"").number(box.middle());
  html.markup("\" y=\"").number(box.y + 36).markup("\">").text(detail_of(node), kDetailColumns);
  html.markup("</text></g>");
}

[[nodiscard]] std::string label_of(const TrailEdge& edge, std::chrono::minutes zone) {
  std::string label = edge.action;
  if (edge.time)
    label += ' ' + clock_of(*edge.time, zone);
  if (edge.count > 1)
    label += fmt::format(" \u00d7{}", edge.count);
  return label;
}

void begin_edge(HtmlWriter& html, const TrailGraph& graph, const TrailEdge& edge,
                std::chrono::minutes zone) {
  if (edge.confidence == "low")
    html.markup("<g class=\"edge low\"><title>");
  else if (edge.confidence == "medium")
    html.markup("<g class=\"edge medium\"><title>");
  else
    html.markup("<g class=\"edge\"><title>");
  html.text(fmt::format("{} \u2192 {}: {}", graph.nodes()[edge.from].name,
                        graph.nodes()[edge.to].name, label_of(edge, zone)));
  if (!edge.confidence.empty())
    html.markup(" (").text(edge.confidence).markup(" confidence)");
  html.markup("</title>");
}

void draw_label(HtmlWriter& html, const TrailEdge& edge, std::chrono::minutes zone, std::int64_t x,
                std::int64_t y) {
  html.markup("<text x=\"").number(x).markup("\" y=\"").number(y).markup("\">");
  html.text(label_of(edge, zone), kLabelColumns).markup("</text></g>");
}

// From the bottom of one box to the top of one in the next row.
void draw_down(HtmlWriter& html, const TrailEdge& edge, const Layout& layout,
               std::chrono::minutes zone) {
  const Box& from = layout.boxes[edge.from];
  const Box& to = layout.boxes[edge.to];
  const std::int64_t bend = kBetweenRows / 2;
  html.markup("<path d=\"M").number(from.middle()).markup(" ").number(from.bottom());
  html.markup("C").number(from.middle()).markup(" ").number(from.bottom() + bend);
  html.markup(" ").number(to.middle()).markup(" ").number(to.y - bend);
  html.markup(" ").number(to.middle()).markup(" ").number(to.y - 6).markup("\"/>");
  html.markup("<path class=\"tip\" d=\"M").number(to.middle() - 5).markup(" ").number(to.y - 9);
  html.markup("h10l-5 9z\"/>");
  // Beside the end where fewer arrows meet, so that the words of two do not lie on each other.
  const bool many_arrive = layout.arrivals[edge.to] > 1;
  const std::int64_t x =
      many_arrive ? (3 * from.middle() + to.middle()) / 4 : (from.middle() + 4 * to.middle()) / 5;
  const std::int64_t y = from.bottom() + (many_arrive ? bend - 8 : bend + 8);
  draw_label(html, edge, zone, x + 8, y);
}

// The arrows around the right side, from the right edge of one box into that of the other; where
// another box stands in the way, through the gap below or above the row. Their words stand in a
// column of their own, each on a line that no other has.
class Lanes {
 public:
  Lanes(HtmlWriter& html, const Layout& layout, std::int64_t count)
      : html_(html), layout_(layout), labels_(layout.boxes_width + count * kLane) {}

  void draw(const TrailEdge& edge, std::chrono::minutes zone) {
    const Box& from = layout_.boxes[edge.from];
    const Box& to = layout_.boxes[edge.to];
    const bool leaves_right = is_last_in_row(edge.from);
    const bool arrives_right = is_last_in_row(edge.to);
    const std::int64_t x = layout_.boxes_width + kLane * lane_++;
    const std::int64_t start =
        leaves_right ? from.y + kBoxHeight * 2 / 3 : from.bottom() + kBelowBox;
    const std::int64_t end = arrives_right ? to.y + kBoxHeight / 3 : to.y - kAboveBox;
    html_.markup("<path d=\"M");
    if (leaves_right)
      html_.number(from.x + kBoxWidth).markup(" ").number(start);
    else
      html_.number(from.aside()).markup(" ").number(from.bottom()).markup("V").number(start);
    html_.markup("H").number(x).markup("V").number(end).markup("H");
    if (arrives_right)
      end_at_edge(to, end);
    else
      end_at_top(to);
    const std::int64_t y = free_line((start + end) / 2 + 4);
    html_.markup("<path class=\"leader\" d=\"M").number(x).markup(" ").number(y - 4);
    html_.markup("H").number(labels_).markup("\"/>");
    draw_label(html_, edge, zone, labels_ + 3, y);
  }

 private:
  [[nodiscard]] bool is_last_in_row(std::size_t node) const {
    const Box& box = layout_.boxes[node];
    return std::ranges::none_of(
        layout_.boxes, [&](const Box& other) { return other.y == box.y && other.x > box.x; });
  }

  void end_at_edge(const Box& box, std::int64_t y) {
    html_.number(box.x + kBoxWidth + 6).markup("\"/>");
    html_.markup("<path class=\"tip\" d=\"M").number(box.x + kBoxWidth + 9).markup(" ");
    html_.number(y - 5).markup("v10l-9 -5z\"/>");
  }

  void end_at_top(const Box& box) {
    html_.number(box.aside()).markup("V").number(box.y - 6).markup("\"/>");
    html_.markup("<path class=\"tip\" d=\"M").number(box.aside() - 5).markup(" ");
    html_.number(box.y - 9).markup("h10l-5 9z\"/>");
  }

  [[nodiscard]] std::int64_t free_line(std::int64_t wanted) {
    const auto is_taken = [&](std::int64_t taken) {
      return std::abs(taken - wanted) < kLineHeight;
    };
    while (std::ranges::any_of(taken_, is_taken))
      wanted += kLineHeight;
    taken_.push_back(wanted);
    return wanted;
  }

  HtmlWriter& html_;
  const Layout& layout_;
  std::int64_t labels_;  // where the words begin
  std::int64_t lane_ = 0;
  std::vector<std::int64_t> taken_;
};

void draw_edges(HtmlWriter& html, const TrailGraph& graph, const Layout& layout,
                std::chrono::minutes zone) {
  Lanes lanes{html, layout, layout.lanes};
  for (const TrailEdge& edge : graph.edges()) {
    begin_edge(html, graph, edge, zone);
    if (takes_a_lane(edge, layout.rows))
      lanes.draw(edge, zone);
    else
      draw_down(html, edge, layout, zone);
  }
}

}  // namespace

void draw_trail(HtmlWriter& html, const TrailGraph& graph, std::chrono::minutes zone) {
  if (graph.nodes().empty())
    return;
  const Layout layout = laid_out(graph);
  html.markup("<svg class=\"trail\" role=\"img\" aria-label=\"The ticket&#39;s way, as a graph\"");
  html.markup(" viewBox=\"0 0 ").number(layout.width).markup(" ").number(layout.height);
  html.markup("\" width=\"").number(layout.width);
  html.markup("\" height=\"").number(layout.height).markup("\">\n");
  draw_edges(html, graph, layout, zone);
  for (std::size_t i = 0; i < graph.nodes().size(); ++i)
    draw_box(html, graph.nodes()[i], layout.boxes[i]);
  html.markup("</svg>\n");
}

}  // namespace krbtrail::report
