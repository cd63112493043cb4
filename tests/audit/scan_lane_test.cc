// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/scan_lane.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <new>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"
#include "support/lane.h"

using namespace krbtrail;
using test::Scan;
using test::scan_text;
using test::scan_texts;
using test::ScanSetup;

namespace {

constexpr std::string_view kTwoInterleaved =
    "type=SYSCALL msg=audit(1700000000.100:1): arch=c000003e syscall=257 success=yes pid=7\n"
    "type=SYSCALL msg=audit(1700000000.100:2): arch=c000003e syscall=257 success=yes pid=8\n"
    "type=PATH msg=audit(1700000000.100:2): item=0 name=\"/tmp/krb5cc_1000\"\n"
    "type=PATH msg=audit(1700000000.100:1): item=0 name=\"/etc/passwd\"\n"
    "type=PROCTITLE msg=audit(1700000000.100:2): proctitle=\"b\"\n"
    "type=PROCTITLE msg=audit(1700000000.100:1): proctitle=\"a\"\n";

std::vector<std::string> summaries(const Scan& scan) {
  std::vector<std::string> lines;
  for (const test::ScannedEvent& event : scan.events) {
    std::string line = event.host + ' ' + event.key + (event.relevant ? " !" : "");
    for (const std::string& record : event.records)
      line += '\n' + record;
    lines.push_back(line);
  }
  return lines;
}

// A log with a bit of everything.
std::string mixed_log(unsigned seed, std::size_t events) {
  std::mt19937 random{seed};
  std::string log;
  for (std::size_t i = 0; i < events; ++i) {
    const std::string stamp = "msg=audit(" + std::to_string(1700000000 + i / 100) + '.' +
                              std::to_string(100 + i % 100) + ':' + std::to_string(i + 1) + "): ";
    const std::string node = random() % 3 == 0 ? "node=web type=" : "type=";
    log += node + "SYSCALL " + stamp + "arch=c000003e syscall=257 pid=" + std::to_string(i) + '\n';
    log += node + "PATH " + stamp + "item=0 name=\"/tmp/" + (random() % 5 == 0 ? "krb5cc_1" : "x") +
           "\"\n";
    if (random() % 10 == 0)
      log += "----\n";
    if (random() % 20 == 0)
      log += "not a record\n";
    if (random() % 20 == 0)
      log += std::string(1 + random() % 40, '\0');
    if (random() % 50 == 0)
      log += "type=EXECVE " + stamp + "argc=1 a0=\"" + std::string(random() % 90'000, 'x') + "\"\n";
  }
  return log;
}

}  // namespace

TEST_CASE("interleaved records come out as whole events, in order", "[audit][scan_lane]") {
  const Scan scan = scan_text(kTwoInterleaved);
  REQUIRE(scan.events.size() == 2);
  CHECK(scan.events[0].key == "1700000000.100:1");
  CHECK(scan.events[0].records.size() == 3);
  CHECK_FALSE(scan.events[0].relevant);
  CHECK(scan.events[1].key == "1700000000.100:2");
  CHECK(scan.events[1].records.size() == 3);
  CHECK(scan.events[1].relevant);
  CHECK(scan.coverage.adds_up());
}

TEST_CASE("block and read sizes change nothing", "[audit][scan_lane]") {
  const auto seed = GENERATE(take(3, random(1U, 1'000'000U)));
  CAPTURE(seed);
  const std::string log = mixed_log(seed, 60);
  const Scan whole = scan_text(log);
  REQUIRE(whole.events.size() >= 60);
  const std::vector<std::string> expected = summaries(whole);
  const auto [block, read] = GENERATE(table<std::size_t, std::size_t>(
      {{1, 1}, {7, 100}, {100, 3}, {1'024, 4'096}, {65'536, 65'536}}));
  CAPTURE(block, read);
  const Scan other = scan_text(log, {.read_bytes = read, .block_bytes = block});
  CHECK(summaries(other) == expected);
  CHECK(other.coverage.adds_up());
  CHECK(other.coverage.bytes_read == log.size());
  for (std::size_t i = 0; i < other.coverage.rejected.size(); ++i) {
    CHECK(other.coverage.rejected[i].bytes == whole.coverage.rejected[i].bytes);
    CHECK(other.coverage.rejected[i].lines == whole.coverage.rejected[i].lines);
  }
}

TEST_CASE("the number of threads changes nothing", "[audit][scan_lane]") {
  const auto seed = GENERATE(take(3, random(1U, 1'000'000U)));
  const auto threads = GENERATE(1U, 2U, 5U);
  const auto block = GENERATE(std::size_t{100}, std::size_t{4'096}, std::size_t{262'144});
  CAPTURE(seed, threads, block);
  // Three files at once, two of which say the same of another stretch of time, and many hosts.
  std::vector<std::string> logs{mixed_log(seed, 300), mixed_log(seed + 1, 300), ""};
  for (int host = 0; host < 200; ++host)
    logs[2] += "node=h" + std::to_string(host) +
               " type=CWD msg=audit(1700000001.100:" + std::to_string(host + 1) +
               "): cwd=\"/\"\naudit: audit_lost=1 rate_limit=0\n";
  const Scan alone = scan_texts(logs, {.block_bytes = block});
  const auto may_wait = GENERATE(false, true);
  const Scan together =
      scan_texts(logs, {.block_bytes = block, .spare_threads = threads, .may_wait = may_wait});
  CHECK(summaries(together) == summaries(alone));
  CHECK(together.coverage.adds_up());
  CHECK(together.coverage.bytes_read == alone.coverage.bytes_read);
  CHECK(together.coverage.records == alone.coverage.records);
  CHECK(together.coverage.events == alone.coverage.events);
  CHECK(together.coverage.rejected == alone.coverage.rejected);
  REQUIRE(together.hosts.size() == alone.hosts.size());
  REQUIRE(together.notices.size() == alone.notices.size());
  for (std::size_t i = 0; i < alone.notices.size(); ++i) {
    CHECK(together.notices[i].lost_notices == alone.notices[i].lost_notices);
    CHECK(together.notices[i].clock_jumps_back == alone.notices[i].clock_jumps_back);
  }
}

TEST_CASE("hosts are known before their events, however many come at once", "[audit][scan_lane]") {
  std::string log;
  for (int host = 0; host < 3'000; ++host) {
    for (int item = 0; item < 5; ++item)
      log += "node=h" + std::to_string(host) +
             " type=PATH msg=audit(1700000001.100:" + std::to_string(host + 1) +
             "): item=" + std::to_string(item) + "\n";
  }
  const std::size_t block = log.size() + 1;
  const Scan alone = scan_text(log, {.block_bytes = block});
  const Scan together = scan_text(log, {.block_bytes = block, .spare_threads = 1});
  REQUIRE(alone.events.size() == 3'000);
  CHECK(summaries(together) == summaries(alone));
}

TEST_CASE("events that are not wanted any more end the reading", "[audit][scan_lane]") {
  const auto threads = GENERATE(0U, 1U, 2U);
  const std::string log = mixed_log(1, 30'000);
  const Scan scan = scan_text(
      log, {.read_bytes = 16'384, .block_bytes = 16'384, .spare_threads = threads, .blocks = 3});
  CHECK(scan.coverage.bytes_read < log.size() / 4);
}

TEST_CASE("what goes wrong with an event ends the scan", "[audit][scan_lane]") {
  const auto threads = GENERATE(0U, 1U, 2U);
  const std::string log = mixed_log(1, 30'000);
  const audit::LiteralScanner scanner{{}};
  model::HostNames hosts;
  model::Coverage coverage;
  std::size_t events = 0;
  audit::ScanLane lane{{.block_bytes = 4'096, .spare_threads = threads},
                       scanner,
                       hosts,
                       coverage,
                       [&](const audit::Event& /*event*/) {
                         if (++events == 100)
                           throw std::bad_alloc{};
                       }};
  std::vector<audit::LogInput> inputs(1);
  inputs[0].default_host = hosts.intern("host");
  inputs[0].read = [rest = std::string_view{log}](std::span<char> out) mutable {
    const std::size_t size = std::min(rest.size(), out.size());
    std::copy_n(rest.begin(), size, out.begin());
    rest.remove_prefix(size);
    return size;
  };
  CHECK_THROWS_AS(lane.scan(inputs), std::bad_alloc);
  CHECK(events == 100);
}

TEST_CASE("what goes wrong while reading ends the scan", "[audit][scan_lane]") {
  const auto threads = GENERATE(0U, 1U, 2U);
  const audit::LiteralScanner scanner{{}};
  model::HostNames hosts;
  model::Coverage coverage;
  audit::ScanLane lane{{.block_bytes = 4'096, .spare_threads = threads},
                       scanner,
                       hosts,
                       coverage,
                       [](const audit::Event& /*event*/) {}};
  std::vector<audit::LogInput> inputs(1);
  inputs[0].default_host = hosts.intern("host");
  inputs[0].read = [reads = 0](std::span<char> out) mutable -> std::size_t {
    if (++reads == 20)
      throw std::bad_alloc{};
    std::ranges::fill(out, '\n');
    return out.size();
  };
  CHECK_THROWS_AS(lane.scan(inputs), std::bad_alloc);
}

TEST_CASE("line ends of Windows change nothing", "[audit][scan_lane]") {
  std::string crlf;
  for (const char c : kTwoInterleaved)
    crlf += c == '\n' ? "\r\n" : std::string{c};
  CHECK(summaries(scan_text(crlf)) == summaries(scan_text(kTwoInterleaved)));
}

TEST_CASE("a byte order mark is dropped and accounted for", "[audit][scan_lane]") {
  const std::string marked = "\xEF\xBB\xBF" + std::string{kTwoInterleaved};
  const std::size_t block = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{4'096});
  const Scan scan = scan_text(marked, {.block_bytes = block});
  CHECK(summaries(scan) == summaries(scan_text(kTwoInterleaved)));
  CHECK(scan.coverage.bytes_read == marked.size());
  CHECK(scan.coverage.adds_up());
  const Scan alone = scan_text("\xEF\xBB\xBF", {.block_bytes = block});
  CHECK(alone.events.empty());
  CHECK(alone.coverage.adds_up());
}

TEST_CASE("holes of NUL bytes hide no record behind them", "[audit][scan_lane]") {
  const std::string hole(5'000, '\0');
  const std::string log = hole + "type=CWD msg=audit(1.000:1): cwd=\"/\"\n" + "type=PATH " + hole +
                          "type=PATH msg=audit(1.000:1): item=0 name=\"krb5cc\"" + hole + "\n";
  const Scan scan = scan_text(log);
  REQUIRE(scan.events.size() == 1);
  CHECK(scan.events[0].records.size() == 2);
  CHECK(scan.events[0].relevant);
  CHECK(scan.coverage.rejections(model::Rejection::nul).lines == 3);
  CHECK(scan.coverage.rejections(model::Rejection::nul).bytes == 15'000);
  CHECK(scan.coverage.rejections(model::Rejection::malformed).lines == 1);  // "type=PATH "
  CHECK(scan.coverage.adds_up());
}

TEST_CASE("a last line that was cut is taken and said", "[audit][scan_lane]") {
  const Scan scan = scan_text(
      "type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
      "type=PATH msg=audit(1.000:1): item=0 name=\"/tmp/krb5cc_1");
  REQUIRE(scan.events.size() == 1);
  CHECK(scan.events[0].records.size() == 2);
  REQUIRE(scan.notices.size() == 1);
  CHECK(scan.notices[0].cut_last_lines == 1);
}

TEST_CASE("a line beyond the limit is rejected whole, one at the limit is not",
          "[audit][scan_lane]") {
  const std::string head = "type=CWD msg=audit(1.000:1): ";
  const std::size_t block = GENERATE(std::size_t{100}, std::size_t{256} << 10U);
  CAPTURE(block);
  const auto line = [&](std::size_t size) { return head + std::string(size - head.size(), 'x'); };
  const Scan scan = scan_text(line(65'535) + '\n' + line(65'536) + '\n' + line(10'000'000) +
                                  "\ntype=CWD msg=audit(2.000:2): cwd=\"/\"\n",
                              {.block_bytes = block});
  CHECK(scan.events.size() == 2);
  CHECK(scan.coverage.rejections(model::Rejection::too_long).lines == 2);
  CHECK(scan.coverage.rejections(model::Rejection::too_long).bytes == 65'537 + 10'000'001);
  CHECK(scan.coverage.adds_up());
}

TEST_CASE("one event of several hosts is several events", "[audit][scan_lane]") {
  const Scan scan = scan_text(
      "node=a type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
      "node=b type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
      "type=CWD msg=audit(1.000:1): cwd=\"/\"\n"
      "node=a type=PATH msg=audit(1.000:1): item=0\n");
  REQUIRE(scan.events.size() == 3);
  CHECK(scan.records() == 4);
}

TEST_CASE("a command line over several EXECVE records is always relevant", "[audit][scan_lane]") {
  const Scan scan = scan_text(
      "type=EXECVE msg=audit(1.000:1): argc=2 a0=\"cat\" a1_len=9 a1[0]=2F6B72\n"
      "type=EXECVE msg=audit(1.000:1):  a1[1]=62356363\n"
      "type=EXECVE msg=audit(1.000:2): argc=1 a0=\"cat\"\n");
  REQUIRE(scan.events.size() == 2);
  CHECK(scan.events[0].relevant);
  CHECK_FALSE(scan.events[1].relevant);
}

TEST_CASE("a record that forges heads in its text forges nothing", "[audit][scan_lane]") {
  const Scan scan = scan_text(
      "type=USER msg=audit(5.000:9): pid=1 msg='text=type=SYSCALL msg=audit(1.000:1): comm=\"x\"'\n"
      "node=a type=USER msg=audit(5.000:9): msg='node=b type=CWD msg=audit(2.000:2): '\n");
  REQUIRE(scan.events.size() == 2);
  CHECK(scan.events[0].key == "5.000:9");
  CHECK(scan.events[1].key == "5.000:9");
}

TEST_CASE("overlapping copies of a log are read once", "[audit][scan_lane]") {
  const std::string log = mixed_log(7, 300);
  const auto first = model::Timestamp{std::chrono::seconds{1700000000}};
  const Scan once = scan_text(log);
  const Scan twice = scan_texts({log, log}, {}, {first, first});
  CHECK(summaries(twice) == summaries(once));
  CHECK(twice.coverage.rejections(model::Rejection::duplicate).lines == once.coverage.used.lines);
  CHECK(twice.coverage.adds_up());
}

TEST_CASE("an event cut by rotation is joined", "[audit][scan_lane]") {
  const std::string log{kTwoInterleaved};
  const auto cut = GENERATE(range(1, 6));
  std::size_t place = 0;
  for (int line = 0; line < cut; ++line)
    place = log.find('\n', place) + 1;
  const auto first = model::Timestamp{std::chrono::seconds{1700000000}};
  // The newer file is named first and both begin within the same event.
  const Scan scan = scan_texts({log.substr(0, place), log.substr(place)}, {}, {first, first});
  CHECK(scan.events.size() == 2);
  CHECK(scan.records() == 6);
  CHECK(scan.coverage.rejections(model::Rejection::late).lines == 0);
}

TEST_CASE("files are merged by time, in whatever order they are named", "[audit][scan_lane]") {
  std::string odd;
  std::string even;
  for (int second = 0; second < 200; ++second)
    (second % 2 == 0 ? even : odd) += "type=CWD msg=audit(" + std::to_string(1000 + second) +
                                      ".000:" + std::to_string(second) + "): cwd=\"/\"\n";
  const auto at = [](int second) { return model::Timestamp{std::chrono::seconds{second}}; };
  const Scan scan = scan_texts({odd, even}, {}, {at(1001), at(1000)});
  REQUIRE(scan.events.size() == 200);
  CHECK(std::ranges::is_sorted(scan.events, {}, &test::ScannedEvent::key));
  CHECK(scan.notices.empty());  // merged, the clock never jumps
}

TEST_CASE("of one host 16 files are read at once, the others wait and are read whole",
          "[audit][scan_lane]") {
  constexpr std::size_t kFiles = 20;
  constexpr std::size_t kRecords = 50;  // of each file, as many seconds as all the others tell of
  std::vector<std::string> logs(kFiles);
  for (std::size_t file = 0; file < kFiles; ++file) {
    for (std::size_t i = 0; i < kRecords; ++i)
      logs[file] += "type=CWD msg=audit(" + std::to_string(1'000 + i) +
                    ".000:" + std::to_string(file * kRecords + i) + "): cwd=\"/\"\n";
  }
  const audit::LiteralScanner scanner{std::vector<std::string_view>{"krb5cc"}};
  model::HostNames hosts;
  model::Coverage coverage;
  std::size_t events = 0;
  std::size_t open = 0;
  std::size_t most_open = 0;
  std::vector<audit::LogInput> inputs;
  for (std::size_t file = 0; file < kFiles; ++file) {
    const auto read = [&, file, at = std::size_t{0}](std::span<char> out) mutable {
      const std::string_view rest = std::string_view{logs[file]}.substr(at);
      const std::size_t size = std::min(rest.size(), out.size());
      most_open = std::max(most_open, open += at == 0 ? 1 : 0);
      open -= size == 0 ? 1 : 0;
      std::copy_n(rest.begin(), size, out.begin());
      at += size;
      return size;
    };
    inputs.push_back({.input = static_cast<model::InputId>(file),
                      .default_host = hosts.intern("host"),
                      .first_stamp = model::Timestamp{std::chrono::seconds{1'000}},
                      .read = read});
  }
  audit::ScanLane lane{
      {.block_bytes = 64}, scanner, hosts, coverage, [&](const audit::Event& event) {
        ++events;
        coverage.used.lines += event.lines;
        coverage.used.bytes += event.bytes;
      }};
  lane.scan(inputs);
  CHECK(most_open == 16);
  CHECK(events == kFiles * kRecords);
  CHECK(coverage.used.lines == kFiles * kRecords);
  CHECK(coverage.adds_up());
}

TEST_CASE("records in any order within the window give the same events", "[audit][scan_lane]") {
  const auto seed = GENERATE(take(10, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::vector<std::string> lines;
  for (int event = 0; event < 200; ++event) {
    for (int item = 0; item < 4; ++item)
      lines.push_back("type=PATH msg=audit(" + std::to_string(1000 + event) +
                      ".000:" + std::to_string(event) + "): item=" + std::to_string(item) + "\n");
  }
  const auto events_of = [](const std::vector<std::string>& order) {
    std::string text;
    for (const std::string& line : order)
      text += line;
    Scan scan = scan_text(text);
    for (test::ScannedEvent& event : scan.events)
      std::ranges::sort(event.records);
    return summaries(scan);
  };
  const std::vector<std::string> expected = events_of(lines);
  std::mt19937 random{seed};
  std::ranges::shuffle(lines, random);
  CHECK(events_of(lines) == expected);
}

TEST_CASE("a clock that jumps back is noticed and splits nothing", "[audit][scan_lane]") {
  const Scan scan = scan_text(
      "type=CWD msg=audit(1000.000:1): cwd=\"/\"\n"
      "type=CWD msg=audit(400.000:2): cwd=\"/\"\n"
      "type=PATH msg=audit(1000.000:1): item=0\n"
      "type=PATH msg=audit(400.000:2): item=0\n");
  CHECK(scan.events.size() == 2);
  CHECK(scan.records() == 4);
  REQUIRE(scan.notices.size() == 1);
  CHECK(scan.notices[0].clock_jumps_back == 1);
}

TEST_CASE("more hosts than the limit share one name, and that is counted", "[audit][scan_lane]") {
  std::string log;
  for (int host = 0; host < 5'000; ++host)
    log += "node=h" + std::to_string(host) + " type=CWD msg=audit(1.000:1): cwd=\"/" +
           std::to_string(host) + "\"\n";
  const Scan scan = scan_text(log);
  CHECK(scan.hosts.size() <= 4'097);
  CHECK(scan.coverage.evictions.at("hosts") == 5'000 - 4'095);
  CHECK(scan.coverage.adds_up());
}

TEST_CASE("a stream that comes in pieces gives the events of a file", "[audit][scan_lane]") {
  const auto seed = GENERATE(take(3, random(1U, 1'000'000U)));
  const auto block = GENERATE(std::size_t{1'024}, std::size_t{256U << 10U});
  CAPTURE(seed, block);
  const std::string log = mixed_log(seed, 60);
  const Scan whole = scan_text(log);
  std::mt19937 random{seed};
  for (int i = 0; i < 2; ++i) {
    const Scan pieces =
        scan_text(log, {.read_bytes = 50 + random() % 5'000, .block_bytes = block, .live = true});
    CHECK(summaries(pieces) == summaries(whole));
    CHECK(pieces.coverage.rejected == whole.coverage.rejected);
    CHECK(pieces.coverage.adds_up());
  }
}
