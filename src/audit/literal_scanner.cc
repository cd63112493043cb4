// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/literal_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstring>
#include <numeric>
#include <string>

#include "audit/byte_frequency.h"
#include "audit/fingerprint_filter.h"

namespace krbtrail::audit {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::string hex(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {kHexDigits[byte >> 4U], kHexDigits[byte & 0xFU]};
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}

// 16 if it is no digit.
unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  return lower(c) >= 'a' && lower(c) <= 'f' ? static_cast<unsigned>(lower(c) - 'a') + 10 : 16;
}

bool is_same(std::string_view text, std::string_view literal) {
  return std::ranges::equal(text, literal, {}, lower, lower);
}

bool spells_in_hex(std::string_view digits, std::string_view literal) {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    const unsigned high = hex_digit(digits[2 * i]);
    const unsigned low = hex_digit(digits[2 * i + 1]);
    if (high > 15 || low > 15 || lower(static_cast<char>(high * 16 + low)) != lower(literal[i]))
      return false;
  }
  return true;
}

// Every spelling in hexadecimal, but for the case of the digits.
std::vector<std::string> hex_spellings(std::string_view bytes) {
  std::vector<std::string> spellings{""};
  for (const char c : bytes) {
    const std::size_t count = spellings.size();
    if (is_letter(c)) {
      for (std::size_t i = 0; i < count; ++i)
        spellings.push_back(spellings[i] + hex(upper(c)));
    }
    for (std::size_t i = 0; i < count; ++i)
      spellings[i] += hex(lower(c));
  }
  return spellings;
}

// The chance to meet these bytes at a place of a record, if they were independent.
double frequency_of(std::string_view bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), 1.0,
                         [](double product, char c) { return product * frequency(c); });
}

// A part of a form in which a literal can be spelt, that is searched for.
struct Fingerprint {
  std::vector<std::string> spellings;  // in lower case, all equally long
  std::size_t at = 0;                  // in the form
};

// The ways to spell `length` bytes of a literal's form from `at` on.
std::vector<std::string> spellings_of(std::string_view literal, bool is_hex, std::size_t at,
                                      std::size_t length) {
  std::vector<std::string> spellings;
  if (!is_hex) {
    spellings.emplace_back(literal.substr(at, length));
  } else {
    const std::size_t first = at / 2;
    spellings = hex_spellings(literal.substr(first, (at + length + 1) / 2 - first));
    for (std::string& spelling : spellings)
      spelling = spelling.substr(at % 2, length);
  }
  for (std::string& spelling : spellings)
    std::ranges::transform(spelling, spelling.begin(), lower);
  std::ranges::sort(spellings);
  spellings.erase(std::unique(spellings.begin(), spellings.end()), spellings.end());
  return spellings;
}

// The rarest part of `length` bytes of a literal's form.
Fingerprint rarest(std::string_view literal, bool is_hex, std::size_t length) {
  const std::size_t size = literal.size() * (is_hex ? 2 : 1);
  Fingerprint best;
  double lowest = 0;
  for (std::size_t at = 0; at + length <= size; ++at) {
    Fingerprint part{.spellings = spellings_of(literal, is_hex, at, length), .at = at};
    double sum = 0;
    for (const std::string& spelling : part.spellings)
      sum += frequency_of(spelling);
    if (best.spellings.empty() || sum < lowest) {
      best = std::move(part);
      lowest = sum;
    }
  }
  return best;
}

// A fingerprint as a number, at the end of four bytes. The bit of a letter's case is set in every
// byte, which makes more of them equal than are, and none less; what stands before a short one is
// set whole.
using Word = std::array<char, FingerprintFilter::kLongest>;

constexpr std::uint32_t word_mask(std::size_t length) {
  Word mask{};
  for (std::size_t i = 0; i < mask.size(); ++i)
    mask[i] = i + length < mask.size() ? '\xFF' : '\x20';
  return std::bit_cast<std::uint32_t>(mask);
}

// Of the last bytes of `text`, four or as many as there are.
std::uint32_t word_at_end(std::string_view text) {
  Word word{};
  const std::size_t length = std::min(text.size(), word.size());
  std::ranges::copy(text.substr(text.size() - length),
                    word.end() - static_cast<std::ptrdiff_t>(length));
  return std::bit_cast<std::uint32_t>(word);
}

// What is around a fingerprint if the literal is there.
struct Needle {
  std::uint32_t word = 0;
  std::size_t end = 0;  // of the fingerprint in the literal's form
  bool is_hex = false;
  std::string_view literal;  // in Engine::literals
};

}  // namespace

struct LiteralScanner::Engine {
  Engine(std::vector<std::string> wanted, std::vector<Needle> found,
         std::span<const std::string> fingerprints)
      : literals(std::move(wanted)), needles(std::move(found)), filter(fingerprints) {
    std::ranges::sort(needles, {}, &Needle::word);
    for (const Needle& needle : needles)
      words.set(place_of(needle.word));
    for (const std::string& one : fingerprints) {
      const std::uint32_t mask = word_mask(one.size());
      if (std::ranges::find(masks, mask) == masks.end())
        masks.push_back(mask);
    }
  }

  static constexpr std::size_t kWords = 16'384;
  [[nodiscard]] static std::size_t place_of(std::uint32_t word) {
    return (word * 0x9E3779B1U) >> (32 - std::countr_zero(kWords));
  }

  // Calls `use` with the end of each occurrence until it says no.
  template <class Use>
  void search(std::string_view bytes, std::span<const MarkedBytes> marks, Use use) const {
    for (const auto& [first, bits] : marks) {
      for (std::uint32_t marked = bits; marked != 0; marked &= marked - 1) {
        if (!look_at(bytes, first + static_cast<std::size_t>(std::countr_zero(marked)), use))
          return;
      }
    }
  }

  // At the last byte of what may be a fingerprint.
  template <class Use>
  [[nodiscard]] bool look_at(std::string_view bytes, std::size_t last, Use& use) const {
    std::uint32_t word = 0;
    if (last + 1 >= sizeof word)
      std::memcpy(&word, bytes.data() + last + 1 - sizeof word, sizeof word);
    else
      word = word_at_end(bytes.substr(0, last + 1));
    return std::ranges::all_of(
        masks, [&](std::uint32_t mask) { return compare(bytes, last, word | mask, use); });
  }

  template <class Use>
  [[nodiscard]] bool compare(std::string_view bytes, std::size_t last, std::uint32_t word,
                             Use& use) const {
    if (!words.test(place_of(word)))
      return true;
    auto needle = std::ranges::lower_bound(needles, word, {}, &Needle::word);
    for (; needle != needles.end() && needle->word == word; ++needle) {
      const std::size_t end = end_of(bytes, last + 1, *needle);
      if (end != 0 && !use(end))
        return false;
    }
    return true;
  }

  // Where the literal ends if its fingerprint ends at `end`; 0 if it is not there.
  [[nodiscard]] static std::size_t end_of(std::string_view bytes, std::size_t end,
                                          const Needle& needle) {
    const std::size_t size = needle.literal.size() * (needle.is_hex ? 2 : 1);
    if (end < needle.end || bytes.size() - (end - needle.end) < size)
      return 0;
    const std::string_view text = bytes.substr(end - needle.end, size);
    const bool is_there =
        needle.is_hex ? spells_in_hex(text, needle.literal) : is_same(text, needle.literal);
    return is_there ? end - needle.end + size : 0;
  }

  std::vector<std::string> literals;
  std::vector<Needle> needles;  // by word
  std::bitset<kWords> words;    // of the needles, by place
  FingerprintFilter filter;
  std::vector<std::uint32_t> masks;        // of the lengths that fingerprints have
  std::vector<MarkedBytes> marks_of_text;  // kept by finds_any(), which is called often
};

LiteralScanner::LiteralScanner(std::span<const std::string_view> literals) {
  std::vector<std::string> kept{literals.begin(), literals.end()};
  std::vector<Needle> needles;
  std::vector<std::string> fingerprints;
  for (const std::string& literal : kept) {
    for (const bool is_hex : {false, true}) {
      const std::size_t size = literal.size() * (is_hex ? 2 : 1);
      const std::size_t length = std::min(size, FingerprintFilter::kLongest);
      Fingerprint part = rarest(literal, is_hex, length);
      for (std::string& spelling : part.spellings) {
        needles.push_back({.word = word_at_end(spelling) | word_mask(length),
                           .end = part.at + length,
                           .is_hex = is_hex,
                           .literal = literal});
        fingerprints.push_back(std::move(spelling));
      }
    }
  }
  engine_ = std::make_unique<Engine>(std::move(kept), std::move(needles), fingerprints);
}

LiteralScanner::LiteralScanner(LiteralScanner&&) noexcept = default;
LiteralScanner& LiteralScanner::operator=(LiteralScanner&&) noexcept = default;
LiteralScanner::~LiteralScanner() = default;

void LiteralScanner::scan(std::string_view bytes, LiteralHits& hits, LineEnds& lines) const {
  std::vector<std::uint32_t>& ends = hits.ends;
  ends.clear();
  engine_->filter.mark(bytes, hits.marks, lines);
  engine_->search(bytes, hits.marks, [&](std::size_t end) {
    ends.push_back(static_cast<std::uint32_t>(end));
    return true;
  });
  std::ranges::sort(ends);
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
}

bool LiteralScanner::finds_any(std::string_view bytes) const {
  bool found = false;
  engine_->filter.mark(bytes, engine_->marks_of_text);
  engine_->search(bytes, engine_->marks_of_text,
                  [&](std::size_t /*end*/) { return !(found = true); });
  return found;
}

}  // namespace krbtrail::audit
