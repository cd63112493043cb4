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

// What a table knows, as text, and back.
std::string told(const ProcessTable& table, const model::HostNames& hosts,
                 std::size_t most_bytes = 1U << 20U) {
  std::string text;
  table.tell(most_bytes, [&](const KnownProcess& process) {
    append_text(text, process, hosts.name(process.key.host));
  });
  return text;
}

const std::string kLife =
    syscall(59, 1, kBashActs, "0") +
    "type=EXECVE msg=audit(1700000000.100:1): argc=2 a0=\"-bash\" a1=2D6C20\n"
    "type=CWD msg=audit(1700000000.100:1): cwd=\"/home/alice\"\n"
    "type=PATH msg=audit(1700000000.100:1): item=0 name=\"/bin/bash\" mode=0100755 ouid=0\n" +
    syscall(57, 2, kBashActs, "30") +
    syscall(257, 3, "ppid=20 pid=40 auid=1001 uid=0 ses=3 comm=\"vi\" exe=\"/bin/vi\"", "3");

TEST_CASE("a table that is told what another one knew knows the same",
          "[activity][known_process]") {
  test::ActivityLog log{kLife, {.known = known({kSshd})}};
  model::HostNames hosts;
  REQUIRE(hosts.intern("web1") == kHost);
  const std::string text = told(log.table(), hosts);
  test::ActivityLog again{""};
  CHECK(read_known_processes(
            text, hosts, [&](const KnownProcess& process) { again.table().know(process); }) == 0);
  for (const std::uint32_t pid : {10U, 20U, 30U, 40U}) {
    CAPTURE(pid);
    const Lineage before = log.table().lineage(kHost, pid, std::nullopt);
    const Lineage after = again.table().lineage(kHost, pid, std::nullopt);
    CHECK(after.process.source == before.process.source);
    CHECK(after.process.ppid == before.process.ppid);
    CHECK(after.process.exe == before.process.exe);
    CHECK(after.process.command_line == before.process.command_line);
    CHECK(after.process.command_line_source == before.process.command_line_source);
    CHECK(after.process.cwd == before.process.cwd);
    CHECK(after.process.file_owner == before.process.file_owner);
    CHECK(after.ancestry.size() == before.ancestry.size());
  }
  CHECK(again.table().size() == log.table().size());
}

TEST_CASE("a process that is told of again stays the same process", "[activity][known_process]") {
  test::ActivityLog log{kLife};
  model::HostNames hosts;
  hosts.intern("web1");
  const std::uint64_t before = log.table().incarnation(kHost, 20);
  const std::string text = told(log.table(), hosts);
  read_known_processes(text, hosts,
                       [&](const KnownProcess& process) { log.table().know(process); });
  CHECK(log.table().incarnation(kHost, 20) == before);
}

TEST_CASE("of many processes the latest are told", "[activity][known_process]") {
  test::ActivityLog log{kLife};
  model::HostNames hosts;
  hosts.intern("web1");
  const std::string text = told(log.table(), hosts, 500);
  CHECK(text.starts_with("process actor 40 20 - 1700000000.100:3 web1\nSYSCALL "));
  CHECK(told(log.table(), hosts, 0).empty());
}

TEST_CASE("a text that makes no sense is skipped and counted", "[activity][known_process]") {
  const std::string good = "process exec 20 10 - 1700000000.100:7 web1\nSYSCALL ppid=10 pid=20\n";
  const auto [text, processes, senseless] = GENERATE_COPY(table<std::string, int, int>({
      {good, 1, 0},
      {good + good, 2, 0},
      {good + "\n", 1, 1},
      {"process exec 20 10 tp 1700000000.100:7 a host with blanks\n", 1, 0},
      {"process dream 20 10 - 1700000000.100:7 web1\n", 0, 1},
      {"process exec -1 10 - 1700000000.100:7 web1\n", 0, 1},
      {"process exec 4294967296 10 - 1700000000.100:7 web1\n", 0, 1},
      {"process exec 20 10 x 1700000000.100:7 web1\n", 0, 1},
      {"process exec 20 10 - 1700000000.1000:7 web1\n", 0, 1},   // a second has 1000 of them
      {"process exec 20 10 - 253402300800.000:7 web1\n", 0, 1},  // the year 10000
      {"process exec 20 10 - 1700000000.100 web1\n", 0, 1},
      {"process exec\n", 0, 1},
      {"SYSCALL ppid=10 pid=20\n", 0, 1},         // of nobody
      {good + "SYSCALL ppid=10 pid=20\n", 1, 1},  // a second one
      {good + "USER_CMD cmd=\n", 1, 1},           // nothing of an image
      {good + "CWD cwd=\"/\0\"\n"s, 1, 1},
      {"process exec 20 10 - 1700000000.100:7 web1\nCWD cwd=\"/\"\n", 1, 1},  // before its SYSCALL
      {std::string(100'000, '\xff'), 0, 1},
  }));
  CAPTURE(text.substr(0, 200));
  model::HostNames hosts;
  int read = 0;
  CHECK(read_known_processes(text, hosts, [&](const KnownProcess&) { ++read; }) ==
        static_cast<std::uint64_t>(senseless));
  CHECK(read == processes);
}

TEST_CASE("hosts beyond the bound are not taken", "[activity][known_process]") {
  std::string text;
  for (int host = 0; host < 5'000; ++host)
    text += "process exec 20 10 - 1700000000.100:7 h" + std::to_string(host) + "\n";
  model::HostNames hosts;
  CHECK(read_known_processes(text, hosts, [](const KnownProcess&) {}) == 904);
  CHECK(hosts.size() == 4'096);
}

TEST_CASE("a process without a record is not known", "[activity][known_process]") {
  test::ActivityLog log{"", {.known = {{.pid = 20, .ppid = 10, .source = ProcessSource::exec}}}};
  CHECK(log.table().size() == 0);
}

}  // namespace
}  // namespace krbtrail::activity
