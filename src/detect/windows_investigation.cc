// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_investigation.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/detect/service_traits.h"
#include "krbtrail/windows/event_xml.h"

namespace krbtrail::detect {
namespace {

using model::Reason;
using model::Verdict;
using windows::Field;
using windows::value_of;
using windows::WindowsEvent;

std::string text_of(const WindowsEvent& event, Field field) {
  return std::string{event.find(field).value_or(std::string_view{})};
}

std::optional<std::string> text_if_any(const WindowsEvent& event, Field field) {
  const std::optional<std::string_view> text = event.find(field);
  return text ? std::optional{std::string{*text}} : std::nullopt;
}

template <class T>
std::optional<T> if_read(const windows::Reading<T>& reading) {
  const T* value = value_of(reading);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

std::string computer_of(const WindowsEvent& event) {
  return if_read(event.computer).value_or("");
}

std::optional<model::Timestamp> time_of(const WindowsEvent& event) {
  const auto* time = value_of(event.time);
  return time == nullptr ? std::nullopt : std::optional{time->earliest};
}

std::string account_of(const WindowsEvent& event, Field domain, Field name) {
  const std::string where = text_of(event, domain);
  const std::string who = text_of(event, name);
  return where.empty() || where == "-" ? who : where + "\\" + who;
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 19> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number));
  return {text.data(), static_cast<std::size_t>(size)};
}

model::WindowsLogon logon_facts(const WindowsEvent& event) {
  const auto text = [&](Field field) { return text_if_any(event, field); };
  return {.time = time_of(event),
          .record_id = if_read(event.record_id),
          .logon_id = logon_id_of(event),
          .target_user_name = text(Field::target_user_name),
          .target_domain_name = text(Field::target_domain_name),
          .target_user_sid = text(Field::target_user_sid),
          .subject_user_name = text(Field::subject_user_name),
          .subject_user_sid = text(Field::subject_user_sid),
          .ip_address = text(Field::ip_address),
          .ip_port = text(Field::ip_port),
          .logon_type = text(Field::logon_type),
          .authentication_package = text(Field::authentication_package_name),
          .elevated_token = text(Field::elevated_token),
          .process_id = text(Field::process_id),
          .logon_guid = text(Field::logon_guid),
          .logon_process = text(Field::logon_process_name),
          .target_linked_logon_id = text(Field::target_linked_logon_id)};
}

std::optional<std::string> in_words(std::optional<std::string> text,
                                    std::string (*words)(std::string_view)) {
  if (text)
    *text = words(*text);
  return text;
}

model::WindowsService service_facts(const WindowsEvent& event) {
  const auto text = [&](Field field) { return text_if_any(event, field); };
  const auto view = [&](Field field) { return event.find(field).value_or(std::string_view{}); };
  return {.time = time_of(event),
          .record_id = if_read(event.record_id),
          .logon_id = logon_id_of(event),
          .name = text(Field::service_name),
          .file_name = text(Field::service_file_name),
          .account = text(Field::service_account),
          .start_type = in_words(text(Field::service_start_type), start_type_in_words),
          .type = in_words(text(Field::service_type), service_type_in_words),
          .subject_user_name = text(Field::subject_user_name),
          .subject_user_sid = text(Field::subject_user_sid),
          .client_process_id = text(Field::client_process_id),
          .parent_process_id = text(Field::parent_process_id),
          .traits = service_traits({.name = view(Field::service_name),
                                    .file_name = view(Field::service_file_name),
                                    .account = view(Field::service_account),
                                    .type = view(Field::service_type),
                                    .client_process_id = view(Field::client_process_id),
                                    .parent_process_id = view(Field::parent_process_id)})};
}

model::Evidence evidence_of(const WindowsEvent& event, const std::string& input, bool with_record) {
  const auto record_id = if_read(event.record_id);
  model::Evidence evidence;
  evidence.input = input;
  evidence.line = event.origin.line;
  if (record_id)
    evidence.event = computer_of(event) + "#" + std::to_string(*record_id);
  evidence.record_id = record_id;
  evidence.offset = event.origin.offset;
  evidence.recovered = event.recovered;
  if (with_record)
    evidence.records = {windows::as_xml(event)};
  return evidence;
}

std::vector<Reason> why(const Investigation& asked,
                        const std::vector<model::Predicate>& predicates) {
  std::vector<Reason> reasons;
  const auto add = [&](std::string text) { reasons.push_back({std::move(text), std::nullopt}); };
  for (const model::Predicate& predicate : predicates) {
    if (predicate.held == false)
      add(predicate.name + " is " + (predicate.value.empty() ? "empty" : predicate.value) +
          ", the rule wants " + predicate.wanted);
    else if (!predicate.held)
      add(predicate.name + " is not known, the rule wants " + predicate.wanted);
  }
  if (reasons.empty())
    add("a loopback Kerberos network logon and a service installed from its session");
  const RuleVariant other = other_variant(asked.variant);
  if (asked.match->verdict != Verdict::finding && asked.match->conditions.all_hold(other)) {
    add(other == RuleVariant::pre2025 ? "the rule as it was before June 2025 (pre2025) holds"
                                      : "the rule of version 214 (v214) holds");
  }
  return reasons;
}

std::vector<std::string> normalisations_of(const WindowsEvent& logon, const WindowsEvent& service) {
  std::vector<std::string> read;
  const std::string from = text_of(logon, Field::target_logon_id);
  const std::string to = text_of(service, Field::subject_logon_id);
  if (from != to && logon_id_of(logon) && logon_id_of(logon) == logon_id_of(service))
    read.push_back("logon ids compared as numbers: " + from + " and " + to);
  if (const std::string address = text_of(logon, Field::ip_address); contains(address, "ffff:"))
    read.push_back(address + " read as the IPv4 address it maps");
  const std::string token = text_of(logon, Field::elevated_token);
  if (!token.empty() && !token.starts_with("%%"))
    read.push_back("ElevatedToken " + token + " read as its raw value");
  for (const WindowsEvent* event : {&logon, &service}) {
    const auto* time = value_of(event->time);
    if (time != nullptr && time->zone == windows::Zone::local)
      read.push_back("the time of " + record_in_words(*event) + " has no zone, taken for UTC");
    if (event->from_message)
      read.push_back("fields of " + record_in_words(*event) + " read from its rendered text");
    if (event->repaired)
      read.push_back("bytes of " + record_in_words(*event) + " replaced to parse it");
    if (event->sids_as_names)
      read.push_back("SIDs of " + record_in_words(*event) + " are names, of the exporting host");
  }
  return read;
}

bool is_privileged_or_machine(const WindowsEvent& logon) {
  return text_of(logon, Field::target_user_sid).ends_with("-500") ||
         text_of(logon, Field::target_user_name).ends_with('$');
}

std::vector<Reason> identity_reasons(const WindowsEvent& logon, const WindowsEvent& service) {
  std::vector<Reason> reasons;
  const auto add = [&](std::string text) { reasons.push_back({std::move(text), std::nullopt}); };
  const std::string who = account_of(logon, Field::target_domain_name, Field::target_user_name);
  const std::string sid = text_of(logon, Field::target_user_sid);
  if (sid.ends_with("-500"))
    add("the session belongs to " + who + ", the built-in administrator");
  else if (who.ends_with('$'))
    add("the session belongs to " + who + ", a machine account");
  else if (!who.empty())
    add("the session belongs to " + who);
  const std::string installer = text_of(service, Field::subject_user_sid);
  if (!sid.empty() && !installer.empty() && sid != installer)
    add("the service was installed by " + installer + ", the session is of " + sid);
  return reasons;
}

std::size_t count_of(const std::vector<WindowsEvent>& events, std::uint32_t event_id) {
  return static_cast<std::size_t>(std::ranges::count(events, event_id, &WindowsEvent::event_id));
}

void conclude(const Investigation& asked, model::WindowsPair& pair) {
  std::vector<Reason>& reasons = pair.conclusion_reasons;
  const auto add = [&](std::string text) { reasons.push_back({std::move(text), std::nullopt}); };
  reasons = identity_reasons(*asked.logon, *asked.service);
  const std::size_t services = count_of(asked.session, 4697);
  const std::size_t credentials = count_of(asked.session, 4648);
  if (!pair.service.traits.empty())
    add("the service has " + std::to_string(pair.service.traits.size()) + " suspicious traits");
  if (services != 0)
    add("the session installed " + std::to_string(services) + " more services");
  if (credentials != 0)
    add("the session used explicit credentials " + std::to_string(credentials) + " times");
  for (const WindowsEvent& event : asked.prerequisites)
    add("a relay may have been prepared: " + event_in_words(event) + " on " + computer_of(event));
  const bool is_suspicious = !pair.service.traits.empty() || services + credentials != 0 ||
                             !asked.prerequisites.empty() || is_privileged_or_machine(*asked.logon);
  const bool holds = asked.match->verdict == Verdict::finding ||
                     asked.match->conditions.all_hold(other_variant(asked.variant));
  if (asked.match->verdict == Verdict::indeterminate) {
    pair.conclusion = "preserve";
    add("what is not known is unresolved, not harmless");
    return;
  }
  pair.conclusion = holds && is_suspicious ? "escalate" : "review";
  if (!holds)
    add("the sequence is not complete");
  else if (!is_suspicious)
    add("nothing about the service or the session speaks against it but the sequence itself");
}

constexpr std::string_view kHardening =
    "then: require LDAP signing and channel binding, set ms-DS-MachineAccountQuota to 0, protect "
    "privileged accounts from delegation";

std::vector<std::string> next_steps(const Investigation& asked) {
  const std::string host = computer_of(*asked.service);
  const std::string name = text_of(*asked.service, Field::service_name);
  const std::string who =
      account_of(*asked.logon, Field::target_domain_name, Field::target_user_name);
  if (asked.match->verdict == Verdict::indeterminate)
    return {"get the original log of " + host +
                " as EVTX and scan it: the fields that are missing decide",
            "keep both records " + record_in_words(*asked.logon) + " and " +
                record_in_words(*asked.service) + " until then"};
  return {"keep the log and both records " + record_in_words(*asked.logon) + " and " +
              record_in_words(*asked.service) + ", and the file of service " + name,
          "ask the owner of " + host +
              " whether this installation was planned, and where that is written down",
          "if it was not: stop and disable service " + name + ", restrict " + who + ", isolate " +
              host + " if that can be borne; each can be undone",
          "if it was an attack: remove the service, reset " + who +
              ", look for machine accounts, delegation settings and certificates made for it",
          std::string{kHardening}};
}

model::WindowsSessionEvent session_event(const WindowsEvent& event) {
  return {.time = time_of(event),
          .event_id = event.event_id,
          .record_id = if_read(event.record_id),
          .summary = event_in_words(event)};
}

std::vector<model::WindowsSessionEvent> session_events(const std::vector<WindowsEvent>& events) {
  std::vector<model::WindowsSessionEvent> session;
  session.reserve(events.size());
  for (const WindowsEvent& event : events)
    session.push_back(session_event(event));
  return session;
}

std::vector<model::WindowsLead> leads_of(const Investigation& asked) {
  std::vector<model::WindowsLead> leads;
  const auto add = [&leads](const std::vector<WindowsEvent>& events, const std::string& why) {
    for (const WindowsEvent& event : events)
      leads.push_back({.why = why, .host = computer_of(event), .event = session_event(event)});
  };
  add(asked.tickets, "the ticket of this logon, by its LogonGuid");
  add(asked.credentials, "other credentials were used on the host before");
  add(asked.prerequisites, "a relay may have been prepared");
  return leads;
}

std::string explicit_credentials_in_words(const WindowsEvent& event) {
  return "explicit credentials of " +
         account_of(event, Field::target_domain_name, Field::target_user_name) + " for " +
         text_of(event, Field::target_server_name);
}

std::string service_in_words(const WindowsEvent& event, Field file, Field account) {
  return "service " + text_of(event, Field::service_name) + " installed: " + text_of(event, file) +
         " as " + text_of(event, account);
}

}  // namespace

std::string record_in_words(const WindowsEvent& event) {
  if (const auto* record_id = value_of(event.record_id))
    return "#" + std::to_string(*record_id);
  const auto time = time_of(event);
  return time ? model::format_utc(*time) : std::string{"?"};
}

std::string span_in_words(const std::optional<SpanBounds>& span) {
  if (!span)
    return {};
  const auto seconds = [](model::Ticks ticks) {
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(), text.size(), "%lld.%07lld",
                                   static_cast<long long>(ticks.count() / 10'000'000),
                                   static_cast<long long>(ticks.count() % 10'000'000));
    return std::string(text.data(), static_cast<std::size_t>(size));
  };
  return span->least == span->most ? seconds(span->least) + " s"
                                   : seconds(span->least) + " to " + seconds(span->most) + " s";
}

std::string event_in_words(const WindowsEvent& event) {
  const auto text = [&](Field field) { return text_of(event, field); };
  switch (event.event_id) {
    case 4624:
      return "logon of " + account_of(event, Field::target_domain_name, Field::target_user_name) +
             ", type " + text(Field::logon_type) + ", from " + text(Field::ip_address);
    case 4634:
    case 4647:
      return "logoff";
    case 4648:
      return explicit_credentials_in_words(event);
    case 4672:
      return "special privileges assigned";
    case 4688:
      return "process " + text(Field::new_process_name) + " " + text(Field::command_line);
    case 4697:
      return service_in_words(event, Field::service_file_name, Field::service_account);
    case 7045:
      return service_in_words(event, Field::image_path, Field::account_name) +
             " (System log, without a session)";
    case 4741:
      return "computer account " + text(Field::target_user_name) + " created by " +
             text(Field::subject_user_name);
    case 4742:
      return "computer account " + text(Field::target_user_name) + " changed by " +
             text(Field::subject_user_name);
    case 4768:
      return "Kerberos ticket-granting ticket given to " + text(Field::target_user_name) +
             ", asked for from " + text(Field::ip_address);
    case 4769:
      return "Kerberos service ticket for " + text(Field::service_name) + " given to " +
             text(Field::target_user_name);
    case 5136:
      return text(Field::attribute_ldap_display_name) + " of " + text(Field::object_dn) +
             " changed by " + text(Field::subject_user_name);
    default:
      return "event " + std::to_string(event.event_id);
  }
}

std::string windows_finding_id(const WindowsEvent& logon, const WindowsEvent& service) {
  const auto logon_id = logon_id_of(service);
  const std::string object =
      (logon_id ? hexadecimal(*logon_id) : std::string{}) + " " + record_in_words(logon);
  return model::finding_id(computer_of(service), record_in_words(service),
                           local_kerberos_service_info().id, object);
}

model::Finding investigate(const Investigation& asked) {
  const RuleInfo& rule = local_kerberos_service_info();
  const WindowsEvent& service = *asked.service;
  const WindowsEvent& logon = *asked.logon;
  model::Finding finding;
  finding.id = windows_finding_id(logon, service);
  finding.verdict = asked.match->verdict;
  finding.time = time_of(service).value_or(model::Timestamp{});
  finding.rule = rule.id;
  finding.rules = {finding.rule};
  finding.rule_set = rule.rule_set;
  finding.title = rule.title;
  finding.severity = rule.severity;
  finding.score = kLocalKerberosServiceScore;
  finding.attack.assign(rule.attack.begin(), rule.attack.end());
  finding.host = computer_of(service);
  finding.predicates = explain_pair(asked.variant, asked.match->conditions, logon, service,
                                    span_in_words(asked.match->span));
  finding.reasons = why(asked, finding.predicates);
  finding.evidence = {evidence_of(service, asked.service_input, asked.keep_records),
                      evidence_of(logon, asked.logon_input, asked.keep_records)};
  model::WindowsPair pair;
  pair.computer = finding.host;
  pair.variant = to_string(asked.variant);
  if (asked.match->span)
    pair.span = *time_of(service) - *time_of(logon);
  pair.logon = logon_facts(logon);
  pair.service = service_facts(service);
  pair.session = session_events(asked.session);
  pair.leads = leads_of(asked);
  pair.related = asked.related;
  pair.normalisations = normalisations_of(logon, service);
  pair.caveats = asked.caveats;
  conclude(asked, pair);
  pair.next_steps = next_steps(asked);
  finding.windows = std::move(pair);
  return finding;
}

}  // namespace krbtrail::detect
