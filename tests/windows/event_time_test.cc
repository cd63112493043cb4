// SPDX-License-Identifier: Apache-2.0
#include "windows/event_time.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "krbtrail/model/timestamp.h"
#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using model::Ticks;

constexpr std::int64_t kWhole = 16'509'250'670'000'000;  // 2022-04-25T22:17:47Z
constexpr Ticks kSecond{10'000'000};
constexpr Ticks kMillisecond{10'000};

std::int64_t ticks_since_1970(const EventTime& time) {
  return time.earliest.time_since_epoch().count();
}

TEST_CASE("a stamp is read as far as it goes, with what it knows of its zone",
          "[windows][event_time]") {
  const auto [text, ticks, resolution, zone] =
      GENERATE(table<std::string, std::int64_t, Ticks, Zone>({
          // Windows' own: nine digits, of which seven mean something.
          {"2022-04-25T22:17:47.058172300Z", kWhole + 581'723, Ticks{1}, Zone::utc},
          {"2022-04-25T22:17:47.0581723Z", kWhole + 581'723, Ticks{1}, Zone::utc},
          {"2022-04-25T22:17:47.058172Z", kWhole + 581'720, Ticks{10}, Zone::utc},
          {"2022-04-25T22:17:47.058Z", kWhole + 580'000, kMillisecond, Zone::utc},
          {"2022-04-25T22:17:47.5Z", kWhole + 5'000'000, Ticks{1'000'000}, Zone::utc},
          {"2022-04-25T22:17:47Z", kWhole, kSecond, Zone::utc},
          {"2022-04-25T22:17:47.0581723+00:00", kWhole + 581'723, Ticks{1}, Zone::utc},
          {"2022-04-26T00:17:47.058+02:00", kWhole + 580'000, kMillisecond, Zone::utc},
          {"2022-04-25T17:47:47-0430", kWhole, kSecond, Zone::utc},
          {"2022-04-25 22:17:47.058172 UTC", kWhole + 581'720, Ticks{10}, Zone::utc},
          // No zone: as the caller says.
          {"2022-04-25 22:17:47.058172", kWhole + 581'720, Ticks{10}, Zone::local},
          {"2022-04-25 22:17:47", kWhole, kSecond, Zone::local},
          {"2022-04-25T22:17:47,058", kWhole + 580'000, kMillisecond, Zone::local},
          {"4/25/2022 10:17:47 PM", kWhole, kSecond, Zone::local},
          {"04/25/2022 10:17:47 PM", kWhole, kSecond, Zone::local},
          {"4/25/2022, 10:17:47.058 PM", kWhole + 580'000, kMillisecond, Zone::local},
          {"25/04/2022 22:17:47", kWhole, kSecond, Zone::local},  // 25 is no month
          {"25.04.2022 22:17:47", kWhole, kSecond, Zone::local},
          {"Apr 25, 2022 @ 22:17:47.058", kWhole + 580'000, kMillisecond, Zone::local},
          // Marks of direction and a narrow blank, as new versions of Windows write them.
          {"\xE2\x80\x8E"
           "4/"
           "\xE2\x80\x8E"
           "25/2022 10:17:47\xE2\x80\xAF"
           "PM",
           kWhole, kSecond, Zone::local},
          // Midnight and noon of a 12-hour clock.
          {"4/25/2022 12:00:00 AM", 16'508'448'000'000'000, kSecond, Zone::local},
          {"4/25/2022 12:00:00 PM", 16'508'448'000'000'000 + 43'200 * kSecond.count(), kSecond,
           Zone::local},
          // Numbers.
          {"/Date(1650925067058)/", kWhole + 580'000, kMillisecond, Zone::utc},
          {"/Date(1650925067058+0200)/", kWhole + 580'000, kMillisecond, Zone::utc},
          {"1650925067", kWhole, kSecond, Zone::utc},
          {"1650925067.058", kWhole + 580'000, kMillisecond, Zone::utc},
          // A double cannot hold 100 ns in our time: two ticks either way.
          {"1650925067.0581722", kWhole + 581'720, Ticks{5}, Zone::utc},
      }));
  CAPTURE(text);
  const Stamp stamp = parse_stamp(text, Zone::local);
  const auto* time = value_of(stamp.time);
  REQUIRE(time != nullptr);
  CHECK(ticks_since_1970(*time) == ticks);
  CHECK(time->resolution == resolution);
  CHECK(time->zone == zone);
  CHECK_FALSE(stamp.assumed);
}

TEST_CASE("a date whose parts could be swapped is taken for American, and says so",
          "[windows][event_time]") {
  const auto [text, month, day, assumed] = GENERATE(table<std::string, unsigned, unsigned, bool>({
      {"4/5/2022 10:00:00 AM", 4, 5, true},
      {"5/4/2022 10:00:00", 5, 4, true},
      {"4/4/2022 10:00:00 AM", 4, 4, false},  // swapped it is the same
      {"4.5.2022 10:00:00", 5, 4, false},     // with points the day comes first
      {"2022/4/5 10:00:00", 4, 5, false},
  }));
  CAPTURE(text);
  const Stamp stamp = parse_stamp(text, Zone::local);
  const std::chrono::year_month_day date{
      std::chrono::floor<std::chrono::days>(std::get<EventTime>(stamp.time).earliest)};
  CHECK(static_cast<unsigned>(date.month()) == month);
  CHECK(static_cast<unsigned>(date.day()) == day);
  CHECK(stamp.assumed == assumed);
}

TEST_CASE("what is no stamp is unreadable, and an empty one is missing", "[windows][event_time]") {
  CHECK(std::holds_alternative<Missing>(parse_stamp("", Zone::utc).time));
  CHECK(std::holds_alternative<Missing>(parse_stamp("  ", Zone::utc).time));
  const std::string text = GENERATE(
      "-", "yesterday", "2022-04-25", "2022-04-25T", "2022-04-25T25:00:00Z", "2022-02-30T00:00:00Z",
      "2022-04-25T22:61:47Z", "2022-04-25T22:17:61Z", "13/13/2022 10:00:00",
      "4/25/2022 13:00:00 PM", "4/25/2022 0:30:00 AM", "2022-04-25T22:17:47.Z",
      "2022-04-25T22:17:47Zx", "2022-04-25T22:17:47+99:00", "99999999999999999999", "/Date(1)",
      "/Date(99999999999999999)/", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "999999999999");
  CAPTURE(text);
  CHECK(parse_stamp(text, Zone::utc).time == Reading<EventTime>{Unreadable{text, "is not a time"}});
}

TEST_CASE("a FILETIME counts 100 ns from 1601", "[windows][event_time]") {
  const auto reading = from_filetime(116'444'736'000'000'000);
  CHECK(ticks_since_1970(std::get<EventTime>(reading)) == 0);
  CHECK(filetime_text(132'953'986'670'581'723) == "2022-04-25T22:17:47.0581723Z");
  CHECK(filetime_text(132'953'986'670'000'001) == "2022-04-25T22:17:47.0000001Z");
  CHECK(filetime_text(0) == "0");  // "never" in many fields
  CHECK(std::get<Unreadable>(from_filetime(0xFFFFFFFFFFFFFFFF)) ==
        Unreadable{"18446744073709551615", "is not a FILETIME of the years 1970 to 9999"});
}

}  // namespace
}  // namespace krbtrail::windows
