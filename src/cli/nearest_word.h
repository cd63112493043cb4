// SPDX-License-Identifier: Apache-2.0
//
// The word that somebody most likely meant.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace krbtrail::cli {

// How many insertions, deletions, replacements and swaps of neighbours turn one word into the
// other, no letter being edited twice (the "optimal string alignment" form of Damerau's distance).
// Quadratic in the lengths; callers bound them.
[[nodiscard]] std::size_t edit_distance(std::string_view one, std::string_view other);

// The candidate with the smallest distance, the first of equals. None if every candidate differs in
// more than a third of its letters, or if `word` is too long to be a slip of one of them.
[[nodiscard]] std::optional<std::string_view> nearest_word(
    std::string_view word, std::span<const std::string_view> candidates);

}  // namespace krbtrail::cli
