// SPDX-License-Identifier: Apache-2.0
#include "audit/fingerprint_filter.h"

#include <algorithm>
#include <bit>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "audit/byte_frequency.h"

namespace krbtrail::audit {
namespace {

constexpr std::size_t kGroups = 8;      // bits of a table's entry
constexpr std::size_t kFewEnough = 48;  // fingerprints, for one look at the text
constexpr std::size_t kMarkBytes = 32;  // that are looked at together

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The halves of the bytes that a group has at one place, a bit each.
struct Bytes {
  std::uint16_t low = 0;
  std::uint16_t high = 0;

  void add(char c) {
    constexpr unsigned kCaseBit = 0x20;
    const auto byte = static_cast<unsigned char>(c);
    low = static_cast<std::uint16_t>(low | (1U << (byte & 0xFU)));
    high = static_cast<std::uint16_t>(high | (1U << (byte >> 4U)));
    if (is_letter(c))
      high = static_cast<std::uint16_t>(high | (1U << ((byte ^ kCaseBit) >> 4U)));
  }
  [[nodiscard]] bool has(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return (low >> (byte & 0xFU) & 1U) != 0 && (high >> (byte >> 4U) & 1U) != 0;
  }
};

struct Group {
  std::array<Bytes, FingerprintFilter::kLongest> places;
  double frequency = 0;  // of what it marks

  [[nodiscard]] Group with(std::string_view fingerprint) const {
    Group group = *this;
    const std::size_t begin = places.size() - fingerprint.size();
    for (std::size_t i = 0; i < begin; ++i)
      group.places[i] = {.low = 0xFFFF, .high = 0xFFFF};
    for (std::size_t i = 0; i < fingerprint.size(); ++i)
      group.places[begin + i].add(fingerprint[i]);
    group.frequency = 1;
    for (const Bytes& bytes : group.places)
      group.frequency *= frequency_of(bytes);
    return group;
  }

 private:
  [[nodiscard]] static double frequency_of(const Bytes& bytes) {
    double sum = 0;
    for (const char c : kFrequentBytes)
      sum += bytes.has(c) ? audit::frequency(c) : 0;
    return std::max(sum, audit::frequency('\0'));
  }
};

// Each joins the group that it makes mark least in addition.
std::vector<Group> grouped(std::span<const std::string> fingerprints) {
  std::vector<std::string_view> sorted{fingerprints.begin(), fingerprints.end()};
  std::ranges::sort(sorted);
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Group> groups(sorted.size() <= kFewEnough ? kGroups : 2 * kGroups);
  for (const std::string_view fingerprint : sorted) {
    Group* best = nullptr;
    Group best_grown;
    for (Group& group : groups) {
      const Group grown = group.with(fingerprint);
      if (best == nullptr ||
          grown.frequency - group.frequency < best_grown.frequency - best->frequency) {
        best = &group;
        best_grown = grown;
      }
    }
    *best = best_grown;
  }
  return groups;
}

void find_line_ends(std::string_view text, LineEnds& lines) {
  lines.feeds.clear();
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    lines.feeds.push_back(static_cast<std::uint32_t>(at));
  lines.has_nul = text.find('\0') != std::string_view::npos;
}

}  // namespace

#if defined(__x86_64__)
namespace {

// Functions that run on AVX2 are marked one by one and not by an option of the compiler, so that
// nothing else that this file instantiates needs it.
#define KRBTRAIL_AVX2 __attribute__((target("avx2"))) inline

// One place of the fingerprints.
struct Place {
  __m256i low;
  __m256i high;
  __m256i before;  // the groups found at this place in the 32 bytes before
};

KRBTRAIL_AVX2 __m256i load(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

// Both halves of a register hold the table, because a shuffle works in each by itself.
KRBTRAIL_AVX2 __m256i load_twice(const std::array<std::uint8_t, 16>& halves) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(halves.data())));
}

// The groups that have the halves of 32 bytes at this place.
KRBTRAIL_AVX2 __m256i groups_of(const Place& place, __m256i low, __m256i high) {
  return _mm256_and_si256(_mm256_shuffle_epi8(place.low, low),
                          _mm256_shuffle_epi8(place.high, high));
}

// The same, moved `ahead` bytes towards the fingerprint's end.
template <int ahead>
KRBTRAIL_AVX2 __m256i take(Place& place, __m256i low, __m256i high) {
  const __m256i now = groups_of(place, low, high);
  const __m256i across = _mm256_permute2x128_si256(place.before, now, 0x21);
  place.before = now;
  return _mm256_alignr_epi8(now, across, 16 - ahead);
}

using Places = std::array<Place, FingerprintFilter::kLongest>;

KRBTRAIL_AVX2 __m256i look(Places& places, __m256i low, __m256i high) {
  return _mm256_and_si256(
      _mm256_and_si256(groups_of(places[3], low, high), take<1>(places[2], low, high)),
      _mm256_and_si256(take<2>(places[1], low, high), take<3>(places[0], low, high)));
}

template <std::size_t count>
KRBTRAIL_AVX2 std::uint32_t marks_of(__m256i bytes, std::array<Places, count>& tables) {
  const __m256i half = _mm256_set1_epi8(0xF);
  const __m256i low = _mm256_and_si256(bytes, half);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
  __m256i groups = look(tables[0], low, high);
  for (std::size_t i = 1; i < count; ++i)
    groups = _mm256_or_si256(groups, look(tables[i], low, high));
  const __m256i none = _mm256_cmpeq_epi8(groups, _mm256_setzero_si256());
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
}

// Line ends of a text, 32 bytes after 32 bytes.
class LineSearch {
 public:
  KRBTRAIL_AVX2 explicit LineSearch(LineEnds* lines)
      : lines_(*lines), feed_(_mm256_set1_epi8('\n')), least_(feed_) {}

  KRBTRAIL_AVX2 void look_at(__m256i bytes, std::size_t first) {
    least_ = _mm256_min_epu8(least_, bytes);
    auto found = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, feed_)));
    if (found == 0)
      return;
    if (lines_.feeds.size() < count_ + kMarkBytes)
      lines_.feeds.resize(2 * (count_ + kMarkBytes));
    for (; found != 0; found &= found - 1)
      lines_.feeds[count_++] =
          static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(std::countr_zero(found));
  }

  KRBTRAIL_AVX2 void finish() {
    lines_.feeds.resize(count_);
    const __m256i is_nul = _mm256_cmpeq_epi8(least_, _mm256_setzero_si256());
    lines_.has_nul = _mm256_movemask_epi8(is_nul) != 0;
  }

 private:
  LineEnds& lines_;
  std::size_t count_ = 0;
  __m256i feed_;
  __m256i least_;  // of the bytes so far, at each of 32 places
};

// Nobody asks for them.
struct NoLineSearch {
  KRBTRAIL_AVX2 explicit NoLineSearch(LineEnds* /*lines*/) {}
  KRBTRAIL_AVX2 void look_at(__m256i /*bytes*/, std::size_t /*first*/) {}
  KRBTRAIL_AVX2 void finish() {}
};

// At 32 bytes, of which those that `wanted` has a bit for are part of the text.
template <std::size_t count, class Search>
KRBTRAIL_AVX2 void look_at(const char* from, std::size_t first, std::uint32_t wanted,
                           std::array<Places, count>& tables, Search& search,
                           std::vector<MarkedBytes>& marks) {
  const __m256i bytes = load(from);
  search.look_at(bytes, first);
  if (const std::uint32_t bits = marks_of(bytes, tables) & wanted; bits != 0)
    marks.push_back({.first = static_cast<std::uint32_t>(first), .bits = bits});
}

// Of as many tables as there are.
template <class Search, std::size_t count, class Tables>
KRBTRAIL_AVX2 void mark_avx2(const std::vector<Tables>& all, std::string_view text,
                             std::vector<MarkedBytes>& marks, LineEnds* lines) {
  std::array<Places, count> tables;
  for (std::size_t table = 0; table < count; ++table) {
    for (std::size_t i = 0; i < FingerprintFilter::kLongest; ++i)
      tables[table][i] = {.low = load_twice(all[table].low[i]),
                          .high = load_twice(all[table].high[i]),
                          .before = _mm256_set1_epi8(static_cast<char>(all[table].before[i]))};
  }
  Search search{lines};
  std::size_t first = 0;
  for (; first + 2 * kMarkBytes <= text.size(); first += 2 * kMarkBytes) {
    look_at(text.data() + first, first, ~0U, tables, search, marks);
    look_at(text.data() + first + kMarkBytes, first + kMarkBytes, ~0U, tables, search, marks);
  }
  if (first + kMarkBytes <= text.size()) {
    look_at(text.data() + first, first, ~0U, tables, search, marks);
    first += kMarkBytes;
  }
  if (const std::string_view rest = text.substr(first); !rest.empty()) {
    std::array<char, kMarkBytes> padded{};
    padded.fill(' ');
    rest.copy(padded.data(), rest.size());
    look_at(padded.data(), first, (1U << rest.size()) - 1, tables, search, marks);
  }
  search.finish();
}

}  // namespace

#undef KRBTRAIL_AVX2
#endif

FingerprintFilter::Path FingerprintFilter::best_path() {
#if defined(__x86_64__)
  if (static_cast<bool>(__builtin_cpu_supports("avx2")))
    return Path::avx2;
#endif
  return Path::scalar;
}

FingerprintFilter::FingerprintFilter(std::span<const std::string> fingerprints, Path path)
    : path_(path) {
  const std::vector<Group> groups = grouped(fingerprints);
  tables_.resize(groups.size() / kGroups);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Tables& tables = tables_[i / kGroups];
    const auto bit = static_cast<std::uint8_t>(1U << (i % kGroups));
    for (std::size_t place = 0; place < kLongest; ++place) {
      const auto [low, high] = groups[i].places[place];
      for (std::size_t half = 0; half < 16; ++half) {
        tables.low[place][half] |= (low >> half & 1U) != 0 ? bit : 0;
        tables.high[place][half] |= (high >> half & 1U) != 0 ? bit : 0;
      }
      tables.before[place] |= low == 0xFFFF && high == 0xFFFF ? bit : 0;
    }
  }
}

void FingerprintFilter::mark(std::string_view text, std::vector<MarkedBytes>& marks) const {
  mark(text, marks, nullptr);
}

void FingerprintFilter::mark(std::string_view text, std::vector<MarkedBytes>& marks,
                             LineEnds& lines) const {
  mark(text, marks, &lines);
}

void FingerprintFilter::mark(std::string_view text, std::vector<MarkedBytes>& marks,
                             LineEnds* lines) const {
  marks.clear();
#if defined(__x86_64__)
  if (path_ == Path::avx2) {
    if (lines != nullptr && tables_.size() == 1)
      mark_avx2<LineSearch, 1>(tables_, text, marks, lines);
    else if (lines != nullptr)
      mark_avx2<LineSearch, 2>(tables_, text, marks, lines);
    else if (tables_.size() == 1)
      mark_avx2<NoLineSearch, 1>(tables_, text, marks, lines);
    else
      mark_avx2<NoLineSearch, 2>(tables_, text, marks, lines);
    return;
  }
#endif
  for (std::size_t first = 0; first < text.size(); first += kMarkBytes) {
    if (const std::uint32_t bits = marks_scalar(text, first); bits != 0)
      marks.push_back({.first = static_cast<std::uint32_t>(first), .bits = bits});
  }
  if (lines != nullptr)
    find_line_ends(text, *lines);
}

std::uint32_t FingerprintFilter::marks_scalar(std::string_view text, std::size_t first) const {
  std::uint32_t bits = 0;
  for (std::size_t last = first; last < std::min(text.size(), first + kMarkBytes); ++last) {
    for (const Tables& tables : tables_) {
      if (groups_at(tables, text.substr(0, last + 1)) != 0)
        bits |= 1U << (last - first);
    }
  }
  return bits;
}

// The groups of which a member may end where `text` does.
unsigned FingerprintFilter::groups_at(const Tables& tables, std::string_view text) {
  unsigned groups = 0xFF;
  for (std::size_t back = 0; back < kLongest; ++back) {
    const std::size_t place = kLongest - 1 - back;
    if (back >= text.size()) {
      groups &= tables.before[place];
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[text.size() - 1 - back]);
    groups &=
        static_cast<unsigned>(tables.low[place][byte & 0xFU] & tables.high[place][byte >> 4U]);
  }
  return groups;
}

}  // namespace krbtrail::audit
