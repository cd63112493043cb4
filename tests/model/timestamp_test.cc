// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/timestamp.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "support/catch.h"

namespace {

using krbtrail::model::format_at;
using krbtrail::model::format_utc;
using krbtrail::model::kLastSecond;
using krbtrail::model::parse_timestamp;
using krbtrail::model::parse_zone;
using krbtrail::model::Ticks;
using krbtrail::model::Timestamp;
using std::chrono::minutes;
using std::chrono::seconds;

Timestamp at(std::int64_t second, std::int64_t ticks = 0) {
  return Timestamp{seconds{second} + Ticks{ticks}};
}

TEST_CASE("an instant is printed in UTC with milliseconds that are cut", "[model][timestamp]") {
  const auto [time, printed] = GENERATE(table<Timestamp, std::string>({
      {at(0), "1970-01-01T00:00:00.000Z"},
      {at(1700000000, 1'230'000), "2023-11-14T22:13:20.123Z"},
      {at(1700000000, 1'239'999), "2023-11-14T22:13:20.123Z"},  // cut, not rounded
      {at(1700000000, 9'999'999), "2023-11-14T22:13:20.999Z"},  // never carried into the second
      {at(0, -1), "1969-12-31T23:59:59.999Z"},                  // before the epoch it still is cut
      {at(1709164800), "2024-02-29T00:00:00.000Z"},             // a leap day
      {at(-2203891200), "1900-03-01T00:00:00.000Z"},            // 1900 had none
      {at(-11644473600), "1601-01-01T00:00:00.000Z"},           // FILETIME 0
      {at(kLastSecond), "9999-12-31T23:59:59.000Z"},
  }));
  CHECK(format_utc(time) == printed);
}

// A FILETIME from a hostile file may be any 64 bits. Days by hand: 73 and 74 cycles of 146,097
// days.
TEST_CASE("the ends of what ticks can hold are printed too", "[model][timestamp]") {
  constexpr Timestamp kFirst{Ticks{std::numeric_limits<std::int64_t>::min()}};
  constexpr Timestamp kLast{Ticks{std::numeric_limits<std::int64_t>::max()}};
  CHECK(format_utc(kLast) == "31197-09-14T02:48:05.477Z");
  CHECK(format_utc(kFirst) == "-27258-04-19T21:11:54.522Z");
  CHECK(format_at(kLast, minutes{60}) == "31197-09-14T03:48:05.477+01:00");
  CHECK(format_at(kFirst, minutes{-60}) == "-27258-04-19T20:11:54.522-01:00");
}

TEST_CASE("an offset moves the clock and is printed behind it", "[model][timestamp]") {
  const auto [offset, printed] = GENERATE(table<int, std::string>({
      {0, "2023-11-14T22:13:20.123Z"},
      {60, "2023-11-14T23:13:20.123+01:00"},
      {120, "2023-11-15T00:13:20.123+02:00"},  // into the next day
      {-210, "2023-11-14T18:43:20.123-03:30"},
      {-1080, "2023-11-14T04:13:20.123-18:00"},
      {5, "2023-11-14T22:18:20.123+00:05"},
      {-5, "2023-11-14T22:08:20.123-00:05"},  // the sign is not lost with the hours
  }));
  CHECK(format_at(at(1700000000, 1'230'000), minutes{offset}) == printed);
}

TEST_CASE("a time is read as ISO 8601 or as seconds since the epoch", "[model][timestamp]") {
  const auto [text, time] = GENERATE(table<std::string, Timestamp>({
      {"2023-11-14", at(1699920000)},
      {"2023-11-14T22:13", at(1699999980)},
      {"2023-11-14 22:13", at(1699999980)},  // a blank in place of the T
      {"2023-11-14T22:13:20", at(1700000000)},
      {"2023-11-14T22:13:20Z", at(1700000000)},
      {"2023-11-14T22:13Z", at(1699999980)},
      {"2023-11-14T22:13:20.1", at(1700000000, 1'000'000)},
      {"2023-11-14T22:13:20.123Z", at(1700000000, 1'230'000)},
      {"2023-11-14T22:13:20.1234567Z", at(1700000000, 1'234'567)},
      {"2023-11-14T22:13:20.123456789Z", at(1700000000, 1'234'567)},  // nanoseconds are cut
      {"2023-11-14T23:13:20.123+01:00", at(1700000000, 1'230'000)},
      {"2023-11-14T23:13:20.123+0100", at(1700000000, 1'230'000)},  // as date +%FT%T%z prints it
      {"2023-11-14T23:13:20+01", at(1700000000)},
      {"20231114T221320Z", at(1700000000)},  // the basic spelling
      {"20231114T221320.123", at(1700000000, 1'230'000)},
      {"20231114T2213-0030", at(1700000000 - 20 + 1800)},
      {"20231114", at(20'231'114)},  // digits alone are seconds
      {"2023-11-14T18:43:20-03:30", at(1700000000)},
      {"2023-11-14T22:13:20+00:00", at(1700000000)},
      {"2024-02-29", at(1709164800)},
      {"1969-12-31T23:59:59.9", at(-1, 9'000'000)},
      {"1601-01-01", at(-11644473600)},
      {"9999-12-31T23:59:59Z", at(kLastSecond)},
      {"0", at(0)},
      {"1700000000", at(1700000000)},
      {"1700000000.123", at(1700000000, 1'230'000)},
      {"1700000000.12345678", at(1700000000, 1'234'567)},
      {"253402300799", at(kLastSecond)},
      {"2023", at(2023)},  // a number alone is never a year
  }));
  CAPTURE(text);
  const auto parsed = parse_timestamp(text);
  REQUIRE(parsed);
  CHECK(parsed.value() == time);
}

TEST_CASE("what is not a time is refused with its reason", "[model][timestamp]") {
  const std::string shape = "its form is not known";
  const std::string day = "there is no such day";
  const std::string clock = "there is no such time of day";
  const std::string range = "it is outside the years 0000 to 9999";
  const auto [text, why] = GENERATE_COPY(table<std::string, std::string>({
      {"", shape},
      {"yesterday", shape},
      {"2023-11", shape},
      {"2023-1-14", shape},
      {"23-11-14", shape},
      {"2023/11/14", shape},
      {"14.11.2023", shape},
      {"2023-11-14T", shape},
      {"2023-11-14T22", shape},
      {"2023-11-14T22:1", shape},
      {"2023-11-14T22:13:", shape},
      {"2023-11-14T22:13:20.", shape},
      {"2023-11-14T22:13:20.Z", shape},
      {"2023-11-14T22:13:20Zx", shape},
      {"2023-11-14T22:13:20 Z", shape},
      {"2023-11-14T22:13:20+010", shape},
      {"2023-11-14T22:13:20+01:", shape},
      {"20231114T22:13", shape},  // the two spellings are not mixed
      {"2023-11-14T2213", shape},
      {"20231114T22132", shape},
      {"202311T2213", shape},
      {"20231114T", shape},
      {"T2213", shape},
      {"20231314T2213", day},
      {"20231114T2260", clock},
      {"20231114T2213+1801", "there is no such zone"},
      {"2023-11-14Z", shape},  // a zone without a time of day
      {" 2023-11-14", shape},
      {"1700000000.", shape},
      {"1700000000Z", shape},
      {"-1", shape},
      {"0x10", shape},
      {"2023-13-01", day},
      {"2023-00-01", day},
      {"2023-02-29", day},
      {"2023-11-00", day},
      {"2023-11-14T24:00", clock},
      {"2023-11-14T22:60", clock},
      {"2023-11-14T22:13:60", clock},  // a leap second has no instant of its own
      {"2023-11-14T22:13:20+18:01", "there is no such zone"},
      {"2023-11-14T22:13:20+01:60", "there is no such zone"},
      {"253402300800", range},
      {"99999999999999999999999999", range},
      {"9999-12-31T23:59:59-00:01", range},
      {"0000-01-01T00:00:00+00:01", range},
  }));
  CAPTURE(text);
  const auto parsed = parse_timestamp(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message == "'" + text + "' is not a time: " + why);
  CHECK(parsed.error().hint ==
        "wanted is 2023-11-14, 2023-11-14T22:13[:20[.123]][Z|+01:00] or seconds since the epoch");
}

TEST_CASE("a printed instant is read back, whatever its offset", "[model][timestamp]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random{seed};
  std::uniform_int_distribution<std::int64_t> second{-60'000'000'000, kLastSecond - 86'400};
  std::uniform_int_distribution<int> millisecond{0, 999};
  std::uniform_int_distribution<int> offset{-18 * 60, 18 * 60};
  for (int round = 0; round < 2000; ++round) {
    const Timestamp time = at(second(random)) + std::chrono::milliseconds{millisecond(random)};
    const std::string printed = format_at(time, minutes{offset(random)});
    CAPTURE(printed);
    const auto parsed = parse_timestamp(printed);
    REQUIRE(parsed);
    REQUIRE(parsed.value() == time);
  }
}

TEST_CASE("a zone is Z, UTC or an offset of at most 18 hours", "[model][timestamp]") {
  const auto [text, offset] = GENERATE(table<std::string, int>({
      {"Z", 0},
      {"UTC", 0},
      {"+00:00", 0},
      {"-00:00", 0},
      {"+01:00", 60},
      {"-03:30", -210},
      {"+05:45", 345},
      {"+18:00", 1080},
      {"-18:00", -1080},
  }));
  CAPTURE(text);
  const auto parsed = parse_zone(text);
  REQUIRE(parsed);
  CHECK(parsed.value() == minutes{offset});
}

TEST_CASE("what is not a zone is refused with its reason", "[model][timestamp]") {
  const std::string shape = "its form is not known";
  const std::string zone = "there is no such zone";
  const auto [text, why] = GENERATE_COPY(table<std::string, std::string>({
      {"", shape},
      {"z", shape},
      {"CET", shape},
      {"Europe/Berlin", shape},  // names of zones need a database of this machine
      {"01:00", shape},
      {"+1:00", shape},
      {"+01", shape},
      {"+0100", shape},
      {"+01:00 ", shape},
      {"ZZ", shape},
      {"+-1:00", shape},
      {"+18:01", zone},
      {"-99:00", zone},
      {"+01:60", zone},
  }));
  CAPTURE(text);
  const auto parsed = parse_zone(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message == "'" + text + "' is not a zone: " + why);
  CHECK(parsed.error().hint == "wanted is Z, UTC, +HH:MM or -HH:MM, at most 18 hours either way");
}

}  // namespace
