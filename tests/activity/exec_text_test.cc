// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/exec_text.h"

#include <string>
#include <string_view>

#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

std::string text_of(std::string_view log) {
  const test::AuditLog read{log};
  REQUIRE(read.size() == 1);
  ExecText text;
  return std::string{text.of(read.event(0))};
}

constexpr std::string_view kHead =
    "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=59 success=yes exit=0 a0=1 "
    "a1=2 a2=3 a3=4 items=2 ppid=4200 pid=5072 auid=1001 ";
constexpr std::string_view kExecve =
    "\ntype=EXECVE msg=audit(1700000000.123:42): argc=2 a0=\"cat\" a1=2F746D702F6120\n";
constexpr std::string_view kTitle =
    "\ntype=PROCTITLE msg=audit(1700000000.123:42): proctitle=636174\n";

std::string log(std::string_view names, std::string_view records) {
  return std::string{kHead} + std::string{names} + std::string{records};
}

TEST_CASE("an exec's text is its names and arguments, as they are spelt", "[activity][exec_text]") {
  CHECK(text_of(log(R"(comm="cat" exe="/usr/bin/cat" key="exec")", kExecve)) ==
        "comm=\"cat\" exe=\"/usr/bin/cat\"\nargc=2 a0=\"cat\" a1=2F746D702F6120");
}

TEST_CASE("the title stands in where no argument was recorded", "[activity][exec_text]") {
  const std::string names = R"(comm="cat" exe="/usr/bin/cat")";
  CHECK(text_of(log(names, kTitle)) == names + "\nproctitle=636174");
  CHECK(text_of(log(names, std::string{kExecve} + std::string{kTitle}.substr(1))) ==
        names + "\nargc=2 a0=\"cat\" a1=2F746D702F6120");
  const std::string empty = "\ntype=EXECVE msg=audit(1700000000.123:42): argc=0";
  CHECK(text_of(log(names, empty + std::string{kTitle})) == names + "\nargc=0\nproctitle=636174");
}

TEST_CASE("a record out of the kernel's order is taken whole", "[activity][exec_text]") {
  constexpr std::string_view kOdd =
      "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=59 exe=\"/usr/bin/cat\" "
      "comm=\"cat\" pid=5072";
  CHECK(text_of(kOdd) == "arch=c000003e syscall=59 exe=\"/usr/bin/cat\" comm=\"cat\" pid=5072");
  constexpr std::string_view kUnreadable =
      "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e comm=\"cat\"";
  CHECK(text_of(kUnreadable) == "arch=c000003e comm=\"cat\"");
}

TEST_CASE("arguments without a SYSCALL record are an exec's", "[activity][exec_text]") {
  CHECK(text_of(kExecve) == "\nargc=2 a0=\"cat\" a1=2F746D702F6120");
}

TEST_CASE("other events have no such text", "[activity][exec_text]") {
  CHECK(text_of("type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes "
                "exit=3 pid=5072 comm=\"getST.py\" exe=\"/usr/bin/python3\"")
            .empty());
  CHECK(text_of("type=USER_CMD msg=audit(1700000000.123:42): pid=1 cmd=\"getST.py\"").empty());
}

}  // namespace
}  // namespace krbtrail::activity
