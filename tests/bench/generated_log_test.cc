// SPDX-License-Identifier: Apache-2.0
#include "bench/generated_log.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/planted.h"
#include "support/catch.h"

using namespace std::literals;
using krbtrail::bench::LogShape;
using krbtrail::bench::LogTotals;

namespace {

struct Log {
  std::string text;
  std::string truth;
  LogTotals totals;
};

Log generate(const LogShape& shape) {
  Log log;
  std::ostringstream truth;
  log.totals = write_log(
      shape,
      [&](std::string_view lines) {
        log.text += lines;
        return true;
      },
      &truth);
  log.truth = truth.str();
  return log;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  REQUIRE(text.ends_with('\n'));
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

struct Head {
  std::string_view node;  // "node=web-01 " or empty
  std::string_view type;
  std::string_view stamp;  // "1700000000.124:42"
  std::string_view body;

  [[nodiscard]] std::pair<std::string_view, std::string_view> event() const {
    return {node, stamp};
  }
};

// Takes `literal` off the head of `text`; what stands before it is the answer.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view literal) {
  const std::size_t at = text.find(literal);
  if (at == std::string_view::npos)
    return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + literal.size());
  return before;
}

bool is_stamp(std::string_view text) {
  if (text.size() < 16 || text[10] != '.' || text[14] != ':')
    return false;
  const std::string digits = std::string{text.substr(0, 10)} + std::string{text.substr(11, 3)} +
                             std::string{text.substr(15)};
  return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Head> head_of(std::string_view line) {
  Head head;
  if (line.starts_with("node=")) {
    head.node = line.substr(0, line.find(' ') + 1);
    line.remove_prefix(head.node.size());
  }
  if (!line.starts_with("type="))
    return std::nullopt;
  line.remove_prefix(5);
  const auto type = take_until(line, " msg=audit(");
  const auto stamp = take_until(line, "): ");
  if (!type || type->empty() || !stamp || !is_stamp(*stamp))
    return std::nullopt;
  head.type = *type;
  head.stamp = *stamp;
  head.body = line;
  return head;
}

// Views into `text`.
std::vector<Head> heads_of(std::string&& text) = delete;
std::vector<Head> heads_of(const std::string& text) {
  std::vector<Head> heads;
  std::vector<std::string> without_head;
  for (const std::string_view line : lines_of(text)) {
    if (const auto head = head_of(line))
      heads.push_back(*head);
    else
      without_head.emplace_back(line);
  }
  REQUIRE(without_head == std::vector<std::string>{});
  return heads;
}

std::map<std::string_view, std::uint64_t> types_of(const std::vector<Head>& heads) {
  std::map<std::string_view, std::uint64_t> counts;
  for (const Head& head : heads)
    ++counts[head.type];
  return counts;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

double seconds_of(std::string_view stamp) {
  return static_cast<double>(number_of(stamp.substr(0, 10))) +
         static_cast<double>(number_of(stamp.substr(11, 3))) / 1000;
}

// How far apart the first and last line of each event are, in lines; the greatest of them.
struct Spread {
  std::size_t cut = 0;  // events with a foreign line between theirs
  std::size_t widest = 0;
};

Spread spread_of(const std::vector<Head>& heads) {
  struct Lines {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t count = 0;
  };
  std::map<std::pair<std::string_view, std::string_view>, Lines> events;
  for (std::size_t line = 0; line < heads.size(); ++line) {
    Lines& lines = events.try_emplace(heads[line].event(), Lines{line, line, 0}).first->second;
    lines.last = line;
    ++lines.count;
  }
  Spread spread;
  for (const auto& [event, lines] : events) {
    const std::size_t width = lines.last - lines.first + 1;
    spread.widest = std::max(spread.widest, width);
    spread.cut += width > lines.count ? 1 : 0;
  }
  return spread;
}

std::size_t events_of(const std::vector<Head>& heads) {
  std::set<std::pair<std::string_view, std::string_view>> events;
  for (const Head& head : heads)
    events.insert(head.event());
  return events.size();
}

}  // namespace

TEST_CASE("the same shape gives the same bytes, another seed gives others", "[bench]") {
  const LogShape shape{.bytes = 300'000, .seed = 7, .theft_ppm = 5'000, .reorder = true};
  LogShape other = shape;
  other.seed = 8;
  const Log log = generate(shape);
  CHECK(log.text == generate(shape).text);
  CHECK(log.truth == generate(shape).truth);
  CHECK(log.text != generate(other).text);
}

TEST_CASE("every compiler gives the same bytes", "[bench]") {
  // FNV-1a of a log that uses every part of the generator. A change to the generator changes it,
  // and with it every figure that was recorded for generated logs: record those anew as well.
  const Log log = generate({.bytes = 2'000'000,
                            .seed = 42,
                            .interleave_percent = 30,
                            .stray_ppm = 2'000,
                            .theft_ppm = 20'000,
                            .benign_ppm = 20'000,
                            .hosts = 3,
                            .enriched = true,
                            .reorder = true,
                            .node = "web"});
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : log.text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  CHECK(hash == 10758242301175434661U);
}

TEST_CASE("every line of a generated log has a valid head, whatever its shape", "[bench]") {
  const auto shape = GENERATE(
      LogShape{.bytes = 500'000}, LogShape{.bytes = 500'000, .interleave_percent = 50},
      LogShape{.bytes = 500'000, .stray_ppm = 2'000},
      LogShape{.bytes = 500'000, .proctitle = false}, LogShape{.bytes = 500'000, .enriched = true},
      LogShape{.bytes = 500'000, .reorder = true}, LogShape{.bytes = 500'000, .hosts = 5},
      LogShape{.bytes = 500'000, .node = "web-01"},
      LogShape{.bytes = 2'000'000, .theft_ppm = 100'000, .benign_ppm = 200'000});
  const Log log = generate(shape);
  const auto heads = heads_of(log.text);
  CHECK(heads.size() == log.totals.records);
  CHECK(log.text.size() == log.totals.bytes);
  CHECK(events_of(heads) == log.totals.events);
  // It ends with the event that reaches the size: at most one exec with a long argument more.
  CHECK(log.text.size() >= shape.bytes);
  CHECK(log.text.size() < shape.bytes + 100'000);
}

TEST_CASE("a log has the density that was asked for", "[bench]") {
  const auto density = GENERATE(5U, 50U, 500U, 5'000U, 20'000U);
  CAPTURE(density);
  const Log log = generate({.bytes = 10'000'000, .density = density, .interleave_percent = 0});
  const auto heads = heads_of(log.text);
  const double seconds = seconds_of(heads.back().stamp) - seconds_of(heads.front().stamp);
  CHECK(static_cast<double>(log.totals.events) / seconds == Approx(density).epsilon(0.05));
}

TEST_CASE("a gibibyte would have about 5.35 million records, 4.44 million if enriched", "[bench]") {
  const auto [enriched, wanted] = GENERATE(table<bool, double>({{false, 5.35e6}, {true, 4.44e6}}));
  const Log log = generate({.bytes = 10'000'000, .enriched = enriched});
  const double per_byte =
      static_cast<double>(log.totals.records) / static_cast<double>(log.totals.bytes);
  CHECK(per_byte * 1'073'741'824 == Approx(wanted).epsilon(0.05));
}

TEST_CASE("42 events in a hundred start a program, 46 open a file", "[bench]") {
  const Log log = generate({.bytes = 10'000'000});
  std::map<std::string_view, std::uint64_t> calls;
  for (const Head& head : heads_of(log.text)) {
    std::string_view body = head.body;
    if (head.type == "SYSCALL" && take_until(body, " syscall="))
      ++calls[body.substr(0, body.find(' '))];
  }
  const auto events = static_cast<double>(log.totals.events);
  CHECK(static_cast<double>(calls["59"]) / events == Approx(0.42).margin(0.02));
  CHECK(static_cast<double>(calls["257"]) / events == Approx(0.46).margin(0.02));
  CHECK(static_cast<double>(calls["42"]) / events == Approx(0.08).margin(0.01));
}

TEST_CASE("each option shows in the records it is about", "[bench]") {
  SECTION("without --no-proctitle every SYSCALL has a PROCTITLE, with it none") {
    const Log with = generate({.bytes = 500'000});
    auto types = types_of(heads_of(with.text));
    CHECK(types["PROCTITLE"] == types["SYSCALL"]);
    const Log without = generate({.bytes = 500'000, .proctitle = false});
    types = types_of(heads_of(without.text));
    CHECK(types["PROCTITLE"] == 0);
    CHECK(types["SYSCALL"] > 500);
  }
  SECTION("--enriched puts names behind 0x1D, and nothing else does") {
    const Log log = generate({.bytes = 500'000, .enriched = true});
    const auto heads = heads_of(log.text);
    CHECK(std::ranges::none_of(heads, [](const Head& head) {
      return head.type == "SYSCALL" && head.body.find(
                                           "\x1d"
                                           "ARCH=") == std::string_view::npos;
    }));
    CHECK(generate({.bytes = 500'000}).text.find('\x1d') == std::string::npos);
  }
  SECTION("--stray-ppm is the share of one-record events without a type name") {
    const Log log = generate({.bytes = 5'000'000, .stray_ppm = 50'000});
    CHECK(types_of(heads_of(log.text))["UNKNOWN[1334]"] == log.totals.strays);
    CHECK(static_cast<double>(log.totals.strays) / static_cast<double>(log.totals.events) ==
          Approx(0.05).margin(0.01));
  }
  SECTION("--hosts mixes that many, each with serials of its own that count by one") {
    const Log log =
        generate({.bytes = 1'000'000, .interleave_percent = 0, .hosts = 4, .node = "db"});
    std::map<std::string_view, std::set<std::uint64_t>> serials;
    for (const Head& head : heads_of(log.text))
      serials[head.node].insert(number_of(head.stamp.substr(15)));
    REQUIRE(serials.size() == 4);
    CHECK(serials.begin()->first == "node=db-1 ");
    for (const auto& [node, of_node] : serials)
      CHECK(*of_node.rbegin() - *of_node.begin() + 1 == of_node.size());
  }
}

TEST_CASE("stamps are jiffies and never go back where nothing is interleaved", "[bench]") {
  const Log log = generate({.bytes = 1'000'000, .interleave_percent = 0});
  const auto heads = heads_of(log.text);
  CHECK(std::ranges::is_sorted(heads, {}, [](const Head& head) { return seconds_of(head.stamp); }));
  CHECK(std::ranges::all_of(
      heads, [](const Head& head) { return number_of(head.stamp.substr(11, 3)) % 4 == 0; }));
}

TEST_CASE("records mix as far as asked, and over a few dozen lines at most", "[bench]") {
  const auto [percent, share] = GENERATE(table<std::uint32_t, double>({
      {0, 0.0},
      // The cut event, and those between whose lines its tail comes out, are no longer in one
      // piece.
      {6, 0.09},
      {50, 0.75},
  }));
  CAPTURE(percent);
  const Log log = generate({.bytes = 5'000'000, .interleave_percent = percent});
  const Spread spread = spread_of(heads_of(log.text));
  CHECK(static_cast<double>(spread.cut) / static_cast<double>(log.totals.events) ==
        Approx(share).margin(0.1));
  CHECK(spread.widest <= 100);
}

TEST_CASE("late records are up to 2,000 lines late and none is lost", "[bench]") {
  const Log log = generate({.bytes = 10'000'000, .interleave_percent = 0, .reorder = true});
  const auto heads = heads_of(log.text);
  CHECK(heads.size() == log.totals.records);
  const Spread spread = spread_of(heads);
  CHECK(spread.widest > 1'500);
  CHECK(spread.widest <= 2'100);
}

TEST_CASE("the truth has one line for each planted event, and the log has that event", "[bench]") {
  const Log log = generate({.bytes = 5'000'000, .theft_ppm = 20'000, .benign_ppm = 20'000});
  std::set<std::string_view> stamps;
  for (const Head& head : heads_of(log.text))
    stamps.insert(head.stamp);
  std::uint64_t thefts = 0;
  std::uint64_t look_alikes = 0;
  for (std::string_view line : lines_of(log.truth)) {
    CAPTURE(std::string{line});
    REQUIRE(line.starts_with("{\"event\":\""));
    line.remove_prefix(10);
    CHECK(stamps.contains(line.substr(0, line.find('"'))));
    ++(line.find("\"generous\":[]") == std::string_view::npos ? thefts : look_alikes);
  }
  CHECK(thefts == log.totals.thefts);
  CHECK(look_alikes == log.totals.look_alikes);
  CHECK(thefts > 50);
  CHECK(look_alikes > 50);
}

TEST_CASE("a line of the truth names event, host, kind and the branches of both readings",
          "[bench]") {
  const Log log = generate({.bytes = 1'000'000, .theft_ppm = 100'000, .hosts = 2, .node = "db"});
  const std::string_view wanted =
      R"("kind":"netcat_of_debian","generous":["seed-copy-exfil"],"strict":[]})";
  const auto lines = lines_of(log.truth);
  const auto line = std::ranges::find_if(
      lines, [&](std::string_view candidate) { return candidate.ends_with(wanted); });
  REQUIRE(line != lines.end());
  CHECK(line->substr(line->find(',')).starts_with(",\"node\":\"db-"));
}

TEST_CASE("each kind of planted event occurs under its own name", "[bench]") {
  const Log log = generate({.bytes = 20'000'000, .theft_ppm = 50'000, .benign_ppm = 50'000});
  for (const auto kinds : {krbtrail::bench::theft_kinds(), krbtrail::bench::look_alike_kinds()}) {
    for (const auto& kind : kinds) {
      const std::string quoted = "\"kind\":\"" + std::string{kind.name} + "\"";
      CAPTURE(quoted);
      CHECK(log.truth.find(quoted) != std::string::npos);
    }
  }
}

TEST_CASE("the strict reading never expects more than the generous one", "[bench]") {
  for (const auto& kind : krbtrail::bench::theft_kinds()) {
    CAPTURE(std::string{kind.name});
    CHECK(kind.generous != krbtrail::bench::none);
    CHECK((kind.strict & ~kind.generous) == 0U);
  }
  for (const auto& kind : krbtrail::bench::look_alike_kinds()) {
    CAPTURE(std::string{kind.name});
    CHECK(kind.generous == krbtrail::bench::none);
    CHECK(kind.strict == krbtrail::bench::none);
  }
}

TEST_CASE("a long argument is cut into pieces that add up to its announced length", "[bench]") {
  const Log log = generate({.bytes = 5'000'000, .interleave_percent = 0, .theft_ppm = 50'000});
  std::size_t seen = 0;
  std::string_view stamp;
  std::uint64_t announced = 0;
  std::uint64_t got = 0;
  for (const Head& head : heads_of(log.text)) {
    if (head.stamp != stamp) {
      CHECK(got == announced);
      stamp = head.stamp;
      announced = got = 0;
    }
    std::string_view body = head.body;
    if (head.type != "EXECVE")
      continue;
    if (take_until(body, " a2_len=")) {
      announced = number_of(body);
      ++seen;
    }
    if (announced > 0 && take_until(body, "]="))
      got += std::min(body.find(' '), body.size());
  }
  CHECK(seen > 0);
}

TEST_CASE("an option that cannot be understood is named", "[bench]") {
  const auto [words, message] = GENERATE(table<std::vector<std::string>, std::string>({
      {{"--bytes", "ten"}, "--bytes: 'ten' is not a size such as 1000, 5MB or 1GiB"},
      {{"--bytes=5XB"}, "--bytes: '5XB' is not a size such as 1000, 5MB or 1GiB"},
      {{"--density", "0"}, "--density: '0' is not a number from 1 to 1000000"},
      {{"--hosts=1001"}, "--hosts: '1001' is not a number from 1 to 1000"},
      {{"--seed", "-1"}, "--seed: '-1' is not a number"},
      {{"--speed", "5"}, "unknown option '--speed'"},
      {{"--seed"}, "--seed: unknown, or its value is missing"},
  }));
  const auto command = krbtrail::bench::parse_generate_command(words);
  REQUIRE(!command.has_value());
  CHECK(command.error().message == message);
}

TEST_CASE("options reach the shape", "[bench]") {
  const auto command = krbtrail::bench::parse_generate_command(
      {"--bytes=2MiB", "--seed", "9", "--density", "5000", "--no-proctitle", "--enriched",
       "--reorder", "--node", "a", "--truth=t", "--output", "o"});
  REQUIRE(command.has_value());
  CHECK(command->shape.bytes == 2'097'152);
  CHECK(command->shape.seed == 9);
  CHECK(command->shape.density == 5'000);
  CHECK_FALSE(command->shape.proctitle);
  CHECK(command->shape.enriched);
  CHECK(command->shape.reorder);
  CHECK(command->shape.node == "a");
  CHECK(command->truth == "t");
  CHECK(command->output == "o");
}
