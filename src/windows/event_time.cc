// SPDX-License-Identifier: Apache-2.0
#include "event_time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace krbtrail::windows {
namespace {

using model::Ticks;
using model::Timestamp;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Ticks kSecond = seconds{1};
constexpr Ticks kFiletimeEpoch{116'444'736'000'000'000};  // 1601 to 1970
constexpr Ticks kEnd = seconds{model::kLastSecond + 1};
constexpr minutes kWidestZone = hours{18};
// A double of that size has a step of 2.4 ticks: what was printed may be two ticks off either way.
constexpr Ticks kDoubleError{2};
constexpr std::size_t kTextLimit = 64;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Nothing in it that plain() would take away or replace.
bool is_plain(std::string_view text) {
  return !text.empty() && !is_blank(text.front()) && !is_blank(text.back()) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// Locales put marks of writing direction and narrow blanks into their stamps.
std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("\xE2\x80\x8E") || text.starts_with("\xE2\x80\x8F")) {
      text.remove_prefix(3);
    } else if (text.starts_with("\xE2\x80\xAF")) {
      out += ' ';
      text.remove_prefix(3);
    } else if (text.starts_with("\xC2\xA0")) {
      out += ' ';
      text.remove_prefix(2);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  const std::size_t first = out.find_first_not_of(" \t\r\n");
  const std::size_t last = out.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? std::string{} : out.substr(first, last - first + 1);
}

struct Digits {
  std::int64_t value = 0;
  std::size_t count = 0;
};

struct Date {
  std::int64_t year = 0, month = 0, day = 0;
  bool assumed = false;
};

struct Fraction {
  Ticks ticks{0};
  Ticks resolution = kSecond;
};

class StampParser {
 public:
  StampParser(std::string_view text, Zone without_zone) : rest_(text), zone_(without_zone) {}

  std::optional<EventTime> parse() {
    if (rest_.starts_with("/Date("))
      return json_date();
    if (is_epoch())
      return epoch();
    return calendar();
  }

  [[nodiscard]] bool assumed() const { return assumed_; }

 private:
  bool take(std::string_view wanted) {
    if (!rest_.starts_with(wanted))
      return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }

  std::optional<Digits> digits(std::size_t least, std::size_t most) {
    Digits read;
    while (read.count < most && !rest_.empty() && is_digit(rest_.front())) {
      read.value = read.value * 10 + (rest_.front() - '0');
      ++read.count;
      rest_.remove_prefix(1);
    }
    const bool fits = read.count >= least && (rest_.empty() || !is_digit(rest_.front()));
    return fits ? std::optional{read} : std::nullopt;
  }

  // 9 to 11 digits, then a point or nothing.
  [[nodiscard]] bool is_epoch() const {
    const auto count =
        static_cast<std::size_t>(std::ranges::find_if_not(rest_, is_digit) - rest_.begin());
    return count >= 9 && (count == rest_.size() || rest_[count] == '.');
  }

  std::optional<EventTime> json_date() {
    take("/Date(");
    const bool before_1970 = take("-");
    const auto count = digits(1, 14);
    if (!count)
      return std::nullopt;
    // A zone in there ("+0200") is only how to show the time.
    if (take("+") || take("-"))
      static_cast<void>(digits(4, 4));
    if (!take(")/") || !rest_.empty())
      return std::nullopt;
    const milliseconds since{before_1970 ? -count->value : count->value};
    return in_range(Ticks{since}, milliseconds{1}, Zone::utc);
  }

  std::optional<EventTime> epoch() {
    const auto whole = digits(9, 11);
    if (!whole)
      return std::nullopt;
    const auto below = fraction();
    if (!below || !rest_.empty())
      return std::nullopt;
    const Ticks since = seconds{whole->value} + below->ticks;
    if (below->resolution > Ticks{10})
      return in_range(since, below->resolution, Zone::utc);
    return in_range(since - kDoubleError, 2 * kDoubleError + Ticks{1}, Zone::utc);
  }

  // ".058172300": finer than a tick is cut. ",058" occurs too.
  std::optional<Fraction> fraction() {
    Fraction read;
    if (!take(".") &&
        !(rest_.size() > 1 && rest_.front() == ',' && is_digit(rest_[1]) && take(",")))
      return read;
    std::size_t count = 0;
    std::int64_t ticks = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); rest_.remove_prefix(1)) {
      if (count++ < 7) {
        ticks = ticks * 10 + (rest_.front() - '0');
        read.resolution = Ticks{read.resolution.count() / 10};
      }
    }
    if (count == 0)
      return std::nullopt;
    read.ticks = Ticks{ticks * read.resolution.count()};
    return read;
  }

  std::optional<Date> date() {
    const auto first = digits(1, 4);
    if (!first)
      return named_month();
    for (const std::string_view separator : {"-", "/", "."}) {
      if (take(separator))
        return first->count == 4 ? year_first(first->value, separator)
                                 : year_last(first->value, separator);
    }
    return std::nullopt;
  }

  // "Apr 25, 2022 @"
  std::optional<Date> named_month() {
    const auto* const found =
        std::ranges::find_if(kMonths, [this](std::string_view name) { return take(name); });
    if (found == kMonths.end() || !take(" "))
      return std::nullopt;
    const std::int64_t month = found - kMonths.begin() + 1;
    const auto day = digits(1, 2);
    if (!day || !take(", "))
      return std::nullopt;
    const auto year = digits(4, 4);
    if (!year || !take(" @"))
      return std::nullopt;
    return Date{year->value, month, day->value};
  }

  std::optional<Date> year_first(std::int64_t year, std::string_view separator) {
    const auto month = digits(1, 2);
    if (!month || !take(separator))
      return std::nullopt;
    const auto day = digits(1, 2);
    if (!day)
      return std::nullopt;
    return Date{year, month->value, day->value};
  }

  // With points it is the day that comes first, in every locale that has them; with strokes and
  // dashes it may be either, unless one of the two is no month.
  std::optional<Date> year_last(std::int64_t first, std::string_view separator) {
    const auto second = digits(1, 2);
    if (!second || !take(separator))
      return std::nullopt;
    const auto year = digits(4, 4);
    if (!year)
      return std::nullopt;
    if (separator == "." || first > 12)
      return Date{year->value, second->value, first};
    const bool either = second->value <= 12 && second->value != first;
    return Date{year->value, first, second->value, either};
  }

  std::optional<EventTime> calendar() {
    const auto day = date();
    if (!day || !(take("T") || take(", ") || take(" ")))
      return std::nullopt;
    assumed_ = day->assumed;
    const auto time_of_day = clock();
    if (!time_of_day)
      return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(day->year)},
                                           std::chrono::month{static_cast<unsigned>(day->month)},
                                           std::chrono::day{static_cast<unsigned>(day->day)}};
    if (!date.ok() || !zone() || !rest_.empty())
      return std::nullopt;
    const Ticks since = std::chrono::sys_days{date}.time_since_epoch();
    return in_range(since + time_of_day->ticks - offset_, time_of_day->resolution, zone_);
  }

  // "22:17:47.058" or "10:17:47 PM"
  std::optional<Fraction> clock() {
    const auto hour = digits(1, 2);
    if (!hour || !take(":"))
      return std::nullopt;
    const auto minute = digits(2, 2);
    if (!minute)
      return std::nullopt;
    std::int64_t second = 0;
    Fraction below{Ticks{0}, minutes{1}};
    if (take(":")) {
      const auto read = digits(2, 2);
      const auto rest = fraction();
      if (!read || !rest)
        return std::nullopt;
      second = read->value;
      below = *rest;
    }
    const auto of_day = half_of_day(hour->value);
    if (!of_day || *of_day > 23 || minute->value > 59 || second > 59)
      return std::nullopt;
    below.ticks += hours{*of_day} + minutes{minute->value} + seconds{second};
    return below;
  }

  std::optional<std::int64_t> half_of_day(std::int64_t hour) {
    const bool pm = take(" PM") || take(" pm") || take(" p.m.");
    if (!pm && !take(" AM") && !take(" am") && !take(" a.m."))
      return hour;
    if (hour < 1 || hour > 12)
      return std::nullopt;
    return hour % 12 + (pm ? 12 : 0);
  }

  bool zone() {
    if (rest_.empty())
      return true;
    zone_ = Zone::utc;
    if (take("Z") || take(" UTC") || take(" Z") || take(" GMT"))
      return true;
    take(" ");
    const bool west = take("-");
    if (!west && !take("+"))
      return false;
    const auto hour = digits_of_zone();
    take(":");
    const auto minute = rest_.empty() ? std::optional{Digits{}} : digits(2, 2);
    if (!hour || !minute || minute->value > 59)
      return false;
    offset_ = hours{hour->value} + minutes{minute->value};
    if (west)
      offset_ = -offset_;
    return offset_ <= kWidestZone && offset_ >= -kWidestZone;
  }

  // Two digits that two more may follow.
  std::optional<Digits> digits_of_zone() {
    if (rest_.size() < 2 || !is_digit(rest_[0]) || !is_digit(rest_[1]))
      return std::nullopt;
    const Digits read{(rest_[0] - '0') * 10 + (rest_[1] - '0'), 2};
    rest_.remove_prefix(2);
    return read;
  }

  static std::optional<EventTime> in_range(Ticks since, Ticks resolution, Zone zone) {
    if (since < Ticks{0} || since >= kEnd)
      return std::nullopt;
    return EventTime{Timestamp{since}, resolution, zone};
  }

  std::string_view rest_;
  Zone zone_;
  minutes offset_{0};
  bool assumed_ = false;
};

Unreadable not_a_time(std::string_view text) {
  return {std::string{text.substr(0, kUnreadableLimit)}, "is not a time"};
}

}  // namespace

Stamp parse_stamp(std::string_view text, Zone without_zone) {
  std::string_view stamp = text.substr(0, kTextLimit);
  std::string cleaned;
  if (!is_plain(stamp))
    stamp = cleaned = plain(stamp);
  if (stamp.empty())
    return {};
  StampParser parser{stamp, without_zone};
  if (const auto time = parser.parse())
    return {*time, parser.assumed()};
  return {not_a_time(text), false};
}

EventTime with_zone_of(const EventTime& written, const EventTime& indexed) {
  if (written.zone == Zone::utc || indexed.zone != Zone::utc)
    return written;
  return {indexed.earliest, std::max(written.resolution, indexed.resolution), Zone::utc};
}

Reading<EventTime> from_filetime(std::uint64_t filetime) {
  const auto epoch = static_cast<std::uint64_t>(kFiletimeEpoch.count());
  if (filetime < epoch || filetime - epoch >= static_cast<std::uint64_t>(kEnd.count()))
    return Unreadable{std::to_string(filetime), "is not a FILETIME of the years 1970 to 9999"};
  return EventTime{Timestamp{Ticks{static_cast<std::int64_t>(filetime - epoch)}}, Ticks{1},
                   Zone::utc};
}

std::string filetime_text(std::uint64_t filetime) {
  const Reading<EventTime> reading = from_filetime(filetime);
  const EventTime* time = value_of(reading);
  if (time == nullptr)
    return std::to_string(filetime);
  const auto since = time->earliest.time_since_epoch();
  std::string digits = std::to_string((since % kSecond).count());
  digits.insert(0, 7 - std::min<std::size_t>(7, digits.size()), '0');
  std::string text = model::format_utc(time->earliest);
  text.resize(text.find('.') + 1);
  return text + digits + "Z";
}

}  // namespace krbtrail::windows
