// SPDX-License-Identifier: Apache-2.0
//
// The input room says which files are audit logs, the audit room which lines are records. They do
// not know each other, so their readings of a head are held together here.
#include "input/audit_shape.h"

#include <string>

#include "krbtrail/audit/record.h"
#include "support/catch.h"

using namespace krbtrail;
using audit::HeadProblem;
using input::AuditShape;

TEST_CASE("both rooms take the same lines for records", "[input][audit_shape]") {
  const std::string line = GENERATE(
      as<std::string>{},  //
      "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e",
      "node=web1 type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e",
      "type=1300 msg=audit(1700000000.123:42): arch=c000003e",
      "type=UNKNOWN[1334] msg=audit(1700000000.123:42): prog-id=45",
      "type=USER msg=audit(1700000000.123:42) config changed",
      "type=EOE msg=audit(1700000000.123:42): ", "type=EOE msg=audit(0.000:0): ",
      "type=EOE msg=audit(253402300799.999:4294967295): ",
      "type=EOE msg=audit(253402300800.000:1): ", "type=EOE msg=audit(1700000000.123:4294967296): ",
      "type=EOE msg=audit(1700000000.1000:1): ", "type=EOE msg=audit(-1.000:1): ",
      "type=EOE msg=audit(1700000000.123): ", "type=EOE msg=audit(1700000000.123:1",
      "type=EOE msg=audit(1700000000:1): ", "type=EOE msg=audit(): ", "type=SYSCALL msg=lost",
      "type=DAEMON_ERR op=format-raw msg=NULL res=failed", "type= msg=audit(1700000000.123:42): x",
      "msg=audit(1700000000.123:42): x", " type=SYSCALL msg=audit(1700000000.123:42): x",
      "x type=SYSCALL msg=audit(1700000000.123:42): x",
      "node=web1type=SYSCALL msg=audit(1700000000.123:42): x",
      "node= type=SYSCALL msg=audit(1700000000.123:42): x",
      "Jan  1 00:00:00 host audispd: node=h type=SYSCALL msg=audit(1700000000.123:42): x",
      "Jan 10 00:00:00 host audispd[12]: type=SYSCALL msg=audit(1700000000.123:42): x",
      "Jan 10 00:00:00 host kernel: audit: type=1400 audit(1700000000.123:42): x",
      "Jan 10 00:00:00 host kernel: [   12.345678] audit: type=1400 audit(1700000000.123:42): x",
      "Jan 10 00:00:00 host said type=SYSCALL msg=audit(1700000000.123:42): x",
      "2024-01-01T00:00:00+00:00 host kernel: audit: type=1400 audit(1700000000.123:42): x",
      "2024-01-01T00:00:00.123456+00:00 host audispd: type=CWD msg=audit(1700000000.123:42): x",
      "<13>1 2024-01-01T00:00:00Z host audispd 77 - - type=CWD msg=audit(1700000000.123:42): x",
      "audit: type=1400 audit(1700000000.123:42): apparmor=\"DENIED\"",
      "[   12.345678] audit: type=1400 audit(1700000000.123:42): apparmor=\"DENIED\"",
      "Jan  1 00:00:00 host audit[1]: SYSCALL arch=c000003e syscall=59",
      "Jan  1 00:00:00 host kernel: audit: audit_lost=5 audit_rate_limit=0", "----",
      "time->Sat Jan  2 03:51:36 2021", "");
  CAPTURE(line);
  const bool is_record = audit::parse_head(line).problem == HeadProblem::none;
  CHECK((input::read_audit_shape(line, true).shape == AuditShape::records) == is_record);
}

TEST_CASE("both rooms know interpreted text", "[input][audit_shape]") {
  const std::string line =
      GENERATE(as<std::string>{},  //
               "type=SYSCALL msg=audit(11/14/2023 22:13:20.100:10) : arch=x86_64",
               "node=web1 type=CWD msg=audit(11/14/23 22:13:20.100:10) : cwd=/");
  CAPTURE(line);
  CHECK(audit::parse_head(line).problem == HeadProblem::interpreted);
  CHECK(input::read_audit_shape(line, true).shape == AuditShape::interpreted);
}

TEST_CASE("the first stamp is that of the first record", "[input][audit_shape]") {
  const auto reading = input::read_audit_shape(
      "cut\ntype=CWD msg=audit(1700000001.005:7): x\ntype=CWD msg=audit(1700000000.000:6): x\n",
      false);
  REQUIRE(reading.first_stamp.has_value());
  CHECK(model::format_utc(*reading.first_stamp) == "2023-11-14T22:13:21.005Z");
}
