// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/recent_opens.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

constexpr model::HostId kHost{0};
constexpr model::HostId kOtherHost{1};
constexpr std::int64_t kStart = 1'700'000'000;

// The tables in a row, as the pipeline has them.
struct Fixture {
  model::Coverage coverage;
  Accounts accounts{""};
  ProcessTable table{{}, accounts, coverage};
  FileNames names{{}, nullptr, coverage};
  RecentOpens opens{table, names, coverage};

  void observe(std::string_view text) {
    const test::AuditLog log{text};
    for (std::size_t i = 0; i < log.size(); ++i) {
      table.observe(log.event(i));
      opens.observe(log.event(i));
    }
  }
  void observe(std::string_view text, model::HostId host) {
    const test::AuditLog log{text};
    for (std::size_t i = 0; i < log.size(); ++i) {
      audit::Event event = log.event(i);
      event.key.host = host;
      table.observe(event);
      opens.observe(event);
    }
  }
  [[nodiscard]] unsigned same_folder(std::uint32_t pid = 5072) const {
    return opens.walk(kHost, pid).same_folder;
  }
  [[nodiscard]] std::vector<std::string> written(std::uint32_t pid = 5072) {
    std::vector<std::string> paths;
    for (const PastWrite& write : opens.writes(kHost, pid))
      paths.push_back(write.object.path);
    return paths;
  }
  [[nodiscard]] std::uint64_t evicted() const {
    const auto found = coverage.evictions.find("recent_opens");
    return found == coverage.evictions.end() ? 0 : found->second;
  }
};

// An openat, as the kernel writes it; each has a serial of its own.
struct Open {
  std::string name = "\"/tmp/a\"";  // as the record has it
  std::int64_t second = 0;          // after kStart
  std::uint32_t pid = 5072;
  std::string flags = "0";  // hexadecimal: 241 is O_WRONLY|O_CREAT|O_TRUNC
  std::string mode = "0100600";
  std::string nametype = "NORMAL";
  bool success = true;
  std::uint64_t inode = 77;
  std::string folder = "ffffff9c";  // AT_FDCWD
  std::string exe = "/usr/bin/dash";
};

constexpr const char* kWriteFlags = "241";

std::string head(std::int64_t second) {
  static std::uint32_t serial = 0;
  return " msg=audit(" + std::to_string(kStart + second) + ".123:" + std::to_string(++serial) +
         "): ";
}

std::string open(const Open& open) {
  const std::string stamp = head(open.second);
  return "type=SYSCALL" + stamp +
         "arch=c000003e syscall=257 success=" + (open.success ? "yes exit=3" : "no exit=-13") +
         " a0=" + open.folder + " a1=7ffd a2=" + open.flags +
         " a3=1b6 items=1 ppid=4200 pid=" + std::to_string(open.pid) +
         " auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=7 "
         "comm=\"sh\" exe=\"" +
         open.exe + "\" key=\"kerberos_ccache\"\ntype=CWD" + stamp + "cwd=\"/root\"\ntype=PATH" +
         stamp + "item=0 name=" + open.name + " inode=" + std::to_string(open.inode) +
         " dev=fe:00 mode=" + open.mode +
         " ouid=1000 ogid=1000 rdev=00:00 nametype=" + open.nametype + " cap_fp=0\n";
}

std::string quoted(const std::string& name) {
  return "\"" + name + "\"";
}

std::string write_open(const std::string& name, std::int64_t second = 0, std::uint32_t pid = 5072) {
  return open({.name = quoted(name), .second = second, .pid = pid, .flags = kWriteFlags});
}

TEST_CASE("of a process that opened nothing there is no walk and no write",
          "[activity][recent_opens]") {
  Fixture fixture;
  CHECK(fixture.same_folder() == 0);
  CHECK_FALSE(fixture.opens.walk(kHost, 5072).lists_folder);
  CHECK(fixture.written().empty());
  fixture.observe(open({}));
  CHECK(fixture.same_folder() == 0);  // the latest itself is left out
  CHECK_FALSE(fixture.opens.walk(kHost, 5072).lists_folder);
  CHECK(fixture.written().empty());
}

TEST_CASE("a walk counts the other files of the latest one's folder", "[activity][recent_opens]") {
  const auto [earlier, expected] = GENERATE(table<std::vector<std::string>, unsigned>({
      {{"\"/tmp/a\""}, 1},
      {{"\"/tmp/a\"", "\"/tmp/b\"", "\"/tmp/c\""}, 3},
      {{"\"/tmp/a\"", "\"/tmp/a\"", "\"/tmp/a\""}, 1},  // distinct names
      {{"\"/tmp/krb5cc_1000\"", "\"/tmp/a\""}, 1},      // the latest one's earlier open is no other
      {{"\"/etc/passwd\"", "\"/tmp/d/a\"", "\"/var/tmp/a\""}, 0},  // other folders
      {{"\"/tmp\""}, 0},                                           // a file of the root folder
      {{"\"a\"", "\"b\""}, 0},    // a bare name's folder is not known to be /tmp
      {{"2F746D702F612062"}, 1},  // /tmp/a b, hexadecimal for its blank
      {{"2F746D702F612062", "\"/tmp/a\""}, 2},
      {{"(null)"}, 0},
  }));
  CAPTURE(earlier);
  Fixture fixture;
  for (const std::string& name : earlier)
    fixture.observe(open({.name = name}));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = 1}));
  CHECK(fixture.same_folder() == expected);
}

TEST_CASE("names without a folder are taken for those of one folder", "[activity][recent_opens]") {
  Fixture fixture;
  for (const char* name : {"\"krb5cc_1000\"", "\"krb5cc_1001\"", "612062", "\"krb5cc_1002\""})
    fixture.observe(open({.name = name, .folder = "4"}));
  CHECK(fixture.same_folder() == 3);
}

TEST_CASE("a name in quotes is what stands in them, though it looks like hexadecimal",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(open({.name = "\"2F746D702F61\""}));  // a file of that name, not /tmp/a
  fixture.observe(open({.name = "\"/tmp/b\""}));
  CHECK(fixture.same_folder() == 0);
}

TEST_CASE("a walk looks 60 s back from the latest open", "[activity][recent_opens]") {
  const auto [age, expected] = GENERATE(table<std::int64_t, unsigned>({
      {0, 1},
      {60, 1},
      {61, 0},
      {86'400, 0},
  }));
  CAPTURE(age);
  Fixture fixture;
  fixture.observe(open({.name = "\"/tmp/a\"", .second = 0}));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = age}));
  CHECK(fixture.same_folder() == expected);
}

TEST_CASE("a walk tells of 15 others at most", "[activity][recent_opens]") {
  Fixture fixture;
  for (unsigned files = 0; files < 40; ++files) {
    fixture.observe(open({.name = "\"/tmp/f" + std::to_string(files) + "\""}));
    CHECK(fixture.same_folder() == std::min(files, 15U));
  }
}

TEST_CASE("an open of a folder is listing it, and no file of a walk", "[activity][recent_opens]") {
  const auto [age, expected] = GENERATE(table<std::int64_t, bool>({
      {0, true},
      {60, true},
      {61, false},
  }));
  CAPTURE(age);
  Fixture fixture;
  fixture.observe(open({.name = "\"/tmp\"", .flags = "90800", .mode = "041777"}));
  CHECK_FALSE(fixture.opens.walk(kHost, 5072).lists_folder);  // around no file
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = age}));
  const Walk walk = fixture.opens.walk(kHost, 5072);
  CHECK(walk.lists_folder == expected);
  CHECK(walk.same_folder == 0);
}

TEST_CASE("only opens that succeeded make a walk", "[activity][recent_opens]") {
  const auto [text, expected] = GENERATE(table<std::string, unsigned>({
      {open({.name = "\"/tmp/a\""}), 1},
      {open({.name = "\"/tmp/a\"", .flags = "241"}), 1},  // a write is an open
      {open({.name = "\"/tmp/a\"", .nametype = "CREATE"}), 1},
      {open({.name = "\"/tmp/a\"", .success = false}), 0},
      {open({.name = "\"/tmp/a\"", .flags = "200000"}), 0},  // O_PATH
      {open({.name = "\"/tmp/a\"", .nametype = "PARENT"}), 0},
      {open({.name = "\"/tmp/a\"", .nametype = "DELETE"}), 0},
      {open({.name = "\"/tmp/a\"", .nametype = "UNKNOWN"}), 0},
  }));
  CAPTURE(text);
  Fixture fixture;
  fixture.observe(text);
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\""}));
  CHECK(fixture.same_folder() == expected);
}

// `call` is the number and the arguments of a call whose PATH names a file of /tmp.
std::string call_on_file(const std::string& call, const std::string& nametype = "NORMAL",
                         const std::string& further = "") {
  const std::string stamp = head(0);
  return "type=SYSCALL" + stamp + call +
         " items=1 ppid=4200 pid=5072 auid=1001 uid=0 gid=0 euid=0 fsuid=0 ses=7 comm=\"sh\" "
         "exe=\"/usr/bin/dash\"\n" +
         (further.empty() ? "" : "type=OPENAT2" + stamp + further + "\n") + "type=CWD" + stamp +
         "cwd=\"/root\"\ntype=PATH" + stamp +
         "item=0 name=\"/tmp/out\" inode=77 dev=fe:00 mode=0100600 ouid=0 nametype=" + nametype +
         "\n";
}

TEST_CASE("a write-open is one by its flags or because it makes the file",
          "[activity][recent_opens]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      // x86_64: open 2, openat 257, creat 85, open_by_handle_at 304, openat2 437; flags in octal:
      // O_WRONLY 1, O_RDWR 2, O_CREAT 100, O_TRUNC 1000 (asm-generic/fcntl.h).
      {call_on_file("arch=c000003e syscall=2 success=yes exit=3 a0=7f a1=1 a2=1b6 a3=0"), true},
      {call_on_file("arch=c000003e syscall=2 success=yes exit=3 a0=7f a1=2 a2=0 a3=0"), true},
      {call_on_file("arch=c000003e syscall=2 success=yes exit=3 a0=7f a1=0 a2=1 a3=1"), false},
      {call_on_file("arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=1 a3=0"),
       true},
      {call_on_file("arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=200 a3=0"),
       true},  // O_TRUNC empties it
      {call_on_file("arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=40 a3=0"),
       false},  // O_CREAT of a file that was there
      {call_on_file("arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=40 a3=0",
                    "CREATE"),
       true},  // and of one that was not
      {call_on_file("arch=c000003e syscall=85 success=yes exit=3 a0=7f a1=1b6 a2=0 a3=0"), true},
      {call_on_file("arch=c000003e syscall=304 success=yes exit=3 a0=4 a1=7f a2=1 a3=0"), true},
      {call_on_file("arch=c000003e syscall=437 success=yes exit=3 a0=ffffff9c a1=7f a2=7f a3=18",
                    "NORMAL", "oflag=01001 mode=0600 resolve=0x0"),
       true},
      {call_on_file("arch=c000003e syscall=437 success=yes exit=3 a0=ffffff9c a1=7f a2=7f a3=18",
                    "NORMAL", "oflag=02000000 mode=00 resolve=0x0"),
       false},  // O_CLOEXEC alone
      {call_on_file("arch=c000003e syscall=437 success=yes exit=3 a0=ffffff9c a1=7f a2=7f a3=18"),
       false},  // unknown flags are a read
      {call_on_file("arch=40000003 syscall=5 success=yes exit=3 a0=7f a1=1 a2=1b6 a3=0"), true},
      {call_on_file("arch=40000003 syscall=295 success=yes exit=3 a0=ffffff9c a1=7f a2=2 a3=0"),
       true},
      {call_on_file("arch=c00000b7 syscall=56 success=yes exit=3 a0=ffffff9c a1=7f a2=1 a3=0"),
       true},
      {call_on_file("arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7f a2=1 a3=0"),
       false},
      {call_on_file("arch=c000003e syscall=76 success=yes exit=0 a0=7f a1=0 a2=0 a3=0"),
       false},  // truncate opens nothing
      {call_on_file("arch=c000003e syscall=87 success=yes exit=0 a0=7f a1=1 a2=1 a3=1", "DELETE"),
       false},
      {call_on_file("arch=12345678 syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=1 a3=0"),
       false},  // another machine's numbers
  }));
  CAPTURE(text);
  Fixture fixture;
  fixture.observe(text);
  CHECK(fixture.written() ==
        (expected ? std::vector<std::string>{"/tmp/out"} : std::vector<std::string>{}));
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("devices, pipes and sockets are no write-opens", "[activity][recent_opens]") {
  const auto [mode, expected] = GENERATE(table<std::string, std::size_t>({
      {"0100644", 1},  // regular
      {"00", 1},       // not told
      {"020666", 0},   // /dev/null, a terminal
      {"060660", 0},
      {"010600", 0},
      {"0140777", 0},
      {"040755", 0},
  }));
  CAPTURE(mode);
  Fixture fixture;
  fixture.observe(open({.name = "\"/tmp/out\"", .flags = kWriteFlags, .mode = mode}));
  CHECK(fixture.written().size() == expected);
}

TEST_CASE("a shell's output is recalled with its event and its object",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(R"(
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=241 a3=1b6 items=2 ppid=4200 pid=5072 auid=1001 uid=0 gid=0 euid=0 fsuid=0 ses=7 comm="sh" exe="/usr/bin/dash" key="k"
type=CWD msg=audit(1700000000.123:42): cwd="/var/tmp"
type=PATH msg=audit(1700000000.123:42): item=0 name="./" inode=3 dev=fe:00 mode=041777 ouid=0 ogid=0 rdev=00:00 nametype=PARENT
type=PATH msg=audit(1700000000.123:42): item=1 name="./.svc cache" inode=4711 dev=fe:00 mode=0100600 ouid=0 ogid=0 rdev=00:00 nametype=CREATE
type=PROCTITLE msg=audit(1700000000.123:42): proctitle="sh"
)");
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = 1}));
  const auto writes = fixture.opens.writes(kHost, 5072);
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].key == audit::EventKey{kHost, 1'700'000'000, 123, 42});
  CHECK(writes[0].origin.line == 2);
  CHECK(writes[0].object.path == "/var/tmp/.svc cache");
  CHECK(writes[0].object.confidence == PathConfidence::joined);
  CHECK(writes[0].object.device == "fe:00");
  CHECK(writes[0].object.inode == 4711);
  CHECK(writes[0].object.owner_uid == 0);
  CHECK(writes[0].object.mode == 0100600);
}

TEST_CASE("the origin of a recalled write is that of its event's first record",
          "[activity][recent_opens]") {
  Fixture fixture;
  const std::string text = write_open("/tmp/out");
  const test::AuditLog log{text};
  audit::Event event = log.event(0);
  std::vector<audit::Record> records(event.records.begin(), event.records.end());
  records[0].origin = {.input = model::InputId{7}, .line = 5'000'000'000, .offset = 1ULL << 40U};
  event.records = records;
  fixture.table.observe(event);
  fixture.opens.observe(event);
  const auto writes = fixture.opens.writes(kHost, 5072);
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].origin == records[0].origin);
}

TEST_CASE("what is recalled is decoded by libauparse: names are bytes",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(open({.name = "2F746D702F610A62FF", .flags = kWriteFlags}));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/a\nb\xff"});
}

TEST_CASE("a write relative to a folder is recalled by the name that its inode has by then",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(open({.name = "\"out\"", .flags = kWriteFlags, .inode = 4711, .folder = "4"}));
  auto writes = fixture.opens.writes(kHost, 5072);
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].object.path == "out");
  CHECK(writes[0].object.confidence == PathConfidence::unresolved);

  FileObject full;
  full.path = "/srv/share/out";
  full.confidence = PathConfidence::absolute;
  full.device = "fe:00";
  full.inode = 4711;
  fixture.names.remember(kHost, full);
  writes = fixture.opens.writes(kHost, 5072);
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].object.path == "/srv/share/out");
  CHECK(writes[0].object.confidence == PathConfidence::known_inode);
}

std::string removal(std::uint64_t inode, const std::string& device = "fe:00",
                    std::uint32_t pid = 5072, const std::string& success = "yes exit=0") {
  const std::string stamp = head(900);
  return "type=SYSCALL" + stamp + "arch=c000003e syscall=87 success=" + success +
         " a0=7f a1=0 a2=0 a3=0 items=2 ppid=4200 pid=" + std::to_string(pid) +
         " auid=1001 uid=0 ses=7 comm=\"sh\" exe=\"/usr/bin/dash\"\ntype=PATH" + stamp +
         "item=0 name=\"/tmp/\" inode=4711 dev=fe:00 mode=041777 nametype=PARENT\ntype=PATH" +
         stamp + "item=1 name=\"/tmp/out\" inode=" + std::to_string(inode) + " dev=" + device +
         " mode=0100600 nametype=DELETE\n";
}

TEST_CASE("a file that its writer removes again counts as never written",
          "[activity][recent_opens]") {
  const auto [text, expected] = GENERATE(table<std::string, std::size_t>({
      {removal(77), 1},                 // the first of the two
      {removal(78), 2},                 // another file
      {removal(4711), 2},               // the folder that it was in is not removed
      {removal(77, "fe:01"), 2},        // the same number on another disk
      {removal(77, "fe:00", 5073), 2},  // by somebody else: it was written
      {removal(77, "fe:00", 5072, "no exit=-13"), 2},
  }));
  CAPTURE(text);
  Fixture fixture;
  fixture.observe(open({.name = "\"/tmp/out\"", .flags = kWriteFlags, .inode = 77}));
  fixture.observe(open({.name = "\"/tmp/out2\"", .flags = kWriteFlags, .inode = 99}));
  fixture.observe(text);  // 900 s later: removing opens nothing, the latest open stays what it was
  CHECK(fixture.written().size() == expected);
  CHECK(fixture.written().back() == "/tmp/out2");
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("a file that is made anew under a removed one's number is written",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  fixture.observe(removal(77));
  fixture.observe(write_open("/tmp/again", 900));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/again"});
}

TEST_CASE("writes are told oldest first, the last 8 of them", "[activity][recent_opens]") {
  Fixture fixture;
  for (int i = 0; i < 20; ++i) {
    fixture.observe(write_open("/tmp/out" + std::to_string(i), i));
    fixture.observe(open({.name = "\"/tmp/in\"", .second = i}));
  }
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out12", "/tmp/out13", "/tmp/out14",
                                                      "/tmp/out15", "/tmp/out16", "/tmp/out17",
                                                      "/tmp/out18", "/tmp/out19"});
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("reads push no write out", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  for (int i = 0; i < 100; ++i)
    fixture.observe(open({.name = "\"/tmp/f" + std::to_string(i) + "\""}));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
}

TEST_CASE("writes are told 600 s back from the latest open", "[activity][recent_opens]") {
  const auto [age, expected] = GENERATE(table<std::int64_t, std::size_t>({
      {600, 1},
      {601, 0},
  }));
  CAPTURE(age);
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = age}));
  CHECK(fixture.written().size() == expected);
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("asking changes nothing", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\""}));
  CHECK(fixture.written() == fixture.written());
  CHECK(fixture.same_folder() == 1);
  CHECK(fixture.same_folder() == 1);
  CHECK(fixture.written(6'000).empty());
  CHECK(fixture.coverage.decode_failures == 0);
}

TEST_CASE("each process has its own opens", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/of_5072", 0, 5072));
  fixture.observe(write_open("/tmp/of_5073", 0, 5073));
  fixture.observe(open({.name = "\"/tmp/in\"", .pid = 5073}));
  CHECK(fixture.written(5072) == std::vector<std::string>{"/tmp/of_5072"});
  CHECK(fixture.written(5073) == std::vector<std::string>{"/tmp/of_5073"});
  CHECK(fixture.same_folder(5072) == 0);
  CHECK(fixture.same_folder(5073) == 1);
}

TEST_CASE("equal pids of two hosts are two processes", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/here"), kHost);
  fixture.observe(write_open("/tmp/there"), kOtherHost);
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/here"});
  const auto there = fixture.opens.writes(kOtherHost, 5072);
  REQUIRE(there.size() == 1);
  CHECK(there[0].object.path == "/tmp/there");
  CHECK(there[0].key.host == kOtherHost);
  CHECK(fixture.opens.walk(kOtherHost, 5072).same_folder == 0);
}

std::string exec(const std::string& exe, std::int64_t second, std::uint32_t ppid = 4200) {
  const std::string stamp = head(second);
  return "type=SYSCALL" + stamp +
         "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=8 items=1 ppid=" +
         std::to_string(ppid) +
         " pid=5072 auid=1001 uid=0 gid=0 euid=0 fsuid=0 ses=7 comm=\"x\" exe=\"" + exe +
         "\"\ntype=EXECVE" + stamp + "argc=1 a0=\"x\"\ntype=CWD" + stamp +
         "cwd=\"/root\"\ntype=PATH" + stamp + "item=0 name=\"" + exe +
         "\" inode=9 dev=fe:00 mode=0100755 ouid=0 nametype=NORMAL\n";
}

std::string fork(std::uint32_t parent, std::uint32_t child, std::int64_t second) {
  return "type=SYSCALL" + head(second) +
         "arch=c000003e syscall=57 success=yes exit=" + std::to_string(child) +
         " a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=" + std::to_string(parent) +
         " auid=1001 uid=0 gid=0 euid=0 fsuid=0 ses=7 comm=\"sh\" exe=\"/usr/bin/dash\"\n";
}

TEST_CASE("an exec keeps what its process opened: redirections come before it",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(fork(4200, 5072, 0));
  fixture.observe(write_open("/tmp/out", 0));
  fixture.observe(exec("/usr/bin/base64", 0));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = 1, .exe = "/usr/bin/base64"}));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
  CHECK(fixture.same_folder() == 1);
}

TEST_CASE("what an earlier process of the pid opened is nobody's", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(open({.name = "\"/tmp\"", .mode = "041777"}));
  fixture.observe(write_open("/tmp/out"));
  CHECK(fixture.written().size() == 1);
  fixture.observe(fork(4200, 5072, 1));
  CHECK(fixture.written().empty());
  CHECK(fixture.same_folder() == 0);
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = 1}));
  CHECK(fixture.written().empty());
  CHECK(fixture.same_folder() == 0);
  CHECK_FALSE(fixture.opens.walk(kHost, 5072).lists_folder);
  CHECK(fixture.evicted() == 0);  // nothing that was of use
}

TEST_CASE("a child has its own opens, not its parent's", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out", 0, 4200));
  fixture.observe(fork(4200, 5072, 0));
  CHECK(fixture.written(5072).empty());
  CHECK(fixture.written(4200) == std::vector<std::string>{"/tmp/out"});
}

TEST_CASE("a process that the table of processes lost has no opens", "[activity][recent_opens]") {
  Fixture fixture;
  const std::string text = write_open("/tmp/out");
  const test::AuditLog log{text};
  fixture.opens.observe(log.event(0));  // before the table has seen it
  fixture.table.observe(log.event(0));
  CHECK(fixture.written().empty());
}

TEST_CASE("a write whose text was overwritten is gone, and counted once if it is asked for",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  const std::string long_name = "/tmp/" + std::string(4'000, 'x');
  // 4 MiB of others' records.
  for (std::uint32_t i = 0; i < 1'100; ++i)
    fixture.observe(write_open(long_name, 1, 6'000 + i % 7));
  CHECK(fixture.evicted() == 0);
  CHECK(fixture.written().empty());
  CHECK(fixture.evicted() == 1);
  CHECK(fixture.written().empty());
  CHECK(fixture.evicted() == 1);
  CHECK(fixture.written(6'000) == std::vector<std::string>(8, long_name));

  fixture.observe(write_open("/tmp/new", 2));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/new"});
  CHECK(fixture.evicted() == 1);
}

TEST_CASE("an overwritten write that would be too old anyway is not counted",
          "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out"));
  for (int i = 0; i < 1'100; ++i)
    fixture.observe(write_open("/tmp/" + std::string(4'000, 'x'), 601, 6'000));
  fixture.observe(open({.second = 601}));
  CHECK(fixture.written().empty());
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("texts around the end of the buffer are recalled whole", "[activity][recent_opens]") {
  Fixture fixture;
  // Some 25,000 events of some 700 bytes: four times round, each time at another offset.
  std::size_t recalled = 0;
  for (int i = 0; i < 25'000; ++i) {
    const std::string name = "/tmp/" + std::string(static_cast<std::size_t>(i % 89), 'x');
    fixture.observe(write_open(name + "!", 0));
    if (i % 5 == 0 && fixture.written().back() == name + "!")
      ++recalled;
  }
  CHECK(recalled == 5'000);
  CHECK(fixture.evicted() == 0);
}

TEST_CASE("of very many processes those are forgotten that opened something least recently",
          "[activity][recent_opens]") {
  constexpr std::uint32_t kProcesses = 12'000;
  const auto [apart, all_of_use] = GENERATE(table<std::int64_t, bool>({
      {0, true},    // all within 60 s: each eviction is a loss
      {61, false},  // each 61 s after the one before: none is
  }));
  CAPTURE(apart);
  Fixture fixture;
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    for (const char* name : {"\"/tmp/a\"", "\"/tmp/b\""})
      fixture.observe(open({.name = name, .second = apart * i, .pid = 10'000 + i}));
  }
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < kProcesses; ++i)
    kept += fixture.same_folder(10'000 + i);
  CHECK(kept <= 8'192);
  CHECK(kept > 4'096);  // pids in a row fill the groups evenly
  CHECK(fixture.same_folder(10'000 + kProcesses - 1) == 1);
  CHECK(fixture.evicted() == (all_of_use ? kProcesses - kept : 0));
}

TEST_CASE("a process that goes on opening stays while others come", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out", 0));
  for (std::uint32_t i = 0; i < 12'000; ++i) {
    fixture.observe(open({.pid = 10'000 + i}));
    if (i % 8 == 0)
      fixture.observe(open({.name = i % 16 == 0 ? "\"/tmp/in\"" : "\"/tmp/further\""}));
  }
  CHECK(fixture.same_folder() == 1);
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
}

TEST_CASE("records beyond 32 KiB of an event are left out", "[activity][recent_opens]") {
  const std::string stamp = head(0);
  const std::string call =
      "type=SYSCALL" + stamp +
      "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=241 a3=1b6 items=2 "
      "ppid=4200 pid=5072 auid=1001 uid=0 ses=7 comm=\"sh\" exe=\"/usr/bin/dash\"\n";
  const std::string long_folder =
      "type=CWD" + stamp + "cwd=\"/" + std::string(40'000, 'x') + "\"\n";
  const std::string path = "type=PATH" + stamp +
                           "item=0 name=\"/tmp/out\" inode=77 dev=fe:00 mode=0100600 ouid=0 "
                           "nametype=CREATE\n";
  Fixture fixture;
  SECTION("a working folder: the name stands for itself") {
    fixture.observe(call + long_folder + path);
    CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
    CHECK(fixture.evicted() == 0);
  }
  SECTION("the file itself: the write is lost, and counted") {
    fixture.observe(call + "type=PATH" + stamp + "item=0 name=\"/tmp/" + std::string(40'000, 'x') +
                    "\" inode=77 dev=fe:00 mode=0100600 ouid=0 nametype=CREATE\n");
    CHECK(fixture.written().empty());
    CHECK(fixture.evicted() == 1);
  }
  SECTION("a file behind hundreds of others") {
    std::string many = call;
    for (int item = 0; item < 600; ++item)
      many += "type=PATH" + stamp + "item=" + std::to_string(item) +
              " name=\"/tmp/\" inode=3 dev=fe:00 mode=041777 ouid=0 nametype=PARENT\n";
    fixture.observe(many + path);
    CHECK(fixture.written().empty());
    CHECK(fixture.evicted() == 1);
  }
}

TEST_CASE("records of other types take no room", "[activity][recent_opens]") {
  Fixture fixture;
  const std::string text = write_open("/tmp/out");
  const std::string stamp =
      text.substr(text.find(" msg="), text.find(": ") + 2 - text.find(" msg="));
  fixture.observe(text + "type=PROCTITLE" + stamp + "proctitle=" + std::string(60'000, '4') + "\n");
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
}

TEST_CASE("odd records are no opens and harm nothing", "[activity][recent_opens]") {
  const auto [text, writes] = GENERATE(table<std::string, std::size_t>({
      // PATH without its SYSCALL, whose process nobody knows.
      {"type=PATH msg=audit(1700000000.123:42): item=0 name=\"/tmp/a\" inode=1 dev=fe:00 "
       "mode=0100600 nametype=CREATE",
       0},
      // No pid.
      {"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes a2=241\n"
       "type=PATH msg=audit(1700000000.123:42): item=0 name=\"/tmp/a\" nametype=CREATE",
       0},
      // No PATH at all: lost, or an open of something without a name.
      {"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes a2=241 "
       "ppid=1 pid=5072",
       0},
      // No flags, no device, no inode, no mode: the file is made nevertheless.
      {"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes ppid=1 "
       "pid=5072\n"
       "type=PATH msg=audit(1700000000.123:42): item=0 name=\"/tmp/a\" nametype=CREATE",
       1},
      // A name cut off within its quotes.
      {"type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes ppid=1 "
       "pid=5072 a2=241\n"
       "type=PATH msg=audit(1700000000.123:42): item=0 nametype=CREATE name=\"/tmp/a",
       1},
      // The first moment there is.
      {"type=SYSCALL msg=audit(0.000:0): arch=c000003e syscall=85 success=yes ppid=1 pid=5072\n"
       "type=PATH msg=audit(0.000:0): item=0 name=\"/tmp/a\" nametype=CREATE",
       1},
      // And the last.
      {"type=SYSCALL msg=audit(253402300799.999:4294967295): arch=c000003e syscall=85 success=yes "
       "ppid=1 pid=5072\n"
       "type=PATH msg=audit(253402300799.999:4294967295): item=0 name=\"/tmp/a\" nametype=CREATE",
       1},
  }));
  CAPTURE(text);
  Fixture fixture;
  fixture.observe(text);
  CHECK(fixture.written().size() == writes);
  CHECK(fixture.same_folder() == 0);
}

TEST_CASE("time that runs backwards loses no write", "[activity][recent_opens]") {
  Fixture fixture;
  fixture.observe(write_open("/tmp/out", 1'000));
  fixture.observe(open({.name = "\"/tmp/krb5cc_1000\"", .second = 0}));
  CHECK(fixture.written() == std::vector<std::string>{"/tmp/out"});
}

TEST_CASE("no mutilated record harms what is kept of others", "[activity][recent_opens][random]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto below = [&](std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
  };
  Fixture fixture;
  fixture.observe(write_open("/tmp/out", 0, 4'000));
  for (int round = 0; round < 3'000; ++round) {
    // Of pids that are not asked for in the end; heads stay whole, or the lane would refuse them.
    std::string text = open({.name = quoted("/tmp/f" + std::to_string(below(50))),
                             .pid = static_cast<std::uint32_t>(5'000 + below(100)),
                             .flags = below(2) == 0 ? "0" : kWriteFlags,
                             .nametype = below(2) == 0 ? "NORMAL" : "CREATE"});
    for (std::size_t change = below(6); change > 0; --change) {
      const std::size_t line = text.rfind('\n', below(text.size() - 1));
      const std::size_t body = text.find("): ", line == std::string::npos ? 0 : line) + 3;
      const std::size_t end = text.find('\n', body);
      const std::size_t place = body + below(end - body);
      if (text[place] == 'p' || (text[place] >= '0' && text[place] <= '9' && body < 200))
        continue;
      text[place] = "\"= x\x1d\xff"[below(6)];
    }
    fixture.observe(text);
    const auto pid = static_cast<std::uint32_t>(5'000 + below(100));
    CHECK(fixture.opens.writes(kHost, pid).size() <= 8);
    CHECK(fixture.opens.walk(kHost, pid).same_folder <= 15);
  }
  CHECK(fixture.written(4'000) == std::vector<std::string>{"/tmp/out"});
}

}  // namespace
}  // namespace krbtrail::activity
