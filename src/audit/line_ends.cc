// SPDX-License-Identifier: Apache-2.0
#include "audit/line_ends.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace krbtrail::audit {
namespace {

void find_scalar(std::string_view text, std::size_t first, LineEnds& ends) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n')
      ends.feeds.push_back(static_cast<std::uint32_t>(first + i));
    ends.has_nul = ends.has_nul || text[i] == '\0';
  }
}

#if defined(__x86_64__)
constexpr std::size_t kHalf = 32;
constexpr std::size_t kStep = 2 * kHalf;

__attribute__((target("avx2"))) inline std::uint32_t mask_of(__m256i bytes) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

__attribute__((target("avx2"))) std::size_t find_avx2(std::string_view text, std::size_t first,
                                                      LineEnds& ends) {
  const __m256i feed = _mm256_set1_epi8('\n');
  __m256i least = feed;
  std::size_t at = 0;
  std::size_t count = 0;  // of what was found
  for (; at + kStep <= text.size(); at += kStep) {
    if (ends.feeds.size() < count + kStep)
      ends.feeds.resize(2 * (count + kStep));
    std::uint32_t* const feeds = ends.feeds.data();
    const auto* const from = reinterpret_cast<const __m256i*>(text.data() + at);
    const __m256i low = _mm256_loadu_si256(from);
    const __m256i high = _mm256_loadu_si256(from + 1);
    least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
    auto found = static_cast<std::uint64_t>(mask_of(_mm256_cmpeq_epi8(low, feed))) |
                 static_cast<std::uint64_t>(mask_of(_mm256_cmpeq_epi8(high, feed))) << kHalf;
    const auto begin = static_cast<std::uint32_t>(first + at);
    for (; found != 0; found &= found - 1)
      feeds[count++] = begin + static_cast<std::uint32_t>(std::countr_zero(found));
  }
  ends.feeds.resize(count);
  const __m256i is_nul = _mm256_cmpeq_epi8(least, _mm256_setzero_si256());
  ends.has_nul = _mm256_movemask_epi8(is_nul) != 0;
  return at;
}
#endif

}  // namespace

LineEndPath best_line_end_path() {
#if defined(__x86_64__)
  if (static_cast<bool>(__builtin_cpu_supports("avx2")))
    return LineEndPath::avx2;
#endif
  return LineEndPath::scalar;
}

void find_line_ends(std::string_view text, std::size_t first, LineEnds& ends, LineEndPath path) {
  ends.feeds.clear();
  ends.has_nul = false;
  std::size_t done = 0;
#if defined(__x86_64__)
  if (path == LineEndPath::avx2)
    done = find_avx2(text, first, ends);
#else
  static_cast<void>(path);
#endif
  find_scalar(text.substr(done), first + done, ends);
}

}  // namespace krbtrail::audit
