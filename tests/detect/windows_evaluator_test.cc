// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_evaluator.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detect/windows_events.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using model::Verdict;
using windows::Field;
using windows::WindowsEvent;

constexpr std::int64_t kSecond = 10'000'000;
constexpr model::InputId kInput{0};

using Evictions = std::map<std::string, std::uint64_t>;

class FileInMemory final : public SpoolFile {
 public:
  model::Status append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  model::Status read(std::uint64_t offset, std::span<char> bytes) override {
    REQUIRE(offset + bytes.size() <= bytes_.size());
    std::memcpy(bytes.data(), bytes_.data() + offset, bytes.size());
    return {};
  }

 private:
  std::string bytes_;
};

SpoolOptions spool(std::size_t memory_limit) {
  return {.memory_limit = memory_limit,
          .make_file = []() -> model::Result<std::unique_ptr<SpoolFile>> {
            return std::unique_ptr<SpoolFile>{std::make_unique<FileInMemory>()};
          }};
}

struct Run {
  std::vector<model::Finding> findings;
  model::Coverage coverage;
};

Run evaluate_with(WindowsEvaluatorOptions options, std::vector<WindowsEvent> events) {
  Run run;
  model::InputNames inputs;
  REQUIRE(inputs.intern("Security.evtx") == kInput);
  WindowsEvaluator evaluator{std::move(options), inputs, run.coverage};
  for (WindowsEvent& event : events)
    evaluator.push(std::move(event));
  windows::ReadReport report;
  report.order = windows::FileOrder::oldest_first;
  evaluator.input_done(kInput, report);
  const model::Status whole =
      evaluator.finish([&](model::Finding finding) { run.findings.push_back(std::move(finding)); });
  REQUIRE(whole);
  return run;
}

Run evaluate(std::vector<WindowsEvent> events, RuleVariant variant = RuleVariant::v214,
             std::size_t memory_limit = 1 << 20) {
  return evaluate_with({.variant = variant, .input_zone = {}, .spool = spool(memory_limit)},
                       std::move(events));
}

std::vector<std::string> keys(const model::HostCoverage& host) {
  std::vector<std::string> found;
  for (const model::Statement& statement : host.statements)
    found.push_back(statement.key);
  return found;
}

bool has_text(const std::vector<model::Reason>& reasons, std::string_view text) {
  return std::ranges::any_of(reasons,
                             [&](const model::Reason& reason) { return reason.text == text; });
}

}  // namespace

TEST_CASE("a sequence is a finding that answers the guide's questions",
          "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events;
  events.push_back(test::logon_event(72742, 0));
  WindowsEvent privileges = test::windows_event(4672, 72743, 10);
  privileges.set(Field::subject_logon_id, std::string{"0x8a38de"});
  events.push_back(privileges);
  events.push_back(test::service_event(72745, 8'540'000));
  WindowsEvent system = test::windows_event(7045, 12, 9'000'000);
  system.set(Field::service_name, std::string{"KrbSCM"});
  system.set(Field::image_path, std::string{"KrbRelayUp.exe"});
  system.set(Field::account_name, std::string{"LocalSystem"});
  events.push_back(system);

  const Run run = evaluate(std::move(events));
  REQUIRE(run.findings.size() == 1);
  const model::Finding& finding = run.findings[0];
  CHECK(finding.verdict == Verdict::finding);
  CHECK(finding.rule == "service-creation-local-kerberos");
  CHECK(finding.severity == model::Severity::high);
  CHECK(finding.score == 73);
  CHECK(finding.host == "PC01.corp.example");
  CHECK(finding.time == test::windows_time(8'540'000));
  REQUIRE(finding.evidence.size() == 2);
  CHECK(finding.evidence[0].input == "Security.evtx");
  CHECK(finding.evidence[0].event == "PC01.corp.example#72745");
  CHECK(finding.evidence[0].offset == 72745U * 512);
  CHECK(finding.evidence[1].record_id == 72742U);
  REQUIRE(finding.windows.has_value());
  const model::WindowsPair& pair = *finding.windows;
  CHECK(pair.variant == "v214");
  CHECK(pair.span == model::Ticks{8'540'000});
  CHECK(pair.logon->target_user_sid == "S-1-5-21-1-2-3-500");
  CHECK(pair.service.name == "KrbSCM");
  CHECK(pair.service.start_type == "3 (manual)");
  CHECK(pair.service.traits.size() == 3);
  REQUIRE(pair.session.size() == 2);
  CHECK(pair.session[0].summary == "special privileges assigned");
  CHECK(pair.session[1].summary ==
        "service KrbSCM installed: KrbRelayUp.exe as LocalSystem (System log, without a session)");
  CHECK(pair.conclusion == "escalate");
  CHECK(has_text(pair.conclusion_reasons,
                 "the session belongs to CORP\\Administrator, the built-in administrator"));
  CHECK(pair.next_steps.size() == 5);
}

TEST_CASE("what may say how the session came about is a lead", "[detect][windows_evaluator]") {
  constexpr std::int64_t kHour = 3600 * kSecond;
  const auto explicit_credentials = [](std::uint64_t record_id, std::int64_t ticks) {
    WindowsEvent event = test::windows_event(4648, record_id, ticks);
    event.set(Field::subject_logon_id, std::string{"0x111"});
    event.set(Field::target_user_name, std::string{"svc"});
    event.set(Field::target_domain_name, std::string{"CORP"});
    event.set(Field::target_server_name, std::string{"localhost"});
    return event;
  };
  const auto ticket = [](std::uint64_t record_id, const std::string& guid) {
    WindowsEvent event = test::windows_event(4769, record_id, -30 * kHour);
    event.computer = std::string{"DC01.corp.example"};
    event.set(Field::service_name, std::string{"PC01$"});
    event.set(Field::target_user_name, std::string{"Administrator@CORP.EXAMPLE"});
    event.set(Field::logon_guid, guid);
    return event;
  };
  std::vector<WindowsEvent> events;
  // The logon's GUID, as another exporter spells it; another one; none at all.
  events.push_back(ticket(901, "6A2F0F7C-0A6B-4B7E-9A0A-000000000001"));
  events.push_back(ticket(902, "{6a2f0f7c-0a6b-4b7e-9a0a-000000000002}"));
  events.push_back(ticket(903, "{00000000-0000-0000-0000-000000000000}"));
  events.push_back(explicit_credentials(1, -2 * kHour));  // too long ago
  events.push_back(explicit_credentials(2, -kSecond));
  events.push_back(test::logon_event(
      3, -kSecond / 2, {{Field::logon_type, "9"}, {Field::target_logon_id, "0x222"}}));
  WindowsEvent elsewhere = explicit_credentials(4, -kSecond);
  elsewhere.computer = std::string{"PC02.corp.example"};
  events.push_back(elsewhere);
  events.push_back(test::logon_event(72742, 0));
  events.push_back(explicit_credentials(5, kSecond / 2));  // after the logon: not how it came about
  events.push_back(test::service_event(72745, kSecond));
  WindowsEvent account = test::windows_event(4741, 6, -20 * kHour);
  account.computer = std::string{"DC01.corp.example"};
  account.set(Field::target_user_name, std::string{"EVIL$"});
  account.set(Field::subject_user_name, std::string{"alice"});
  events.push_back(account);

  const Run run = evaluate(std::move(events));
  REQUIRE(run.findings.size() == 1);
  std::vector<std::string> leads;
  for (const model::WindowsLead& lead : run.findings[0].windows->leads)
    leads.push_back(lead.why + ": " + lead.host + " #" +
                    std::to_string(lead.event.record_id.value()) + " " + lead.event.summary);
  CHECK(leads == std::vector<std::string>{
                     "the ticket of this logon, by its LogonGuid: DC01.corp.example #901 "
                     "Kerberos service ticket for PC01$ given to Administrator@CORP.EXAMPLE",
                     "other credentials were used on the host before: PC01.corp.example #2 "
                     "explicit credentials of CORP\\svc for localhost",
                     "other credentials were used on the host before: PC01.corp.example #3 "
                     "logon of CORP\\Administrator, type 9, from 127.0.0.1",
                     "a relay may have been prepared: DC01.corp.example #6 "
                     "computer account EVIL$ created by alice"});
}

TEST_CASE("a logon without a LogonGuid has no ticket to look for", "[detect][windows_evaluator]") {
  const auto guid = GENERATE(as<std::string>{}, "{00000000-0000-0000-0000-000000000000}", "-", "");
  WindowsEvent ticket = test::windows_event(4769, 901, 0);
  ticket.set(Field::logon_guid, guid);
  const Run run = evaluate({ticket, test::logon_event(1, 1, {{Field::logon_guid, guid}}),
                            test::service_event(2, kSecond)});
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].windows->leads.empty());
}

TEST_CASE("the captured logon of KrbRelayUp is a near miss of v214 and a finding of pre2025",
          "[detect][windows_evaluator]") {
  const auto events = [] {
    return std::vector<WindowsEvent>{
        test::logon_event(72742, 0, {{Field::elevated_token, "%%1842"}}),
        test::service_event(72745, 8'540'000)};
  };
  const Run published = evaluate(events());
  REQUIRE(published.findings.size() == 1);
  CHECK(published.findings[0].verdict == Verdict::near_miss);
  CHECK(has_text(published.findings[0].reasons,
                 "ElevatedToken is %%1842 (Yes), the rule wants %%1843 (No)"));
  CHECK(has_text(published.findings[0].reasons,
                 "the rule as it was before June 2025 (pre2025) holds"));
  const Run older = evaluate(events(), RuleVariant::pre2025);
  REQUIRE(older.findings.size() == 1);
  CHECK(older.findings[0].verdict == Verdict::finding);
  CHECK(older.findings[0].windows->variant == "pre2025");
  CHECK(older.findings[0].id == published.findings[0].id);
}

TEST_CASE("a logon before version 2 leaves the rule undecided, and the host says why",
          "[detect][windows_evaluator]") {
  WindowsEvent logon = test::logon_event(1, 0, {{Field::elevated_token, "(none)"}});
  logon.version = 1U;
  const Run run = evaluate({logon, test::service_event(2, kSecond)});
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].verdict == Verdict::indeterminate);
  CHECK(
      has_text(run.findings[0].reasons, "ElevatedToken is not known, the rule wants %%1843 (No)"));
  CHECK(run.findings[0].windows->conclusion == "preserve");
  REQUIRE(run.coverage.hosts.size() == 1);
  CHECK(keys(run.coverage.hosts[0]) ==
        std::vector<std::string>{"no_explicit_credentials", "old_logons"});
}

TEST_CASE("copies of a record in several exports are one, the finest of them",
          "[detect][windows_evaluator]") {
  WindowsEvent coarse = test::service_event(2, kSecond + 5);
  coarse.time = windows::EventTime{.earliest = test::windows_time(kSecond),
                                   .resolution = model::Ticks{kSecond}};
  const Run run = evaluate({test::logon_event(1, 0), coarse, test::service_event(2, kSecond + 5),
                            test::logon_event(1, 0)});
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].windows->span == model::Ticks{kSecond + 5});
  CHECK(run.findings[0].windows->session.empty());
  const auto& statements = run.coverage.hosts[0].statements;
  const auto duplicates = std::ranges::find(statements, "duplicates", &model::Statement::key);
  REQUIRE(duplicates != statements.end());
  CHECK(duplicates->count == 2);
}

TEST_CASE("more services of a consumed session are listed, not reported",
          "[detect][windows_evaluator]") {
  const Run run =
      evaluate({test::logon_event(1, 0), test::service_event(2, kSecond),
                test::service_event(3, 2 * kSecond, {{Field::service_name, "Second"}})});
  REQUIRE(run.findings.size() == 1);
  REQUIRE(run.findings[0].windows->session.size() == 1);
  CHECK(run.findings[0].windows->session[0].record_id == 3U);
  CHECK(has_text(run.findings[0].windows->conclusion_reasons,
                 "the session installed 1 more services"));
}

TEST_CASE("findings of one host within 48 hours name each other", "[detect][windows_evaluator]") {
  const auto pair = [](std::uint64_t record_id, std::int64_t at, const std::string& session) {
    return std::vector<WindowsEvent>{
        test::logon_event(record_id, at, {{Field::target_logon_id, session}}),
        test::service_event(record_id + 1, at + kSecond, {{Field::subject_logon_id, session}})};
  };
  std::vector<WindowsEvent> events = pair(1, 0, "0x1");
  for (const auto& [record_id, hours, session] :
       {std::tuple{3U, 47, "0x2"}, std::tuple{5U, 96, "0x3"}}) {
    for (WindowsEvent& event : pair(record_id, hours * 3600 * kSecond, session))
      events.push_back(std::move(event));
  }
  const Run run = evaluate(std::move(events));
  REQUIRE(run.findings.size() == 3);
  REQUIRE(run.findings[0].windows->related.size() == 1);
  CHECK(run.findings[0].windows->related[0].id == run.findings[1].id);
  CHECK(run.findings[0].windows->related[0].text == "finding on the same host: KrbSCM");
  CHECK(run.findings[2].windows->related.empty());  // 49 hours after the second
}

TEST_CASE("a spool outside memory changes nothing, nor does the order of the inputs",
          "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const std::string session = std::to_string(i % 20 + 1);
    const auto at = static_cast<std::int64_t>(i) * 20 * kSecond;
    events.push_back(test::logon_event(2 * i, at, {{Field::target_logon_id, session}}));
    if (i % 3 == 0)
      events.push_back(
          test::service_event(2 * i + 1, at + 1, {{Field::subject_logon_id, session}}));
  }
  const auto ids = [](const Run& run) {
    std::vector<std::string> found;
    for (const model::Finding& finding : run.findings)
      found.push_back(finding.id);
    return found;
  };
  const Run in_memory = evaluate(events);
  CHECK(in_memory.findings.size() == 66);
  CHECK(ids(evaluate(events, RuleVariant::v214, 0)) == ids(in_memory));
  CHECK(ids(evaluate(events, RuleVariant::v214, 5000)) == ids(in_memory));
  std::ranges::reverse(events);
  CHECK(ids(evaluate(events)) == ids(in_memory));
}

TEST_CASE("what makes findings related is said, the host first", "[detect][windows_evaluator]") {
  struct Row {
    std::string computer, sid, name, file;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {"PC01.corp.example", "S-9", "Other", "c:\\other", "finding on the same host: Other"},
      {"PC02", "S-1-5-21-1-2-3-500", "Other", "c:\\other", "finding by the same user id: Other"},
      {"PC02", "S-9", "KrbSCM", "c:\\other", "finding with the same service name: KrbSCM"},
      {"PC02", "S-9", "Other", "\"C:\\Users\\alice\\KrbRelayUp.exe\" system 1",
       "finding with the same command: Other"},
      {"PC02", "S-9", "Other", "c:\\other", ""},
  }));
  CAPTURE(row.expected);
  std::vector<WindowsEvent> events = {test::logon_event(1, 0), test::service_event(2, kSecond)};
  events.push_back(test::logon_event(
      3, 2 * kSecond, {{Field::target_logon_id, "0x9"}, {Field::target_user_sid, row.sid}}));
  events.push_back(test::service_event(4, 3 * kSecond,
                                       {{Field::subject_logon_id, "0x9"},
                                        {Field::service_name, row.name},
                                        {Field::service_file_name, row.file}}));
  events[2].computer = row.computer;
  events[3].computer = row.computer;
  const Run run = evaluate(std::move(events));
  REQUIRE(run.findings.size() == 2);
  const auto& related = run.findings[0].windows->related;
  REQUIRE(related.size() == (row.expected.empty() ? 0 : 1));
  if (!related.empty())
    CHECK(related[0].text == row.expected);
}

TEST_CASE("a 7045 is never the second leg: it names no session", "[detect][windows_evaluator]") {
  WindowsEvent service = test::service_event(2, kSecond);
  service.event_id = 7045;
  CHECK(evaluate({test::logon_event(1, 0), service}).findings.empty());
}

TEST_CASE("an input zone shifts stamps that name none, and no others",
          "[detect][windows_evaluator]") {
  WindowsEvent logon = test::logon_event(1, 2 * 3600 * kSecond);
  std::get<windows::EventTime>(logon.time).zone = windows::Zone::local;
  const std::vector<WindowsEvent> events = {logon, test::service_event(2, kSecond)};
  const auto verdict = [&](std::optional<std::chrono::minutes> zone) {
    const Run run = evaluate_with({.input_zone = zone, .spool = spool(0)}, events);
    REQUIRE(run.findings.size() == 1);
    return run.findings[0].verdict;
  };
  CHECK(verdict(std::nullopt) == Verdict::indeterminate);  // one log: the record ids give the order
  CHECK(verdict(std::chrono::hours{2}) == Verdict::finding);
  CHECK(verdict(std::chrono::hours{2} + std::chrono::minutes{6}) == Verdict::near_miss);
}

TEST_CASE("a host name stands in where the export names no computer, and only there",
          "[detect][windows_evaluator]") {
  WindowsEvent logon = test::logon_event(1, 0);
  WindowsEvent service = test::service_event(2, kSecond);
  logon.computer = windows::Missing{};
  service.computer = std::string{};
  const std::vector<WindowsEvent> unnamed = {logon, service};
  CHECK(evaluate(unnamed).findings.at(0).verdict == Verdict::indeterminate);
  const Run named =
      evaluate_with({.input_zone = {}, .host_name = "pc7", .spool = spool(0)}, unnamed);
  REQUIRE(named.findings.size() == 1);
  CHECK(named.findings[0].verdict == Verdict::finding);
  CHECK(named.findings[0].host == "pc7");
  REQUIRE(named.coverage.hosts.size() == 1);
  CHECK(named.coverage.hosts[0].host == "pc7");
  const Run other = evaluate_with({.input_zone = {}, .host_name = "pc7", .spool = spool(0)},
                                  {test::logon_event(1, 0), test::service_event(2, kSecond)});
  CHECK(other.findings.at(0).host == "PC01.corp.example");
}

TEST_CASE("evidence carries its events as XML where they are asked for, service first",
          "[detect][windows_evaluator]") {
  const Run run = evaluate_with({.input_zone = {}, .keep_records = true, .spool = spool(0)},
                                {test::logon_event(1, 0), test::service_event(2, kSecond)});
  REQUIRE(run.findings.size() == 1);
  REQUIRE(run.findings[0].evidence.size() == 2);
  for (const auto& [index, event_id] : {std::pair{0, "4697"}, {1, "4624"}}) {
    const auto& records = run.findings[0].evidence.at(static_cast<std::size_t>(index)).records;
    REQUIRE(records.size() == 1);
    CHECK(records[0].find("<EventID>" + std::string{event_id} + "</EventID>") != std::string::npos);
  }
  CHECK(evaluate({test::logon_event(1, 0), test::service_event(2, kSecond)})
            .findings.at(0)
            .evidence.at(0)
            .records.empty());
}

TEST_CASE("hosts of both worlds stand in one list, in order of name",
          "[detect][windows_evaluator]") {
  model::Coverage coverage;
  coverage.hosts.resize(2);
  coverage.hosts[0].host = "A";
  coverage.hosts[1].host = "web1";
  model::InputNames inputs;
  static_cast<void>(inputs.intern("Security.evtx"));
  WindowsEvaluator evaluator{{.input_zone = {}, .spool = spool(0)}, inputs, coverage};
  evaluator.push(test::logon_event(1, 0));
  REQUIRE(evaluator.finish([](const model::Finding&) {}));
  REQUIRE(coverage.hosts.size() == 3);
  CHECK(coverage.hosts[1].host == "PC01.corp.example");
}

TEST_CASE("a service of SYSTEM's own session is no cut span", "[detect][windows_evaluator]") {
  const auto cut = [](const std::string& session) {
    return keys(evaluate({test::windows_event(4648, 1, 0),
                          test::service_event(2, kSecond, {{Field::subject_logon_id, session}})})
                    .coverage.hosts.at(0));
  };
  CHECK(cut("0x3e7") == std::vector<std::string>{"no_logon_events"});
  CHECK(cut("0x8a38de") == std::vector<std::string>{"no_logon_events", "span_cut"});
}

TEST_CASE("another provider's 4697 is another event", "[detect][windows_evaluator]") {
  WindowsEvent service = test::service_event(2, kSecond);
  service.provider = std::string{"Contoso-Service"};
  CHECK(evaluate({test::logon_event(1, 0), service}).findings.empty());
  service.provider = std::string{"Microsoft Windows security auditing."};
  CHECK(evaluate({test::logon_event(1, 0), service}).findings.size() == 1);
}

TEST_CASE("a host says what its log cannot show", "[detect][windows_evaluator]") {
  const Run lone_logon = evaluate({test::logon_event(1, 0)});
  CHECK(lone_logon.findings.empty());
  CHECK(keys(lone_logon.coverage.hosts[0]) ==
        std::vector<std::string>{"no_service_events", "no_explicit_credentials"});
  const Run cut = evaluate({test::windows_event(4634, 1, 0), test::service_event(2, kSecond)});
  CHECK(keys(cut.coverage.hosts[0]) ==
        std::vector<std::string>{"no_logon_events", "no_explicit_credentials", "span_cut"});
  const Run cleared = evaluate({test::windows_event(1102, 1, 0)});
  CHECK(keys(cleared.coverage.hosts[0]) ==
        std::vector<std::string>{"no_service_events", "no_logon_events", "no_explicit_credentials",
                                 "log_cleared"});
}

TEST_CASE("of a pair's session 100 events are kept, its own two too, the others are counted",
          "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events{test::logon_event(1, 0), test::service_event(2, kSecond)};
  for (std::uint64_t i = 0; i < 103; ++i) {
    WindowsEvent privileges = test::windows_event(4672, 3 + i, 2 * kSecond);
    privileges.set(Field::subject_logon_id, std::string{"0x8a38de"});
    events.push_back(privileges);
  }
  const Run run = evaluate(std::move(events));
  REQUIRE(run.findings.size() == 1);
  CHECK(run.findings[0].windows->session.size() == 98);
  CHECK(run.coverage.evictions == Evictions{{"windows_session_events", 5}});
}

TEST_CASE("services beyond 20,000 are counted, and those before them are judged",
          "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events{test::logon_event(1, 0), test::service_event(2, kSecond)};
  for (std::uint64_t i = 1; i < 20'005; ++i)  // of other sessions, and far from the logon
    events.push_back(
        test::service_event(2 + i, 7'200 * kSecond, {{Field::subject_logon_id, "0x3e7"}}));
  const Run run = evaluate(std::move(events));
  CHECK(run.findings.size() == 1);
  CHECK(run.coverage.evictions == Evictions{{"windows_services", 5}});
}

TEST_CASE("logons beyond 150,000 that a service asks for are counted",
          "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events{test::logon_event(1, 0), test::service_event(2, kSecond)};
  // Of the same session, and more than the hour around the service that a finding shows.
  const WindowsEvent logon = test::logon_event(3, 7'200 * kSecond);
  for (std::uint64_t i = 1; i < 150'004; ++i) {
    WindowsEvent another = logon;
    another.record_id = 2 + i;
    events.push_back(std::move(another));
  }
  const Run run = evaluate(std::move(events));
  CHECK(run.findings.size() == 1);
  CHECK(run.coverage.evictions == Evictions{{"windows_logons", 4}});
}

TEST_CASE("events of computers beyond 10,000 are counted", "[detect][windows_evaluator]") {
  std::vector<WindowsEvent> events;
  for (std::size_t i = 0; i < 10'003; ++i) {
    events.push_back(test::windows_event(4672, 1, 0));
    events.back().computer = "PC" + std::to_string(i);
  }
  const Run run = evaluate(std::move(events));
  CHECK(run.coverage.hosts.size() == 10'000);
  CHECK(run.coverage.evictions == Evictions{{"windows_computers", 3}});
}

}  // namespace krbtrail::detect
