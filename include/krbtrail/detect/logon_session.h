// SPDX-License-Identifier: Apache-2.0
//
// What makes two Windows events belong together: the same logon session of the same computer, one
// before the other, so and so far apart. Exports of different tools disagree in resolution, zone
// and spelling, so each question has three answers.
//
//   if (precedes(logon.place, service.place) == true && is_within(span(…), 5min) == true) …
//
// Pure values and functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"
#include "krbtrail/windows/event.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::detect {

// Unset: the evidence does not say.
using Held = std::optional<bool>;

enum class ComputerId : std::uint32_t {};

// Where an event stands in time, in its log and in its input.
struct LogPlace {
  std::optional<windows::EventTime> time;
  std::optional<std::uint64_t> record_id;
  std::uint32_t log = 0;  // equal for one channel of one computer: record ids compare only there
  model::InputId input{};
  std::uint64_t position = 0;
  windows::FileOrder order = windows::FileOrder::unknown;  // of the input
};

// Whether `a` came before `b`. By time, where both name a zone or stand in one input; a coarser
// stamp is an interval, and intervals that meet are a tie, as are stamps that cannot be compared.
// Ties are broken by the record ids of one log, then by the order within one input, reversed where
// it runs newest first. A mixed input breaks none. One whose direction cannot be told is believed
// where it says yes, since exports of a tie alone are mostly written oldest first; its no stays
// undecided, or a file that runs newest first would be called clean.
[[nodiscard]] Held precedes(const LogPlace& a, const LogPlace& b);

// A total order that agrees with the times as written; for sorting, never for judging.
[[nodiscard]] std::strong_ordering total_order(const LogPlace& a, const LogPlace& b);

// How far apart two events are at least and at most, given that `a` came first. Unset if their
// times cannot be compared.
struct SpanBounds {
  model::Ticks least{};
  model::Ticks most{};
};
[[nodiscard]] std::optional<SpanBounds> span_between(const LogPlace& a, const LogPlace& b);

// Inclusive: a span of exactly `limit` is within it, one tick more is not.
[[nodiscard]] Held is_within(const std::optional<SpanBounds>& span, model::Ticks limit);

// Whether two events are copies of one record: same log, same record id, and times that are equal
// at the coarser resolution. Where the zone of one is not known, times that differ by a whole
// number of quarter hours, of which all zones are made, are equal.
[[nodiscard]] bool is_same_record(const LogPlace& a, const LogPlace& b);

// Whether two spellings can mean one computer: equal in any case, or one is the first label of the
// other.
[[nodiscard]] bool is_alike(std::string_view computer, std::string_view other);

// The first label in lower case: equal for all spellings that are alike.
[[nodiscard]] std::string short_name(std::string_view computer);

}  // namespace krbtrail::detect
