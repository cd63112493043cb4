// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/local_kerberos_service.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

using windows::Field;
using windows::Reading;
using windows::value_of;
using windows::WindowsEvent;

constexpr std::uint32_t kNetworkLogon = 3;

// One row of the rule: what it is called, what it wants, and which variants have it.
struct ConditionInfo {
  std::string_view name;
  std::string_view wanted;
  bool v214 = true;
  bool pre2025 = true;
};

// In the order of Condition.
constexpr std::array<ConditionInfo, kConditionCount> kConditions = {{
    {.name = "host.os.type (4624)", .wanted = "windows"},
    {.name = "event.outcome", .wanted = "success"},
    {.name = "ElevatedToken", .wanted = "%%1843 (No)", .pre2025 = false},
    {.name = "ProcessId", .wanted = "0", .pre2025 = false},
    {.name = "IpPort", .wanted = "more than 0", .v214 = false},
    {.name = "AuthenticationPackageName", .wanted = "Kerberos"},
    {.name = "LogonType", .wanted = "3 (Network)"},
    {.name = "IpAddress", .wanted = "127.0.0.0/8 or ::1"},
    {.name = "host.os.type (4697)", .wanted = "windows", .pre2025 = false},
    {.name = "LogonId", .wanted = "TargetLogonId of 4624 = SubjectLogonId of 4697"},
    {.name = "Computer", .wanted = "spelt alike in both events"},
    {.name = "span", .wanted = "at most 300 s"},
    {.name = "order", .wanted = "4624 before 4697"},
}};

constexpr std::uint16_t bit(Condition condition) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(condition));
}

constexpr std::uint16_t mask(RuleVariant variant) {
  std::uint16_t bits = 0;
  for (std::size_t i = 0; i < kConditionCount; ++i) {
    const bool has = variant == RuleVariant::v214 ? kConditions[i].v214 : kConditions[i].pre2025;
    if (has)
      bits = static_cast<std::uint16_t>(bits | bit(static_cast<Condition>(i)));
  }
  return bits;
}

// '-' and an empty text are what Windows writes for "none": a value, and never the wanted one.
bool says_none(const Reading<std::string>& reading) {
  const std::string* text = value_of(reading);
  return text != nullptr && (text->empty() || *text == "-");
}

template <class T, class Test>
Held holds(const Reading<std::string>& written, const Reading<T>& read, Test test) {
  if (says_none(written))
    return false;
  const T* value = value_of(read);
  return value == nullptr ? std::nullopt : Held{test(*value)};
}

Held is_or_lacks(const Reading<std::string>& reading, std::string_view wanted) {
  const std::string* text = value_of(reading);
  return text == nullptr || equals_ignore_case(*text, wanted);
}

// Unset if it is no address.
Held is_loopback(std::string_view text) {
  std::string address{text.substr(0, text.find('%'))};  // fe80::1%eth0: the scope is no part of it
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, address.c_str(), &v6) != 1)
    return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&v6))
    return v6.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

Held has_loopback_source(const WindowsEvent& event) {
  const Reading<std::string> address = event.text(Field::ip_address);
  if (says_none(address))
    return false;
  const std::string* text = value_of(address);
  return text == nullptr ? std::nullopt : is_loopback(*text);
}

std::string as_written(const Reading<std::string>& reading) {
  if (const std::string* text = value_of(reading))
    return *text;
  const auto* unread = std::get_if<windows::Unreadable>(&reading);
  return unread == nullptr ? std::string{} : unread->text;
}

// Of what raw logs leave out because it goes without saying.
std::string or_not_written(const Reading<std::string>& reading) {
  std::string text = as_written(reading);
  return text.empty() ? "(not written)" : text;
}

std::string elevation_in_words(const WindowsEvent& logon) {
  std::string text = as_written(logon.text(Field::elevated_token));
  const Reading<bool> elevated = logon.elevated_token();
  const bool* value = value_of(elevated);
  if (value == nullptr || !text.starts_with("%%"))
    return text;
  return text + (*value ? " (Yes)" : " (No)");
}

std::string logon_id_in_words(const WindowsEvent& event) {
  const Field field = event.event_id == 4697 ? Field::subject_logon_id : Field::target_logon_id;
  return as_written(event.text(field));
}

// "a" where both say a, otherwise "a and b".
std::string both(const std::string& first, const std::string& second) {
  return first == second ? first : first + " and " + second;
}

std::string value_seen(Condition condition, const WindowsEvent& logon, const WindowsEvent& service,
                       std::string_view span) {
  switch (condition) {
    case Condition::logon_on_windows:
      return or_not_written(logon.os_type);
    case Condition::logon_succeeded:
      return or_not_written(logon.outcome);
    case Condition::elevated_token:
      return elevation_in_words(logon);
    case Condition::process_id:
      return as_written(logon.text(Field::process_id));
    case Condition::source_port:
      return as_written(logon.text(Field::ip_port));
    case Condition::authentication_package:
      return as_written(logon.text(Field::authentication_package_name));
    case Condition::logon_type:
      return as_written(logon.text(Field::logon_type));
    case Condition::source_address:
      return as_written(logon.text(Field::ip_address));
    case Condition::service_on_windows:
      return or_not_written(service.os_type);
    case Condition::same_logon_id:
      return both(logon_id_in_words(logon), logon_id_in_words(service));
    case Condition::same_computer:
      return both(as_written(logon.computer), as_written(service.computer));
    case Condition::within_span:
      return std::string{span};
    case Condition::order:
      return {};
  }
  return {};
}

constexpr std::array<std::string_view, 3> kAttack = {"T1543.003", "T1557", "T1558"};

constexpr std::array<std::string_view, 2> kNeeds = {
    "Security events 4624 with version 2 (Windows 10, Server 2016 and later): the policy Audit "
    "Logon, for success.",
    "Security events 4697: the policy Audit Security System Extension, for success."};

constexpr std::array<std::string_view, 4> kCannotSee = {
    "Logons with an elevated token (ElevatedToken %%1842), which the one public capture of "
    "KrbRelayUp has: a near miss here, a finding with --windows-rule pre2025.",
    "Services that are only in the System log: 7045 names no logon session.",
    "A service installed later than five minutes after the logon, which is a near miss.",
    "A logon or a service that the export does not hold; the coverage says what it lacks."};

constexpr std::array<std::string_view, 2> kFalseAlarms = {
    "Authorised tests of this very path. Nothing else is known to do it: loopback Kerberos is "
    "normal on domain controllers, but no service is installed from such a logon.",
    "Deployment tools that authenticate to their own host; hold the service's name, file and "
    "account against what their owner says."};

constexpr std::array<std::string_view, 1> kTuning = {
    "An exception pins service name, service file, account, user id and computer, and expires. "
    "Never except loopback, an event id or Kerberos alone."};

constexpr RuleInfo kInfo{
    .id = "service-creation-local-kerberos",
    .title = "Service Creation via Local Kerberos Authentication",
    .severity = model::Severity::high,
    .rule_set = model::RuleSet::windows,
    .attack = kAttack,
    .source =
        "Elastic detection rule e4e31051-ee01-4307-a6ee-b21b186958f4, version 214; pre2025 "
        "is its query before June 2025",
    .logic =
        "A Kerberos network logon from the loopback address, then a service installed from "
        "the same logon session of the same computer within five minutes.",
    .needs = kNeeds,
    .cannot_see = kCannotSee,
    .false_alarms = kFalseAlarms,
    .tuning = kTuning};

}  // namespace

std::string_view to_string(RuleVariant variant) {
  return variant == RuleVariant::v214 ? "v214" : "pre2025";
}

std::optional<RuleVariant> parse_rule_variant(std::string_view word) {
  if (word == "v214")
    return RuleVariant::v214;
  if (word == "pre2025")
    return RuleVariant::pre2025;
  return std::nullopt;
}

RuleVariant other_variant(RuleVariant variant) {
  return variant == RuleVariant::v214 ? RuleVariant::pre2025 : RuleVariant::v214;
}

void Conditions::set(Condition condition, Held held) {
  const auto clear = static_cast<std::uint16_t>(~bit(condition));
  failed_ &= clear;
  unknown_ &= clear;
  if (!held)
    unknown_ = static_cast<std::uint16_t>(unknown_ | bit(condition));
  else if (!*held)
    failed_ = static_cast<std::uint16_t>(failed_ | bit(condition));
}

Held Conditions::get(Condition condition) const {
  if ((unknown_ & bit(condition)) != 0)
    return std::nullopt;
  return (failed_ & bit(condition)) == 0;
}

void Conditions::add(const Conditions& other) {
  failed_ = static_cast<std::uint16_t>(failed_ | other.failed_);
  unknown_ = static_cast<std::uint16_t>(unknown_ | other.unknown_);
}

int Conditions::failed(RuleVariant variant) const {
  return std::popcount(static_cast<std::uint16_t>(failed_ & mask(variant)));
}

int Conditions::unknown(RuleVariant variant) const {
  return std::popcount(static_cast<std::uint16_t>(unknown_ & mask(variant)));
}

bool has_condition(RuleVariant variant, Condition condition) {
  return (mask(variant) & bit(condition)) != 0;
}

Conditions conditions_of_logon(const WindowsEvent& event) {
  Conditions seen;
  const auto text = [&](Field field) { return event.text(field); };
  const auto is_zero = [](std::uint64_t number) { return number == 0; };
  seen.set(Condition::logon_on_windows, is_or_lacks(event.os_type, "windows"));
  seen.set(Condition::logon_succeeded, is_or_lacks(event.outcome, "success"));
  seen.set(Condition::elevated_token,
           holds(text(Field::elevated_token), event.elevated_token(), std::logical_not<>{}));
  seen.set(Condition::process_id,
           holds(text(Field::process_id), event.number(Field::process_id), is_zero));
  seen.set(Condition::source_port,
           holds(text(Field::ip_port), event.number(Field::ip_port), std::not_fn(is_zero)));
  seen.set(Condition::authentication_package,
           holds(text(Field::authentication_package_name), text(Field::authentication_package_name),
                 [](const std::string& name) { return equals_ignore_case(name, "Kerberos"); }));
  seen.set(Condition::logon_type, holds(text(Field::logon_type), event.logon_type(),
                                        [](std::uint32_t type) { return type == kNetworkLogon; }));
  seen.set(Condition::source_address, has_loopback_source(event));
  return seen;
}

Conditions conditions_of_service(const WindowsEvent& event) {
  Conditions seen;
  seen.set(Condition::service_on_windows, is_or_lacks(event.os_type, "windows"));
  return seen;
}

std::optional<model::Verdict> judge(RuleVariant variant, const Conditions& seen) {
  const int failed = seen.failed(variant);
  const int unknown = seen.unknown(variant);
  if (failed == 0)
    return unknown == 0 ? model::Verdict::finding : model::Verdict::indeterminate;
  if (failed == 1 && unknown == 0)
    return model::Verdict::near_miss;
  if (seen.all_hold(other_variant(variant)))
    return model::Verdict::near_miss;
  return std::nullopt;
}

std::optional<std::uint64_t> logon_id_of(const WindowsEvent& event) {
  const Reading<std::uint64_t> number =
      event.number(event.event_id == 4697 ? Field::subject_logon_id : Field::target_logon_id);
  const std::uint64_t* value = value_of(number);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

std::vector<model::Predicate> explain_pair(RuleVariant variant, const Conditions& seen,
                                           const WindowsEvent& logon, const WindowsEvent& service,
                                           std::string_view span) {
  std::vector<model::Predicate> explained;
  for (std::size_t i = 0; i < kConditionCount; ++i) {
    const auto condition = static_cast<Condition>(i);
    const Held held = seen.get(condition);
    const bool is_order_known = condition == Condition::order && held == true;
    if (!has_condition(variant, condition) || is_order_known)
      continue;
    explained.push_back({std::string{kConditions[i].name}, held,
                         value_seen(condition, logon, service, span),
                         std::string{kConditions[i].wanted}});
  }
  return explained;
}

const RuleInfo& local_kerberos_service_info() {
  return kInfo;
}

}  // namespace krbtrail::detect
