// SPDX-License-Identifier: Apache-2.0
#include "report/finding_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report/finding_words.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Severity;

// Of a list in one finding; the rest is counted.
constexpr std::size_t kMostLines = 20;

[[nodiscard]] Paint paint_of(Severity severity) {
  switch (severity) {
    case Severity::critical:
      return Paint::bold_red;
    case Severity::high:
      return Paint::red;
    case Severity::medium:
      return Paint::yellow;
    case Severity::low:
      return Paint::cyan;
    case Severity::info:
      return Paint::dim;
  }
  return Paint::none;
}

// One field whose label stands at its first line only.
class List {
 public:
  List(Page& page, std::string_view label, Paint paint = Paint::none)
      : page_(page), label_(label), paint_(paint) {}

  void add(std::string_view words) {
    if (++count_ > kMostLines)
      return;
    page_.field(std::exchange(label_, ""), words, paint_);
  }

  void finish() {
    if (count_ > kMostLines)
      page_.field(
          "", fmt::format("and {} more, all in the NDJSON output", grouped(count_ - kMostLines)));
  }

 private:
  Page& page_;
  std::string_view label_;
  Paint paint_;
  std::size_t count_ = 0;
};

void write_list(Page& page, std::string_view label, const std::vector<std::string>& lines) {
  List list{page, label};
  for (const std::string& line : lines)
    list.add(line);
  list.finish();
}

void write_reasons(Page& page, std::string_view label, const std::vector<model::Reason>& reasons) {
  List list{page, label};
  for (const model::Reason& reason : reasons)
    list.add(reason_in_words(reason));
  list.finish();
}

[[nodiscard]] std::string joined(const std::vector<std::string>& parts,
                                 std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

void write_if_any(Page& page, std::string_view label, const std::string& words) {
  if (!words.empty())
    page.field(label, words);
}

[[nodiscard]] std::string tag_of(const Finding& finding) {
  if (!finding.score)
    return fmt::format("[{}]", to_string(finding.severity));
  return fmt::format("[{} {}]", to_string(finding.severity), *finding.score);
}

[[nodiscard]] std::string on_host(std::string_view host) {
  return host.empty() ? " on a host without a name" : fmt::format(" on {}", host);
}

void write_process_details(Page& page, const model::ProcessFacts& process) {
  if (!process.command_line.empty())
    page.field("command", process.command_line);
  std::vector<std::string> parts;
  if (process.pid)
    parts.push_back(fmt::format("pid {}", *process.pid));
  if (!process.exe.empty())
    parts.push_back(process.exe);
  if (!parts.empty())
    page.field(process.command_line.empty() ? "command" : "", joined(parts, ", "));
}

void write_ancestry(Page& page, const std::vector<model::ProcessFacts>& ancestry) {
  std::vector<std::string> parts;
  parts.reserve(ancestry.size());
  for (const model::ProcessFacts& process : ancestry)
    parts.push_back(process_and_pid(process));
  if (!parts.empty())
    page.field("from", joined(parts, " < "));
}

void write_ancestry(Page& page, const Finding& finding) {
  if (finding.ancestry.empty() && finding.parent)
    write_ancestry(page, {*finding.parent});
  else
    write_ancestry(page, finding.ancestry);
}

void write_evidence(Page& page, const Finding& finding) {
  List list{page, "record"};
  for (const model::Evidence& evidence : finding.evidence) {
    list.add(place_in_words(evidence));
    for (const std::string& record : evidence.records)
      list.add(record);
  }
  list.finish();
}

void write_trail(Page& page, const std::vector<model::Hop>& trail, std::chrono::minutes zone) {
  List list{page, "trail"};
  for (const model::Hop& hop : trail)
    list.add(fmt::format("{} {} {} {} ({} confidence), event {}", model::format_at(hop.time, zone),
                         hop.process.empty() ? "an unknown process" : hop.process,
                         verb_of(hop.action), hop.path, hop.confidence, hop.evidence.event));
  list.finish();
}

void write_rule(Page& page, const Finding& finding) {
  std::vector<std::string> parts{finding.rule};
  if (!finding.detection_type.empty())
    parts.push_back(finding.detection_type);
  parts.insert(parts.end(), finding.attack.begin(), finding.attack.end());
  page.field("rule", joined(parts, ", "));
  if (finding.rules.size() > 1)
    page.field("", fmt::format("all that fired: {}", fmt::join(finding.rules, ", ")));
  if (!finding.audit_keys.empty())
    page.field("", fmt::format("audit key {}", fmt::join(finding.audit_keys, ", ")));
}

void write_ids(Page& page, const Finding& finding) {
  page.field("id", finding.id);
  if (finding.incident)
    page.field("", "incident " + *finding.incident);
  if (finding.count > 1)
    page.field("", fmt::format("{} such events, folded", grouped(finding.count)));
  if (finding.suppressed_by)
    page.field("", "suppressed by exception " + *finding.suppressed_by);
}

// "held     NAME: VALUE", and for what did not hold what the rule wants.
void write_predicates(Page& page, const std::vector<model::Predicate>& predicates) {
  List list{page, "checks"};
  for (const model::Predicate& predicate : predicates) {
    if (!predicate.held)
      list.add(fmt::format("unknown: {}, the rule wants {}", predicate.name, predicate.wanted));
    else if (*predicate.held)
      list.add(fmt::format("holds: {} = {}", predicate.name, predicate.value));
    else
      list.add(fmt::format("FAILS: {} = {}, the rule wants {}", predicate.name, predicate.value,
                           predicate.wanted));
  }
  list.finish();
}

[[nodiscard]] std::string known(const std::optional<std::string>& value) {
  return value.value_or("unknown");
}

void write_logon(Page& page, const model::WindowsLogon& logon, std::chrono::minutes zone) {
  page.field("who", fmt::format("{}\\{}, {}", known(logon.target_domain_name),
                                known(logon.target_user_name), known(logon.target_user_sid)));
  if (logon.subject_user_name && *logon.subject_user_name != "-")
    page.field("",
               fmt::format("initiated by {}, who is not the identity", *logon.subject_user_name));
  std::string words =
      fmt::format("{} from {} port {}, logon type {}", known(logon.authentication_package),
                  known(logon.ip_address), known(logon.ip_port), known(logon.logon_type));
  if (logon.logon_id)
    words += fmt::format(", session {:#x}", *logon.logon_id);
  if (logon.time)
    words += fmt::format(", {}", model::format_at(*logon.time, zone));
  page.field("logon", words);
}

void write_service(Page& page, const model::WindowsPair& pair) {
  const model::WindowsService& service = pair.service;
  page.field("service",
             fmt::format("{} as {}, start type {}, type {}", known(service.name),
                         known(service.account), known(service.start_type), known(service.type)));
  if (service.file_name)
    page.field("", *service.file_name);
  if (pair.span)
    page.field("", fmt::format("{:.3f} s after the logon",
                               std::chrono::duration<double>{*pair.span}.count()));
  write_reasons(page, "traits", service.traits);
}

std::string session_event_in_words(const model::WindowsSessionEvent& event,
                                   std::chrono::minutes zone) {
  return fmt::format(
      "{} event {}{}: {}", event.time ? model::format_at(*event.time, zone) : "at an unknown time",
      event.event_id, event.record_id ? fmt::format(" #{}", *event.record_id) : "", event.summary);
}

void write_session(Page& page, const model::WindowsPair& pair, std::chrono::minutes zone) {
  List session{page, "session"};
  for (const model::WindowsSessionEvent& event : pair.session)
    session.add(session_event_in_words(event, zone));
  session.finish();
  List leads{page, "leads"};
  for (const model::WindowsLead& lead : pair.leads)
    leads.add(
        fmt::format("{}: {}, {}", lead.why, lead.host, session_event_in_words(lead.event, zone)));
  leads.finish();
  List related{page, "related"};
  for (const model::RelatedFinding& finding : pair.related)
    related.add(fmt::format("{} {}, id {}", model::format_at(finding.time, zone), finding.text,
                            finding.id));
  related.finish();
}

void write_windows(Page& page, const Finding& finding, std::chrono::minutes zone) {
  const model::WindowsPair& pair = *finding.windows;
  if (pair.logon)
    write_logon(page, *pair.logon, zone);
  else
    page.field("logon", "not in the evidence");
  write_service(page, pair);
  write_predicates(page, finding.predicates);
  write_session(page, pair, zone);
  write_list(page, "read as", pair.normalisations);
  write_list(page, "caveats", pair.caveats);
  if (!pair.conclusion.empty())
    page.field("verdict", pair.conclusion, Paint::bold);
  write_reasons(page, pair.conclusion.empty() ? "verdict" : "", pair.conclusion_reasons);
  write_list(page, "next", pair.next_steps);
}

void write_linux(Page& page, const Finding& finding, std::chrono::minutes zone) {
  page.field("who", account_in_words(finding.account));
  page.field("what", act_in_words(finding));
  if (finding.file)
    write_if_any(page, "", details_in_words(*finding.file));
  if (finding.process)
    write_process_details(page, *finding.process);
  write_ancestry(page, finding);
  write_trail(page, finding.trail, zone);
}

}  // namespace

void write_finding(Page& page, const Finding& finding, std::chrono::minutes zone) {
  page.opening(tag_of(finding), paint_of(finding.severity),
               model::format_at(finding.time, zone) + on_host(finding.host));
  std::string title = finding.title;
  if (finding.windows && !finding.windows->variant.empty())
    title += fmt::format(" ({})", finding.windows->variant);
  page.paragraph(title);
  if (finding.windows)
    write_windows(page, finding, zone);
  else
    write_linux(page, finding, zone);
  write_reasons(page, "why", finding.reasons);
  write_if_any(page, "sure", certainty_in_words(finding));
  write_rule(page, finding);
  write_ids(page, finding);
  write_evidence(page, finding);
}

void write_incident(Page& page, const model::Incident& incident, std::chrono::minutes zone) {
  page.opening(fmt::format("[{}]", to_string(incident.severity)), paint_of(incident.severity),
               fmt::format("{} to {}{}", model::format_at(incident.first, zone),
                           model::format_at(incident.last, zone), on_host(incident.host)));
  page.paragraph(incident.title);
  page.field("who", account_in_words(incident.actor));
  if (!incident.ticket.empty())
    page.field("ticket", incident.owner_uid
                             ? fmt::format("{}, owner uid {}", incident.ticket, *incident.owner_uid)
                             : incident.ticket);
  write_ancestry(page, incident.ancestry);
  List story{page, "story"};
  for (const model::IncidentStep& step : incident.timeline)
    story.add(
        fmt::format("{} {}{}{}", model::format_at(step.time, zone), step.text,
                    step.confidence.empty() ? "" : fmt::format(" ({} confidence)", step.confidence),
                    step.event.empty() ? "" : fmt::format(", event {}", step.event)));
  story.finish();
  write_list(page, "copies", incident.copies);
  write_list(page, "used by", incident.used_by);
  write_list(page, "contacts", incident.contacts);
  write_list(page, "unseen", incident.not_visible);
  page.field("id", incident.id);
  write_list(page, "linked", incident.linked);
  write_list(page, "findings", incident.findings);
}

}  // namespace krbtrail::report
