// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_glance.h"

#include <random>
#include <string>
#include <string_view>

#include "krbtrail/audit/record.h"
#include "support/catch.h"

using namespace krbtrail::audit;

namespace {

Record record_of(std::string_view line) {
  const HeadResult result = parse_head(line);
  REQUIRE(result.problem == HeadProblem::none);
  return {.type = result.head.type,
          .body = static_cast<std::uint16_t>(result.head.body_begin),
          .text = line,
          .origin = {}};
}

}  // namespace

TEST_CASE("a SYSCALL record is read in place", "[audit][syscall_glance]") {
  constexpr std::string_view kLine =
      "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=no exit=-13 "
      "a0=ffffffffffffff9c a1=7ffc0 a2=80000 a3=0 items=1 ppid=100 pid=101 auid=1000 uid=0 gid=0 "
      "euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm=\"cat\" "
      "exe=2F746D702F612062 key=\"k\"\x1d"
      "ARCH=x86_64 SYSCALL=openat pid=9";
  const auto seen = glance(record_of(kLine));
  REQUIRE(seen);
  CHECK(seen->arch == 0xc000003e);
  CHECK(seen->syscall == 257);
  CHECK_FALSE(seen->success);
  CHECK(seen->exit == -13);
  CHECK(seen->argument(0) == 0xffffffffffffff9cULL);
  CHECK(seen->argument(1) == 0x7ffc0);
  CHECK(seen->argument(2) == 0x80000);
  CHECK(seen->argument(3) == 0);
  CHECK(seen->items == 1);
  CHECK(seen->ppid == 100);
  CHECK(seen->pid == 101);
  CHECK(seen->exe == "2F746D702F612062");
}

TEST_CASE("the same exe has the same hash, another one another", "[audit][syscall_glance]") {
  const auto hash = [](const std::string& exe) {
    const std::string line =
        "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=59 pid=7 exe=" + exe;
    return glance(record_of(line))->exe_hash;
  };
  CHECK(hash("\"/usr/bin/cp\"") == hash("\"/usr/bin/cp\" key=\"k\""));
  CHECK(hash("\"/usr/bin/cp\"") != hash("\"/usr/bin/cq\""));
  CHECK(hash("\"/usr/bin/cp\"") != hash("\"/usr/bin/c\""));
  CHECK(hash("\"/usr/bin/c\"") != hash(""));
  CHECK(hash("2F61") != hash("2F6100"));
}

TEST_CASE("odd SYSCALL records are read as far as they go", "[audit][syscall_glance]") {
  constexpr std::string_view kHead = "type=SYSCALL msg=audit(1.000:1): ";
  const auto read = [&](std::string_view body) {
    static std::string line;
    line = std::string{kHead} + std::string{body};
    return glance(record_of(line));
  };
  SECTION("success may be quoted") {
    CHECK(read("arch=c000003e syscall=59 success=\"yes\" exit=0 pid=7")->success);
  }
  SECTION("fields in another order") {
    const auto seen = read("pid=7 exe=\"/bin/a b\" syscall=59 arch=c000003e ppid=3");
    REQUIRE(seen);
    CHECK(seen->pid == 7);
    CHECK(seen->ppid == 3);
    CHECK(seen->exe == "\"/bin/a b\"");
  }
  SECTION("the first of two fields counts") {
    CHECK(read("arch=c000003e syscall=59 pid=7 pid=8")->pid == 7);
  }
  SECTION("a quoted value cannot bring in a field") {
    CHECK(read("arch=c000003e syscall=59 key=\"x pid=5\" pid=7")->pid == 7);
  }
  SECTION("what lacks arch, syscall or pid, or has them unreadable, is no glance") {
    CHECK_FALSE(read("syscall=59 pid=7"));
    CHECK_FALSE(read("arch=c000003e pid=7"));
    CHECK_FALSE(read("arch=c000003e syscall=59"));
    CHECK_FALSE(read("arch=c000003e syscall=59 pid=x pid=7"));
    CHECK_FALSE(read("arch=c000003e syscall=execve pid=7"));
    CHECK_FALSE(read("arch=c000003e syscall=99999999999 pid=7"));
    CHECK_FALSE(read(""));
  }
  SECTION("the last field may be exe, with the enriched part behind it") {
    CHECK(
        read("arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 ppid=3 pid=7 "
             "comm=\"x\" exe=2F78\x1d"
             "ARCH=x86_64")
            ->exe == "2F78");
  }
  SECTION("numbers that do not fit are read by no shortcut") {
    CHECK_FALSE(
        read("arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 ppid=3 "
             "pid=99999999999"));
    CHECK(
        read("arch=c000003e syscall=59 success=yes exit=-99999999999999999999 a0=1 a1=2 a2=3 a3=4 "
             "items=0 ppid=3 pid=7")
            ->exit == 0);
  }
  SECTION("other types are none") {
    CHECK_FALSE(glance(record_of("type=CWD msg=audit(1.000:1): arch=1 syscall=2 pid=3")));
  }
}

TEST_CASE("a record in the kernel's order is read as field by field", "[audit][syscall_glance]") {
  const auto seed = GENERATE(take(50, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto number = [&](unsigned limit) { return std::to_string(random() % limit); };
  const std::string front = "arch=c000003e syscall=" + number(450) +
                            (random() % 2 == 0 ? " success=yes" : " success=no") + " exit=-" +
                            number(4096) + " a0=" + number(99) + " a1=7ffd" + number(9999) +
                            " a2=" + number(10) + " a3=0";
  const std::string back = " ppid=" + number(4'194'304) + " pid=" + number(4'194'304) +
                           " auid=1000 comm=\"xx" + number(9) + "\" exe=\"/x/exe" + number(99) +
                           "\" key=(null)";
  const std::string head = "type=SYSCALL msg=audit(1.000:1): ";
  const std::string ordered = head + front + " items=1" + back;
  const std::string other = head + front + " extra=1 items=1" + back;
  const auto fast = glance(record_of(ordered));
  const auto slow = glance(record_of(other));
  REQUIRE(fast);
  REQUIRE(slow);
  CHECK(fast->syscall == slow->syscall);
  CHECK(fast->success == slow->success);
  CHECK(fast->exit == slow->exit);
  CHECK(fast->args == slow->args);
  CHECK(fast->ppid == slow->ppid);
  CHECK(fast->pid == slow->pid);
  CHECK(fast->exe == slow->exe);
}
