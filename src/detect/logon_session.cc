// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/logon_session.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <tuple>

#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

using model::Ticks;
using model::Timestamp;
using windows::EventTime;
using windows::FileOrder;
using windows::Zone;

constexpr Ticks kQuarterHour = std::chrono::minutes{15};
constexpr Timestamp kNever{Ticks::max()};
constexpr Ticks kWidestZone = std::chrono::hours{26};  // between UTC-12 and UTC+14

bool is_comparable(const LogPlace& a, const LogPlace& b) {
  if (!a.time || !b.time)
    return false;
  if (a.time->zone == Zone::utc && b.time->zone == Zone::utc)
    return true;
  return a.time->zone == Zone::local && b.time->zone == Zone::local && a.input == b.input;
}

Timestamp end_of(const EventTime& time) {
  return time.earliest + time.resolution;
}

// Unset where the stamps meet or cannot be compared.
Held precedes_by_time(const LogPlace& a, const LogPlace& b) {
  if (!is_comparable(a, b))
    return std::nullopt;
  if (end_of(*a.time) <= b.time->earliest)
    return true;
  if (end_of(*b.time) <= a.time->earliest)
    return false;
  return std::nullopt;
}

Held precedes_by_record_id(const LogPlace& a, const LogPlace& b) {
  if (a.log != b.log || !a.record_id || !b.record_id || *a.record_id == *b.record_id)
    return std::nullopt;
  return *a.record_id < *b.record_id;
}

Held precedes_in_input(const LogPlace& a, const LogPlace& b) {
  if (a.input != b.input)
    return std::nullopt;
  const bool stands_before = a.position < b.position;
  switch (a.order) {
    case FileOrder::oldest_first:
      return stands_before;
    case FileOrder::newest_first:
      return !stands_before;
    case FileOrder::unknown:
      return stands_before ? Held{true} : std::nullopt;
    case FileOrder::mixed:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Held precedes(const LogPlace& a, const LogPlace& b) {
  if (const Held by_time = precedes_by_time(a, b))
    return by_time;
  if (const Held by_record_id = precedes_by_record_id(a, b))
    return by_record_id;
  return precedes_in_input(a, b);
}

std::strong_ordering total_order(const LogPlace& a, const LogPlace& b) {
  const auto key = [](const LogPlace& place) {
    return std::tuple{place.time ? place.time->earliest : kNever,
                      place.record_id.value_or(std::numeric_limits<std::uint64_t>::max()),
                      place.log, place.input};
  };
  if (const auto order = key(a) <=> key(b); order != std::strong_ordering::equal)
    return order;
  return a.order == FileOrder::newest_first ? b.position <=> a.position : a.position <=> b.position;
}

std::optional<SpanBounds> span_between(const LogPlace& a, const LogPlace& b) {
  if (!is_comparable(a, b))
    return std::nullopt;
  constexpr Ticks kTick{1};
  const Ticks least = b.time->earliest - (end_of(*a.time) - kTick);
  const Ticks most = end_of(*b.time) - kTick - a.time->earliest;
  return SpanBounds{std::max(least, Ticks{0}), std::max(most, Ticks{0})};
}

Held is_within(const std::optional<SpanBounds>& span, Ticks limit) {
  if (!span)
    return std::nullopt;
  if (span->most <= limit)
    return true;
  if (span->least > limit)
    return false;
  return std::nullopt;
}

bool is_same_record(const LogPlace& a, const LogPlace& b) {
  if (a.log != b.log || !a.record_id || a.record_id != b.record_id || !a.time || !b.time)
    return false;
  const bool a_is_finer = a.time->resolution <= b.time->resolution;
  const EventTime& fine = a_is_finer ? *a.time : *b.time;
  const EventTime& coarse = a_is_finer ? *b.time : *a.time;
  Ticks apart = fine.earliest - coarse.earliest;
  if (!is_comparable(a, b)) {
    if (apart > kWidestZone || apart < -kWidestZone)
      return false;
    apart = (apart + kWidestZone) % kQuarterHour;  // kWidestZone is a multiple: never negative
  }
  return apart >= Ticks{0} && apart < coarse.resolution;
}

bool is_alike(std::string_view computer, std::string_view other) {
  if (equals_ignore_case(computer, other))
    return true;
  const std::size_t dot = computer.find('.');
  const std::size_t other_dot = other.find('.');
  const bool only_one_is_short =
      (dot == std::string_view::npos) != (other_dot == std::string_view::npos);
  return only_one_is_short &&
         equals_ignore_case(computer.substr(0, dot), other.substr(0, other_dot));
}

std::string short_name(std::string_view computer) {
  std::string name{computer.substr(0, computer.find('.'))};
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

}  // namespace krbtrail::detect
