// SPDX-License-Identifier: Apache-2.0
#include "report/timeline_drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "report/clock_text.h"

namespace krbtrail::report {
namespace {

using model::Incident;
using model::IncidentStep;
using model::Severity;

// In the units of the view box, about a pixel each.
constexpr std::int64_t kWidth = 1'000;
constexpr std::int64_t kLabels = 210;  // the processes' names, to the left
constexpr std::int64_t kTop = 26;
constexpr std::int64_t kLaneHeight = 30;
constexpr std::int64_t kFoot = 28;
constexpr std::int64_t kRadius = 9;
constexpr std::int64_t kClockWidth = 88;
constexpr std::int64_t kPauseWidth = 52;
constexpr double kWidestUnit = 150;
constexpr std::size_t kNameColumns = 27;
constexpr const char* kOthers = "others";

struct Point {
  model::Timestamp time;
  std::size_t lane = 0;
  std::int64_t x = 0;
  Severity severity = Severity::info;
};

struct Plot {
  std::vector<std::string> lanes;
  std::vector<Point> points;
  [[nodiscard]] std::int64_t y_of(std::size_t lane) const {
    return kTop + static_cast<std::int64_t>(lane) * kLaneHeight + kLaneHeight / 2;
  }
  [[nodiscard]] std::int64_t foot() const {
    return kTop + static_cast<std::int64_t>(lanes.size()) * kLaneHeight;
  }
};

[[nodiscard]] std::size_t lane_for(Plot& plot, const std::string& actor) {
  const std::string& name = actor.empty() ? kOthers : actor;
  const auto known = std::ranges::find(plot.lanes, name);
  if (known != plot.lanes.end())
    return static_cast<std::size_t>(known - plot.lanes.begin());
  if (plot.lanes.size() == kMostLanes) {
    plot.lanes.back() = kOthers;
    return kMostLanes - 1;
  }
  plot.lanes.push_back(name);
  return plot.lanes.size() - 1;
}

// Each power of ten of the pause, in milliseconds, is equally wide.
[[nodiscard]] double weight_of(model::Ticks pause) {
  const double milliseconds = std::chrono::duration<double, std::milli>{pause}.count();
  return std::log10(1 + std::max(milliseconds, 0.0));
}

void spread(std::vector<Point>& points) {
  double total = 0;
  for (std::size_t i = 1; i < points.size(); ++i)
    total += weight_of(points[i].time - points[i - 1].time);
  constexpr double kAside = 2 * kRadius + 1;  // so that two points at once can both be read
  const double room = static_cast<double>(kWidth - kLabels - 4 * kRadius) -
                      kAside * static_cast<double>(points.size() - 1);
  const double unit = total == 0 ? 0 : std::clamp(room / total, 0.0, kWidestUnit);
  double x = static_cast<double>(kLabels + 2 * kRadius);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i != 0)
      x += kAside + unit * weight_of(points[i].time - points[i - 1].time);
    points[i].x = std::llround(x);
  }
}

[[nodiscard]] Plot plot_of(const std::vector<StepGroup>& groups, const IncidentSketch& sketch) {
  Plot plot;
  const std::size_t count = std::min(groups.size(), kMostPoints);
  for (std::size_t i = 0; i < count; ++i) {
    const IncidentStep& step = *groups[i].step;
    const auto moment = std::ranges::find(sketch.moments, step.event, &Moment::event);
    const bool known = moment != sketch.moments.end();
    plot.points.push_back({.time = step.time,
                           .lane = lane_for(plot, known ? moment->actor : ""),
                           .severity = known ? moment->severity : Severity::info});
  }
  spread(plot.points);
  return plot;
}

void draw_lanes(HtmlWriter& html, const Plot& plot) {
  for (std::size_t i = 0; i < plot.lanes.size(); ++i) {
    const std::int64_t y = plot.y_of(i);
    html.markup("<line x1=\"").number(kLabels).markup("\" y1=\"").number(y);
    html.markup("\" x2=\"").number(kWidth).markup("\" y2=\"").number(y).markup("\"/>");
    html.markup("<text class=\"name\" x=\"").number(kLabels - 10).markup("\" y=\"").number(y + 4);
    html.markup("\">").text(plot.lanes[i], kNameColumns).markup("</text>");
  }
}

void draw_way(HtmlWriter& html, const Plot& plot) {
  html.markup("<polyline points=\"");
  for (const Point& point : plot.points)
    html.number(point.x).markup(",").number(plot.y_of(point.lane)).markup(" ");
  html.markup("\"/>");
}

void draw_pauses(HtmlWriter& html, const Plot& plot) {
  for (std::size_t i = 1; i < plot.points.size(); ++i) {
    const Point& before = plot.points[i - 1];
    const Point& point = plot.points[i];
    if (point.x - before.x < kPauseWidth)
      continue;
    html.markup("<text class=\"pause\" x=\"").number((before.x + point.x) / 2);
    html.markup("\" y=\"").number(kTop - 10).markup("\">+");
    html.text(pause_in_words(point.time - before.time)).markup("</text>");
  }
}

void draw_clocks(HtmlWriter& html, const Plot& plot, std::chrono::minutes zone) {
  std::int64_t free_from = kLabels - kClockWidth;
  for (const Point& point : plot.points) {
    const std::int64_t x = std::min(point.x, kWidth - kClockWidth / 2);
    if (x - kClockWidth / 2 < free_from)
      continue;
    free_from = x + kClockWidth / 2;
    html.markup("<line class=\"tick\" x1=\"").number(point.x).markup("\" y1=\"").number(kTop);
    html.markup("\" x2=\"").number(point.x).markup("\" y2=\"").number(plot.foot() + 4);
    html.markup("\"/><text class=\"clock\" x=\"").number(x);
    html.markup("\" y=\"").number(plot.foot() + 18).markup("\">");
    html.text(clock_of(point.time, zone)).markup("</text>");
  }
}

void open_point(HtmlWriter& html, Severity severity) {
  switch (severity) {
    case Severity::critical:
      html.markup("<g class=\"point critical\">");
      return;
    case Severity::high:
      html.markup("<g class=\"point high\">");
      return;
    case Severity::medium:
      html.markup("<g class=\"point medium\">");
      return;
    case Severity::low:
      html.markup("<g class=\"point low\">");
      return;
    case Severity::info:
      html.markup("<g class=\"point info\">");
      return;
  }
}

void draw_points(HtmlWriter& html, const Plot& plot, const std::vector<StepGroup>& groups,
                 std::chrono::minutes zone) {
  for (std::size_t i = 0; i < plot.points.size(); ++i) {
    const Point& point = plot.points[i];
    const std::int64_t y = plot.y_of(point.lane);
    open_point(html, point.severity);
    html.markup("<title>").text(clock_of(point.time, zone) + ' ' + groups[i].step->text);
    html.markup("</title><circle cx=\"").number(point.x).markup("\" cy=\"").number(y);
    html.markup("\" r=\"").number(kRadius).markup("\"/><text x=\"").number(point.x);
    html.markup("\" y=\"").number(y + 4).markup("\">");
    html.number(static_cast<std::int64_t>(i) + 1).markup("</text></g>");
  }
}

}  // namespace

std::vector<StepGroup> grouped_steps(const Incident& incident) {
  std::vector<StepGroup> groups;
  std::optional<model::Timestamp> before;
  for (const IncidentStep& step : incident.timeline) {
    const bool same = !groups.empty() && groups.back().step->text == step.text &&
                      groups.back().step->confidence == step.confidence;
    if (same)
      ++groups.back().count;
    else
      groups.push_back({.step = &step,
                        .count = 1,
                        .pause = before ? std::optional{step.time - *before} : std::nullopt});
    before = step.time;
  }
  return groups;
}

void draw_timeline(HtmlWriter& html, const std::vector<StepGroup>& groups,
                   const IncidentSketch& sketch, std::chrono::minutes zone) {
  const Plot plot = plot_of(groups, sketch);
  html.markup("<svg class=\"timeline\" role=\"img\" aria-label=\"The steps over time\"");
  html.markup(" viewBox=\"0 0 ").number(kWidth).markup(" ").number(plot.foot() + kFoot);
  html.markup("\">\n");
  draw_lanes(html, plot);
  draw_clocks(html, plot, zone);
  draw_pauses(html, plot);
  draw_way(html, plot);
  draw_points(html, plot, groups, zone);
  html.markup("</svg>\n");
}

}  // namespace krbtrail::report
