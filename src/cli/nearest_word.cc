// SPDX-License-Identifier: Apache-2.0
#include "cli/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace krbtrail::cli {

namespace {

// A word that is this much longer than a candidate is something else, however the rest compares.
constexpr std::size_t kLongestSlip = 8;

// Of a single letter nothing is left by a slip.
std::size_t allowed_distance(std::string_view candidate) {
  return candidate.size() < 2 ? 0 : std::max<std::size_t>(1, candidate.size() / 3);
}

}  // namespace

std::size_t edit_distance(std::string_view one, std::string_view other) {
  const std::size_t width = other.size() + 1;
  std::vector<std::size_t> before_last(width);
  std::vector<std::size_t> last(width);
  std::vector<std::size_t> row(width);
  for (std::size_t j = 0; j < width; ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      const std::size_t replaced = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped =
          i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
      if (swapped)
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row.back();
}

std::optional<std::string_view> nearest_word(std::string_view word,
                                             std::span<const std::string_view> candidates) {
  std::optional<std::string_view> nearest;
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const std::string_view candidate : candidates) {
    if (word.size() > candidate.size() + kLongestSlip)
      continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance > allowed_distance(candidate) || distance >= smallest)
      continue;
    smallest = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace krbtrail::cli
