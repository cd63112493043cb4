// SPDX-License-Identifier: Apache-2.0
//
// Instants, always UTC, in the finest unit any evidence has.
#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>
#include <string>
#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::model {

// 100 ns, the unit of Windows' FILETIME. Audit's milliseconds widen into it, never back.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;
using Timestamp = std::chrono::sys_time<Ticks>;

// The last second that is accepted anywhere: 9999-12-31T23:59:59Z. Ticks reach year 29,227.
inline constexpr std::int64_t kLastSecond = 253'402'300'799;

// "2023-11-14T22:13:20.123Z"; finer digits are cut, not rounded.
[[nodiscard]] std::string format_utc(Timestamp time);

// "2023-11-14T23:13:20.123+01:00" for an offset of +60 minutes; "…Z" for zero.
[[nodiscard]] std::string format_at(Timestamp time, std::chrono::minutes offset);

// ISO 8601 ("2023-11-14", "2023-11-14T22:13[:20[.123]][Z|+01:00]", a blank in place of the T) or
// seconds since the epoch ("1700000000[.123]"). Without a zone it is UTC.
// Errors say what was given and what is wanted.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

// "+HH:MM", "-HH:MM", "Z" or "UTC", at most 18 hours either way.
[[nodiscard]] Result<std::chrono::minutes> parse_zone(std::string_view text);

}  // namespace krbtrail::model
