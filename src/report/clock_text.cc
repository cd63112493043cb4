// SPDX-License-Identifier: Apache-2.0
#include "report/clock_text.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace krbtrail::report {
namespace {

constexpr std::size_t kDateLength = 10;   // 2023-11-14
constexpr std::size_t kClockLength = 12;  // 22:13:20.123

}  // namespace

std::string date_of(model::Timestamp time, std::chrono::minutes zone) {
  return model::format_at(time, zone).substr(0, kDateLength);
}

std::string clock_of(model::Timestamp time, std::chrono::minutes zone) {
  return model::format_at(time, zone).substr(kDateLength + 1, kClockLength);
}

std::string pause_in_words(model::Ticks pause) {
  using std::chrono::duration;
  const double seconds = std::max(duration<double>{pause}.count(), 0.0);
  if (seconds < 1)
    return fmt::format("{:.0f} ms", seconds * 1'000);
  if (seconds < 60)
    return fmt::format("{:.1f} s", seconds);
  if (seconds < 3'600)
    return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 86'400)
    return fmt::format("{:.1f} h", seconds / 3'600);
  return fmt::format("{:.0f} d", seconds / 86'400);
}

}  // namespace krbtrail::report
