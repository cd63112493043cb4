// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/process_table.h"

#include <string>
#include <vector>

#include "support/activity_log.h"
#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

constexpr model::HostId kHost{0};
constexpr int kClone = 56, kFork = 57, kVfork = 58, kExecve = 59, kOpenat = 257, kClone3 = 435;

// One event a call; serials count from 1, a millisecond each.
class LogWriter {
 public:
  struct Call {
    int syscall = kOpenat;
    unsigned pid = 0;
    unsigned ppid = 0;
    std::string exe = {};
    long exit = 3;
    std::string a0 = "0";
    bool success = true;
    unsigned ses = 3;
    std::string node = {};
  };

  LogWriter& exec(unsigned pid, unsigned ppid, const std::string& exe, unsigned ses = 3) {
    add({.syscall = kExecve, .pid = pid, .ppid = ppid, .exe = exe, .exit = 0, .ses = ses});
    line("EXECVE", "argc=2 a0=\"" + exe.substr(exe.rfind('/') + 1) + "\" a1=\"of" +
                       std::to_string(pid) + "\"");
    line("CWD", "cwd=\"/root\"");
    line("PATH",
         "item=0 name=\"" + exe + "\" inode=5 dev=fd:00 mode=0100755 ouid=0 nametype=NORMAL");
    line("PATH", "item=1 name=\"/lib64/ld-linux-x86-64.so.2\" inode=6 dev=fd:00 nametype=NORMAL");
    return *this;
  }

  LogWriter& act(unsigned pid, unsigned ppid, const std::string& exe, unsigned ses = 3) {
    return add({.pid = pid, .ppid = ppid, .exe = exe, .ses = ses});
  }

  LogWriter& fork(unsigned pid, unsigned ppid, const std::string& exe, unsigned child,
                  int syscall = kFork, const std::string& a0 = "0") {
    return add({.syscall = syscall, .pid = pid, .ppid = ppid, .exe = exe, .exit = child, .a0 = a0});
  }

  LogWriter& add(const Call& call) {
    ++serial_;
    node_ = call.node;
    const std::string quote = call.exe.find(' ') == std::string::npos ? "\"" : "";
    line("SYSCALL",
         "arch=c000003e syscall=" + std::to_string(call.syscall) +
             " success=" + (call.success ? "yes" : "no") + " exit=" + std::to_string(call.exit) +
             " a0=" + call.a0 + " a1=0 a2=0 a3=0 items=0 ppid=" + std::to_string(call.ppid) +
             " pid=" + std::to_string(call.pid) + " auid=1001 uid=0 gid=0 ses=" +
             std::to_string(call.ses) + " comm=\"c" + std::to_string(call.pid) + "\" exe=" +
             (quote.empty() ? hex(call.exe) : quote + call.exe + quote) + " key=(null)");
    return *this;
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(const std::string& type, const std::string& body) {
    text_ += (node_.empty() ? "" : "node=" + node_ + " ") + "type=" + type +
             " msg=audit(1700000000." + std::to_string(100 + serial_) + ":" +
             std::to_string(serial_) + "): " + body + "\n";
  }

  static std::string hex(const std::string& bytes) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    for (const char c : bytes) {
      text.push_back(kDigits[static_cast<unsigned char>(c) / 16]);
      text.push_back(kDigits[static_cast<unsigned char>(c) % 16]);
    }
    return text;
  }

  std::string text_;
  std::string node_;
  unsigned serial_ = 0;
};

// "pid name source" of each process, the one asked for first.
std::vector<std::string> line_of(const Lineage& lineage) {
  const auto words = [](const Process& process) {
    return std::to_string(process.pid.value_or(0)) + " " + process.name() + " " +
           std::string{to_string(process.source)};
  };
  std::vector<std::string> line{words(lineage.process)};
  for (const Process& ancestor : lineage.ancestry)
    line.push_back(words(ancestor));
  return line;
}

std::vector<std::string> line_of(const LogWriter& log, unsigned pid) {
  test::ActivityLog activity{log.text()};
  return line_of(activity.table().lineage(kHost, pid, std::nullopt));
}

using Line = std::vector<std::string>;

TEST_CASE("a chain of execs is an ancestry", "[activity][process_table]") {
  LogWriter log;
  log.exec(10, 1, "/usr/sbin/sshd").exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/cp");
  CHECK(line_of(log, 30) == Line{"30 cp exec", "20 bash exec", "10 sshd exec", "1  unknown"});
}

TEST_CASE("an exec's records are decoded when it is asked for", "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/cp");
  test::ActivityLog activity{log.text()};
  const Lineage lineage = activity.table().lineage(kHost, 30, std::nullopt);
  CHECK(lineage.process.argv == std::vector<std::string>{"cp", "of30"});
  CHECK(lineage.process.command_line == "cp of30");
  CHECK(lineage.process.command_line_source == CommandLineSource::execve);
  CHECK(lineage.process.cwd == "/root");
  CHECK(lineage.process.ppid == 20);
  CHECK(lineage.process.identity.auid == 1001);
  CHECK(lineage.process.identity.ses == 3);
  REQUIRE(lineage.ancestry.size() == 2);
  CHECK(lineage.ancestry.front().command_line == "bash of20");
  CHECK(lineage.ancestry.front().exe == "/bin/bash");
  CHECK(lineage.ancestry[1].source == ProcessSource::unknown);
}

TEST_CASE("a process that was never seen is unknown but for its number",
          "[activity][process_table]") {
  test::ActivityLog activity{"type=DAEMON_START msg=audit(1.0:1): op=start"};
  const Lineage lineage = activity.table().lineage(kHost, 30, 20);
  CHECK(line_of(lineage) == Line{"30  unknown", "20  unknown"});
  CHECK(lineage.process.ppid == 20);
}

TEST_CASE("a process seen only through its own acts is an actor", "[activity][process_table]") {
  LogWriter log;
  log.act(10, 1, "/usr/sbin/cron").exec(30, 10, "/usr/bin/tar");
  CHECK(line_of(log, 30) == Line{"30 tar exec", "10 cron actor", "1  unknown"});
  test::ActivityLog activity{log.text()};
  const Process cron = activity.table().lineage(kHost, 10, std::nullopt).process;
  CHECK(cron.command_line == "c10");
  CHECK(cron.command_line_source == CommandLineSource::comm);
  CHECK(cron.argv.empty());
}

TEST_CASE("a forked child runs its parent's image until it execs", "[activity][process_table]") {
  const int syscall = GENERATE(kFork, kVfork, kClone, kClone3);
  CAPTURE(syscall);
  LogWriter log;
  log.exec(20, 10, "/bin/bash").fork(20, 10, "/bin/bash", 30, syscall);
  CHECK(line_of(log, 30) == Line{"30 bash fork", "20 bash exec", "10  unknown"});
  log.act(30, 20, "/bin/bash");
  CHECK(line_of(log, 30).front() == "30 bash fork");
  log.exec(30, 20, "/usr/bin/base64");
  CHECK(line_of(log, 30).front() == "30 base64 exec");
}

TEST_CASE("a new thread is no process, and a sibling has the caller's parent",
          "[activity][process_table]") {
  LogWriter threads;
  threads.exec(20, 10, "/usr/bin/java").fork(20, 10, "/usr/bin/java", 21, kClone, "3d0f00");
  CHECK(line_of(threads, 21) == Line{"21  unknown"});
  LogWriter sibling;
  sibling.exec(20, 10, "/bin/x").fork(20, 10, "/bin/x", 21, kClone, "8011");
  CHECK(line_of(sibling, 21) == Line{"21 x fork", "10  unknown"});
}

TEST_CASE("a failed fork makes no child, a failed exec no image", "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash")
      .add({.syscall = kFork,
            .pid = 20,
            .ppid = 10,
            .exe = "/bin/bash",
            .exit = -11,
            .success = false})
      .add({.syscall = kExecve,
            .pid = 20,
            .ppid = 10,
            .exe = "/bin/bash",
            .exit = -2,
            .success = false});
  CHECK(line_of(log, 20) == Line{"20 bash exec", "10  unknown"});
  test::ActivityLog activity{log.text()};
  CHECK(activity.table().size() == 1);
}

TEST_CASE("vfork is reported after the child's exec and takes nothing from it",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/sh");
  // Both within the millisecond of the fork: serial 2 is the child's exec, serial 3 the vfork.
  std::string text = log.text();
  LogWriter later;
  later.act(1, 0, "/sbin/init").exec(30, 20, "/usr/bin/cp").fork(20, 10, "/bin/sh", 30, kVfork);
  text += later.text();
  for (auto at = text.find("00.103:3"); at != std::string::npos; at = text.find("00.103:3"))
    text.replace(at, 8, "00.102:3");
  test::ActivityLog activity{text};
  CHECK(line_of(activity.table().lineage(kHost, 30, std::nullopt)).front() == "30 cp exec");
}

TEST_CASE("an exec without a fork replaces the image and keeps the parent",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/env").exec(30, 20, "/usr/bin/python3.11");
  CHECK(line_of(log, 30) == Line{"30 python3.11 exec", "20 bash exec", "10  unknown"});
}

TEST_CASE("a pid that is used again belongs to the new process", "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/cp").exec(50, 1, "/usr/sbin/cron");
  SECTION("seen by its exec") {
    log.exec(30, 50, "/usr/bin/tar");
    CHECK(line_of(log, 30) == Line{"30 tar exec", "50 cron exec", "1  unknown"});
  }
  SECTION("seen only as an actor with another image") {
    log.act(30, 50, "/usr/bin/vi");
    CHECK(line_of(log, 30) == Line{"30 vi actor", "50 cron exec", "1  unknown"});
  }
  SECTION("seen only as an actor with the same image and another parent") {
    log.act(30, 50, "/usr/bin/cp");
    CHECK(line_of(log, 30) == Line{"30 cp actor", "50 cron exec", "1  unknown"});
  }
  SECTION("a service of init is no orphan: its session is another") {
    log.exec(30, 1, "/usr/sbin/sshd", 4294967295);
    CHECK(line_of(log, 30) == Line{"30 sshd exec", "1  unknown"});
  }
  SECTION("born of a fork") {
    log.fork(50, 1, "/usr/sbin/cron", 30);
    CHECK(line_of(log, 30) == Line{"30 cron fork", "50 cron exec", "1  unknown"});
  }
}

TEST_CASE("an exec that was not audited makes its process an actor", "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/env").act(30, 20, "/usr/bin/python3.11");
  CHECK(line_of(log, 30) == Line{"30 python3.11 actor", "20 bash exec", "10  unknown"});
}

TEST_CASE("a file that was removed while it runs is the same image", "[activity][process_table]") {
  LogWriter log;
  log.exec(30, 20, "/tmp/.b").act(30, 20, "/tmp/.b (deleted)");
  CHECK(line_of(log, 30) == Line{"30 .b exec", "20  unknown"});
}

TEST_CASE("an orphan keeps its old parent", "[activity][process_table]") {
  LogWriter log;
  log.exec(10, 1, "/usr/lib/systemd/systemd").exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/cp");
  SECTION("with init as its new parent") {
    log.act(30, 1, "/usr/bin/cp");
    CHECK(line_of(log, 30) == Line{"30 cp exec", "20 bash exec", "10 systemd exec", "1  unknown"});
  }
  SECTION("with a subreaper, an ancestor, as its new parent") {
    log.act(30, 10, "/usr/bin/cp");
    CHECK(line_of(log, 30) == Line{"30 cp exec", "20 bash exec", "10 systemd exec", "1  unknown"});
  }
  SECTION("that execs again") {
    log.exec(30, 1, "/usr/bin/base64");
    CHECK(line_of(log, 30) ==
          Line{"30 base64 exec", "20 bash exec", "10 systemd exec", "1  unknown"});
  }
  SECTION("whose parent's pid was used again is not given the wrong one") {
    log.act(30, 1, "/usr/bin/cp").exec(20, 77, "/usr/sbin/nginx");
    CHECK(line_of(log, 30) == Line{"30 cp exec", "20  unknown"});
  }
}

TEST_CASE("an ancestry never goes in circles and has an end", "[activity][process_table]") {
  LogWriter circle;
  circle.act(10, 20, "/bin/a").act(20, 10, "/bin/b").act(30, 30, "/bin/c");
  CHECK(line_of(circle, 10) == Line{"10 a actor", "20 b actor"});
  CHECK(line_of(circle, 30) == Line{"30 c actor"});
  LogWriter chain;
  for (unsigned pid = 100; pid < 200; ++pid)
    chain.exec(pid, pid - 1, "/bin/sh");
  CHECK(line_of(chain, 199).size() == 1 + ProcessTable::kMostAncestors);
}

TEST_CASE("hosts have pids of their own", "[activity][process_table]") {
  LogWriter log;
  log.add({.pid = 7, .ppid = 1, .exe = "/bin/a", .node = "one"})
      .add({.pid = 7, .ppid = 1, .exe = "/bin/b", .node = "two"});
  test::ActivityLog activity{log.text()};
  CHECK(activity.table().lineage(model::HostId{0}, 7, {}).process.name() == "a");
  CHECK(activity.table().lineage(model::HostId{1}, 7, {}).process.name() == "b");
}

TEST_CASE("the process used longest ago makes room, and that is counted",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash")
      .exec(21, 10, "/bin/vi")
      .exec(30, 20, "/bin/a")
      .exec(31, 20, "/bin/b");
  test::ActivityLog activity{log.text(), {.limits = {.processes = 3}}};
  // bash is the oldest, but its children act: vi goes.
  CHECK(line_of(activity.table().lineage(kHost, 21, {})).front() == "21  unknown");
  CHECK(line_of(activity.table().lineage(kHost, 31, {})) ==
        Line{"31 b exec", "20 bash exec", "10  unknown"});
  CHECK(activity.coverage.evictions == std::map<std::string, std::uint64_t>{{"process_table", 1}});
}

TEST_CASE("kept bytes have a bound too", "[activity][process_table]") {
  LogWriter log;
  for (unsigned pid = 100; pid < 200; ++pid)
    log.exec(pid, 1, "/bin/sh");
  test::ActivityLog activity{log.text(), {.limits = {.bytes = 10'000}}};
  CHECK(activity.table().bytes() <= 10'000);
  CHECK(activity.table().size() >= 5);
  CHECK(activity.coverage.evictions.at("process_table") == 100 - activity.table().size());
  CHECK(line_of(activity.table().lineage(kHost, 199, {})).front() == "199 sh exec");
}

TEST_CASE("an exec with more arguments than are kept is marked", "[activity][process_table]") {
  std::string text =
      "type=SYSCALL msg=audit(1.0:1): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=7 "
      "comm=\"x\" exe=\"/bin/x\"\n"
      "type=EXECVE msg=audit(1.0:1): argc=3 a0=\"x\" a1=\"y\"\n"
      "type=EXECVE msg=audit(1.0:1): a2=\"" +
      std::string(5'000, 'z') + "\"\n";
  test::ActivityLog activity{text, {.limits = {.image_bytes = 4'096}}};
  CHECK(activity.processes.at(0).lineage.process.argv.size() == 3);  // the exec itself is whole
  const Process kept = activity.table().lineage(kHost, 7, {}).process;
  CHECK(kept.argv == std::vector<std::string>{"x", "y"});
  CHECK(kept.command_line_source == CommandLineSource::execve_truncated);
}

TEST_CASE("each process that a pid was has a number of its own", "[activity][process_table]") {
  LogWriter log;
  log.fork(20, 10, "/bin/bash", 30)        // 0: a new process
      .exec(30, 20, "/usr/bin/cp")         // 1: it runs another image
      .exec(30, 20, "/usr/bin/klist")      // 2: and another
      .act(30, 77, "/usr/bin/klist")       // 3: another parent: another process
      .fork(77, 10, "/usr/sbin/cron", 30)  // 4: a fork says so outright
      .exec(31, 20, "/usr/bin/cp");
  const test::AuditLog events{log.text()};
  const Accounts accounts;
  model::Coverage coverage;
  ProcessTable table{{}, accounts, coverage};
  CHECK(table.incarnation(kHost, 30) == 0);
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < events.size(); ++i) {
    table.observe(events.event(i));
    numbers.push_back(table.incarnation(kHost, 30));
  }
  CHECK(numbers[0] != 0);
  CHECK(numbers[1] == numbers[0]);
  CHECK(numbers[2] == numbers[0]);
  CHECK(numbers[3] > numbers[2]);
  CHECK(numbers[4] > numbers[3]);
  CHECK(numbers[5] == numbers[4]);
  CHECK(table.incarnation(kHost, 31) > numbers[5]);
  CHECK(table.incarnation(model::HostId{1}, 30) == 0);
}

TEST_CASE("looking up changes nothing", "[activity][process_table]") {
  LogWriter log;
  for (unsigned pid = 100; pid < 110; ++pid)
    log.exec(pid, 1, "/bin/sh");
  const test::AuditLog events{log.text()};
  const Accounts accounts;
  model::Coverage coverage;
  ProcessTable table{{.processes = 4, .decoded_images = 2}, accounts, coverage};
  for (std::size_t i = 0; i < 4; ++i)
    table.observe(events.event(i));
  const std::size_t bytes = table.bytes();
  for (int round = 0; round < 3; ++round)
    for (unsigned pid = 100; pid < 104; ++pid)
      CHECK(table.lineage(kHost, pid, {}).process.argv.at(1) == "of" + std::to_string(pid));
  CHECK(table.bytes() == bytes);
  CHECK(table.lineage(kHost, 100, {}).process.source == ProcessSource::exec);
  table.observe(events.event(4));
  CHECK(table.lineage(kHost, 100, {}).process.source == ProcessSource::unknown);  // the oldest
  CHECK(coverage.decode_failures == 0);
}

TEST_CASE("an ancestry is copied whole and outlives the table's change",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/bash").exec(30, 20, "/usr/bin/cp").exec(20, 77, "/usr/sbin/nginx");
  const test::ActivityLog activity{log.text()};  // keeps copies of the events as they passed
  REQUIRE(activity.processes.size() == 3);
  CHECK(line_of(activity.processes[1].lineage) ==
        Line{"30 cp exec", "20 bash exec", "10  unknown"});
}

TEST_CASE("who descends from a process is told by what is known of its children and theirs",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/sh").exec(30, 20, "/usr/bin/mail").act(40, 30, "/usr/bin/mail");
  test::ActivityLog activity{log.text()};
  const ProcessTable& table = activity.table();
  CHECK(table.descends_from(kHost, 20, 10, 0));
  CHECK(table.descends_from(kHost, 40, 10, 0));
  CHECK(table.descends_from(kHost, 40, 20, 0));
  CHECK_FALSE(table.descends_from(kHost, 10, 10, 0));
  CHECK_FALSE(table.descends_from(kHost, 20, 30, 0));
  CHECK_FALSE(table.descends_from(kHost, 40, 99, 0));
  CHECK_FALSE(table.descends_from(model::HostId{1}, 40, 10, 0));
  // The child of 10 was there before: it is of another process that had that number.
  CHECK_FALSE(table.descends_from(kHost, 40, 10, table.incarnations()));
}

TEST_CASE("a child of a process whose number was used again descends from neither",
          "[activity][process_table]") {
  LogWriter log;
  log.exec(20, 10, "/bin/sh").exec(30, 20, "/usr/bin/cp").exec(20, 77, "/usr/sbin/nginx");
  test::ActivityLog activity{log.text()};
  CHECK_FALSE(activity.table().descends_from(kHost, 30, 10, 0));
  CHECK_FALSE(activity.table().descends_from(kHost, 30, 77, 0));
}

TEST_CASE("a 32-bit exec and one of an unknown architecture are seen",
          "[activity][process_table]") {
  const auto [numbers, expected] = GENERATE(table<std::string, std::string>({
      {"arch=40000003 syscall=11", "exec"},
      {"arch=c00000b7 syscall=221", "exec"},
      {"arch=c000003e syscall=322", "exec"},  // execveat
      {"arch=80000015 syscall=11", "exec"},   // ppc64: the EXECVE record tells
  }));
  CAPTURE(numbers);
  test::ActivityLog activity{"type=SYSCALL msg=audit(1.0:1): " + numbers +
                             " success=yes exit=0 ppid=1 pid=7 comm=\"x\" exe=\"/bin/x\"\n"
                             "type=EXECVE msg=audit(1.0:1): argc=1 a0=\"x\"\n"};
  CHECK(to_string(activity.table().lineage(kHost, 7, {}).process.source) == expected);
}

TEST_CASE("records that cannot be read change nothing", "[activity][process_table]") {
  const std::string body = GENERATE(as<std::string>{}, "arch=c000003e syscall=59 success=yes",
                                    "pid=7 ppid=1", "arch=zz syscall=59 success=yes pid=7", "");
  test::ActivityLog activity{"type=SYSCALL msg=audit(1.0:1): " + body};
  CHECK(activity.table().size() == 0);
}

}  // namespace
}  // namespace krbtrail::activity
