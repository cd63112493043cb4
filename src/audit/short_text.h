// SPDX-License-Identifier: Apache-2.0
//
// Short texts compared and searched without a call: each field of nearly every record is one.
//
//   same_bytes(text.data(), stamp.data(), stamp.size())   // of 16 bytes and more
//   same_few_bytes<11>(text.data(), " msg=audit(")        // of 1 to 16 bytes, known beforehand
//   find_byte(at, end, ' ')                               // `end` if there is none
//
// Sixteen bytes at a time where the compiler is sure of SSE2, which every x86-64 has.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace krbtrail::audit {

// Whether `size` bytes, 16 at least, are the same at both places.
[[nodiscard]] inline bool same_bytes(const char* left, const char* right, std::size_t size) {
#if defined(__SSE2__)
  constexpr std::size_t kStep = sizeof(__m128i);
  const auto compare = [&](std::size_t at) {
    return _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(left + at)),
                          _mm_loadu_si128(reinterpret_cast<const __m128i*>(right + at)));
  };
  __m128i same = compare(size - kStep);
  for (std::size_t at = 0; at + kStep < size; at += kStep)
    same = _mm_and_si128(same, compare(at));
  return _mm_movemask_epi8(same) == 0xFFFF;
#else
  return std::memcmp(left, right, size) == 0;
#endif
}

[[nodiscard]] inline const char* find_byte(const char* begin, const char* end, char wanted) {
  const char* at = begin;
#if defined(__SSE2__)
  const __m128i all_wanted = _mm_set1_epi8(wanted);
  for (; end - at >= static_cast<std::ptrdiff_t>(sizeof(__m128i)); at += sizeof(__m128i)) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, all_wanted)));
    if (found != 0)
      return at + std::countr_zero(found);
  }
#endif
  return std::find(at, end, wanted);
}

namespace internal {

// Of two to sixteen bytes at both places, as two words that may overlap.
template <class Word, std::size_t size>
[[nodiscard]] inline bool same_words(const char* left, const char* right) {
  const auto differ = [&](std::size_t at) {
    Word a = 0;
    Word b = 0;
    std::memcpy(&a, left + at, sizeof a);
    std::memcpy(&b, right + at, sizeof b);
    return static_cast<Word>(a ^ b);
  };
  return (differ(0) | differ(size - sizeof(Word))) == 0;
}

}  // namespace internal

// Whether `size` bytes are the same at both places.
template <std::size_t size>
[[nodiscard]] inline bool same_few_bytes(const char* left, const char* right) {
  static_assert(size >= 1 && size <= 16);
  if constexpr (size >= sizeof(std::uint64_t))
    return internal::same_words<std::uint64_t, size>(left, right);
  else if constexpr (size >= sizeof(std::uint32_t))
    return internal::same_words<std::uint32_t, size>(left, right);
  else if constexpr (size >= sizeof(std::uint16_t))
    return internal::same_words<std::uint16_t, size>(left, right);
  else
    return *left == *right;
}

}  // namespace krbtrail::audit
