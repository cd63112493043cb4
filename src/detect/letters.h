// SPDX-License-Identifier: Apache-2.0
//
// Which letters a text has: what lies within another text has no other ones. Told before a search.
//
//   if (may_lie_in(letters_of("getST"), letters_of(word)) && has(word, "getST")) …
#pragma once

#include <cstdint>
#include <string_view>

namespace krbtrail::detect {

// A bit for each letter in either case; all other bytes share the bits.
using Letters = std::uint64_t;

constexpr Letters letters_of(std::string_view text) {
  Letters letters = 0;
  for (const char c : text) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const auto folded = static_cast<unsigned char>(is_upper ? c - 'A' + 'a' : c);
    letters |= Letters{1} << (folded & 63U);
  }
  return letters;
}

constexpr bool may_lie_in(Letters part, Letters whole) {
  return (part & ~whole) == 0;
}

}  // namespace krbtrail::detect
