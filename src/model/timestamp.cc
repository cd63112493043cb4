// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/timestamp.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

namespace krbtrail::model {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::int64_t kFirstSecond = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr minutes kWidestZone = hours{18};

constexpr std::string_view kWantedTime =
    "wanted is 2023-11-14, 2023-11-14T22:13[:20[.123]][Z|+01:00] or seconds since the epoch";
constexpr std::string_view kWantedZone =
    "wanted is Z, UTC, +HH:MM or -HH:MM, at most 18 hours either way";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Consumes a text from its front; what does not fit is left where it is.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  [[nodiscard]] bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  [[nodiscard]] bool holds(char wanted) const {
    return rest_.find(wanted) != std::string_view::npos;
  }

  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `count` digits.
  std::optional<int> take_number(std::size_t count) {
    if (leading_digits() < count)
      return std::nullopt;
    int number = 0;
    for (const char c : rest_.substr(0, count))
      number = number * 10 + (c - '0');
    rest_.remove_prefix(count);
    return number;
  }

  // Any number of digits, at least one.
  std::optional<std::string_view> take_digits() {
    const std::string_view digits = rest_.substr(0, leading_digits());
    if (digits.empty())
      return std::nullopt;
    rest_.remove_prefix(digits.size());
    return digits;
  }

 private:
  [[nodiscard]] std::size_t leading_digits() const {
    return static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
  }

  std::string_view rest_;
};

// Why a text is none of what is wanted. Worded for the end of "'…' is not a time: ".
constexpr std::string_view kShape = "its form is not known";
constexpr std::string_view kNoSuchDay = "there is no such day";
constexpr std::string_view kNoSuchTimeOfDay = "there is no such time of day";
constexpr std::string_view kNoSuchZone = "there is no such zone";
constexpr std::string_view kOutOfRange = "it is outside the years 0000 to 9999";

template <class T>
using Parsed = std::variant<T, std::string_view>;  // a value, or why there is none

Error refuse(std::string_view text, std::string_view what, std::string_view why,
             std::string_view wanted) {
  std::string message = "'";
  message.append(text).append("' is not ").append(what).append(": ").append(why);
  return {std::move(message), std::string{wanted}};
}

// ISO 8601's two spellings: "2023-11-14T22:13" and "20231114T2213".
enum class Spelling : std::uint8_t { extended, basic };

bool take_separator(Cursor& cursor, char separator, Spelling spelling) {
  return spelling == Spelling::basic || cursor.take(separator);
}

Parsed<sys_days> parse_day(Cursor& cursor, Spelling spelling) {
  const auto year = cursor.take_number(4);
  if (!year || !take_separator(cursor, '-', spelling))
    return kShape;
  const auto month = cursor.take_number(2);
  if (!month || !take_separator(cursor, '-', spelling))
    return kShape;
  const auto day = cursor.take_number(2);
  if (!day)
    return kShape;
  const year_month_day date{std::chrono::year{*year},
                            std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return kNoSuchDay;
  return sys_days{date};
}

// The digits behind the point; those finer than a tick are cut.
Ticks fraction(std::string_view digits) {
  std::int64_t ticks = 0;
  for (std::size_t place = 0; place < 7; ++place)
    ticks = ticks * 10 + (place < digits.size() ? digits[place] - '0' : 0);
  return Ticks{ticks};
}

Parsed<Ticks> parse_fraction(Cursor& cursor) {
  if (!cursor.take('.'))
    return Ticks{0};
  const auto digits = cursor.take_digits();
  if (!digits)
    return kShape;
  return fraction(*digits);
}

// "22:13", "22:13:20" or "22:13:20.123". A leap second has no instant of its own and is refused.
Parsed<Ticks> parse_time_of_day(Cursor& cursor, Spelling spelling) {
  const auto hour = cursor.take_number(2);
  if (!hour || !take_separator(cursor, ':', spelling))
    return kShape;
  const auto minute = cursor.take_number(2);
  if (!minute)
    return kShape;
  int second = 0;
  Ticks below_second{0};
  if (spelling == Spelling::basic ? cursor.at_digit() : cursor.take(':')) {
    const auto given = cursor.take_number(2);
    if (!given)
      return kShape;
    second = *given;
    const Parsed<Ticks> parsed = parse_fraction(cursor);
    if (!std::holds_alternative<Ticks>(parsed))
      return parsed;
    below_second = std::get<Ticks>(parsed);
  }
  if (*hour > 23 || *minute > 59 || second > 59)
    return kNoSuchTimeOfDay;
  return hours{*hour} + minutes{*minute} + seconds{second} + below_second;
}

// "Z", "+01:00", in the basic spelling "+0100" or "+01", or nothing, which is UTC.
Parsed<minutes> parse_offset(Cursor& cursor, Spelling spelling) {
  if (cursor.at_end() || cursor.take('Z'))
    return minutes{0};
  const bool west = cursor.take('-');
  if (!west && !cursor.take('+'))
    return kShape;
  const auto hour = cursor.take_number(2);
  if (!hour || !take_separator(cursor, ':', spelling))
    return kShape;
  const bool whole_hours = spelling == Spelling::basic && cursor.at_end();
  const auto minute = whole_hours ? std::optional{0} : cursor.take_number(2);
  if (!minute)
    return kShape;
  const minutes offset = hours{*hour} + minutes{*minute};
  if (*minute > 59 || offset > kWidestZone)
    return kNoSuchZone;
  return west ? -offset : offset;
}

// Compares whole seconds, which cannot overflow where Ticks could.
bool in_range(sys_seconds second) {
  const std::int64_t count = second.time_since_epoch().count();
  return count >= kFirstSecond && count <= kLastSecond;
}

Parsed<Timestamp> parse_iso(Cursor cursor, Spelling spelling) {
  const Parsed<sys_days> day = parse_day(cursor, spelling);
  if (const auto* why = std::get_if<std::string_view>(&day))
    return *why;
  const Timestamp midnight{std::get<sys_days>(day)};
  if (cursor.at_end())
    return midnight;
  if (!cursor.take('T') && !cursor.take(' '))
    return kShape;
  const Parsed<Ticks> time_of_day = parse_time_of_day(cursor, spelling);
  if (const auto* why = std::get_if<std::string_view>(&time_of_day))
    return *why;
  const bool basic_zone = spelling == Spelling::basic || !cursor.holds(':');
  const Parsed<minutes> offset =
      parse_offset(cursor, basic_zone ? Spelling::basic : Spelling::extended);
  if (const auto* why = std::get_if<std::string_view>(&offset))
    return *why;
  if (!cursor.at_end())
    return kShape;
  const Timestamp time = midnight + std::get<Ticks>(time_of_day) - std::get<minutes>(offset);
  if (!in_range(floor<seconds>(time)))
    return kOutOfRange;
  return time;
}

Parsed<Timestamp> parse_epoch(Cursor cursor) {
  const auto digits = cursor.take_digits();
  if (!digits)
    return kShape;
  std::int64_t count = 0;
  for (const char c : *digits) {
    count = count * 10 + (c - '0');
    if (count > kLastSecond)
      return kOutOfRange;
  }
  const Parsed<Ticks> below_second = parse_fraction(cursor);
  if (const auto* why = std::get_if<std::string_view>(&below_second))
    return *why;
  if (!cursor.at_end())
    return kShape;
  return Timestamp{seconds{count} + std::get<Ticks>(below_second)};
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0').append(digits);
}

void append_date(std::string& out, sys_days day) {
  const year_month_day date{day};
  const int year = static_cast<int>(date.year());
  if (year < 0)
    out += '-';
  append_padded(out, year < 0 ? -year : year, 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
}

void append_hours_and_minutes(std::string& out, minutes time) {
  append_padded(out, time / hours{1}, 2);
  out += ':';
  append_padded(out, time % hours{1} / minutes{1}, 2);
}

// Goes down to milliseconds first: an offset added to Ticks could overflow at either end.
void append_local(std::string& out, Timestamp time, minutes offset) {
  const auto local = floor<milliseconds>(time) + offset;
  const sys_days day = floor<days>(local);
  const milliseconds of_day = local - day;
  append_date(out, day);
  out += 'T';
  append_hours_and_minutes(out, floor<minutes>(of_day));
  out += ':';
  append_padded(out, of_day % minutes{1} / seconds{1}, 2);
  out += '.';
  append_padded(out, of_day % seconds{1} / milliseconds{1}, 3);
}

}  // namespace

std::string format_utc(Timestamp time) {
  return format_at(time, minutes{0});
}

std::string format_at(Timestamp time, minutes offset) {
  std::string out;
  append_local(out, time, offset);
  if (offset == minutes{0})
    return out += 'Z';
  out += offset < minutes{0} ? '-' : '+';
  append_hours_and_minutes(out, offset < minutes{0} ? -offset : offset);
  return out;
}

Result<Timestamp> parse_timestamp(std::string_view text) {
  // A day alone must be in the extended spelling: "20231114" is a second of August 1970.
  const bool is_extended = text.substr(0, text.find('T')).find('-') != std::string_view::npos;
  const bool is_iso = is_extended || text.find('T') != std::string_view::npos;
  const Parsed<Timestamp> parsed =
      is_iso ? parse_iso(Cursor{text}, is_extended ? Spelling::extended : Spelling::basic)
             : parse_epoch(Cursor{text});
  if (const auto* why = std::get_if<std::string_view>(&parsed))
    return refuse(text, "a time", *why, kWantedTime);
  return std::get<Timestamp>(parsed);
}

Result<minutes> parse_zone(std::string_view text) {
  if (text == "UTC")
    return minutes{0};
  Cursor cursor{text};
  const Parsed<minutes> offset =
      text.empty() ? Parsed<minutes>{kShape} : parse_offset(cursor, Spelling::extended);
  if (const auto* why = std::get_if<std::string_view>(&offset))
    return refuse(text, "a zone", *why, kWantedZone);
  if (!cursor.at_end())
    return refuse(text, "a zone", kShape, kWantedZone);
  return std::get<minutes>(offset);
}

}  // namespace krbtrail::model
