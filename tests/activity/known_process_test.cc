// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/known_process.h"

#include <chrono>
#include <string>
#include <vector>

#include "krbtrail/activity/process_table.h"
#include "support/activity_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

using namespace std::string_literals;

constexpr model::HostId kHost{0};
const model::Timestamp kBefore{std::chrono::seconds{1'699'999'000}};

const RunningProcess kSshd{.pid = 10,
                           .ppid = 1,
                           .uid = 0,
                           .euid = 0,
                           .fsuid = 0,
                           .exe = "/usr/sbin/sshd",
                           .comm = "sshd",
                           .arguments = "sshd: alice [priv]\0"s,
                           .cwd = "/"};
const RunningProcess kBash{.pid = 20,
                           .ppid = 10,
                           .auid = 1001,
                           .uid = 1001,
                           .euid = 1001,
                           .fsuid = 1001,
                           .ses = 3,
                           .exe = "/bin/bash",
                           .comm = "bash",
                           .arguments = "-bash\0-l\0"s,
                           .cwd = "/home/a b"};

std::vector<KnownProcess> known(const std::vector<RunningProcess>& running) {
  std::vector<KnownProcess> all;
  for (const RunningProcess& process : running)
    all.push_back(known_process(process, kHost, kBefore));
  return all;
}

std::string syscall(int number, unsigned serial, const std::string& who, const std::string& exit) {
  return "type=SYSCALL msg=audit(1700000000.100:" + std::to_string(serial) +
         "): arch=c000003e syscall=" + std::to_string(number) + " success=yes exit=" + exit +
         " a0=0 a1=0 a2=0 a3=0 items=0 " + who + " key=(null)\n";
}

const std::string kBashActs =
    "ppid=10 pid=20 auid=1001 uid=1001 gid=0 euid=1001 fsuid=1001 tty=pts0 ses=3 comm=\"bash\" "
    "exe=\"/bin/bash\"";

TEST_CASE("a process of before is known from /proc, and says so", "[activity][known_process]") {
  test::ActivityLog log{"", {.known = known({kSshd, kBash})}};
  const Lineage lineage = log.table().lineage(kHost, 20, std::nullopt);
  const Process& bash = lineage.process;
  CHECK(bash.source == ProcessSource::proc);
  CHECK(bash.command_line_source == CommandLineSource::proc);
  CHECK(bash.exe == "/bin/bash");
  CHECK(bash.comm == "bash");
  CHECK(bash.argv == std::vector<std::string>{"-bash", "-l"});
  CHECK(bash.cwd == "/home/a b");
  CHECK(bash.ppid == 10);
  CHECK(bash.identity.auid == 1001);
  CHECK(bash.identity.ses == 3);
  CHECK_FALSE(bash.file_owner);  // no exec said whose file it is
  REQUIRE(lineage.ancestry.size() == 2);
  CHECK(lineage.ancestry[0].source == ProcessSource::proc);
  CHECK(lineage.ancestry[0].command_line == "sshd: alice [priv]");
  CHECK_FALSE(lineage.ancestry[0].identity.auid);
  CHECK(lineage.ancestry[1].source == ProcessSource::unknown);  // init was not told of
}

TEST_CASE("what a process of before does later is still known from /proc",
          "[activity][known_process]") {
  test::ActivityLog log{syscall(257, 1, kBashActs, "3"), {.known = known({kSshd, kBash})}};
  const Process bash = log.table().lineage(kHost, 20, std::nullopt).process;
  CHECK(bash.source == ProcessSource::proc);
  CHECK(bash.command_line == "-bash -l");
}

TEST_CASE("a record that contradicts /proc counts for more", "[activity][known_process]") {
  const auto [who, source] = GENERATE(table<std::string, ProcessSource>({
      {"ppid=10 pid=20 auid=1001 uid=0 ses=3 comm=\"vi\" exe=\"/bin/vi\"", ProcessSource::actor},
      {"ppid=11 pid=20 auid=1001 uid=0 ses=3 comm=\"bash\" exe=\"/bin/bash\"",
       ProcessSource::actor},  // the number is another process's by now
      {"ppid=1 pid=20 auid=1001 uid=0 ses=3 comm=\"bash\" exe=\"/bin/bash\"",
       ProcessSource::proc},  // an orphan is the same process
  }));
  CAPTURE(who);
  test::ActivityLog log{syscall(257, 1, who, "3"), {.known = known({kSshd, kBash})}};
  CHECK(log.table().lineage(kHost, 20, std::nullopt).process.source == source);
}

TEST_CASE("a child of a process of before has its image, and that is still /proc's word",
          "[activity][known_process]") {
  test::ActivityLog log{syscall(57, 1, kBashActs, "30"), {.known = known({kSshd, kBash})}};
  const Process child = log.table().lineage(kHost, 30, std::nullopt).process;
  CHECK(child.source == ProcessSource::fork);
  CHECK(child.command_line == "-bash -l");
  CHECK(child.command_line_source == CommandLineSource::proc);
}

TEST_CASE("what a record said of a process is kept when /proc says the same",
          "[activity][known_process]") {
  const std::string exec = syscall(59, 1, kBashActs, "0") +
                           "type=EXECVE msg=audit(1700000000.100:1): argc=1 a0=\"-bash\"\n";
  test::ActivityLog log{exec};
  const std::uint64_t before = log.table().incarnation(kHost, 20);
  for (const KnownProcess& process : known({kSshd, kBash}))
    log.table().know(process);
  const Lineage lineage = log.table().lineage(kHost, 20, std::nullopt);
  CHECK(lineage.process.source == ProcessSource::exec);
  CHECK(lineage.process.command_line == "-bash");
  CHECK(lineage.ancestry[0].source == ProcessSource::proc);
  CHECK(log.table().incarnation(kHost, 20) == before);
}

TEST_CASE("what /proc says of another process ends what was known of its number",
          "[activity][known_process]") {
  const std::string exec = syscall(59, 1, kBashActs, "0");
  test::ActivityLog log{exec};
  const std::uint64_t before = log.table().incarnation(kHost, 20);
  RunningProcess other = kBash;
  other.ppid = 77;
  log.table().know(known_process(other, kHost, kBefore));
  CHECK(log.table().lineage(kHost, 20, std::nullopt).process.source == ProcessSource::proc);
  CHECK(log.table().incarnation(kHost, 20) != before);
}

TEST_CASE("names that a process chose cannot become fields", "[activity][known_process]") {
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"/tmp/a b", "/tmp/a b"},
      {"/tmp/a\" uid=0 exe=\"/bin/b", "/tmp/a\" uid=0 exe=\"/bin/b"},
      {"/tmp/a\ntype=SYSCALL msg=audit(1.0:1): uid=0",
       "/tmp/a\ntype=SYSCALL msg=audit(1.0:1): uid=0"},
      {"/tmp/\xff\x01", "/tmp/\xff\x01"},
      {"/tmp/a (deleted)", "/tmp/a (deleted)"},
      {"", ""},  // could not be read
  }));
  CAPTURE(name);
  RunningProcess running = kBash;
  running.exe = name;
  running.comm = name.substr(0, 15);
  running.arguments = name + '\0' + "x" + '\0';
  running.cwd = name;
  test::ActivityLog log{"", {.known = {known_process(running, kHost, kBefore)}}};
  const Process process = log.table().lineage(kHost, 20, std::nullopt).process;
  CHECK(process.exe == expected);
  CHECK(process.comm == expected.substr(0, 15));
  CHECK(process.argv == std::vector<std::string>{expected, "x"});
  CHECK(process.cwd == expected);
  CHECK(process.identity.uid == 1001);
}

TEST_CASE("arguments beyond a record of the kernel are left out, and that is said",
          "[activity][known_process]") {
  RunningProcess running = kBash;
  running.arguments = "bash\0"s;
  for (int i = 0; i < 2'000; ++i)
    running.arguments += "y\0"s;
  const KnownProcess told = known_process(running, kHost, kBefore);
  CHECK(told.truncated);
  REQUIRE(told.records.size() == 3);
  CHECK(told.records[1].second.size() <= 7'510);
  test::ActivityLog log{"", {.known = {told}}};
  const Process process = log.table().lineage(kHost, 20, std::nullopt).process;
  CHECK(process.argv.size() > 500);
  CHECK(process.source == ProcessSource::proc);
}

}  // namespace
}  // namespace krbtrail::activity
