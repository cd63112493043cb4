// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/logon_session.h"

#include <string>

#include "detect/windows_events.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using windows::EventTime;
using windows::FileOrder;
using windows::Zone;

constexpr std::int64_t kSecond = 10'000'000;
constexpr Held kUnknown = std::nullopt;

LogPlace at(std::int64_t ticks, std::int64_t resolution = 1, Zone zone = Zone::utc) {
  LogPlace place;
  place.time = EventTime{
      .earliest = test::windows_time(ticks), .resolution = model::Ticks{resolution}, .zone = zone};
  return place;
}

LogPlace with_id(LogPlace place, std::uint64_t record_id) {
  place.record_id = record_id;
  return place;
}

LogPlace in_file(LogPlace place, std::uint32_t input, std::uint64_t position, FileOrder order) {
  place.input = model::InputId{input};
  place.position = position;
  place.order = order;
  return place;
}

}  // namespace

TEST_CASE("order is decided by time, then record id, then the order of the file",
          "[detect][logon_session]") {
  struct Row {
    LogPlace a;
    LogPlace b;
    Held expected;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {at(0), at(1), true, "one tick"},
      {at(1), at(0), false, "one tick back"},
      {with_id(at(0), 9), with_id(at(1), 3), true, "time outranks the record id"},
      {with_id(at(0), 3), with_id(at(0), 9), true, "a tie is broken by the record id"},
      {with_id(at(0), 9), with_id(at(0), 3), false, "the same"},
      {at(0, kSecond), at(kSecond), true, "the second is over"},
      {with_id(at(0, kSecond), 9), with_id(at(5), 3), false, "inside the second the id decides"},
      {in_file(at(0), 1, 5, FileOrder::oldest_first), in_file(at(0), 1, 6, FileOrder::oldest_first),
       true, "then the file"},
      {in_file(at(0), 1, 5, FileOrder::newest_first), in_file(at(0), 1, 6, FileOrder::newest_first),
       false, "a file that runs newest first is reversed"},
      {in_file(at(0), 1, 5, FileOrder::mixed), in_file(at(0), 1, 6, FileOrder::mixed), kUnknown,
       "a mixed file tells nothing"},
      {in_file(at(0), 1, 5, FileOrder::unknown), in_file(at(0), 1, 6, FileOrder::unknown), true,
       "believed where it says yes"},
      {in_file(at(0), 1, 6, FileOrder::unknown), in_file(at(0), 1, 5, FileOrder::unknown), kUnknown,
       "but its no is not"},
      {in_file(at(0), 1, 5, FileOrder::oldest_first), in_file(at(0), 2, 6, FileOrder::oldest_first),
       kUnknown, "two files of one instant"},
      {in_file(at(0, 1, Zone::local), 1, 0, FileOrder::mixed),
       in_file(at(1, 1, Zone::local), 1, 0, FileOrder::mixed), true, "one clock, one file"},
      {in_file(at(0, 1, Zone::local), 1, 0, FileOrder::mixed),
       in_file(at(kSecond, 1, Zone::local), 2, 0, FileOrder::mixed), kUnknown,
       "two files may lie in two zones"},
      {in_file(at(0, 1, Zone::local), 1, 0, FileOrder::mixed),
       in_file(at(kSecond), 2, 0, FileOrder::mixed), kUnknown, "no zone against a zone"},
      {with_id(at(kSecond, 1, Zone::half_day), 3), with_id(at(0, 1, Zone::half_day), 9), true,
       "a 12-hour clock: the id decides, not the time"},
      {with_id(LogPlace{}, 3), with_id(at(0), 9), true, "no time: the id decides"},
      {LogPlace{}, LogPlace{}, kUnknown, "nothing is known"},
  }));
  CAPTURE(row.reason);
  CHECK(precedes(row.a, row.b) == row.expected);
}

TEST_CASE("the span is inclusive to the tick, and a coarse stamp leaves it open",
          "[detect][logon_session]") {
  constexpr model::Ticks kLimit = std::chrono::minutes{5};
  struct Row {
    LogPlace a;
    LogPlace b;
    Held expected;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {at(0), at(300 * kSecond), true, "300.0000000 s"},
      {at(0), at(300 * kSecond + 1), false, "300.0000001 s"},
      {at(0), at(300 * kSecond, 10'000), kUnknown, "up to 300.0009999 s"},
      {at(0, kSecond), at(299 * kSecond, kSecond), true, "up to 299.9999999 s"},
      {at(0, kSecond), at(300 * kSecond, kSecond), kUnknown, "299.0000001 to 300.9999999 s"},
      {at(0, kSecond), at(301 * kSecond, kSecond), false, "from 300.0000001 s"},
      {at(0, 1, Zone::half_day), at(1, 1, Zone::half_day), kUnknown, "a 12-hour clock"},
  }));
  CAPTURE(row.reason);
  CHECK(is_within(span_between(row.a, row.b), kLimit) == row.expected);
}

TEST_CASE("copies of a record agree at the coarser resolution", "[detect][logon_session]") {
  struct Row {
    LogPlace a;
    LogPlace b;
    bool expected;
    const char* reason;
  };
  const auto row = GENERATE(values<Row>({
      {with_id(at(5), 3), with_id(at(5), 3), true, "the same"},
      {with_id(at(5), 3), with_id(at(5), 4), false, "another record id"},
      {with_id(at(5), 3), with_id(at(6), 3), false, "another time: the log was cleared"},
      {with_id(at(5), 3), with_id(at(0, kSecond), 3), true, "one is cut to the second"},
      {with_id(at(kSecond), 3), with_id(at(0, kSecond), 3), false, "the next second"},
      {at(5), at(5), false, "no record id"},
      {with_id(at(5), 3), with_id(at(4 * 3600 * kSecond, kSecond, Zone::local), 3), true,
       "four hours of zone"},
      {with_id(at(5), 3), with_id(at(60 * kSecond, kSecond, Zone::local), 3), false,
       "a minute is no zone"},
      {with_id(LogPlace{}, 3), with_id(at(5), 3), false, "no time"},
  }));
  CAPTURE(row.reason);
  CHECK(is_same_record(row.a, row.b) == row.expected);
  CHECK(is_same_record(row.b, row.a) == row.expected);
}

TEST_CASE("a short name can be the computer of a full one", "[detect][logon_session]") {
  const auto [a, b, expected] = GENERATE(table<std::string, std::string, bool>({
      {"PC01", "pc01", true},                       // case
      {"PC01", "pc01.corp.example", true},          // short and full
      {"pc01.a.example", "pc01.b.example", false},  // two full names
      {"PC01", "PC011", false},
      {"PC01", "PC02.corp.example", false},
  }));
  CAPTURE(a, b);
  CHECK(is_alike(a, b) == expected);
  CHECK(is_alike(b, a) == expected);
}

}  // namespace krbtrail::detect
