// SPDX-License-Identifier: Apache-2.0
#include "report/html_finding.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/finding_words.h"
#include "report/html_parts.h"
#include "report/html_session.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Finding;

constexpr std::size_t kSummaryColumns = 140;
constexpr std::size_t kMostRecords = 100;

[[nodiscard]] std::string known(const std::optional<std::string>& value) {
  return value.value_or("unknown");
}

[[nodiscard]] std::string gist_of(const Finding& finding) {
  if (!finding.windows)
    return finding.process || finding.file ? act_in_words(finding) : "";
  const model::WindowsPair& pair = *finding.windows;
  const std::string user =
      pair.logon ? known(pair.logon->target_user_name) : "a logon that is not in the evidence";
  return fmt::format("{} installed the service {}", user, known(pair.service.name));
}

void write_summary_line(HtmlWriter& html, const Finding& finding, std::chrono::minutes zone) {
  html.markup("<summary>");
  write_badge(html, finding.severity, finding.score);
  html.markup(" ");
  write_time(html, finding.time, zone);
  if (!finding.host.empty())
    html.markup(" <span class=\"host\">").text(finding.host, 60).markup("</span>");
  html.markup(" <span class=\"title\">").text(finding.title, kSummaryColumns).markup("</span>");
  if (const std::string gist = gist_of(finding); !gist.empty())
    html.markup(" <code class=\"gist\">").text(gist, kSummaryColumns).markup("</code>");
  html.markup("</summary>\n");
}

[[nodiscard]] std::vector<std::string> trail_in_words(const std::vector<model::Hop>& trail,
                                                      std::chrono::minutes zone) {
  std::vector<std::string> words;
  words.reserve(trail.size());
  for (const model::Hop& hop : trail)
    words.push_back(fmt::format("{} {} {} {} ({} confidence), {}", model::format_at(hop.time, zone),
                                hop.process.empty() ? "an unknown process" : hop.process,
                                verb_of(hop.action), hop.path, hop.confidence,
                                place_in_words(hop.evidence)));
  return words;
}

[[nodiscard]] std::vector<std::string> ancestry_in_words(const Finding& finding) {
  std::vector<model::ProcessFacts> ancestors = finding.ancestry;
  if (ancestors.empty() && finding.parent)
    ancestors.push_back(*finding.parent);
  std::vector<std::string> words;
  words.reserve(ancestors.size());
  for (const model::ProcessFacts& process : ancestors)
    words.push_back(process.command_line.empty()
                        ? process_and_pid(process)
                        : fmt::format("{}: {}", process_and_pid(process), process.command_line));
  return words;
}

void write_actor(FactList& facts, const Finding& finding) {
  if (finding.windows)
    return;
  facts.fact("Who", account_in_words(finding.account));
  if (finding.process || finding.file)
    facts.code("Did what", act_in_words(finding));
  if (finding.file)
    facts.fact("To a file of", details_in_words(*finding.file));
  if (!finding.process)
    return;
  facts.code("Command", finding.process->command_line);
  facts.code("Program",
             finding.process->exe.empty()
                 ? process_and_pid(*finding.process)
                 : fmt::format("{}, {}", finding.process->exe, process_and_pid(*finding.process)));
  facts.code_list("Started by", ancestry_in_words(finding));
}

[[nodiscard]] std::string rule_in_words(const Finding& finding) {
  std::vector<std::string> parts = finding.rules;
  if (parts.empty())
    parts.push_back(finding.rule);
  if (!finding.detection_type.empty())
    parts.push_back(finding.detection_type);
  parts.insert(parts.end(), finding.attack.begin(), finding.attack.end());
  return fmt::format("{}", fmt::join(parts, ", "));
}

void write_bookkeeping(FactList& facts, const Finding& finding) {
  facts.code("Rules", rule_in_words(finding));
  facts.code("Audit keys", fmt::format("{}", fmt::join(finding.audit_keys, ", ")));
  if (finding.suppressed_by)
    facts.fact("Suppressed by", *finding.suppressed_by);
  if (finding.count > 1)
    facts.fact("Folded", grouped(finding.count) + " such events");
  facts.code("Id", finding.id);
}

void write_evidence(HtmlWriter& html, const Finding& finding) {
  if (finding.evidence.empty())
    return;
  html.markup("<div class=\"evidence\"><h5>Evidence</h5>");
  std::vector<std::string> places;
  std::size_t records = 0;
  places.reserve(finding.evidence.size());
  for (const model::Evidence& evidence : finding.evidence)
    places.push_back(place_in_words(evidence));
  write_list(html, places, true);
  for (const model::Evidence& evidence : finding.evidence) {
    for (const std::string& record : evidence.records) {
      if (++records <= kMostRecords)
        html.markup("<pre>").text(record).markup("</pre>");
    }
  }
  if (records > kMostRecords)
    html.markup("<p>and ")
        .text(counted(records - kMostRecords, "record", "records"))
        .markup(" more, all in the NDJSON output</p>");
  html.markup("</div>\n");
}

}  // namespace

void write_finding(HtmlWriter& html, const Finding& finding, std::chrono::minutes zone) {
  html.either(finding.windows.has_value(), "<details class=\"finding\" open id=\"f-",
              "<details class=\"finding\" id=\"f-");
  html.text(finding.id).markup("\">");
  write_summary_line(html, finding, zone);
  html.markup("<div class=\"body\">\n");
  if (finding.windows)
    write_session(html, finding, zone);
  {
    FactList facts{html};
    write_actor(facts, finding);
    facts.list("Why", in_words(finding.reasons));
    facts.code_list("Trail", trail_in_words(finding.trail, zone));
    facts.fact("How sure", certainty_in_words(finding));
    write_bookkeeping(facts, finding);
  }
  write_evidence(html, finding);
  html.markup("</div></details>\n");
}

}  // namespace krbtrail::report
