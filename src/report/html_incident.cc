// SPDX-License-Identifier: Apache-2.0
#include "report/html_incident.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/clock_text.h"
#include "report/finding_words.h"
#include "report/html_parts.h"
#include "report/timeline_drawing.h"
#include "report/totals.h"
#include "report/trail_drawing.h"

namespace krbtrail::report {
namespace {

using model::Incident;

constexpr std::size_t kTitleColumns = 120;
constexpr std::size_t kCellColumns = 60;
constexpr std::size_t kCommandColumns = 110;

[[nodiscard]] std::string ticket_in_words(const Incident& incident) {
  if (incident.ticket.empty())
    return "no ticket is known by name";
  return incident.ticket;
}

[[nodiscard]] std::string owner_in_words(const Incident& incident) {
  return incident.owner_uid ? fmt::format("the ticket of uid {}", *incident.owner_uid) : "";
}

[[nodiscard]] std::string programs_in_words(const IncidentSketch* sketch) {
  if (sketch == nullptr)
    return {};
  std::string words = fmt::format("{}", fmt::join(sketch->programs, ", "));
  if (sketch->programs_left_out != 0)
    words += ", and others";
  return words;
}

// "high confidence in 5 findings, low in 1; highest score 100"
[[nodiscard]] std::string sureness_in_words(const IncidentSketch* sketch) {
  if (sketch == nullptr)
    return {};
  constexpr std::array<std::string_view, 4> kWords = {"high confidence", "medium confidence",
                                                      "low confidence", "no grade"};
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (const std::uint64_t count = sketch->confidences[i]; count != 0)
      parts.push_back(fmt::format("{} in {}", kWords[i], counted(count, "finding", "findings")));
  }
  if (sketch->best_score)
    parts.push_back(fmt::format("highest score {}", *sketch->best_score));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Those of the graph where another incident made them.
[[nodiscard]] std::vector<std::string> copies_of(const Incident& incident,
                                                 const IncidentSketch* sketch) {
  std::vector<std::string> copies = incident.copies;
  if (!copies.empty() || sketch == nullptr)
    return copies;
  for (const TrailNode& node : sketch->graph.nodes()) {
    if (node.kind == TrailNodeKind::copy)
      copies.push_back(node.name);
  }
  return copies;
}

void write_answers(HtmlWriter& html, const Incident& incident, const IncidentSketch* sketch,
                   std::chrono::minutes zone) {
  FactList facts{html};
  facts.fact("Who", account_in_words(incident.actor));
  facts.code("Took what", ticket_in_words(incident));
  facts.fact("Belonging to", owner_in_words(incident));
  facts.code("With what", programs_in_words(sketch));
  if (const std::vector<std::string> copies = copies_of(incident, sketch); copies.empty())
    facts.fact("Copied to", "no copy is on record");
  else
    facts.code_list("Copied to", copies);
  if (incident.used_by.empty())
    facts.fact("Used by", "nobody is on record using a copy");
  facts.code_list("Used by", incident.used_by);
  facts.code_list("Contacted", incident.contacts);
  facts.fact("When", fmt::format("{} to {}, {}", model::format_at(incident.first, zone),
                                 model::format_at(incident.last, zone),
                                 pause_in_words(incident.last - incident.first)));
  facts.fact("How sure", sureness_in_words(sketch));
  facts.list("Not visible", incident.not_visible);
}

void write_trail_figure(HtmlWriter& html, const TrailGraph& graph, std::chrono::minutes zone) {
  if (graph.edges().empty())
    return;
  html.markup("<figure class=\"way\"><figcaption>Where the ticket went</figcaption>");
  html.markup("<div class=\"drawing\" tabindex=\"0\" role=\"region\" ");
  html.markup("aria-label=\"Where the ticket went\">\n");
  draw_trail(html, graph, zone);
  html.markup("</div><p class=\"note\">Dashed: medium confidence. Dotted: low.");
  if (graph.left_out() != 0)
    html.markup(" Not drawn: ")
        .text(counted(graph.left_out(), "more act", "more acts"))
        .markup("; all are in the findings.");
  html.markup("</p></figure>\n");
}

void write_timeline_figure(HtmlWriter& html, const Incident& incident,
                           const std::vector<StepGroup>& groups, const IncidentSketch& sketch,
                           std::chrono::minutes zone) {
  html.markup("<figure><figcaption>Who acted when, ").text(date_of(incident.first, zone));
  html.markup("</figcaption><div class=\"drawing\" tabindex=\"0\" role=\"region\" ");
  html.markup("aria-label=\"Who acted when\">\n");
  draw_timeline(html, groups, sketch, zone);
  html.markup("</div><p class=\"note\">The numbers are those of the steps below. ");
  html.markup("Long pauses are drawn short.");
  if (groups.size() > kMostPoints)
    html.markup(" Drawn are the first ")
        .number(kMostPoints)
        .markup(" of ")
        .text(grouped(groups.size()))
        .markup(".");
  html.markup("</p></figure>\n");
}

void write_step(HtmlWriter& html, const Incident& incident, const StepGroup& group,
                std::chrono::minutes zone) {
  const model::IncidentStep& step = *group.step;
  html.markup("<td><time datetime=\"").text(model::format_utc(step.time)).markup("\">");
  if (date_of(step.time, zone) != date_of(incident.first, zone))
    html.text(date_of(step.time, zone)).markup(" ");
  html.text(clock_of(step.time, zone)).markup("</time></td><td>");
  if (group.pause)
    html.markup("+").text(pause_in_words(*group.pause));
  html.markup("</td><td><code>").text(step.text).markup("</code>");
  if (group.count > 1)
    html.markup(" <b>\u00d7").text(grouped(group.count)).markup("</b>");
  html.markup("</td><td>").text(step.confidence);
  html.markup("</td><td><code>").text(step.event).markup("</code></td></tr>\n");
}

void write_steps(HtmlWriter& html, const Incident& incident, const std::vector<StepGroup>& groups,
                 std::chrono::minutes zone) {
  html.markup("<details class=\"steps\" open><summary>");
  html.text(counted(incident.timeline.size(), "step", "steps")).markup("</summary>");
  html.markup("<table><thead><tr><th>#</th><th>Time</th><th>After</th><th>What happened</th>");
  html.markup("<th>Sure</th><th>Event</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    html.markup("<tr><td>").number(static_cast<std::int64_t>(i) + 1).markup("</td>");
    write_step(html, incident, groups[i], zone);
  }
  html.markup("</tbody></table></details>\n");
}

void write_tree_process(HtmlWriter& html, const TreeProcess& process) {
  html.markup("<code><b>").text(process.name, kCellColumns).markup("</b>");
  if (process.pid)
    html.markup(" ").number(*process.pid);
  html.markup("</code>");
  if (!process.command_line.empty())
    html.markup(" <code class=\"command\">")
        .text(process.command_line, kCommandColumns)
        .markup("</code>");
  if (process.findings != 0) {
    html.markup(" ");
    write_badge(html, process.worst, std::nullopt);
    html.markup(" <span class=\"note\">")
        .text(counted(process.findings, "finding", "findings"))
        .markup("</span>");
  } else if (!process.known_by.empty() && process.command_line.empty()) {
    html.markup(" <span class=\"note\">").text(process.known_by).markup("</span>");
  }
}

// Depth is bounded by the ancestors that a sketch keeps.
void write_children(HtmlWriter& html, const std::vector<TreeProcess>& processes,
                    const std::optional<std::size_t>& parent) {
  bool opened = false;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (processes[i].parent != parent)
      continue;
    if (!opened)
      html.markup("<ul>");
    opened = true;
    html.markup("<li>");
    write_tree_process(html, processes[i]);
    write_children(html, processes, i);
    html.markup("</li>");
  }
  if (opened)
    html.markup("</ul>\n");
}

void write_tree(HtmlWriter& html, const IncidentSketch& sketch) {
  if (sketch.processes.empty())
    return;
  html.markup("<details class=\"tree\" open><summary>Processes</summary><div class=\"tree\">");
  write_children(html, sketch.processes, std::nullopt);
  if (sketch.processes_left_out != 0)
    html.markup(
        "<p class=\"note\">More processes than are drawn here; their findings name them.</p>");
  html.markup("</div></details>\n");
}

void write_links(HtmlWriter& html, const Incident& incident) {
  if (incident.linked.empty())
    return;
  html.markup("<details class=\"note\"><summary>");
  html.text(counted(incident.linked.size(), "other incident", "other incidents"));
  html.markup(" of this ticket</summary>");
  for (const std::string& id : incident.linked)
    html.markup("<a href=\"#i-").text(id).markup("\">").text(id).markup("</a> ");
  html.markup("</details>");
}

}  // namespace

void open_incident(HtmlWriter& html, const Incident& incident, IncidentSketch* sketch,
                   std::chrono::minutes zone) {
  IncidentSketch unseen;
  IncidentSketch& picture = sketch == nullptr ? unseen : *sketch;
  picture.graph.complete(incident);
  html.markup("<article class=\"incident\" id=\"i-").text(incident.id).markup("\">\n<header><h3>");
  write_badge(html, incident.severity, std::nullopt);
  html.markup(" ").text(incident.title.empty() ? "Incident" : incident.title, kTitleColumns);
  html.markup("</h3><p class=\"where\">");
  write_time(html, incident.first, zone);
  html.markup(" on <b>").text(incident.host.empty() ? "a host without a name" : incident.host);
  html.markup("</b>, incident <code>").text(incident.id).markup("</code></p>");
  write_links(html, incident);
  html.markup("</header>\n<div class=\"overview\">\n");
  write_answers(html, incident, sketch, zone);
  write_trail_figure(html, picture.graph, zone);
  html.markup("</div>\n");
  if (sketch == nullptr)
    html.markup("<p class=\"note\">Drawn without its findings: too many incidents at once.</p>");
  if (const std::vector<StepGroup> groups = grouped_steps(incident); !groups.empty()) {
    write_timeline_figure(html, incident, groups, picture, zone);
    write_steps(html, incident, groups, zone);
  }
  write_tree(html, picture);
  html.markup("<h4>Findings and their evidence</h4>\n");
}

void close_incident(HtmlWriter& html, std::uint64_t findings_left_out) {
  if (findings_left_out != 0)
    html.markup("<p class=\"note\">")
        .text(counted(findings_left_out, "more finding", "more findings"))
        .markup(" of this incident, all in the NDJSON output.</p>\n");
  html.markup("</article>\n");
}

void write_contents_row(HtmlWriter& html, const Incident& incident, std::chrono::minutes zone) {
  html.markup("<tr><td>");
  write_badge(html, incident.severity, std::nullopt);
  html.markup("</td><td>");
  write_time(html, incident.first, zone);
  html.markup("</td><td>").text(incident.host, kCellColumns).markup("</td><td><a href=\"#i-");
  html.text(incident.id)
      .markup("\">")
      .text(incident.title.empty() ? "Incident" : incident.title, kTitleColumns);
  html.markup("</a></td><td>").text(name_and_uid(incident.actor), kCellColumns);
  html.markup("</td><td><code>").text(incident.ticket, kCellColumns).markup("</code>");
  if (incident.owner_uid)
    html.markup(" of uid ").number(*incident.owner_uid);
  html.markup("</td><td>").number(static_cast<std::int64_t>(incident.copies.size()));
  html.markup("</td><td>").number(static_cast<std::int64_t>(incident.used_by.size()));
  html.markup("</td></tr>\n");
}

}  // namespace krbtrail::report
