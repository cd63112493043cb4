// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/log_health.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/lane.h"

using namespace krbtrail;

namespace {

std::vector<model::HostCoverage> scan(std::string_view log) {
  const audit::LiteralScanner scanner{std::vector<std::string_view>{"krb5cc"}};
  model::HostNames hosts;
  model::Coverage coverage;
  audit::LogHealth health;
  audit::ScanLane lane{
      {}, scanner, hosts, coverage, [&](const audit::Event& event) { health.observe(event); }};
  std::vector<audit::LogInput> inputs{{.input = {},
                                       .default_host = hosts.intern("h"),
                                       .first_stamp = {},
                                       .read = [log](std::span<char> out) mutable {
                                         const std::size_t size = std::min(log.size(), out.size());
                                         std::copy_n(log.begin(), size, out.begin());
                                         log.remove_prefix(size);
                                         return size;
                                       }}};
  lane.scan(inputs);
  std::vector<model::HostCoverage> report = health.report(hosts, lane.notices());
  REQUIRE(report.size() == 1);
  return report;
}

// "key=count" of what is said of the only host, in order.
std::vector<std::string> said_of(std::string_view log) {
  std::vector<std::string> said;
  const auto report = scan(log);
  for (const model::Statement& statement : report.front().statements) {
    CHECK_FALSE(statement.text.empty());
    CHECK_FALSE(statement.reason.empty());
    said.push_back(statement.key + '=' + std::to_string(statement.count));
  }
  return said;
}

using Said = std::vector<std::string>;

// An exec, and a file created under /tmp: nothing to be said of such a log.
constexpr std::string_view kHealthy =
    "type=SYSCALL msg=audit(10.000:1): arch=c000003e syscall=59 success=yes items=1 pid=1\n"
    "type=EXECVE msg=audit(10.000:1): argc=1 a0=\"ls\"\n"
    "type=PATH msg=audit(10.000:1): item=0 name=\"/bin/ls\" nametype=NORMAL\n"
    "type=SYSCALL msg=audit(10.000:2): arch=c000003e syscall=257 success=yes items=2 pid=1\n"
    "type=PATH msg=audit(10.000:2): item=0 name=\"/tmp/\" nametype=PARENT\n"
    "type=PATH msg=audit(10.000:2): item=1 name=\"/tmp/x\" nametype=CREATE\n";

std::string healthy_and(std::string_view more) {
  return std::string{kHealthy} + std::string{more};
}

}  // namespace

TEST_CASE("a log that could show everything has nothing said of it", "[audit][log_health]") {
  CHECK(said_of(kHealthy).empty());
}

TEST_CASE("what a log cannot show is said", "[audit][log_health]") {
  CHECK(said_of("type=CWD msg=audit(10.000:1): cwd=\"/\"\n") ==
        Said{"no_execve=0", "no_ccache_paths=0", "no_writes=0", "headless_events=1"});
}

TEST_CASE("holes in a log are said", "[audit][log_health]") {
  SECTION("absent serials, in whatever order the others come") {
    CHECK(said_of(healthy_and("type=USER msg=audit(12.000:9): a\n"
                              "type=USER msg=audit(11.000:10): a\n")) == Said{"serial_gaps=6"});
  }
  SECTION("a reboot's small serials are no gap") {
    CHECK(said_of("type=USER msg=audit(9.000:900000): a\n" + std::string{kHealthy}) ==
          Said{"serial_restarts=1"});
  }
  SECTION("the daemon's own counter says nothing about serials") {
    CHECK(said_of(healthy_and("type=DAEMON_START msg=audit(12.000:7798): a\n")).empty());
  }
  SECTION("the kernel's notice of loss") {
    CHECK(said_of(
              healthy_and("Jan  1 00:00:00 h kernel: audit: audit_lost=5 audit_rate_limit=0\n")) ==
          Said{"lost_records=1"});
  }
  SECTION("fewer file records than announced") {
    CHECK(said_of(healthy_and("type=SYSCALL msg=audit(10.000:3): arch=c000003e syscall=257 "
                              "items=3 pid=1\n"
                              "type=PATH msg=audit(10.000:3): item=0 name=\"/x\"\n")) ==
          Said{"short_events=1"});
  }
}

TEST_CASE("tampering with auditing is said, and cannot be forged by text", "[audit][log_health]") {
  CHECK(said_of(healthy_and(
            "type=CONFIG_CHANGE msg=audit(10.000:3): auid=0 op=remove_rule key=\"k\" list=4 res=1\n"
            "type=CONFIG_CHANGE msg=audit(10.000:4): op=set audit_enabled=0 old=1 auid=0 res=1\n"
            "type=DAEMON_END msg=audit(10.000:7): op=terminate auid=0\n")) ==
        Said{"auditing_off=1", "rules_removed=1", "daemon_stopped=1"});
  CHECK(
      said_of(healthy_and(
                  "type=CONFIG_CHANGE msg=audit(10.000:3): op=add_rule key=\"a op=remove_rule \"\n"
                  "type=USER msg=audit(10.000:4): msg='text=x op=remove_rule audit_enabled=0'\n"))
          .empty());
}

TEST_CASE("a log in which no rule could see anything limits the answer", "[audit][log_health]") {
  const auto limits = [](std::string_view log) {
    const auto report = scan(log);
    return std::ranges::any_of(report.front().statements, &model::Statement::limits);
  };
  CHECK(limits("type=USER_LOGIN msg=audit(10.000:1): pid=1\n"));
  CHECK_FALSE(limits(kHealthy));
  // One of the rules can see: an exec, or a file under /tmp.
  CHECK_FALSE(limits(kHealthy.substr(0, kHealthy.find("type=SYSCALL msg=audit(10.000:2)"))));
}
