// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/watch.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

constexpr model::HostId kHost{0};
constexpr model::HostId kOtherHost{1};

model::Timestamp second(std::int64_t seconds) {
  return model::Timestamp{std::chrono::seconds{seconds}};
}

bool wants(const Watch& watch, std::string_view text, model::HostId host = kHost) {
  const test::AuditLog log{text};
  REQUIRE(log.size() == 1);
  audit::Event event = log.event(0);
  event.key.host = host;
  return watch.wants(event);
}

// The ticket is opened under a name that tells nothing, by pid 5072, a child of 4200.
constexpr std::string_view kOpen = R"(
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2=0 a3=0 items=1 ppid=4200 pid=5072 auid=1001 uid=0 comm="cat" exe="/usr/bin/cat"
type=CWD msg=audit(1700000000.123:42): cwd="/root"
type=PATH msg=audit(1700000000.123:42): item=0 name="x" inode=1253394 dev=fe:00 mode=0100600 ouid=1000 nametype=NORMAL
type=PROCTITLE msg=audit(1700000000.123:42): proctitle="cat"
)";

TEST_CASE("an event is wanted for the file it names, by host, device and inode",
          "[activity][watch]") {
  const auto [host, device, inode, expected] =
      GENERATE(table<model::HostId, std::string, std::uint64_t, bool>({
          {kHost, "fe:00", 1253394, true},
          {kOtherHost, "fe:00", 1253394, false},  // inodes are counted by each host
          {kHost, "fe:01", 1253394, false},       // and by each file system
          {kHost, "fe:00", 1253395, false},
          {kHost, "fe:0", 1253394, false},  // a device is a whole word
          {kHost, "", 1253394, false},
      }));
  CAPTURE(device, inode);
  Watch watch;
  watch.follow_file(host, device, inode);
  CHECK(watch.wants(test::AuditLog{kOpen}.event(0)) == expected);
}

TEST_CASE("whatever part the file plays in the event, it is wanted", "[activity][watch]") {
  const auto [record, expected] = GENERATE(table<std::string, bool>({
      {"item=0 name=\"/tmp/a\" inode=77 dev=fe:00 mode=0100600 nametype=NORMAL", true},
      {"item=0 name=\"/tmp/\" inode=77 dev=fe:00 mode=041777 nametype=PARENT", true},
      {"item=3 name=\"/tmp/a\" inode=77 dev=fe:00 mode=0100600 nametype=DELETE", true},
      {"item=0 name=2F746D702F612062 inode=77 dev=fe:00 nametype=CREATE", true},
      {"item=0 name=(null) inode=77 dev=fe:00 mode=0100600 nametype=NORMAL", true},
      {"item=0 name=\"x\" dev=fe:00 inode=77", true},  // in another order, without nametype
      {"item=0 name=\"inode=77 dev=fe:00\"", false},   // a name is no field
      {"item=0 name=\"/tmp/a\" inode=770 dev=fe:00", false},
      {"item=0 name=\"/tmp/a\" nametype=UNKNOWN", false},  // a symbolic link's target
      {"item=0 name=\"/tmp/a\" inode=x77 dev=fe:00", false},
      {"item=0 name=\"/tmp/a\" inode=99999999999999999999 dev=fe:00", false},
      {"", false},
  }));
  CAPTURE(record);
  Watch watch;
  watch.follow_file(kHost, "fe:00", 77);
  const std::string head = "type=PATH msg=audit(1700000000.123:42): ";
  CHECK(wants(watch, head + record) == expected);  // also where the SYSCALL record was lost
  CHECK(wants(watch, head + "item=9 name=\"/usr/bin/cat\" inode=5 dev=fe:00\n" + head + record) ==
        expected);
}

TEST_CASE("an inode is wanted from PATH records only", "[activity][watch]") {
  Watch watch;
  watch.follow_file(kHost, "fe:00", 77);
  CHECK_FALSE(wants(watch,
                    "type=USER msg=audit(1700000000.123:42): pid=1 uid=0 msg='text=type=PATH "
                    "inode=77 dev=fe:00'"));
}

// A symbolic link: the kernel says of its target what the call was given, and nothing else.
std::string link_to(std::string_view target) {
  return R"(
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=88 success=yes exit=0 items=3 ppid=4200 pid=5072
type=CWD msg=audit(1700000000.123:42): cwd="/root"
type=PATH msg=audit(1700000000.123:42): item=0 name=)" +
         std::string{target} + R"( nametype=UNKNOWN
type=PATH msg=audit(1700000000.123:42): item=1 name="/srv/" inode=2 dev=fe:00 mode=040755 nametype=PARENT
type=PATH msg=audit(1700000000.123:42): item=2 name="/srv/y" inode=9 dev=fe:00 mode=0120777 nametype=CREATE
)";
}

TEST_CASE("a record without an inode is wanted for the last part of its name",
          "[activity][watch]") {
  const auto [raw, expected] = GENERATE(table<std::string, bool>({
      {R"("/tmp/.x")", true},
      {R"(".x")", true},  // relative to wherever
      {R"("/tmp/../tmp/.x")", true},
      {"2F746D702F2E78", true},  // /tmp/.x as audit writes untrusted bytes
      {"2f746d702f2e78", true},
      {R"("/tmp/.x.gz")", false},
      {R"("/tmp/.X")", false},    // names of files have a case
      {"2F746D702F2E79", false},  // /tmp/.y
      {R"("/tmp/.x/")", true},    // what these mean is only known when they are made whole
      {R"("/tmp/.x/.")", true},
      {R"("/tmp/.x/a/..")", true},
      {"(null)", true},
      {"2F746D702F2E7", true},  // no pairs of digits
      {R"("/tmp/.x)", true},    // no closing quote
  }));
  CAPTURE(raw);
  Watch watch;
  CHECK_FALSE(wants(watch, link_to(raw)));
  watch.follow_name(kHost, "/tmp/.x");
  CHECK(wants(watch, link_to(raw)) == expected);
  CHECK_FALSE(wants(watch, link_to(R"("/tmp/.x")"), kOtherHost));
  watch.forget_name(kHost, "/tmp/.x");
  CHECK_FALSE(wants(watch, link_to(raw)));
}

TEST_CASE("a name that was followed twice is followed until it is forgotten twice",
          "[activity][watch]") {
  Watch watch;
  watch.follow_name(kHost, "/tmp/.x");
  watch.follow_name(kHost, "/root/.x");
  watch.forget_name(kHost, "/root/.x");
  CHECK(wants(watch, link_to(R"("/tmp/.x")")));
  watch.forget_name(kHost, "/tmp/.x");
  watch.forget_name(kHost, "/tmp/.x");
  CHECK_FALSE(wants(watch, link_to(R"("/tmp/.x")")));
}

TEST_CASE("an event is wanted for its process and for that one's parent", "[activity][watch]") {
  const auto [host, pid, expected] = GENERATE(table<model::HostId, std::uint32_t, bool>({
      {kHost, 5072, true},  // the caller
      {kHost, 4200, true},  // its parent: the caller is a child
      {kHost, 5073, false},
      {kHost, 1001, false},  // an auid is no pid
      {kOtherHost, 5072, false},
  }));
  CAPTURE(pid);
  Watch watch;
  watch.follow_process(host, pid, second(1'700'000'060));
  CHECK(wants(watch, kOpen) == expected);
}

TEST_CASE("a process is followed up to the second `until`", "[activity][watch]") {
  using namespace std::chrono_literals;
  const auto [until, expected] = GENERATE(table<model::Timestamp, bool>({
      {second(1'700'000'001), true},
      {second(1'700'000'000), true},  // the last second that counts, as a whole
      {second(1'700'000'000) + 999ms, true},
      {second(1'700'000'000) - 1ms, false},  // ended in the second before
      {second(1'699'999'999), false},
      {second(0), false},
  }));
  Watch watch;
  watch.follow_process(kHost, 5072, until);
  CHECK(wants(watch, kOpen) == expected);
}

TEST_CASE("following a process again moves its end to the later one", "[activity][watch]") {
  Watch watch;
  watch.follow_process(kHost, 5072, second(1'699'999'000));
  CHECK_FALSE(wants(watch, kOpen));
  watch.follow_process(kHost, 5072, second(1'700'000'600));
  CHECK(wants(watch, kOpen));
  watch.follow_process(kHost, 5072, second(1'699'999'000));
  CHECK(wants(watch, kOpen));
  CHECK(watch.processes() == 1);
  watch.forget_process(kHost, 5072);
  CHECK_FALSE(wants(watch, kOpen));
  CHECK(watch.processes() == 0);
}

TEST_CASE("what is forgotten is not wanted any more", "[activity][watch]") {
  Watch watch;
  watch.follow_file(kHost, "fe:00", 1253394);
  watch.follow_process(kHost, 4200, second(1'700'000'060));
  CHECK(watch.files() == 1);
  CHECK(watch.processes() == 1);
  watch.forget_process(kHost, 4200);
  CHECK(wants(watch, kOpen));
  watch.forget_file(kHost, "fe:00", 1253394);
  CHECK_FALSE(wants(watch, kOpen));
  CHECK(watch.files() == 0);
  CHECK(watch.processes() == 0);
}

TEST_CASE("forgetting what nobody follows changes nothing", "[activity][watch]") {
  Watch watch;
  watch.forget_file(kHost, "fe:00", 1253394);
  watch.forget_process(kHost, 5072);
  watch.follow_file(kHost, "fe:00", 1253394);
  watch.follow_process(kHost, 5072, second(1'700'000'060));
  watch.forget_file(kOtherHost, "fe:00", 1253394);
  watch.forget_file(kHost, "fe:01", 1253394);
  watch.forget_file(kHost, "fe:00", 1253395);
  watch.forget_process(kOtherHost, 5072);
  watch.forget_process(kHost, 5073);
  CHECK(watch.files() == 1);
  CHECK(watch.processes() == 1);
  CHECK(wants(watch, kOpen));
}

TEST_CASE("a file that was followed twice is followed until it is forgotten twice",
          "[activity][watch]") {
  Watch watch;
  watch.follow_file(kHost, "fe:00", 1253394);
  watch.follow_file(kHost, "fe:00", 1253394);
  CHECK(watch.files() == 1);
  watch.forget_file(kHost, "fe:00", 1253394);
  CHECK(wants(watch, kOpen));
  watch.forget_file(kHost, "fe:00", 1253394);
  CHECK_FALSE(wants(watch, kOpen));
  watch.forget_file(kHost, "fe:00", 1253394);
  CHECK(watch.files() == 0);
}

// From a worker thread: no SYSCALL, no PATH, and the pid is the ring's owner's.
constexpr std::string_view kWorker =
    "type=URINGOP msg=audit(1700000000.123:42): uring_op=18 success=yes exit=5 items=0 ppid=1 "
    "pid=900 uid=0 gid=0";
constexpr std::string_view kCaller = R"(
type=URINGOP msg=audit(1700000000.123:42): uring_op=18 success=yes exit=5 items=1 ppid=1 pid=900
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=426 success=yes exit=1 a0=3 a1=1 a2=1 a3=1 items=1 ppid=1 pid=900 uid=0
type=PATH msg=audit(1700000000.123:42): item=0 name="/etc/motd" inode=5 dev=fe:00 mode=0100644 nametype=NORMAL
)";

TEST_CASE("an io_uring operation is wanted while anything is followed", "[activity][watch]") {
  const std::string_view text = GENERATE(kWorker, kCaller);
  Watch watch;
  CHECK_FALSE(wants(watch, text));
  SECTION("a file") {
    watch.follow_file(kHost, "fe:00", 77);
    CHECK(wants(watch, text));
    watch.forget_file(kHost, "fe:00", 77);
  }
  SECTION("a process") {
    watch.follow_process(kHost, 5072, second(1'700'000'060));
    CHECK(wants(watch, text));
    watch.forget_process(kHost, 5072);
  }
  CHECK_FALSE(wants(watch, text));
}

TEST_CASE("an event without a readable SYSCALL is wanted for its files only", "[activity][watch]") {
  constexpr std::string_view kCutOff = R"(
type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes ppid=4200 pid=
type=PATH msg=audit(1700000000.123:42): item=0 name="x" inode=1253394 dev=fe:00 mode=0100600 nametype=NORMAL
)";
  Watch watch;
  watch.follow_process(kHost, 5072, second(1'700'000'060));
  watch.follow_process(kHost, 0, second(1'700'000'060));
  CHECK_FALSE(wants(watch, kCutOff));
  watch.follow_file(kHost, "fe:00", 1253394);
  CHECK(wants(watch, kCutOff));
}

std::string path_record(std::uint64_t inode) {
  return "type=PATH msg=audit(1700000000.123:42): item=0 name=\"x\" inode=" +
         std::to_string(inode) + " dev=fe:00 mode=0100600 nametype=NORMAL";
}

TEST_CASE("a place of the sieve that was full goes on telling followed from forgotten",
          "[activity][watch]") {
  Watch watch;
  constexpr int kMoreThanAPlaceCounts = 300;
  for (int i = 0; i < kMoreThanAPlaceCounts; ++i)
    watch.follow_file(kHost, "fe:00", 77);
  for (int i = 1; i < kMoreThanAPlaceCounts; ++i)
    watch.forget_file(kHost, "fe:00", 77);
  CHECK(wants(watch, path_record(77)));
  watch.forget_file(kHost, "fe:00", 77);
  CHECK_FALSE(wants(watch, path_record(77)));
  watch.follow_file(kHost, "fe:00", 77);
  CHECK(wants(watch, path_record(77)));
}

TEST_CASE("of many files each is wanted while it is followed, and none after",
          "[activity][watch]") {
  constexpr std::uint64_t kFiles = 60'000;  // several for each place of the sieve
  Watch watch;
  for (std::uint64_t inode = 0; inode < kFiles; ++inode)
    watch.follow_file(kHost, "fe:00", inode);
  CHECK(watch.files() == kFiles);
  for (std::uint64_t inode = 1; inode < kFiles; inode += 2)
    watch.forget_file(kHost, "fe:00", inode);
  CHECK(watch.files() == kFiles / 2);
  std::size_t mistaken = 0;
  for (std::uint64_t inode = 0; inode < kFiles; inode += 37)
    mistaken += wants(watch, path_record(inode)) == (inode % 2 == 0) ? 0 : 1;
  CHECK(mistaken == 0);
  for (std::uint64_t inode = 0; inode < kFiles; inode += 2)
    watch.forget_file(kHost, "fe:00", inode);
  CHECK(watch.files() == 0);
  for (std::uint64_t inode = 0; inode < kFiles; inode += 37)
    mistaken += wants(watch, path_record(inode)) ? 1 : 0;
  CHECK(mistaken == 0);
}

TEST_CASE("of many processes each is wanted while it is followed, and none after",
          "[activity][watch]") {
  constexpr std::uint32_t kProcesses = 40'000;
  const auto call_of = [](std::uint32_t pid) {
    return "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=0 success=yes exit=0 "
           "a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=" +
           std::to_string(pid) + " uid=0";
  };
  Watch watch;
  for (std::uint32_t pid = 2; pid < kProcesses; ++pid)
    watch.follow_process(kHost, pid, second(1'700'000'060));
  CHECK(watch.processes() == kProcesses - 2);
  std::size_t mistaken = 0;
  for (std::uint32_t pid = 2; pid < kProcesses; pid += 41)
    mistaken += wants(watch, call_of(pid)) ? 0 : 1;
  for (std::uint32_t pid = 2; pid < kProcesses; ++pid)
    watch.forget_process(kHost, pid);
  CHECK(watch.processes() == 0);
  for (std::uint32_t pid = 2; pid < kProcesses; pid += 41)
    mistaken += wants(watch, call_of(pid)) ? 1 : 0;
  CHECK(mistaken == 0);
}

// What Watch promises, kept in plain maps. Hashes of 64 bits that are equal by chance would make
// Watch say yes too often; in some thousands of questions that does not happen.
class PlainWatch {
 public:
  using File = std::tuple<std::uint32_t, std::string, std::uint64_t>;
  using Pid = std::pair<std::uint32_t, std::uint32_t>;

  void follow_file(const File& file) { ++files_[file]; }
  void forget_file(const File& file) {
    const auto found = files_.find(file);
    if (found != files_.end() && --found->second == 0)
      files_.erase(found);
  }
  void follow_process(const Pid& pid, std::int64_t until) {
    const auto [place, fresh] = processes_.emplace(pid, until);
    place->second = std::max(place->second, until);
  }
  void forget_process(const Pid& pid) { processes_.erase(pid); }

  [[nodiscard]] bool wants(const File& file, const Pid& caller, const Pid& parent,
                           std::int64_t at) const {
    return files_.contains(file) || follows(caller, at) || follows(parent, at);
  }
  [[nodiscard]] std::size_t files() const { return files_.size(); }
  [[nodiscard]] std::size_t processes() const { return processes_.size(); }

 private:
  [[nodiscard]] bool follows(const Pid& pid, std::int64_t at) const {
    const auto found = processes_.find(pid);
    return found != processes_.end() && at <= found->second;
  }

  std::map<File, int> files_;
  std::map<Pid, std::int64_t> processes_;
};

TEST_CASE("after any row of following and forgetting, exactly what is followed is wanted",
          "[activity][watch][random]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto below = [&](std::uint32_t end) {
    return std::uniform_int_distribution<std::uint32_t>{0, end - 1}(random);
  };
  const std::vector<std::string> devices = {"fe:00", "fe:01", "00:2a"};
  const auto any_file = [&] { return PlainWatch::File{below(2), devices[below(3)], below(20)}; };
  const auto any_pid = [&] { return PlainWatch::Pid{below(2), below(20)}; };

  Watch watch;
  PlainWatch plain;
  for (int step = 0; step < 6'000; ++step) {
    const PlainWatch::File file = any_file();
    const PlainWatch::Pid pid = any_pid();
    const auto& [file_host, device, inode] = file;
    const auto& [pid_host, number] = pid;
    switch (below(6)) {
      case 0:
        watch.follow_file(model::HostId{file_host}, device, inode);
        plain.follow_file(file);
        break;
      case 1:
      case 2:
        watch.forget_file(model::HostId{file_host}, device, inode);
        plain.forget_file(file);
        break;
      case 3: {
        const std::int64_t until = 1'700'000'000 + below(60);
        watch.follow_process(model::HostId{pid_host}, number, second(until));
        plain.follow_process(pid, until);
        break;
      }
      case 4:
        watch.forget_process(model::HostId{pid_host}, number);
        plain.forget_process(pid);
        break;
      default:
        break;
    }
    REQUIRE(watch.files() == plain.files());
    REQUIRE(watch.processes() == plain.processes());

    // One event of the file's host, whose caller and parent may have a followed number.
    const PlainWatch::Pid caller{file_host, number};
    const PlainWatch::Pid parent{file_host, below(20)};
    const std::int64_t at = 1'700'000'000 + below(60);
    const std::string head = " msg=audit(" + std::to_string(at) + ".000:1): ";
    const std::string text = "type=SYSCALL" + head +
                             "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=0 a2=0 "
                             "a3=0 items=1 ppid=" +
                             std::to_string(parent.second) +
                             " pid=" + std::to_string(caller.second) + " uid=0\ntype=PATH" + head +
                             "item=0 name=\"x\" inode=" + std::to_string(inode) + " dev=" + device +
                             " mode=0100600 nametype=NORMAL\n";
    CAPTURE(step, text);
    REQUIRE(wants(watch, text, model::HostId{file_host}) == plain.wants(file, caller, parent, at));
  }
}

}  // namespace
}  // namespace krbtrail::activity
