// SPDX-License-Identifier: Apache-2.0
//
// Decimal digits, eight at a time.
//
//   const Digits digits = leading_digits("1700.123");  // {.value = 1700, .count = 4}
//
// The eight bytes are one number whose bytes are looked at together (the method is known as SWAR;
// Mycroft, 1987, for the search; the three multiplications are those of D. Lemire's "Quickly
// parsing eight digits", 2018).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace krbtrail::audit {

struct Digits {
  std::uint64_t value = 0;
  unsigned count = 0;  // 0 to 8
};

// Of the eight bytes at `text`.
[[nodiscard]] inline Digits leading_digits(const char* text) {
  Digits digits;
  if constexpr (std::endian::native == std::endian::little) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    word ^= 0x3030303030303030U;  // a digit is 0 to 9 now
    // The lowest of them is right; a carry can only spoil those above it.
    const std::uint64_t others = ((word + 0x7676767676767676U) | word) & 0x8080808080808080U;
    if (others != 0) {
      digits.count = static_cast<unsigned>(std::countr_zero(others)) / 8;
      if (digits.count == 0)
        return digits;
      word <<= 8 * (8 - digits.count);  // zeros in front
    } else {
      digits.count = 8;
    }
    word = word * 10 + (word >> 8U);
    constexpr std::uint64_t kPairs = 0x000000FF000000FFU;
    word = (word & kPairs) * 0x000F424000000064U + ((word >> 16U) & kPairs) * 0x0000271000000001U;
    digits.value = word >> 32U;
  } else {
    for (; digits.count < 8 && text[digits.count] >= '0' && text[digits.count] <= '9';
         ++digits.count)
      digits.value = digits.value * 10 + static_cast<std::uint64_t>(text[digits.count] - '0');
  }
  return digits;
}

// By exponent.
inline constexpr std::array<std::uint64_t, 9> kPowersOfTen = {
    1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

}  // namespace krbtrail::audit
