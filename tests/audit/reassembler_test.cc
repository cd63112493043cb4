// SPDX-License-Identifier: Apache-2.0
#include "audit/reassembler.h"

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/audit/record.h"
#include "support/catch.h"

using namespace krbtrail;
using namespace krbtrail::audit;

namespace {

// A reassembler fed line by line. Every line lies in a block of its own, as in the worst input.
class Bench {
 public:
  explicit Bench(ReassemblyLimits limits = {})
      : reassembler_(limits, pool_, coverage, [this](Event& event, const EventBlocks& /*blocks*/) {
          std::string text = event.key.to_string();
          for (const Record& record : event.records)
            text += ' ' + std::string{record.body_text()};
          events.push_back(text);
          pids.push_back(event.call ? event.call->pid : 0);
          syscalls.emplace_back(event.syscall == nullptr ? "" : event.syscall->body_text());
          released_bytes += event.bytes;
        }) {}

  void push(const std::string& line, model::HostId host = {}) {
    const HeadResult result = parse_head(line);
    REQUIRE(result.problem == HeadProblem::none);
    Block* block = pool_.take();
    REQUIRE(line.size() <= pool_.block_size());
    std::memcpy(block->bytes.get(), line.data(), line.size());
    const Record record{.type = result.head.type,
                        .body = static_cast<std::uint16_t>(result.head.body_begin),
                        .text = {block->bytes.get(), line.size()},
                        .origin = {}};
    reassembler_.push({.host = host,
                       .seconds = result.head.seconds,
                       .milliseconds = result.head.milliseconds,
                       .serial = result.head.serial},
                      record, block, line.size() + 1, false);
    pushed_bytes += line.size() + 1;
    pool_.let_go(block);
  }
  void pass_lines(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i)
      reassembler_.count_line();
  }
  void flush() { reassembler_.flush(); }
  void tick(std::chrono::milliseconds since_start) {
    reassembler_.tick(std::chrono::steady_clock::time_point{} + since_start);
  }
  [[nodiscard]] std::size_t bytes_held() const { return pool_.bytes_held(); }

  model::Coverage coverage;
  std::vector<std::string> events;
  std::vector<std::uint32_t> pids;    // what Event::call says; 0 where it is unset
  std::vector<std::string> syscalls;  // Event::syscall's body
  std::uint64_t pushed_bytes = 0;
  std::uint64_t released_bytes = 0;

 private:
  BlockPool pool_{1024};
  Reassembler reassembler_;
};

std::string path(std::int64_t second, std::uint32_t serial, int item = 0) {
  return "type=PATH msg=audit(" + std::to_string(second) + ".000:" + std::to_string(serial) +
         "): item=" + std::to_string(item);
}

}  // namespace

TEST_CASE("an event stays open until both time and lines have passed it", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 1));
  SECTION("time alone is not enough") {
    bench.push(path(200, 2));
    bench.push(path(300, 3));
    CHECK(bench.events.empty());
  }
  SECTION("lines alone are not enough") {
    bench.pass_lines(20'000);
    bench.push(path(105, 2));
    CHECK(bench.events.empty());
  }
  SECTION("both are") {
    bench.pass_lines(10'000);
    bench.push(path(106, 2));
    CHECK(bench.events == std::vector<std::string>{"100.000:1 item=0"});
  }
}

TEST_CASE("a late record within the window joins its event", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 1, 0));
  bench.push(path(160, 2));
  bench.pass_lines(9'000);
  bench.push(path(100, 1, 1));
  bench.flush();
  CHECK(bench.events == std::vector<std::string>{"100.000:1 item=0 item=1", "160.000:2 item=0"});
  CHECK(bench.coverage.rejections(model::Rejection::late).lines == 0);
}

TEST_CASE("a record of an event that has left is counted as late", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 1, 0));
  bench.pass_lines(10'000);
  bench.push(path(106, 2));
  REQUIRE(bench.events.size() == 1);
  bench.push(path(100, 1, 1));
  bench.flush();
  CHECK(bench.events.size() == 2);
  CHECK(bench.coverage.rejections(model::Rejection::late).lines == 1);
  CHECK(bench.coverage.rejections(model::Rejection::late).bytes == path(100, 1, 1).size() + 1);
}

TEST_CASE("events leave in the order of time and serial, whatever the order of arrival",
          "[audit][reassembler]") {
  Bench bench;
  for (const std::uint32_t serial : {7U, 3U, 9U, 1U, 8U, 2U})
    bench.push(path(100, serial));
  bench.push(path(99, 50));
  bench.flush();
  CHECK(bench.events == std::vector<std::string>{"99.000:50 item=0", "100.000:1 item=0",
                                                 "100.000:2 item=0", "100.000:3 item=0",
                                                 "100.000:7 item=0", "100.000:8 item=0",
                                                 "100.000:9 item=0"});
}

TEST_CASE("hosts whose clocks differ do not wait for each other", "[audit][reassembler]") {
  constexpr model::HostId kAhead{1}, kBehind{2};
  Bench bench{{.lines = 10, .open_events = 40}};
  for (std::uint32_t i = 0; i < 100; ++i) {
    bench.push(path(100'000 + i, i, 0), kAhead);
    bench.push(path(100 + i, i, 0), kBehind);
    if (i > 0) {  // the event before is finished now
      bench.push(path(100'000 + i - 1, i - 1, 1), kAhead);
      bench.push(path(100 + i - 1, i - 1, 1), kBehind);
    }
  }
  bench.flush();
  CHECK(bench.events.size() == 200);
  CHECK(bench.coverage.events_displaced == 0);
  CHECK(bench.coverage.rejections(model::Rejection::late).lines == 0);
}

TEST_CASE("the events of a host that fell silent leave all the same", "[audit][reassembler]") {
  constexpr model::HostId kTalking{1}, kSilent{2};
  Bench bench{{.lines = 10, .silent_lines = 50}};
  bench.push(path(900, 1), kSilent);
  for (std::uint32_t i = 0; i < 49; ++i)
    bench.push(path(100, i), kTalking);
  CHECK(bench.events.empty());
  bench.push(path(100, 50), kTalking);
  bench.push(path(100, 51), kTalking);
  CHECK(bench.events == std::vector<std::string>{"900.000:1 item=0"});
  CHECK(bench.coverage.events_displaced == 0);
}

TEST_CASE("a repeated record is dropped, a different one is not", "[audit][reassembler]") {
  Bench bench;
  const auto line = [](std::string_view body) {
    return "type=PATH msg=audit(100.000:1): " + std::string{body};
  };
  bench.push(line("item=0 name=\"a\""));
  bench.push(line("item=0 name=\"a\""));
  bench.push(line("item=0 name=\"a\"\x1dOUID=\"root\""));  // the enriched copy of the same record
  bench.push("type=CWD msg=audit(100.000:1): item=0 name=\"a\"");  // another type
  bench.push(line("item=0 name=\"ab\""));
  bench.push(line("item=0"));
  bench.flush();
  CHECK(bench.events ==
        std::vector<std::string>{
            R"(100.000:1 item=0 name="a" item=0 name="a" item=0 name="ab" item=0)"});
  CHECK(bench.coverage.rejections(model::Rejection::duplicate).lines == 2);
}

TEST_CASE("repeats are dropped in an event of many records too", "[audit][reassembler]") {
  Bench bench;
  for (int round = 0; round < 2; ++round) {
    for (int item = 0; item < 100; ++item)
      bench.push(path(100, 1, item));
  }
  bench.flush();
  CHECK(bench.events.size() == 1);
  CHECK(bench.coverage.rejections(model::Rejection::duplicate).lines == 100);
  CHECK(bench.coverage.records == 200);
}

TEST_CASE("a repeat is dropped as well where its type came late in an event of many records",
          "[audit][reassembler]") {
  Bench bench;
  for (int copy = 0; copy < 2; ++copy) {
    for (int item = 0; item < 30; ++item)
      bench.push(path(100, 1, item));
    bench.push("type=PROCTITLE msg=audit(100.000:1): proctitle=\"cat\"");
  }
  bench.flush();
  CHECK(bench.coverage.records == 62);
  CHECK(bench.coverage.rejections(model::Rejection::duplicate).lines == 31);
}

TEST_CASE("an event of too many records keeps the first ones and counts the rest",
          "[audit][reassembler]") {
  Bench bench{{.event_records = 10}};
  for (int item = 0; item < 25; ++item)
    bench.push(path(100, 1, item));
  bench.flush();
  CHECK(bench.coverage.rejections(model::Rejection::over_limit).lines == 15);
  CHECK(bench.coverage.rejections(model::Rejection::over_limit).bytes + bench.released_bytes ==
        bench.pushed_bytes);
}

TEST_CASE("an event of too many bytes likewise", "[audit][reassembler]") {
  Bench bench{{.event_bytes = 100}};
  for (int item = 0; item < 9; ++item)
    bench.push(path(100, 1, item));
  bench.flush();
  const std::size_t kept = 100 / path(100, 1, 0).size();
  CHECK(bench.coverage.rejections(model::Rejection::over_limit).lines == 9 - kept);
}

TEST_CASE("beyond the bound on open events the first in order leaves early and is counted",
          "[audit][reassembler]") {
  Bench bench{{.open_events = 10}};
  for (std::uint32_t serial = 1; serial <= 30; ++serial)
    bench.push(path(100, serial));
  CHECK(bench.events.size() == 20);
  CHECK(bench.coverage.events_displaced == 20);
  bench.flush();
  CHECK(bench.events.size() == 30);
  CHECK(bench.events.back() == "100.000:30 item=0");
}

TEST_CASE("beyond the bound on held bytes likewise", "[audit][reassembler]") {
  Bench bench{{.held_bytes = 64 * 1024}};
  for (std::uint32_t serial = 1; serial <= 5'000; ++serial) {
    bench.push(path(100, serial));
    REQUIRE(bench.bytes_held() <= 66 * 1024);
  }
  bench.flush();
  CHECK(bench.events.size() == 5'000);
  CHECK(bench.bytes_held() == 0);
}

TEST_CASE("an event's first SYSCALL is read once for all", "[audit][reassembler]") {
  const auto syscall = [](const std::string& serial, const std::string& body) {
    return "type=SYSCALL msg=audit(100.000:" + serial + "): " + body;
  };
  Bench bench;
  bench.push(path(100, 1));
  bench.push(syscall("1", "arch=c000003e syscall=2 pid=71"));
  bench.push(syscall("1", "arch=c000003e syscall=2 pid=72"));
  bench.push(syscall("2", "arch=c000003e syscall=2 pid=?"));  // the first one, though unreadable
  bench.push(syscall("2", "arch=c000003e syscall=2 pid=74"));
  bench.push(path(100, 3));
  bench.flush();
  CHECK(bench.pids == std::vector<std::uint32_t>{71, 0, 0});
  CHECK(bench.syscalls == std::vector<std::string>{"arch=c000003e syscall=2 pid=71",
                                                   "arch=c000003e syscall=2 pid=?", ""});
}

TEST_CASE("EOE ends nothing and is no record of the event", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 1, 0));
  bench.push("type=EOE msg=audit(100.000:1): ");
  bench.push(path(100, 1, 1));
  bench.push("type=EOE msg=audit(100.000:2): ");
  bench.flush();
  CHECK(bench.events == std::vector<std::string>{"100.000:1 item=0 item=1"});
  CHECK(bench.released_bytes + bench.coverage.not_needed.bytes == bench.pushed_bytes);
}

TEST_CASE("serial roll-over and a reboot neither split nor merge events", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 4294967295U, 0));
  bench.push(path(100, 0, 0));
  bench.push(path(100, 4294967295U, 1));
  bench.push(path(100, 0, 1));
  bench.push(path(500, 0, 0));  // small serials again, later
  bench.flush();
  CHECK(bench.events == std::vector<std::string>{"100.000:0 item=0 item=1",
                                                 "100.000:4294967295 item=0 item=1",
                                                 "500.000:0 item=0"});
}

TEST_CASE("records that join open events are held to the same bound", "[audit][reassembler]") {
  Bench bench{{.held_bytes = 256 * 1024}};
  for (std::uint32_t serial = 1; serial <= 50; ++serial)
    bench.push(path(100, serial));
  for (int item = 1; item < 200; ++item) {
    for (std::uint32_t serial = 1; serial <= 50; ++serial) {
      bench.push(path(100, serial, item));
      REQUIRE(bench.bytes_held() <= 258 * 1024);
    }
  }
  bench.flush();
  CHECK(bench.coverage.events_displaced > 0);
  CHECK(bench.released_bytes + bench.coverage.rejections(model::Rejection::late).bytes ==
        bench.pushed_bytes);
}

namespace {

std::string eoe(std::int64_t second, std::uint32_t serial) {
  return "type=EOE msg=audit(" + std::to_string(second) + ".000:" + std::to_string(serial) + "): ";
}

constexpr std::chrono::milliseconds kIdle = LiveEnding{}.idle;

}  // namespace

TEST_CASE("an event of a live stream leaves at its EOE, before older ones that are still open",
          "[audit][reassembler]") {
  Bench bench{{.live = LiveEnding{}}};
  bench.push(path(100, 1));
  bench.push(path(100, 2));
  bench.push(eoe(100, 2));
  CHECK(bench.events == std::vector<std::string>{"100.000:2 item=0"});
  bench.push(path(100, 1, 1));
  bench.push(eoe(100, 1));
  CHECK(bench.events == std::vector<std::string>{"100.000:2 item=0", "100.000:1 item=0 item=1"});
  CHECK(bench.released_bytes == bench.pushed_bytes);
}

TEST_CASE("an EOE alone is nobody's event", "[audit][reassembler]") {
  Bench bench{{.live = LiveEnding{}}};
  bench.push(eoe(100, 7));
  bench.push(eoe(100, 7));
  CHECK(bench.events.empty());
  CHECK(bench.coverage.not_needed.lines == 2);
  CHECK(bench.coverage.not_needed.bytes == bench.pushed_bytes);
}

TEST_CASE("an event of a live stream without EOE leaves when it was idle for two seconds",
          "[audit][reassembler]") {
  Bench bench{{.live = LiveEnding{}}};
  bench.push(path(100, 1));
  bench.tick(kIdle / 2);
  bench.push(path(100, 2));
  bench.push(path(100, 1, 1));  // not idle: its time begins anew
  bench.tick(kIdle * 3 / 2 - std::chrono::milliseconds{1});
  CHECK(bench.events.empty());
  bench.tick(kIdle * 3 / 2);
  CHECK(bench.events == std::vector<std::string>{"100.000:1 item=0 item=1", "100.000:2 item=0"});
}

TEST_CASE("a record behind its event's EOE is late", "[audit][reassembler]") {
  Bench bench{{.live = LiveEnding{}}};
  bench.push(path(100, 1));
  bench.push(eoe(100, 1));
  bench.push(path(100, 1, 1));
  CHECK(bench.events.size() == 1);
  CHECK(bench.coverage.rejections(model::Rejection::late).lines == 1);
}

TEST_CASE("neither EOE nor the clock ends an event of a file", "[audit][reassembler]") {
  Bench bench;
  bench.push(path(100, 1));
  bench.push(eoe(100, 1));
  bench.tick(kIdle * 10);
  CHECK(bench.events.empty());
  bench.flush();
  CHECK(bench.events.size() == 1);
}
