// SPDX-License-Identifier: Apache-2.0
#include "report/html_session.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/clock_text.h"
#include "report/html_parts.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Finding;

constexpr std::size_t kMostEvents = 100;

[[nodiscard]] std::string known(const std::optional<std::string>& value) {
  return value.value_or("unknown");
}

[[nodiscard]] std::string session_of(const std::optional<std::uint64_t>& logon_id) {
  return logon_id ? fmt::format("{:#x}", *logon_id) : "unknown";
}

void write_leg_head(HtmlWriter& html, Markup title, const std::optional<model::Timestamp>& time,
                    const std::optional<std::uint64_t>& record, std::chrono::minutes zone) {
  html.markup("<div class=\"leg\"><h5>").markup(title).markup("</h5><p class=\"when\">");
  if (time)
    write_time(html, *time, zone);
  else
    html.markup("at an unknown time");
  if (record)
    html.markup(" record ").text(std::to_string(*record));
  html.markup("</p>");
}

void write_logon(HtmlWriter& html, const model::WindowsLogon& logon, std::chrono::minutes zone) {
  write_leg_head(html, "4624 logon", logon.time, logon.record_id, zone);
  {
    FactList facts{html};
    facts.code("Logged on", fmt::format("{}\\{}", known(logon.target_domain_name),
                                        known(logon.target_user_name)));
    facts.code("SID", known(logon.target_user_sid));
    facts.code("Initiated by", known(logon.subject_user_name));
    facts.code("From", fmt::format("{} port {}", known(logon.ip_address), known(logon.ip_port)));
    facts.fact("By", fmt::format("{}, logon type {}", known(logon.authentication_package),
                                 known(logon.logon_type)));
    facts.code("Elevated", known(logon.elevated_token));
    facts.code("Session", session_of(logon.logon_id));
  }
  html.markup("</div>");
}

void write_service(HtmlWriter& html, const model::WindowsPair& pair, std::chrono::minutes zone) {
  const model::WindowsService& service = pair.service;
  write_leg_head(html, "4697 service installed", service.time, service.record_id, zone);
  {
    FactList facts{html};
    facts.code("Service", known(service.name));
    facts.code("Runs", known(service.file_name));
    facts.code("As", known(service.account));
    facts.fact("Start, type",
               fmt::format("{}, {}", known(service.start_type), known(service.type)));
    facts.code("Installed by", known(service.subject_user_name));
    facts.code("Session", session_of(service.logon_id));
    facts.list("Suspicious", in_words(service.traits));
  }
  html.markup("</div>");
}

void write_legs(HtmlWriter& html, const model::WindowsPair& pair, std::chrono::minutes zone) {
  html.markup("<div class=\"legs\">");
  if (pair.logon)
    write_logon(html, *pair.logon, zone);
  else
    html.markup("<div class=\"leg\"><h5>4624 logon</h5><p>not in the evidence</p></div>");
  html.markup("<p class=\"span\">");
  if (pair.span)
    html.text(pause_in_words(*pair.span)).markup("<br>later");
  else
    html.markup("then");
  html.markup("</p>");
  write_service(html, pair, zone);
  html.markup("</div>\n");
}

void write_events(HtmlWriter& html, const model::WindowsPair& pair, std::chrono::minutes zone) {
  if (pair.session.empty())
    return;
  html.markup("<h5>What else the session did</h5><table class=\"events\"><thead><tr><th>Time</th>");
  html.markup("<th>Event</th><th>Record</th><th>What</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < std::min(pair.session.size(), kMostEvents); ++i) {
    const model::WindowsSessionEvent& event = pair.session[i];
    html.markup("<tr><td>");
    if (event.time)
      write_time(html, *event.time, zone);
    html.markup("</td><td>").number(event.event_id).markup("</td><td>");
    if (event.record_id)
      html.text(std::to_string(*event.record_id));
    html.markup("</td><td>").text(event.summary).markup("</td></tr>\n");
  }
  html.markup("</tbody></table>\n");
  if (pair.session.size() > kMostEvents)
    html.markup("<p>and ")
        .text(grouped(pair.session.size() - kMostEvents))
        .markup(" more, all in the NDJSON output</p>");
}

// "12 hold, 1 fails (span)"
[[nodiscard]] std::string standing_of(const std::vector<model::Predicate>& predicates) {
  std::vector<std::string> failing;
  std::vector<std::string> unknown;
  for (const model::Predicate& predicate : predicates) {
    if (!predicate.held)
      unknown.push_back(predicate.name);
    else if (!*predicate.held)
      failing.push_back(predicate.name);
  }
  std::string words = fmt::format("{} hold", predicates.size() - failing.size() - unknown.size());
  if (!failing.empty())
    words += fmt::format(", {} fail ({})", failing.size(), fmt::join(failing, ", "));
  if (!unknown.empty())
    words += fmt::format(", {} unknown ({})", unknown.size(), fmt::join(unknown, ", "));
  return words;
}

void write_predicates(HtmlWriter& html, const std::vector<model::Predicate>& predicates) {
  if (predicates.empty())
    return;
  html.markup("<details class=\"rule\"><summary>The rule, condition by condition: ");
  html.text(standing_of(predicates)).markup("</summary><table class=\"predicates\"><thead><tr>");
  html.markup("<th>Holds</th><th>Condition</th><th>Seen</th><th>Wanted</th></tr></thead><tbody>\n");
  for (const model::Predicate& predicate : predicates) {
    if (!predicate.held)
      html.markup("<tr class=\"unknown\"><td>unknown</td><td>");
    else if (*predicate.held)
      html.markup("<tr><td>yes</td><td>");
    else
      html.markup("<tr class=\"fails\"><td>NO</td><td>");
    html.text(predicate.name).markup("</td><td><code>").text(predicate.value);
    html.markup("</code></td><td>").text(predicate.wanted).markup("</td></tr>\n");
  }
  html.markup("</tbody></table></details>\n");
}

void write_conclusion(HtmlWriter& html, const model::WindowsPair& pair) {
  if (pair.conclusion.empty() && pair.conclusion_reasons.empty())
    return;
  html.markup("<div class=\"conclusion\"><p><strong>");
  html.text(pair.conclusion.empty() ? "no verdict" : pair.conclusion).markup("</strong></p>");
  write_list(html, in_words(pair.conclusion_reasons), false);
  html.markup("</div>\n");
}

[[nodiscard]] std::vector<std::string> related_in_words(const model::WindowsPair& pair,
                                                        std::chrono::minutes zone) {
  std::vector<std::string> words;
  words.reserve(pair.related.size());
  for (const model::RelatedFinding& finding : pair.related)
    words.push_back(fmt::format("{} {}, id {}", model::format_at(finding.time, zone), finding.text,
                                finding.id));
  return words;
}

}  // namespace

void write_session(HtmlWriter& html, const Finding& finding, std::chrono::minutes zone) {
  const model::WindowsPair& pair = *finding.windows;
  write_conclusion(html, pair);
  write_legs(html, pair, zone);
  write_events(html, pair, zone);
  write_predicates(html, finding.predicates);
  FactList facts{html};
  facts.code("Computer", pair.computer);
  facts.fact("Rule as of", pair.variant);
  facts.list("Related", related_in_words(pair, zone));
  facts.list("Caveats", pair.caveats);
  facts.list("Read as", pair.normalisations);
  facts.list("Next", pair.next_steps);
}

}  // namespace krbtrail::report
