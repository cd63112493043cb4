// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/local_kerberos_service.h"

#include <string>
#include <tuple>
#include <vector>

#include "detect/windows_events.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using windows::Field;

constexpr Held kUnknown = std::nullopt;

}  // namespace

TEST_CASE("each condition of the logon reads the field as Windows and its exports write it",
          "[detect][local_kerberos_service]") {
  const auto [condition, field, text, expected, reason] =
      GENERATE(table<Condition, Field, std::string, Held, std::string>({
          {Condition::elevated_token, Field::elevated_token, "%%1843", true, "raw, means No"},
          {Condition::elevated_token, Field::elevated_token, "No", true, "rendered"},
          {Condition::elevated_token, Field::elevated_token, "NO", true, "hayabusa"},
          {Condition::elevated_token, Field::elevated_token, "%%1842", false, "raw, means Yes"},
          {Condition::elevated_token, Field::elevated_token, "Yes", false, "rendered"},
          {Condition::elevated_token, Field::elevated_token, "Nein", kUnknown, "another language"},
          {Condition::elevated_token, Field::elevated_token, "-", false, "'-' is a value"},
          {Condition::elevated_token, Field::elevated_token, "(none)", kUnknown,
           "4624 before version 2"},
          {Condition::process_id, Field::process_id, "0x0", true, "raw"},
          {Condition::process_id, Field::process_id, "0x0000000000000000", true, "python-evtx"},
          {Condition::process_id, Field::process_id, "0", true, "Velociraptor"},
          {Condition::process_id, Field::process_id, "0x258", false, "a caller"},
          {Condition::process_id, Field::process_id, "-", false, "'-' is a value"},
          {Condition::process_id, Field::process_id, "(none)", kUnknown, "OTRF 2019 lost it"},
          {Condition::authentication_package, Field::authentication_package_name, "Kerberos", true,
           "as Windows spells it"},
          {Condition::authentication_package, Field::authentication_package_name, "KERBEROS", true,
           "the operator : ignores case"},
          {Condition::authentication_package, Field::authentication_package_name, "Negotiate",
           false, "another package"},
          {Condition::authentication_package, Field::authentication_package_name, "Kerberos2",
           false, "the whole string"},
          {Condition::authentication_package, Field::authentication_package_name, "(none)",
           kUnknown, "absent"},
          {Condition::logon_type, Field::logon_type, "3", true, "raw"},
          {Condition::logon_type, Field::logon_type, "3 - Network", true, "Sentinel"},
          {Condition::logon_type, Field::logon_type, "Network", true, "ECS"},
          {Condition::logon_type, Field::logon_type, "8", false, "NetworkCleartext"},
          {Condition::logon_type, Field::logon_type, "NetworkCleartext", false, "ECS"},
          {Condition::logon_type, Field::logon_type, "-", false, "'-' is a value"},
          {Condition::logon_type, Field::logon_type, "Netzwerk", kUnknown, "another language"},
          {Condition::logon_type, Field::logon_type, "(none)", kUnknown, "absent"},
          {Condition::source_address, Field::ip_address, "127.0.0.1", true, "loopback"},
          {Condition::source_address, Field::ip_address, "127.255.3.4", true, "all of 127/8"},
          {Condition::source_address, Field::ip_address, "128.0.0.1", false, "next to 127/8"},
          {Condition::source_address, Field::ip_address, "::1", true, "loopback"},
          {Condition::source_address, Field::ip_address, "0:0:0:0:0:0:0:1", true, "its long form"},
          {Condition::source_address, Field::ip_address, "::1%12", true, "with a scope"},
          {Condition::source_address, Field::ip_address, "::2", false, "not loopback"},
          {Condition::source_address, Field::ip_address, "::ffff:127.0.0.1", true, "mapped"},
          {Condition::source_address, Field::ip_address, "::ffff:10.0.0.1", false, "mapped"},
          {Condition::source_address, Field::ip_address, "10.0.0.5", false, "another host"},
          {Condition::source_address, Field::ip_address, "-", false, "none"},
          {Condition::source_address, Field::ip_address, "", false, "none"},
          {Condition::source_address, Field::ip_address, "LOCAL", kUnknown, "no address"},
          {Condition::source_address, Field::ip_address, "(none)", kUnknown, "absent"},
          {Condition::source_port, Field::ip_port, "50163", true, "more than 0"},
          {Condition::source_port, Field::ip_port, "0", false, "not more than 0"},
          {Condition::source_port, Field::ip_port, "-", false, "none"},
          {Condition::source_port, Field::ip_port, "(none)", kUnknown, "absent"},
      }));
  CAPTURE(raw_name(field), text, reason);
  const Conditions seen = conditions_of_logon(test::logon_event(1, 0, {{field, text}}));
  CHECK(seen.get(condition) == expected);
}

TEST_CASE("what only collectors write fails the rule where it contradicts it and is not missed",
          "[detect][local_kerberos_service]") {
  windows::WindowsEvent logon = test::logon_event(1, 0);
  CHECK(conditions_of_logon(logon).get(Condition::logon_on_windows) == true);
  CHECK(conditions_of_logon(logon).get(Condition::logon_succeeded) == true);
  logon.os_type = std::string{"linux"};
  logon.outcome = std::string{"failure"};
  CHECK(conditions_of_logon(logon).get(Condition::logon_on_windows) == false);
  CHECK(conditions_of_logon(logon).get(Condition::logon_succeeded) == false);
}

TEST_CASE("a logon id is a number, however it is spelt", "[detect][local_kerberos_service]") {
  const auto [text, expected] = GENERATE(table<std::string, std::optional<std::uint64_t>>({
      {"0x8a38de", 0x8a38de},            // Windows
      {"0x00000000008a38de", 0x8a38de},  // libevtx, python-evtx
      {"0x8A38DE", 0x8a38de},            // messages
      {"9058526", 0x8a38de},             // Velociraptor
      {"0x308fd3169", 0x308fd3169},      // more than 32 bits
      {"-", std::nullopt},
      {"(none)", std::nullopt},
  }));
  CAPTURE(text);
  CHECK(logon_id_of(test::logon_event(1, 0, {{Field::target_logon_id, text}})) == expected);
  CHECK(logon_id_of(test::service_event(1, 0, {{Field::subject_logon_id, text}})) == expected);
}

TEST_CASE("the verdict counts what fails and what is unknown", "[detect][local_kerberos_service]") {
  using model::Verdict;
  struct Row {
    std::vector<Condition> failed;
    std::vector<Condition> unknown;
    std::optional<Verdict> v214;
    std::optional<Verdict> pre2025;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {{}, {}, Verdict::finding, Verdict::finding, "all hold"},
      {{Condition::elevated_token},
       {},
       Verdict::near_miss,
       Verdict::finding,
       "KrbRelayUp as it was captured"},
      {{Condition::elevated_token, Condition::process_id},
       {},
       Verdict::near_miss,
       Verdict::finding,
       "two fail, but the other variant holds"},
      {{Condition::source_port}, {}, Verdict::finding, Verdict::near_miss, "only pre2025 asks"},
      {{Condition::source_address}, {}, Verdict::near_miss, Verdict::near_miss, "one fails"},
      {{Condition::source_address, Condition::logon_type},
       {},
       std::nullopt,
       std::nullopt,
       "two fail"},
      {{}, {Condition::elevated_token}, Verdict::indeterminate, Verdict::finding, "version 1"},
      {{},
       {Condition::elevated_token, Condition::order},
       Verdict::indeterminate,
       Verdict::indeterminate,
       "several unknown"},
      {{Condition::source_address},
       {Condition::process_id},
       std::nullopt,
       Verdict::near_miss,
       "one fails and one is unknown"},
      {{Condition::within_span}, {}, Verdict::near_miss, Verdict::near_miss, "too late"},
      {{Condition::same_computer}, {}, Verdict::near_miss, Verdict::near_miss, "short name"},
  }));
  CAPTURE(row.reason);
  Conditions seen;
  for (const Condition condition : row.failed)
    seen.set(condition, false);
  for (const Condition condition : row.unknown)
    seen.set(condition, std::nullopt);
  CHECK(judge(RuleVariant::v214, seen) == row.v214);
  CHECK(judge(RuleVariant::pre2025, seen) == row.pre2025);
}

TEST_CASE("an explanation names each condition of its variant with the value it saw",
          "[detect][local_kerberos_service]") {
  const auto logon = test::logon_event(1, 0, {{Field::elevated_token, "%%1842"}});
  const auto service = test::service_event(2, 0);
  const auto explained =
      explain_pair(RuleVariant::v214, conditions_of_logon(logon), logon, service, "0.854 s");
  REQUIRE(explained.size() == 11);
  CHECK(explained[0].value == "(not written)");
  CHECK(explained[2].name == "ElevatedToken");
  CHECK(explained[2].held == false);
  CHECK(explained[2].value == "%%1842 (Yes)");
  CHECK(explained[2].wanted == "%%1843 (No)");
  CHECK(explained[10].name == "span");
  CHECK(explained[10].value == "0.854 s");
  // The port in place of token, process id and the second operating system.
  CHECK(explain_pair(RuleVariant::pre2025, {}, logon, service, "").size() == 9);
}

}  // namespace krbtrail::detect
