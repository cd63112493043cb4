// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/record.h"

#include <string>
#include <string_view>

#include "support/catch.h"

using krbtrail::audit::HeadProblem;
using krbtrail::audit::HeadResult;
using krbtrail::audit::parse_head;
using krbtrail::audit::parse_record_type;
using krbtrail::audit::RecordType;

namespace {

std::string body_of(std::string_view line, const HeadResult& result) {
  return std::string{line.substr(result.head.body_begin)};
}

}  // namespace

TEST_CASE("a head is read with its host, type, stamp and body", "[audit][record]") {
  struct Row {
    std::string_view line;
    RecordType type;
    std::string_view node;
    std::string_view body;
  };
  const Row row = GENERATE(values<Row>({
      // as auditd writes it
      {"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e", RecordType::syscall, "",
       "arch=c000003e"},
      // name_format=hostname
      {"node=work type=EXECVE msg=audit(1700000000.123:42): argc=1", RecordType::execve, "work",
       "argc=1"},
      // continuation records have two blanks
      {"type=EXECVE msg=audit(1700000000.123:42):  a1[1]=6461", RecordType::execve, "",
       "a1[1]=6461"},
      // numbers, as the kernel prints them
      {"type=1300 msg=audit(1700000000.123:42): arch=c000003e", RecordType::syscall, "",
       "arch=c000003e"},
      {"type=UNKNOWN[1337] msg=audit(1700000000.123:42): oflag=0", RecordType::openat2, "",
       "oflag=0"},
      // newer than libaudit's table
      {"type=OPENAT2 msg=audit(1700000000.123:42): oflag=0", RecordType::openat2, "", "oflag=0"},
      // EOE has no body
      {"type=EOE msg=audit(1700000000.123:42): ", RecordType::eoe, "", ""},
      {"type=EOE msg=audit(1700000000.123:42):", RecordType::eoe, "", ""},
      // a name that nobody knows is a record all the same
      {"type=LANDLOCK_ACCESS msg=audit(1700000000.123:42): domain=1", RecordType::unknown, "",
       "domain=1"},
      // a 2.6 kernel's header without colon
      {"type=CONFIG_CHANGE msg=audit(1700000000.123:42) config changed", RecordType::config_change,
       "", "config changed"},
      // syslog, RFC 3164, with the day padded by a blank
      {"Jan  1 00:00:00 srv1 audispd: type=CWD msg=audit(1700000000.123:42): cwd=\"/\"",
       RecordType::cwd, "srv1", "cwd=\"/\""},
      // a node= inside is nearer to the source than the relay's name
      {"Jan 11 00:00:00 relay audispd[77]: node=h type=CWD msg=audit(1700000000.123:42): cwd=\"/\"",
       RecordType::cwd, "h", "cwd=\"/\""},
      // journalctl -o short-iso, the kernel's own form
      {"2024-01-01T00:00:00+0000 srv2 kernel: audit: type=1300 audit(1700000000.123:42): arch=1",
       RecordType::syscall, "srv2", "arch=1"},
      // the kernel's uptime in front
      {"Jan  1 00:00:00 srv1 kernel: [   12.345678] audit: type=1300 audit(1700000000.123:42): a=1",
       RecordType::syscall, "srv1", "a=1"},
      // RFC 5424
      {"<13>1 2024-01-01T00:00:00.123456Z srv3 audispd 12 - - type=CWD "
       "msg=audit(1700000000.123:42): cwd=\"/\"",
       RecordType::cwd, "srv3", "cwd=\"/\""},
      // dmesg
      {"[   12.345678] audit: type=1300 audit(1700000000.123:42): arch=1", RecordType::syscall, "",
       "arch=1"},
  }));
  CAPTURE(row.line);
  const HeadResult result = parse_head(row.line);
  REQUIRE(result.problem == HeadProblem::none);
  CHECK(result.head.type == row.type);
  CHECK(result.head.node == row.node);
  CHECK(result.head.seconds == 1700000000);
  CHECK(result.head.milliseconds == 123);
  CHECK(result.head.serial == 42);
  CHECK(body_of(row.line, result) == row.body);
  CHECK(row.line.substr(result.head.text_begin).starts_with("type="));
  CHECK(row.line.substr(result.head.stamp_begin, result.head.stamp_end - result.head.stamp_begin) ==
        "1700000000.123:42");
}

TEST_CASE("what has no head says what it is instead", "[audit][record]") {
  const auto [line, problem] = GENERATE(table<std::string, HeadProblem>({
      {"", HeadProblem::blank},
      {"  \t", HeadProblem::blank},
      {"----", HeadProblem::blank},                            // between ausearch's events
      {"time->Sat Jan  2 03:51:36 2021", HeadProblem::blank},  // ausearch's heading
      // ausearch -i: a calendar date
      {"type=SYSCALL msg=audit(11/14/2023 22:13:20.100:10) : arch=x86_64",
       HeadProblem::interpreted},
      {"node=h type=SYSCALL msg=audit(14/11/23 22:13:20.100:10) : a", HeadProblem::interpreted},
      // printk's own notice
      {"Jan  1 00:00:00 h kernel: audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64",
       HeadProblem::lost_notice},
      {"audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64", HeadProblem::lost_notice},
      // no stamp at all: auditd's DAEMON_ERR and its "lost" text
      {"type=DAEMON_ERR op=format-raw msg=NULL res=failed", HeadProblem::malformed},
      {"type=SYSCALL msg=lost", HeadProblem::malformed},
      // a head inside the text of a line forges nothing
      {"hello type=SYSCALL msg=audit(1.000:1): comm=\"klist\"", HeadProblem::malformed},
      {" type=SYSCALL msg=audit(1.000:1): a", HeadProblem::malformed},
      {"Jan  1 00:00:00 h app: said type=SYSCALL msg=audit(1.000:1): a", HeadProblem::malformed},
      // only what writes audit records to syslog is believed: logger(1) is anybody's
      {"Jan  1 00:00:00 h mallory: type=URINGOP msg=audit(1.000:1): success=no",
       HeadProblem::malformed},
      {"<13>1 2024-01-01T00:00:00Z h app 12 - - type=CWD msg=audit(1.000:1): a",
       HeadProblem::malformed},
      // cut and absurd stamps
      {"type=SYSCALL msg=audit(17000", HeadProblem::malformed},
      {"type=SYSCALL msg=audit(1700000000.123:42", HeadProblem::malformed},
      {"type=SYSCALL msg=audit(253402300800.000:1): a", HeadProblem::malformed},  // year 10000
      {"type=SYSCALL msg=audit(99999999999999999999.000:1): a", HeadProblem::malformed},
      {"type=SYSCALL msg=audit(1.1000:1): a", HeadProblem::malformed},
      {"type=SYSCALL msg=audit(1.000:4294967296): a", HeadProblem::malformed},  // beyond 32 bits
      {"type=SYSCALL msg=audit(-1.000:1): a", HeadProblem::malformed},
      {"type= msg=audit(1.000:1): a", HeadProblem::malformed},
      {"node= type=SYSCALL msg=audit(1.000:1): a", HeadProblem::malformed},
      {"node=h", HeadProblem::malformed},
  }));
  CAPTURE(line);
  CHECK(parse_head(line).problem == problem);
}

TEST_CASE("text inside a record cannot forge its head", "[audit][record]") {
  constexpr std::string_view kLine =
      "type=USER msg=audit(1700000000.123:42): pid=1 msg='text=type=SYSCALL msg=audit(1.000:1): "
      "node=evil comm=\"klist\"'";
  const HeadResult result = parse_head(kLine);
  REQUIRE(result.problem == HeadProblem::none);
  CHECK(result.head.serial == 42);
  CHECK(result.head.node.empty());
  CHECK(result.head.type != RecordType::syscall);
}

TEST_CASE("the largest serial and the last second are taken", "[audit][record]") {
  const HeadResult result = parse_head("type=CWD msg=audit(253402300799.999:4294967295): cwd=2F");
  REQUIRE(result.problem == HeadProblem::none);
  CHECK(result.head.serial == 4294967295U);
  CHECK(result.head.seconds == 253402300799);
}

TEST_CASE("record types are known by name and by number", "[audit][record]") {
  const auto [name, number] = GENERATE(table<std::string, unsigned>({
      {"SYSCALL", 1300},
      {"PATH", 1302},
      {"CONFIG_CHANGE", 1305},
      {"CWD", 1307},
      {"EXECVE", 1309},
      {"EOE", 1320},
      {"PROCTITLE", 1327},
      {"URINGOP", 1336},
      {"DAEMON_START", 1200},
      {"USER_CMD", 1123},
      {"1302", 1302},
      {"UNKNOWN[1420]", 1420},
      {"UNKNOWN[99999]", 0xFFFF},  // no 16-bit number
      {"UNKNOWN[]", 0xFFFF},
      {"13O2", 0xFFFF},
      {"path", 1302},  // libaudit ignores case, and so must the lane
      {"", 0xFFFF},
  }));
  CAPTURE(name);
  CHECK(static_cast<unsigned>(parse_record_type(name)) == number);
}
