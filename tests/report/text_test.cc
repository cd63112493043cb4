// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/text.h"

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include "report/escaped_text.h"
#include "report/samples.h"
#include "support/catch.h"
#include "support/collected.h"
#include "support/nasty_strings.h"
#include "support/temporary_tree.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::Finding;
using krbtrail::model::Severity;
using krbtrail::model::Status;
using krbtrail::model::Summary;
using krbtrail::model::Verdict;
using krbtrail::report::Color;
using krbtrail::report::make_text_sink;
using krbtrail::report::TextOptions;
using krbtrail::report::wants_color;
using krbtrail::test::collect;
using krbtrail::test::Collected;
using krbtrail::test::theft;

std::string rendered(const std::vector<Finding>& findings, const TextOptions& options = {}) {
  Collected out;
  const auto sink = make_text_sink(collect(out), options);
  for (const Finding& finding : findings)
    REQUIRE(sink->push(finding));
  REQUIRE(sink->close(Coverage{}, Summary{}));
  CHECK(out.finished);
  return out.bytes;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a finding answers who, what, when, where, why and how sure", "[report][text]") {
  CHECK(rendered({theft()}).starts_with(R"(
FINDINGS (1), most severe first, newest first within

[medium] 2023-11-14T22:13:20.123Z on web01
A program that is no Kerberos client reached a ticket cache
  who      alice (uid 1000), logged in as uid 1000, session 3
  what     cp read /tmp/krb5cc_1001
           owner uid 1001, inode 1234, device fd:01
  command  cp /tmp/krb5cc_1001 /tmp/.svc_cache_bak
           pid 4242, /usr/bin/cp
  from     bash (pid 4200) < sshd (pid 4100)
  why      /tmp/krb5cc_1001 lies under /tmp/ and its name is krb5cc_ and a
           number
           cp is not one of the 15 programs that the rule lets pass
  sure     path recorded in full; command line as executed; its start was seen
  rule     seed-file-access, UnexpectedCcacheFileAccess, T1558.005
           audit key kerberos_ccache
  id       4f3c2b1a09876543
  record   audit.log, line 17, node web01, event 1700000000.123:42

COVERAGE
)"));
}

TEST_CASE("a near miss names the predicate that failed, with its value", "[report][text]") {
  const std::string text = rendered({krbtrail::test::full_windows_finding()});
  CHECK(contains(text, R"(
NEAR MISSES (1): one step short of a finding

[high 73] 2023-11-14T22:13:20.854Z on PC01.corp.example
Service Creation via Local Kerberos Authentication (v214)
  who      CORP\Administrator, S-1-5-21-1-2-3-500
           initiated by alice, who is not the identity
)"));
  CHECK(contains(text, R"(
  checks   holds: AuthenticationPackageName = Kerberos
           FAILS: ElevatedToken = %%1842 (Yes), the rule wants %%1843 (No)
           unknown: ProcessId, the rule wants 0
)"));
}

TEST_CASE("an incident tells its story before its findings", "[report][text]") {
  Collected out;
  const auto sink = make_text_sink(collect(out), {});
  REQUIRE(sink->push(theft()));  // completed earlier, printed later
  REQUIRE(sink->push(krbtrail::test::full_incident()));
  REQUIRE(sink->close(Coverage{}, Summary{}));
  CHECK(out.bytes.starts_with(R"(
INCIDENTS (1), most severe first

[critical] 2023-11-14T22:13:20.123Z to 2023-11-14T22:14:20.000Z on web01
The ticket of uid 1001 was copied and used
  who      alice (uid 1000), logged in as uid 1000, session 3
  ticket   /tmp/krb5cc_1001, owner uid 1001
  from     bash (pid 4200) < sshd (pid 4100)
  story    2023-11-14T22:13:20.123Z cp read /tmp/krb5cc_1001 (high confidence),
           event 1700000000.123:42
           2023-11-14T22:14:20.000Z klist opened /tmp/.svc_cache_bak (medium
           confidence), event 1700000060.000:99
  copies   /tmp/.svc_cache_bak
  used by  klist (pid 4300) of uid 1000 in session 3
  contacts 192.0.2.7:88
  unseen   network connections are not audited on this host
  id       0123456789abcdef
  linked   fedcba9876543210
  findings 4f3c2b1a09876543

FINDINGS (1), most severe first, newest first within
)"));
}

TEST_CASE("coverage says what could not be seen, the summary that it is INCOMPLETE",
          "[report][text]") {
  Collected out;
  const auto sink = make_text_sink(collect(out), {});
  REQUIRE(sink->close(krbtrail::test::full_coverage(), krbtrail::test::full_summary()));
  CHECK(out.bytes == R"(
COVERAGE
web01
  time     2023-11-14T22:13:20.000Z to 2023-11-14T22:14:20.000Z
  seen     5,012 records in 1,234 events
  blind    no EXECVE records: branches 2 and 3 are blind (of 5,012 records none
           is an EXECVE)
  note     the clock jumped back once (by 3,600 s at 2023-11-14T22:13:40.000Z)
inputs
  unread   audit.log.1: cannot open: Permission denied
  note     empty.log: is empty
  sha256   e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
           audit.log

SUMMARY
  found    2 findings (1 critical, 1 medium)
           in 1 incident
  near     1 near miss
  unclear  1 that could not be decided
  hidden   4 below --min-severity
  excepted 1 suppressed by exceptions
  filtered 5 outside the time or hosts asked for
  read     1,234,567 bytes of 1 host in 2 inputs: 16 % used, 83 % not needed,
           under 1 % rejected
  rules    seed; Windows rule v214, krbtrail 0.1.0

INCOMPLETE not everything was evaluated:
           1 input not read, or not to the end
           lines without a record's head: 12 (4,564 bytes)
           1 host of which not everything could be seen, as COVERAGE says
           2 records that libauparse refused
)");
}

TEST_CASE("nothing found is said differently where something was not read", "[report][text]") {
  CHECK(contains(rendered({}), "\n  found    no finding\n"));
  CHECK_FALSE(contains(rendered({}), "INCOMPLETE"));
  Collected out;
  const auto sink = make_text_sink(collect(out), {});
  Coverage coverage;
  coverage.decode_failures = 1;
  REQUIRE(sink->close(coverage, Summary{}));
  CHECK(contains(out.bytes, "\n  found    no finding in what could be read\n"));
  CHECK(contains(out.bytes, "\nINCOMPLETE not everything was evaluated:\n"));
}

TEST_CASE("every lane of the accounting is printed by --stats", "[report][text]") {
  Collected out;
  const auto sink =
      make_text_sink(collect(out), {.color = false, .stats = true, .zone = {}, .spill = {}});
  REQUIRE(sink->close(krbtrail::test::full_coverage(), krbtrail::test::full_summary()));
  CHECK(contains(out.bytes, R"(
ACCOUNTING
                                                           lines           bytes
  used                                                       900         200,000
  not needed                                               4,112       1,030,000
  blank lines and separators                                   3               3
  NUL bytes                                                    0               0
  lines without a record's head                               12           4,564
  lines longer than a record can be                            0               0
  lines of interpreted ausearch output                         0               0
  repeated records                                             0               0
  records that came after their event was evaluated            0               0
  records beyond the limit of one event                        0               0
  bytes that could not be read                                 0               0
  lines that came faster than they could be worked on           0               0
  read                                                                 1,234,567
  The bytes add up.
  records  5,012
  events   1,234, 456 evaluated, 1 displaced by a bound
  refused  2 records by libauparse
  evicted  7 from the table of processes
  input    audit.log: audit, 1,234,567 bytes
  input    audit.log.1: unknown, 0 bytes
  sandbox  Landlock: paths restricted (ABI 3)
  sandbox  seccomp: no network, no exec
)"));
}

TEST_CASE("an accounting that does not add up says so", "[report][text]") {
  Collected out;
  const auto sink =
      make_text_sink(collect(out), {.color = false, .stats = true, .zone = {}, .spill = {}});
  Coverage coverage;
  coverage.bytes_read = 1;
  REQUIRE(sink->close(coverage, Summary{}));
  CHECK(contains(out.bytes, "THE BYTES DO NOT ADD UP"));
}

TEST_CASE("the most severe comes first, the newest first within, through a file alike",
          "[report][text]") {
  std::vector<Finding> findings;
  for (int i = 0; i < 60; ++i) {
    Finding finding = theft();
    finding.severity = i % 3 == 0 ? Severity::high : Severity::low;
    finding.verdict = i % 5 == 0 ? Verdict::near_miss : Verdict::finding;
    finding.time += std::chrono::seconds{i * 37 % 60};
    findings.push_back(std::move(finding));
  }
  const std::string in_memory = rendered(findings);
  std::string order;
  std::istringstream lines{in_memory};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("FINDINGS") || line.starts_with("NEAR"))
      order += line.front();
    if (line.starts_with("["))
      order += line[1];
  }
  // Of 60, each third is high, each fifth a near miss.
  CHECK(order == "F" + std::string(16, 'h') + std::string(32, 'l') + "N" + std::string(4, 'h') +
                     std::string(8, 'l'));
  const krbtrail::test::TemporaryTree directory;
  TextOptions small;
  small.spill = {.directory = directory.path(), .max_entries = 1};
  CHECK(rendered(findings, small) == in_memory);
}

TEST_CASE("times can be shown in a zone", "[report][text]") {
  TextOptions options;
  options.zone = std::chrono::minutes{60};
  CHECK(
      contains(rendered({theft()}, options), "[medium] 2023-11-14T23:13:20.123+01:00 on web01\n"));
}

TEST_CASE("the records themselves follow the evidence where they were asked for",
          "[report][text]") {
  Finding finding = theft();
  finding.evidence.front().records = {"type=CWD msg=audit(1700000000.123:42): cwd=\"/root\""};
  CHECK(contains(rendered({finding}), R"(
  record   audit.log, line 17, node web01, event 1700000000.123:42
           type=CWD msg=audit(1700000000.123:42): cwd="/root"
)"));
}

TEST_CASE("what is less than certain is said", "[report][text]") {
  Finding finding = theft();
  finding.file->path_confidence = "unresolved";
  finding.process->command_line_source = "proctitle";
  finding.process->source = "actor";
  CHECK(contains(rendered({finding}), R"(
  sure     name certain, directory unknown: it was opened relative to a
           descriptor; command line from PROCTITLE, which a process can change
           and which may be stale; its start was not seen
)"));
}

TEST_CASE("a process that was executed needs no file", "[report][text]") {
  Finding finding = theft();
  finding.file.reset();
  finding.account = {};
  const std::string text = rendered({finding});
  CHECK(contains(text, "  who      unknown user, no login: a service or a boot process\n"));
  CHECK(contains(text, "  what     cp was executed\n"));
}

TEST_CASE("a long list is cut with its count", "[report][text]") {
  Finding finding = theft();
  finding.evidence.resize(25, finding.evidence.front());
  CHECK(contains(rendered({finding}), "           and 5 more, all in the NDJSON output\n"));
}

TEST_CASE("no hostile text drives the terminal or leaves the 80 columns", "[report][text]") {
  for (const auto& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    Finding finding = krbtrail::test::full_linux_finding();
    const std::string bytes{nasty.bytes};
    finding.host = finding.title = finding.rule = finding.file->path = bytes;
    finding.account.name = finding.suppressed_by = bytes;
    finding.process->name = finding.process->exe = finding.process->command_line = bytes;
    finding.ancestry.front().name = finding.reasons.front().text = bytes;
    finding.audit_keys.front() = finding.evidence.front().input = bytes;
    finding.evidence.front().records.front() = bytes;
    finding.trail.front().path = bytes;
    const std::string text = rendered({finding});
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
      CHECK(krbtrail::report::columns_of(line) <= 80);
      CHECK(line.find_first_of("\x1b\r\b\t\x7f") == std::string::npos);
    }
  }
}

TEST_CASE("an id is whole on its line, however long the rest", "[report][text]") {
  Finding finding = theft();
  finding.evidence.front().input = std::string(5'000, '/');
  finding.host = std::string(5'000, 'h');
  const std::string text = rendered({finding});
  CHECK(contains(text, "\n  id       4f3c2b1a09876543\n"));
  CHECK(contains(text, "1700000000.123:42"));
}

TEST_CASE("colour is for terminals that can, unless told otherwise", "[report][text]") {
  CHECK(wants_color(Color::automatic, true, "", "xterm"));
  CHECK_FALSE(wants_color(Color::automatic, false, "", "xterm"));
  CHECK_FALSE(wants_color(Color::automatic, true, "1", "xterm"));
  CHECK_FALSE(wants_color(Color::automatic, true, "", "dumb"));
  CHECK(wants_color(Color::always, false, "1", "dumb"));
  CHECK_FALSE(wants_color(Color::never, true, "", "xterm"));
  CHECK_FALSE(contains(rendered({theft()}), "\x1b"));
  TextOptions colored;
  colored.color = true;
  CHECK(contains(rendered({theft()}, colored), "\n\x1b[33m[medium]\x1b[0m 2023-"));
}

TEST_CASE("an output that takes no more is an error", "[report][text]") {
  Collected out;
  const auto sink =
      make_text_sink(std::make_unique<krbtrail::test::CollectingDelivery>(out, 500), {});
  REQUIRE(sink->push(theft()));
  const Status status = sink->close(Coverage{}, Summary{});
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "out: cannot write: No space left on device");
  CHECK_FALSE(out.finished);
}

}  // namespace
