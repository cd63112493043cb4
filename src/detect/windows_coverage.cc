// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_coverage.h"

#include <algorithm>
#include <string>
#include <utility>

namespace krbtrail::detect {
namespace {

using model::Statement;

// Version 2 of the event, from Windows 10 and Server 2016 on, is the first with ElevatedToken.
constexpr std::uint32_t kFirstWithElevatedToken = 2;

constexpr std::uint32_t kLogCleared = 1102;
constexpr std::uint32_t kClockSet = 4616;
constexpr std::uint32_t kLogon = 4624;
constexpr std::uint32_t kExplicitCredentials = 4648;
constexpr std::uint32_t kServiceInstalled = 4697;
constexpr std::uint32_t kPolicyChanged = 4719;

bool is_old_logon(const windows::WindowsEvent& event) {
  const std::uint32_t* version = windows::value_of(event.version);
  return event.event_id == kLogon && version != nullptr && *version < kFirstWithElevatedToken;
}

std::uint64_t count_of(const std::map<std::uint32_t, std::uint64_t>& counts, std::uint32_t id) {
  const auto found = counts.find(id);
  return found == counts.end() ? 0 : found->second;
}

std::string of_records(std::uint64_t records, std::string_view what) {
  return "of " + std::to_string(records) + (records == 1 ? " record" : " records") + " none is a " +
         std::string{what};
}

// Collects statements; those that count nothing are not made.
class Statements {
 public:
  void add_if(std::uint64_t count, Statement statement) {
    if (count == 0)
      return;
    statement.count = count;
    made_.push_back(std::move(statement));
  }
  [[nodiscard]] std::vector<Statement> take() { return std::move(made_); }

 private:
  std::vector<Statement> made_;
};

Statement blind(std::string key, std::string text, std::string reason) {
  return {.key = std::move(key),
          .text = std::move(text),
          .reason = std::move(reason),
          .count = 0,
          .limits = true};
}

Statement note(std::string key, std::string text, std::string reason) {
  Statement statement = blind(std::move(key), std::move(text), std::move(reason));
  statement.limits = false;
  return statement;
}

}  // namespace

WindowsCoverage::Host* WindowsCoverage::host_of(std::string_view computer) {
  if (const auto found = hosts_.find(computer); found != hosts_.end())
    return &found->second;
  if (hosts_.size() == kHostsKept) {
    ++dropped_;
    return nullptr;
  }
  return &hosts_[std::string{computer}];
}

void WindowsCoverage::widen(Host& host, const windows::EventTime& time) {
  if (time.zone == windows::Zone::half_day)
    return;
  const model::Timestamp at = time.earliest;
  host.first = host.first ? std::min(*host.first, at) : at;
  host.last = host.last ? std::max(*host.last, at) : at;
}

void WindowsCoverage::observe(std::string_view computer, const windows::WindowsEvent& event) {
  Host* host = host_of(computer);
  if (host == nullptr)
    return;
  ++host->events;
  ++host->by_event_id[event.event_id];
  host->old_logons += is_old_logon(event) ? 1U : 0U;
  host->localised += event.localised ? 1U : 0U;
  host->recovered += event.recovered ? 1U : 0U;
  host->rendered += event.from_message ? 1U : 0U;
  host->rule_hits += event.shape == windows::Shape::json_hayabusa ? 1U : 0U;
  host->forwarded += event.collector ? 1U : 0U;
  const windows::EventTime* time = windows::value_of(event.time);
  if (time == nullptr) {
    ++host->without_time;
    return;
  }
  host->without_zone += time->zone == windows::Zone::local ? 1U : 0U;
  host->half_day += time->zone == windows::Zone::half_day ? 1U : 0U;
  widen(*host, *time);
}

void WindowsCoverage::add_log(const windows::LogFacts& log) {
  Host* host = host_of(log.computer);
  if (host == nullptr)
    return;
  host->records += log.records;
  host->gaps += log.record_id_gaps;
  if (log.first)
    widen(*host, *log.first);
  if (log.last)
    widen(*host, *log.last);
}

void WindowsCoverage::count_duplicate(std::string_view computer) {
  if (Host* host = host_of(computer))
    ++host->duplicates;
}

void WindowsCoverage::count_cut_span(std::string_view computer) {
  if (Host* host = host_of(computer))
    ++host->cut_spans;
}

std::optional<model::Timestamp> WindowsCoverage::first_event(std::string_view computer) const {
  const auto found = hosts_.find(computer);
  return found == hosts_.end() ? std::nullopt : found->second.first;
}

std::vector<Statement> WindowsCoverage::statements(const Host& host) const {
  Statements made;
  const std::uint64_t records = std::max(host.records, host.events);
  const auto seen = [&](std::uint32_t id) { return count_of(host.by_event_id, id); };
  const auto absent = [&](std::uint32_t id) { return seen(id) == 0 ? records : 0; };
  made.add_if(absent(kServiceInstalled),
              blind("no_service_events", "no 4697: installed services cannot be seen",
                    of_records(records,
                               "4697: the policy Audit Security System Extension is off, "
                               "or the export is filtered")));
  made.add_if(absent(kLogon), blind("no_logon_events", "no 4624: logons cannot be seen",
                                    of_records(records,
                                               "4624: the policy Audit Logon is off, or "
                                               "the export is filtered")));
  made.add_if(absent(kExplicitCredentials),
              note("no_explicit_credentials", "no 4648: use of explicit credentials is not seen",
                   of_records(records,
                              "4648: the policy Audit Logon is off, none was used, or the "
                              "export is filtered")));
  Statement old = blind("old_logons", "4624 before version 2 has no ElevatedToken",
                        "written by Windows 8.1, Server 2012 R2 or older");
  old.limits = variant_ == RuleVariant::v214;
  made.add_if(host.old_logons, std::move(old));
  made.add_if(host.gaps, blind("record_id_gaps", "record ids have gaps",
                               "the export is filtered, or records were removed"));
  made.add_if(seen(kLogCleared), blind("log_cleared", "the log was cleared (1102)",
                                       "what it held before is not in this evidence"));
  made.add_if(seen(kPolicyChanged), note("policy_changed", "the audit policy was changed (4719)",
                                         "what was audited before and after may differ"));
  made.add_if(seen(kClockSet), note("clock_set", "the clock was set (4616)",
                                    "spans across that moment are not what the clock says"));
  made.add_if(host.cut_spans,
              blind("span_cut", "services whose logon may lie before the log",
                    "installed within 300 s of its first event, without a logon of their session"));
  made.add_if(host.localised, blind("localised_text", "text in a language that is not read",
                                    "export the events as XML or EVTX instead"));
  made.add_if(host.half_day, blind("half_day_times", "times written by a 12-hour clock",
                                   "events are ordered by record id, spans are not known"));
  made.add_if(host.without_time, blind("no_time", "events without a time that can be read", ""));
  made.add_if(host.rule_hits, blind("rule_hits_only", "a timeline of rule hits, not a log",
                                    "it holds only events that another tool's rules matched"));
  made.add_if(host.without_zone, note("no_zone", "times without a zone, taken for UTC",
                                      "name the zone with --input-zone"));
  made.add_if(host.rendered, note("rendered_text", "fields read from the rendered text",
                                  "the export has no fields of its own for them"));
  made.add_if(host.recovered,
              note("recovered", "records recovered from slack, flagged where they count", ""));
  made.add_if(host.duplicates, note("duplicates", "records that stand in several exports",
                                    "counted once: same log, record id and time"));
  made.add_if(host.forwarded, note("forwarded", "events that a collector forwarded",
                                   "the host is where they happened, not the collector"));
  return made.take();
}

std::vector<model::HostCoverage> WindowsCoverage::report() const {
  std::vector<model::HostCoverage> reported;
  for (const auto& [name, host] : hosts_) {
    reported.push_back({.host = name,
                        .first = host.first,
                        .last = host.last,
                        .events = host.events,
                        .records = std::max(host.records, host.events),
                        .statements = statements(host)});
  }
  return reported;
}

std::vector<std::string> WindowsCoverage::caveats(std::string_view computer) const {
  std::vector<std::string> words;
  const auto found = hosts_.find(computer);
  if (found == hosts_.end())
    return words;
  for (const Statement& statement : statements(found->second)) {
    std::string text = statement.text;
    if (!statement.reason.empty())
      text += " (" + statement.reason + ")";
    words.push_back(std::move(text));
  }
  return words;
}

}  // namespace krbtrail::detect
