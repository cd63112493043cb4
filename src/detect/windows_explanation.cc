// SPDX-License-Identifier: Apache-2.0
//
// WindowsEvaluator::explain(): what the rule saw in the pairs that one record is part of.
#include <algorithm>
#include <compare>
#include <string>
#include <utility>

#include "krbtrail/detect/windows_evaluator.h"
#include "krbtrail/detect/windows_investigation.h"

namespace krbtrail::detect {
namespace {

using model::Result;
using model::Status;
using windows::WindowsEvent;

constexpr std::uint32_t kLogon = 4624;
constexpr std::uint32_t kServiceInstalled = 4697;

// Of a pair that lacks its logon or its service: whatever needs both, or the one that lacks.
Conditions lone(const Conditions& own, bool is_logon) {
  Conditions seen = own;
  for (std::size_t i = 0; i < kConditionCount; ++i) {
    const auto condition = static_cast<Condition>(i);
    const bool is_of_logon = condition < Condition::service_on_windows;
    const bool is_of_service = condition == Condition::service_on_windows;
    if (is_logon ? !is_of_logon : !is_of_service)
      seen.set(condition, std::nullopt);
  }
  return seen;
}

std::string_view conclusion(const std::optional<model::Verdict>& verdict) {
  return verdict ? to_string(*verdict) : "nothing";
}

}  // namespace

struct WindowsEvaluator::AskedRecord {
  SequenceEvent tuple;
  WindowsEvent event;
};

Result<std::optional<WindowsEvaluator::AskedRecord>> WindowsEvaluator::find_record(
    std::string_view computer, std::uint64_t record_id) {
  std::optional<AskedRecord> found;
  const Status read = spool_.for_each([&](std::uint64_t reference, WindowsEvent&& event) {
    const std::uint64_t* id = value_of(event.record_id);
    if (found || id == nullptr || *id != record_id)
      return;
    const std::optional<ComputerId> of = computer_of(event);
    if (!of || !is_alike(name_of(*of), computer))
      return;
    const SequenceEvent tuple = tuple_of(event, *of, reference);
    found = AskedRecord{.tuple = tuple, .event = std::move(event)};
  });
  if (!read)
    return read.error();
  return found;
}

Result<ExplainedActivity> WindowsEvaluator::explain_match(const SequenceEvent& logon,
                                                          const SequenceEvent& service,
                                                          std::string_view what) {
  const Result<WindowsEvent> logon_event = spool_.read(logon.reference);
  const Result<WindowsEvent> service_event = spool_.read(service.reference);
  if (!logon_event)
    return logon_event.error();
  if (!service_event)
    return service_event.error();
  const Conditions seen = conditions_of_pair(computers_, logon, service);
  const auto verdict = judge(options_.variant, seen);
  const std::string span = span_in_words(span_between(logon.place, service.place));
  Explanation rule{.rule = &local_kerberos_service_info(),
                   .holds = verdict == model::Verdict::finding,
                   .required = explain_pair(options_.variant, seen, logon_event.value(),
                                            service_event.value(), span),
                   .alternatives = {}};
  std::vector<Explanation> rules;
  rules.push_back(std::move(rule));
  return ExplainedActivity{.host = std::string{name_of(service.computer)},
                           .event = record_in_words(service_event.value()),
                           .act = event_in_words(logon_event.value()) + ", then " +
                                  event_in_words(service_event.value()) + std::string{what} + ": " +
                                  std::string{conclusion(verdict)},
                           .rules = std::move(rules)};
}

ExplainedActivity WindowsEvaluator::explain_lone(const AskedRecord& asked) const {
  const bool is_logon = asked.event.event_id == kLogon;
  const bool is_judged = is_logon || asked.event.event_id == kServiceInstalled;
  ExplainedActivity explained{.host = std::string{name_of(asked.tuple.computer)},
                              .event = record_in_words(asked.event),
                              .act = event_in_words(asked.event),
                              .rules = {}};
  if (!is_judged)
    return explained;
  explained.act += is_logon ? ": no service of its session in the evidence"
                            : ": no logon of its session in the evidence";
  const WindowsEvent nothing;
  explained.rules.push_back(
      {.rule = &local_kerberos_service_info(),
       .holds = false,
       .required =
           explain_pair(options_.variant, lone(asked.tuple.conditions, is_logon),
                        is_logon ? asked.event : nothing, is_logon ? nothing : asked.event, ""),
       .alternatives = {}});
  return explained;
}

// The pairs that finish() would report, and where there is none the pair that comes nearest to one:
// the session's newest logon before the service, or first service after the logon.
std::vector<WindowsEvaluator::AskedPair> WindowsEvaluator::pairs_of(const SequenceEvent& asked,
                                                                    bool is_logon) const {
  std::vector<AskedPair> pairs;
  const auto is_asked = [&](const SequenceEvent& event) {
    return event.reference == asked.reference || is_same_record(event.place, asked.place);
  };
  for (const SequenceMatch& match :
       match_sequences(options_.variant, computers_, logons_, services_)) {
    if (is_asked(is_logon ? logons_[match.logon] : services_[match.service]))
      pairs.push_back({.logon = match.logon, .service = match.service, .what = ""});
    for (const std::size_t later : match.additional) {
      if (is_asked(is_logon ? logons_[match.logon] : services_[later]))
        pairs.push_back({.logon = match.logon,
                         .service = later,
                         .what = " (a further service of a session that gave a finding)"});
    }
  }
  if (!pairs.empty())
    return pairs;
  const auto is_of_session = [&](const SequenceEvent& event) {
    return event.logon_id && event.logon_id == asked.logon_id &&
           group_of(event.computer) == group_of(asked.computer);
  };
  std::optional<AskedPair> nearest;
  for (std::size_t logon = 0; logon < logons_.size(); ++logon) {
    if (is_logon ? !is_asked(logons_[logon]) : !is_of_session(logons_[logon]))
      continue;
    for (std::size_t service = 0; service < services_.size(); ++service) {
      if (is_logon ? !is_of_session(services_[service]) : !is_asked(services_[service]))
        continue;
      const bool is_nearer =
          !nearest ||
          (is_logon ? std::is_lt(
                          total_order(services_[service].place, services_[nearest->service].place))
                    : std::is_gt(total_order(logons_[logon].place, logons_[nearest->logon].place)));
      if (precedes(logons_[logon].place, services_[service].place) != false && is_nearer)
        nearest = AskedPair{.logon = logon, .service = service, .what = ""};
    }
  }
  if (nearest)
    pairs.push_back(*nearest);
  return pairs;
}

Result<std::vector<ExplainedActivity>> WindowsEvaluator::explain(std::string_view computer,
                                                                 std::uint64_t record_id) {
  if (Status prepared = prepare(); !prepared)
    return prepared.error();
  const Result<std::optional<AskedRecord>> found = find_record(computer, record_id);
  if (!found)
    return found.error();
  std::vector<ExplainedActivity> explained;
  if (!found.value())
    return explained;
  const AskedRecord& asked = *found.value();
  const bool is_logon = asked.event.event_id == kLogon;
  std::vector<AskedPair> pairs;
  if (is_logon || asked.event.event_id == kServiceInstalled)
    pairs = pairs_of(asked.tuple, is_logon);
  for (const AskedPair& pair : pairs) {
    Result<ExplainedActivity> one =
        explain_match(logons_[pair.logon], services_[pair.service], pair.what);
    if (!one)
      return one.error();
    explained.push_back(std::move(one.value()));
  }
  if (pairs.empty())
    explained.push_back(explain_lone(asked));
  return explained;
}

}  // namespace krbtrail::detect
