// SPDX-License-Identifier: Apache-2.0
#include "report/html_coverage.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/html_parts.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Coverage;
using model::Rejection;
using model::Summary;

// Of inputs and of hosts; the rest is counted.
constexpr std::size_t kMostRows = 500;

[[nodiscard]] std::string headline(const Coverage& coverage, const Summary& summary) {
  if (summary.findings == 0)
    return coverage.incomplete() ? "No finding in what could be read" : "No finding";
  if (summary.incidents == 0)
    return findings_in_words(summary);
  return fmt::format("{} in {}", findings_in_words(summary),
                     counted(summary.incidents, "incident", "incidents"));
}

void write_tile(HtmlWriter& html, Markup label, std::uint64_t number) {
  html.markup("<div><dt>").markup(label).markup("</dt><dd>").text(grouped(number));
  html.markup("</dd></div>");
}

void write_tile_if_any(HtmlWriter& html, Markup label, std::uint64_t number) {
  if (number != 0)
    write_tile(html, label, number);
}

void write_tiles(HtmlWriter& html, const Coverage& coverage, const Summary& summary) {
  html.markup("<dl class=\"tiles\">");
  write_tile(html, "incidents", summary.incidents);
  write_tile(html, "findings", summary.findings);
  write_tile_if_any(html, "near misses", summary.near_misses);
  write_tile_if_any(html, "undecided", summary.indeterminate);
  write_tile_if_any(html, "hidden by severity", summary.hidden);
  write_tile_if_any(html, "suppressed", summary.suppressed);
  write_tile_if_any(html, "filtered", summary.filtered);
  write_tile(html, "hosts", coverage.hosts.size());
  write_tile(html, "inputs", coverage.inputs.size());
  write_tile(html, "bytes read", coverage.bytes_read);
  html.markup("</dl>\n");
}

void write_losses(HtmlWriter& html, const Coverage& coverage) {
  if (!coverage.incomplete())
    return;
  html.markup("<section class=\"banner\" aria-label=\"Incomplete\"><p><b>INCOMPLETE</b>: ");
  html.markup("not everything was evaluated.</p>");
  write_list(html, losses(coverage), false);
  html.markup("</section>\n");
}

void write_statement(HtmlWriter& html, const model::Statement& statement) {
  html.either(statement.limits, "<li class=\"blind\"><b>blind:</b> ", "<li>");
  html.text(statement.text);
  if (!statement.reason.empty())
    html.markup(" <span class=\"note\">(").text(statement.reason).markup(")</span>");
  html.markup("</li>");
}

void write_host(HtmlWriter& html, const model::HostCoverage& host, std::chrono::minutes zone) {
  html.markup("<tr><th scope=\"row\">");
  html.text(host.host.empty() ? "a host without a name" : host.host).markup("</th><td>");
  if (host.first && host.last) {
    write_time(html, *host.first, zone);
    html.markup("<br>");
    write_time(html, *host.last, zone);
  }
  html.markup("</td><td>").text(counted(host.records, "record", "records")).markup("<br>");
  html.text(counted(host.events, "event", "events")).markup("</td><td><ul>");
  for (const model::Statement& statement : host.statements)
    write_statement(html, statement);
  html.markup("</ul></td></tr>\n");
}

void write_more(HtmlWriter& html, std::size_t count) {
  if (count > kMostRows)
    html.markup("<p>and ")
        .text(grouped(count - kMostRows))
        .markup(" more, all in the NDJSON output</p>\n");
}

void write_hosts(HtmlWriter& html, const Coverage& coverage, std::chrono::minutes zone) {
  if (coverage.hosts.empty()) {
    html.markup("<p>No host: nothing in the input was evidence.</p>\n");
    return;
  }
  html.markup("<table class=\"hosts\"><thead><tr><th>Host</th><th>Log from, to</th><th>Read</th>");
  html.markup("<th>What could not be seen</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < std::min(coverage.hosts.size(), kMostRows); ++i)
    write_host(html, coverage.hosts[i], zone);
  html.markup("</tbody></table>\n");
  write_more(html, coverage.hosts.size());
}

void write_input(HtmlWriter& html, const model::InputCoverage& input) {
  html.either(input.unread, "<tr class=\"fails\"><td><code>", "<tr><td><code>");
  html.text(input.name).markup("</code>");
  if (!input.sha256.empty())
    html.markup("<br><code class=\"note\">sha256 ").text(input.sha256).markup("</code>");
  html.markup("</td><td>").text(input.kind.empty() ? "unknown" : input.kind).markup("</td><td>");
  html.text(grouped(input.bytes)).markup("</td><td>").text(input.problem).markup("</td></tr>\n");
}

void write_inputs(HtmlWriter& html, const Coverage& coverage) {
  html.markup("<details><summary>").text(counted(coverage.inputs.size(), "input", "inputs"));
  html.markup("</summary><table><thead><tr><th>Input</th><th>Kind</th><th>Bytes</th>");
  html.markup("<th>Problem</th></tr></thead><tbody>\n");
  for (std::size_t i = 0; i < std::min(coverage.inputs.size(), kMostRows); ++i)
    write_input(html, coverage.inputs[i]);
  html.markup("</tbody></table>\n");
  write_more(html, coverage.inputs.size());
  html.markup("</details>\n");
}

void write_count(HtmlWriter& html, std::string_view words, const model::Count& count) {
  html.markup("<tr><td>")
      .text(words)
      .markup("</td><td class=\"number\">")
      .text(grouped(count.lines));
  html.markup("</td><td class=\"number\">").text(grouped(count.bytes)).markup("</td></tr>\n");
}

}  // namespace

void write_result(HtmlWriter& html, const Coverage& coverage, const Summary& summary,
                  std::chrono::minutes zone) {
  html.markup("<header class=\"top\"><p class=\"brand\">krbtrail</p><h1>");
  html.text(headline(coverage, summary)).markup("</h1><p class=\"note\">");
  std::optional<model::Timestamp> first;
  std::optional<model::Timestamp> last;
  for (const model::HostCoverage& host : coverage.hosts) {
    first = host.first && (!first || *host.first < *first) ? host.first : first;
    last = std::max(last, host.last);
  }
  if (first && last) {
    html.markup("Evidence from ");
    write_time(html, *first, zone);
    html.markup(" to ");
    write_time(html, *last, zone);
    html.markup(". ");
  }
  html.markup("Rules: ").text(summary.rule_set);
  if (!summary.windows_rule.empty())
    html.markup("; Windows rule ").text(summary.windows_rule);
  html.markup(". krbtrail ").text(summary.version).markup(".</p>\n");
  write_tiles(html, coverage, summary);
  write_losses(html, coverage);
  html.markup("</header>\n");
}

void write_coverage(HtmlWriter& html, const Coverage& coverage, std::chrono::minutes zone) {
  html.markup("<section id=\"coverage\"><h2>What could be seen, and what could not</h2>\n");
  write_hosts(html, coverage, zone);
  if (!coverage.inputs.empty())
    write_inputs(html, coverage);
  if (!coverage.notes.empty()) {
    html.markup("<h3>Notes</h3>");
    write_list(html, coverage.notes, false);
  }
  html.markup("</section>\n");
}

void write_accounting(HtmlWriter& html, const Coverage& coverage, const Summary& summary,
                      bool in_full) {
  html.markup("<section id=\"accounting\"><h2>Accounting</h2><details><summary>");
  html.either(coverage.adds_up(), "Every byte is accounted for",
              "THE BYTES DO NOT ADD UP: this is a defect");
  html.markup("</summary><table><thead><tr><th></th><th>Lines</th><th>Bytes</th></tr></thead>");
  html.markup("<tbody>\n");
  write_count(html, "used", coverage.used);
  write_count(html, "not needed", coverage.not_needed);
  for (std::size_t i = 0; i < coverage.rejected.size(); ++i)
    write_count(html, describe(static_cast<Rejection>(i)), coverage.rejected[i]);
  html.markup("</tbody></table>\n");
  if (in_full) {
    FactList facts{html};
    facts.fact("Events",
               fmt::format("{}, {} evaluated, {} displaced by a bound", grouped(coverage.events),
                           grouped(coverage.events_evaluated), grouped(coverage.events_displaced)));
    std::vector<std::string> evictions;
    for (const auto& [table, count] : coverage.evictions)
      evictions.push_back(fmt::format("{} from the table of {}", grouped(count), table));
    facts.list("Evicted", evictions);
    facts.list("Sandbox", summary.sandbox);
  }
  html.markup("</details></section>\n");
}

}  // namespace krbtrail::report
