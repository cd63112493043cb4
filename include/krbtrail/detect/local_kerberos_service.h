// SPDX-License-Identifier: Apache-2.0
//
// The rule "Service Creation via Local Kerberos Authentication": a loopback Kerberos network logon
// (4624), then a service installed (4697) from the same logon session within five minutes.
//
// The rule is a list of conditions, each of which holds, fails, or cannot be told because the
// export or the event's version lacks the field. Deciding, explaining and naming what failed read
// the same list:
//
//   Conditions seen = conditions_of_logon(logon);
//   seen.add(conditions_of_service(service));
//   seen.set(Condition::same_logon_id, true); …
//   if (const auto verdict = judge(RuleVariant::v214, seen)) …
//
// v214 is the published version; pre2025 the rule before June 2025, which did not ask for
// ElevatedToken and the process id but for a source port. The one public capture of KrbRelayUp's
// logon has ElevatedToken %%1842 (Yes): pre2025 finds it, v214 does not.
//
// Where Elasticsearch compares text, values are compared: 0x0 is 0, "No" is %%1843, "3" is Network,
// ::ffff:127.0.0.1 is in 127.0.0.0/8. '-' and an empty text are values that fail.
//
// Pure values and functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/logon_session.h"
#include "krbtrail/detect/rule.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::detect {

enum class RuleVariant : std::uint8_t { v214, pre2025 };
[[nodiscard]] std::string_view to_string(RuleVariant variant);
[[nodiscard]] std::optional<RuleVariant> parse_rule_variant(std::string_view word);
[[nodiscard]] RuleVariant other_variant(RuleVariant variant);

inline constexpr model::Ticks kMaxSpan = std::chrono::minutes{5};
inline constexpr int kLocalKerberosServiceScore = 73;

// In the order of the query.
enum class Condition : std::uint8_t {
  logon_on_windows,  // ECS host.os.type of the 4624; raw logs have none, and are Windows
  logon_succeeded,   // event.action logged-in, event.outcome success
  elevated_token,    // v214
  process_id,        // v214
  source_port,       // pre2025
  authentication_package,
  logon_type,
  source_address,
  service_on_windows,  // v214
  same_logon_id,
  same_computer,  // to the letter
  within_span,
  order,  // fails never: what comes later is no candidate
};
inline constexpr std::size_t kConditionCount = static_cast<std::size_t>(Condition::order) + 1;

// Of each condition whether it holds. What was not set holds.
class Conditions {
 public:
  void set(Condition condition, Held held);
  [[nodiscard]] Held get(Condition condition) const;
  // Takes over what fails or is unknown in `other`.
  void add(const Conditions& other);

  // Among the conditions that the variant has:
  [[nodiscard]] int failed(RuleVariant variant) const;
  [[nodiscard]] int unknown(RuleVariant variant) const;
  [[nodiscard]] bool all_hold(RuleVariant variant) const {
    return failed(variant) == 0 && unknown(variant) == 0;
  }

 private:
  std::uint16_t failed_ = 0;
  std::uint16_t unknown_ = 0;
};
static_assert(kConditionCount <= 16);

[[nodiscard]] bool has_condition(RuleVariant variant, Condition condition);

// The conditions that each event decides alone.
[[nodiscard]] Conditions conditions_of_logon(const windows::WindowsEvent& event);
[[nodiscard]] Conditions conditions_of_service(const windows::WindowsEvent& event);

// All hold: finding. One fails and none is unknown: near miss. None fails, some are unknown:
// indeterminate. Otherwise nothing, unless all conditions of the other variant hold: then it is a
// near miss that names that variant.
[[nodiscard]] std::optional<model::Verdict> judge(RuleVariant variant, const Conditions& seen);

// The logon session that a 4624 opened or a 4697 was done in; unset if it is missing or unreadable.
[[nodiscard]] std::optional<std::uint64_t> logon_id_of(const windows::WindowsEvent& event);

// Every condition of the variant with the value it saw. `span` is empty where it is not known.
[[nodiscard]] std::vector<model::Predicate> explain_pair(RuleVariant variant,
                                                         const Conditions& seen,
                                                         const windows::WindowsEvent& logon,
                                                         const windows::WindowsEvent& service,
                                                         std::string_view span);

[[nodiscard]] const RuleInfo& local_kerberos_service_info();

}  // namespace krbtrail::detect
