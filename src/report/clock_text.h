// SPDX-License-Identifier: Apache-2.0
//
// Times of day and pauses in words, for pages that name the date elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::report {

// "2023-11-14" and "22:13:20.123" in the zone.
[[nodiscard]] std::string date_of(model::Timestamp time, std::chrono::minutes zone);
[[nodiscard]] std::string clock_of(model::Timestamp time, std::chrono::minutes zone);

// "12 ms", "3.4 s", "5 min", "2.1 h", "3 d"; what is negative counts as 0.
[[nodiscard]] std::string pause_in_words(model::Ticks pause);

}  // namespace krbtrail::report
