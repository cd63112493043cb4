// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_evaluator.h"

#include <algorithm>
#include <compare>
#include <tuple>
#include <variant>

#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/detect/windows_investigation.h"

namespace krbtrail::detect {
namespace {

using model::Result;
using model::Status;
using windows::Field;
using windows::value_of;
using windows::WindowsEvent;

constexpr std::uint32_t kLogon = 4624;
constexpr std::uint32_t kServiceInstalled = 4697;
constexpr std::uint32_t kServiceInSystemLog = 7045;
constexpr model::Ticks kAroundSession = std::chrono::hours{1};
constexpr model::Ticks kAroundSystemLog = std::chrono::seconds{10};
constexpr model::Ticks kRelatedWithin = std::chrono::hours{48};
constexpr std::size_t kCopiesCompared = 8;
constexpr std::size_t kNeighboursAsked = 1000;

std::string lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return made;
}

std::string text_of(const WindowsEvent& event, Field field) {
  return std::string{event.find(field).value_or(std::string_view{})};
}

// Event ids are a provider's own: 4624 of another one is another thing. Exports spell the provider
// with hyphens, blanks or not at all.
bool is_security_event(const WindowsEvent& event) {
  const std::string* provider = value_of(event.provider);
  if (provider == nullptr)
    return true;
  std::string letters;
  for (const char c : lower(*provider)) {
    if (c >= 'a' && c <= 'z')
      letters += c;
  }
  return letters == "microsoftwindowssecurityauditing";
}

bool prepares_a_relay(const WindowsEvent& event) {
  if (event.event_id == 5136)
    return equals_ignore_case(text_of(event, Field::attribute_ldap_display_name),
                              "msDS-AllowedToActOnBehalfOfOtherIdentity");
  if (event.event_id == 4742)
    return text_of(event, Field::allowed_to_delegate_to).size() > 1;
  return event.event_id == 4741;
}

// Credentials other than the session's own: a new-credentials logon (type 9) or explicit ones.
bool uses_other_credentials(const WindowsEvent& event) {
  constexpr std::uint32_t kNewCredentials = 9;
  return event.event_id == 4648 ||
         (event.event_id == kLogon &&
          event.logon_type() == windows::Reading<std::uint32_t>{kNewCredentials});
}

bool is_ticket_request(const WindowsEvent& event) {
  return event.event_id == 4768 || event.event_id == 4769;
}

// The id that a logon shares with the request of its ticket at the domain controller. Some exports
// drop the braces. All zeros: the event has none.
std::string logon_guid_of(const WindowsEvent& event) {
  std::string guid = lower(text_of(event, Field::logon_guid));
  std::erase_if(guid, [](char c) { return c == '{' || c == '}'; });
  return guid.find_first_not_of("0-") == std::string::npos ? std::string{} : guid;
}

bool is_finer(const SequenceEvent& a, const SequenceEvent& b) {
  const auto coarseness = [](const SequenceEvent& event) {
    const auto& time = event.place.time;
    return std::tuple{time ? time->zone : windows::Zone::half_day,
                      time ? time->resolution : model::Ticks::max(),
                      event.conditions.unknown(RuleVariant::v214), event.place.input};
  };
  return coarseness(a) < coarseness(b);
}

bool is_around(const std::optional<windows::EventTime>& a,
               const std::optional<windows::EventTime>& b, model::Ticks limit) {
  if (!a || !b)
    return true;  // it cannot be told: shown rather than hidden
  const model::Ticks apart = a->earliest - b->earliest;
  return apart <= limit && apart >= -limit;
}

std::optional<windows::EventTime> time_of(const WindowsEvent& event) {
  const auto* time = value_of(event.time);
  return time == nullptr ? std::nullopt : std::optional{*time};
}

SpoolOptions with_all_fields_if(bool wanted, SpoolOptions options) {
  options.all_fields = wanted;
  return options;
}

// SYSTEM, LOCAL SERVICE and NETWORK SERVICE: the same in every Windows since 2000, and never a
// network logon's.
bool is_of_the_system(std::uint64_t logon_id) {
  return logon_id == 0x3e7 || logon_id == 0x3e5 || logon_id == 0x3e4;
}

}  // namespace

WindowsEvaluator::WindowsEvaluator(WindowsEvaluatorOptions options, const model::InputNames& inputs,
                                   model::Coverage& coverage)
    : options_(std::move(options)),
      inputs_(inputs),
      coverage_(coverage),
      spool_(with_all_fields_if(options_.keep_records, options_.spool)),
      hosts_(options_.variant) {}

std::optional<ComputerId> WindowsEvaluator::computer_of(const WindowsEvent& event) {
  const std::string* name = value_of(event.computer);
  const bool named = name != nullptr && !name->empty();
  const std::string input = std::to_string(static_cast<std::uint32_t>(event.origin.input));
  // The mark cannot begin a computer's name.
  const std::string key = named ? *name : std::string(1, '\0') + input;
  if (const auto known = ids_.find(key); known != ids_.end())
    return known->second;
  if (computers_.size() == kComputersKept)
    return std::nullopt;
  const auto id = static_cast<ComputerId>(computers_.size());
  ids_.emplace(key, id);
  computers_.push_back({.name = named ? *name : std::string{}, .named = named});
  const auto next = static_cast<std::uint32_t>(group_ids_.size());
  groups_.push_back(group_ids_.emplace(named ? short_name(key) : key, next).first->second);
  return id;
}

SequenceEvent WindowsEvaluator::tuple_of(const WindowsEvent& event, ComputerId computer,
                                         std::uint64_t reference) const {
  SequenceEvent tuple;
  tuple.place.time = time_of(event);
  if (const std::uint64_t* record_id = value_of(event.record_id))
    tuple.place.record_id = *record_id;
  tuple.place.log = static_cast<std::uint32_t>(computer);  // only events of the Security log
  tuple.place.input = event.origin.input;
  tuple.place.position = event.position;
  if (const auto order = orders_.find(event.origin.input); order != orders_.end())
    tuple.place.order = order->second;
  if (event.recovered)  // where a record lies in slack says nothing about when it was written
    tuple.place.order = windows::FileOrder::mixed;
  tuple.computer = computer;
  tuple.logon_id = logon_id_of(event);
  tuple.conditions =
      event.event_id == kLogon ? conditions_of_logon(event) : conditions_of_service(event);
  tuple.reference = reference;
  return tuple;
}

void WindowsEvaluator::complete(std::optional<windows::EventTime>& time) const {
  if (!time || time->zone != windows::Zone::local || !options_.input_zone)
    return;
  time->earliest -= *options_.input_zone;
  time->zone = windows::Zone::utc;
}

void WindowsEvaluator::complete(WindowsEvent& event) const {
  if (std::optional<windows::EventTime> time = time_of(event)) {
    complete(time);
    event.time = *time;
  }
  const std::string* computer = value_of(event.computer);
  if (!options_.host_name.empty() && (computer == nullptr || computer->empty()))
    event.computer = options_.host_name;
}

void WindowsEvaluator::push(WindowsEvent&& event) {
  if (failure_)
    return;
  if (event.event_id != kServiceInSystemLog && event.event_id != 1102 && !is_security_event(event))
    return;
  complete(event);
  const std::optional<ComputerId> computer = computer_of(event);
  if (!computer) {
    ++coverage_.evictions["windows_computers"];
    return;
  }
  hosts_.observe(name_of(*computer), event);
  const Result<std::uint64_t> reference = spool_.append(event);
  if (!reference) {
    failure_ = reference.error();
    return;
  }
  if (event.event_id != kServiceInstalled)
    return;
  if (services_.size() == kServicesKept)
    ++coverage_.evictions["windows_services"];
  else
    services_.push_back(tuple_of(event, *computer, reference.value()));
}

void WindowsEvaluator::input_done(model::InputId input, const windows::ReadReport& report) {
  orders_[input] = report.order;
  for (windows::LogFacts log : report.logs) {
    complete(log.first);
    complete(log.last);
    if (log.computer.empty())
      log.computer = options_.host_name;
    hosts_.add_log(log);
  }
}

// Of copies of one record the finest stays.
void WindowsEvaluator::drop_duplicates(std::vector<SequenceEvent>& events) {
  std::ranges::sort(events, [](const SequenceEvent& a, const SequenceEvent& b) {
    const auto key = [](const SequenceEvent& event) {
      return std::tuple{event.place.log, event.place.record_id};
    };
    if (key(a) != key(b))
      return key(a) < key(b);
    const auto order = total_order(a.place, b.place);
    return order == std::strong_ordering::equal ? a.reference < b.reference : std::is_lt(order);
  });
  std::vector<SequenceEvent> kept;
  for (const SequenceEvent& event : events) {
    const std::size_t begin = kept.size() - std::min(kept.size(), kCopiesCompared);
    const auto copy = std::find_if(
        kept.begin() + static_cast<std::ptrdiff_t>(begin), kept.end(),
        [&](const SequenceEvent& other) { return is_same_record(event.place, other.place); });
    if (copy == kept.end()) {
      kept.push_back(event);
      continue;
    }
    hosts_.count_duplicate(name_of(event.computer));
    if (is_finer(event, *copy))
      *copy = event;
  }
  events = std::move(kept);
}

// Keeps the logons that a service can ask for: those of its session, and first legs that do not
// fail on its computer.
Status WindowsEvaluator::collect_logons() {
  std::set<SessionKey> sessions;
  std::set<std::uint32_t> groups;
  for (const SequenceEvent& service : services_) {
    groups.insert(group_of(service.computer));
    if (service.logon_id)
      sessions.emplace(group_of(service.computer), *service.logon_id);
  }
  return spool_.for_each([&](std::uint64_t reference, WindowsEvent&& event) {
    if (event.event_id != kLogon)
      return;
    const std::optional<ComputerId> computer = computer_of(event);
    if (!computer || !groups.contains(group_of(*computer)))
      return;
    const SequenceEvent logon = tuple_of(event, *computer, reference);
    const bool is_asked_for =
        logon.conditions.failed(options_.variant) == 0 ||
        (logon.logon_id && sessions.contains({group_of(*computer), *logon.logon_id}));
    if (!is_asked_for)
      return;
    if (logons_.size() == kLogonsKept)
      ++coverage_.evictions["windows_logons"];
    else
      logons_.push_back(logon);
  });
}

// A service near the start of its log whose session has no logon there.
void WindowsEvaluator::note_cut_spans(const std::vector<SequenceMatch>& matches) {
  std::set<SessionKey> known;
  for (const SequenceEvent& logon : logons_) {
    if (logon.logon_id)
      known.emplace(group_of(logon.computer), *logon.logon_id);
  }
  std::set<std::size_t> matched;
  for (const SequenceMatch& match : matches)
    matched.insert(match.service);
  for (std::size_t i = 0; i < services_.size(); ++i) {
    const SequenceEvent& service = services_[i];
    const auto first = hosts_.first_event(name_of(service.computer));
    if (matched.contains(i) || !service.place.time || !service.logon_id || !first ||
        is_of_the_system(*service.logon_id))
      continue;
    const bool is_near_start = service.place.time->earliest - *first <= kMaxSpan;
    if (is_near_start && !known.contains({group_of(service.computer), *service.logon_id}))
      hosts_.count_cut_span(name_of(service.computer));
  }
}

void WindowsEvaluator::take(Gathered& gathered, std::uint64_t reference,
                            const WindowsEvent& event) {
  const auto time = time_of(event);
  const bool is_outside = time && gathered.first &&
                          (time->earliest < *gathered.first - kAroundSession ||
                           time->earliest > *gathered.last + kAroundSession);
  if (is_outside)
    return;
  if (gathered.events.size() == kSessionEventsKept)
    ++coverage_.evictions["windows_session_events"];
  else
    gathered.events.push_back(reference);
}

void WindowsEvaluator::gather_event(std::uint64_t reference, const WindowsEvent& event) {
  const std::optional<ComputerId> computer = computer_of(event);
  if (!computer)
    return;
  const std::uint32_t group = group_of(*computer);
  if (prepares_a_relay(event))
    take(prerequisites_, reference, event);
  if (is_ticket_request(event)) {
    if (const auto ticket = tickets_.find(logon_guid_of(event)); ticket != tickets_.end())
      take(ticket->second, reference, event);
  }
  if (uses_other_credentials(event)) {
    if (const auto host = credentials_.find(group); host != credentials_.end())
      take(host->second, reference, event);
  }
  if (event.event_id == kServiceInSystemLog) {
    const auto service = system_log_.find({group, lower(text_of(event, Field::service_name))});
    if (service != system_log_.end())
      take(service->second, reference, event);
    return;
  }
  std::set<std::uint64_t> ids;
  for (const Field field : {Field::subject_logon_id, Field::target_logon_id}) {
    const windows::Reading<std::uint64_t> number = event.number(field);
    if (const std::uint64_t* id = value_of(number))
      ids.insert(*id);
  }
  for (const std::uint64_t id : ids) {
    if (const auto session = sessions_.find({group, id}); session != sessions_.end())
      take(session->second, reference, event);
  }
}

Status WindowsEvaluator::gather(const std::vector<SequenceMatch>& matches) {
  const auto widen = [](Gathered& gathered, const std::optional<windows::EventTime>& time) {
    if (!time)
      return;
    const model::Timestamp at = time->earliest;
    gathered.first = gathered.first ? std::min(*gathered.first, at) : at;
    gathered.last = gathered.last ? std::max(*gathered.last, at) : at;
  };
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const SequenceEvent& service = services_[matches[i].service];
    const SequenceEvent& logon = logons_[matches[i].logon];
    const std::uint32_t group = group_of(service.computer);
    for (const auto& id : {service.logon_id, logon.logon_id}) {
      if (id)
        widen(sessions_[{group, *id}], service.place.time);
    }
    widen(system_log_[{group, lower(told_[i].service_name)}], service.place.time);
    widen(credentials_[group], logon.place.time);
    if (!told_[i].logon_guid.empty())
      tickets_.try_emplace(told_[i].logon_guid);
  }
  return spool_.for_each(
      [&](std::uint64_t reference, WindowsEvent&& event) { gather_event(reference, event); });
}

Status WindowsEvaluator::tell(const std::vector<SequenceMatch>& matches) {
  for (const SequenceMatch& match : matches) {
    const SequenceEvent& tuple = services_[match.service];
    const Result<WindowsEvent> service = spool_.read(tuple.reference);
    const Result<WindowsEvent> logon = spool_.read(logons_[match.logon].reference);
    if (!service)
      return service.error();
    if (!logon)
      return logon.error();
    const auto& time = tuple.place.time;
    told_.push_back({.id = windows_finding_id(logon.value(), service.value()),
                     .time = time ? time->earliest : model::Timestamp{},
                     .computers = group_of(tuple.computer),
                     .verdict = match.verdict,
                     .user_sid = text_of(logon.value(), Field::target_user_sid),
                     .service_name = text_of(service.value(), Field::service_name),
                     .service_file = text_of(service.value(), Field::service_file_name),
                     .logon_guid = logon_guid_of(logon.value())});
  }
  return {};
}

// Matches are in the order of their services, so those within 48 hours are neighbours.
std::vector<model::RelatedFinding> WindowsEvaluator::related_to(std::size_t index) const {
  const Told& one = told_[index];
  std::vector<model::RelatedFinding> related;
  const std::size_t begin = index - std::min(index, kNeighboursAsked);
  const std::size_t end = std::min(told_.size(), index + kNeighboursAsked);
  for (std::size_t i = begin; i < end && related.size() < kRelatedKept; ++i) {
    const Told& other = told_[i];
    const model::Ticks apart = other.time - one.time;
    if (i == index || apart > kRelatedWithin || apart < -kRelatedWithin)
      continue;
    std::string shared;
    if (other.computers == one.computers)
      shared = "on the same host";
    else if (!one.user_sid.empty() && other.user_sid == one.user_sid)
      shared = "by the same user id";
    else if (!one.service_name.empty() && other.service_name == one.service_name)
      shared = "with the same service name";
    else if (!one.service_file.empty() && other.service_file == one.service_file)
      shared = "with the same command";
    else
      continue;
    related.push_back(
        {.id = other.id,
         .time = other.time,
         .text = std::string{to_string(other.verdict)} + " " + shared + ": " + other.service_name});
  }
  return related;
}

// The pair itself and copies of it are left out.
Status WindowsEvaluator::add_events(const std::vector<std::uint64_t>& references,
                                    const SequenceMatch& match, std::vector<WindowsEvent>& into) {
  std::vector<SequenceEvent> seen = {logons_[match.logon], services_[match.service]};
  for (const std::uint64_t reference : references) {
    Result<WindowsEvent> event = spool_.read(reference);
    if (!event)
      return event.error();
    const SequenceEvent tuple = tuple_of(event.value(), *computer_of(event.value()), reference);
    const bool is_seen = std::ranges::any_of(seen, [&](const SequenceEvent& other) {
      return other.reference == reference || is_same_record(other.place, tuple.place);
    });
    if (is_seen)
      continue;
    seen.push_back(tuple);
    into.push_back(std::move(event.value()));
  }
  return {};
}

// What happened outside the session and may say how it came about.
Status WindowsEvaluator::add_leads(const SequenceMatch& match, std::size_t index,
                                   Investigation& asked) {
  const SequenceEvent& logon = logons_[match.logon];
  const SequenceEvent& service = services_[match.service];
  const auto read = [&](const Gathered& gathered, std::vector<WindowsEvent>& into,
                        const std::function<bool(const std::optional<windows::EventTime>&)>& when) {
    Status added = add_events(gathered.events, match, into);
    std::erase_if(into, [&](const WindowsEvent& event) { return !when(time_of(event)); });
    return added;
  };
  const auto at_any_time = [](const auto& /*time*/) { return true; };
  const auto within_days = [&](const auto& time) {
    return is_around(time, service.place.time, kRelatedWithin);
  };
  const auto shortly_before = [&](const auto& time) {
    return is_around(time, logon.place.time, kAroundSession) &&
           !(time && logon.place.time && time->earliest > logon.place.time->earliest);
  };
  if (Status added = read(tickets_[told_[index].logon_guid], asked.tickets, at_any_time); !added)
    return added;
  if (Status added =
          read(credentials_[group_of(service.computer)], asked.credentials, shortly_before);
      !added)
    return added;
  return read(prerequisites_, asked.prerequisites, within_days);
}

Result<model::Finding> WindowsEvaluator::finding_of(const SequenceMatch& match, std::size_t index) {
  const SequenceEvent& service_tuple = services_[match.service];
  const SequenceEvent& logon_tuple = logons_[match.logon];
  const Result<WindowsEvent> service = spool_.read(service_tuple.reference);
  const Result<WindowsEvent> logon = spool_.read(logon_tuple.reference);
  if (!service)
    return service.error();
  if (!logon)
    return logon.error();
  const std::uint32_t group = group_of(service_tuple.computer);
  std::vector<std::uint64_t> references;
  const auto add_all = [&](const Gathered& gathered) {
    references.insert(references.end(), gathered.events.begin(), gathered.events.end());
  };
  std::set<std::uint64_t> ids;
  for (const auto& id : {service_tuple.logon_id, logon_tuple.logon_id}) {
    if (id && ids.insert(*id).second)
      add_all(sessions_[{group, *id}]);
  }
  Investigation asked{.variant = options_.variant,
                      .match = &match,
                      .logon = &logon.value(),
                      .service = &service.value(),
                      .session = {},
                      .prerequisites = {},
                      .tickets = {},
                      .credentials = {},
                      .keep_records = options_.keep_records,
                      .caveats = hosts_.caveats(name_of(service_tuple.computer)),
                      .related = related_to(index),
                      .logon_input = std::string{inputs_.name(logon_tuple.place.input)},
                      .service_input = std::string{inputs_.name(service_tuple.place.input)}};
  if (Status added = add_events(references, match, asked.session); !added)
    return added.error();
  const Gathered& system_log = system_log_[{group, lower(told_[index].service_name)}];
  for (const std::uint64_t reference : system_log.events) {
    Result<WindowsEvent> event = spool_.read(reference);
    if (!event)
      return event.error();
    if (is_around(time_of(event.value()), service_tuple.place.time, kAroundSystemLog))
      asked.session.push_back(std::move(event.value()));
  }
  if (Status added = add_leads(match, index, asked); !added)
    return added.error();
  std::ranges::stable_sort(asked.session, [](const WindowsEvent& a, const WindowsEvent& b) {
    const auto at = [](const WindowsEvent& event) {
      const auto time = time_of(event);
      return time ? time->earliest : model::Timestamp::max();
    };
    return at(a) < at(b);
  });
  return investigate(asked);
}

void WindowsEvaluator::add_hosts() {
  for (model::HostCoverage& host : hosts_.report())
    coverage_.hosts.push_back(std::move(host));
  std::ranges::stable_sort(coverage_.hosts, {}, &model::HostCoverage::host);
  if (hosts_.dropped() != 0)
    coverage_.evictions["windows_hosts"] += hosts_.dropped();
}

Status WindowsEvaluator::prepare() {
  if (failure_)
    return *failure_;
  for (SequenceEvent& service : services_) {
    if (service.place.order == windows::FileOrder::unknown && orders_.contains(service.place.input))
      service.place.order = orders_.at(service.place.input);
  }
  drop_duplicates(services_);
  if (Status collected = collect_logons(); !collected)
    return collected;
  drop_duplicates(logons_);
  return {};
}

Status WindowsEvaluator::finish(const std::function<void(model::Finding)>& on_finding) {
  if (Status prepared = prepare(); !prepared)
    return prepared;
  const std::vector<SequenceMatch> matches =
      match_sequences(options_.variant, computers_, logons_, services_);
  note_cut_spans(matches);
  if (Status told = tell(matches); !told)
    return told;
  if (Status gathered = gather(matches); !gathered)
    return gathered;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    Result<model::Finding> finding = finding_of(matches[i], i);
    if (!finding)
      return finding.error();
    on_finding(std::move(finding.value()));
  }
  add_hosts();
  return {};
}

}  // namespace krbtrail::detect
