// SPDX-License-Identifier: Apache-2.0
#include "report/utf8.h"

#include <algorithm>
#include <array>

namespace krbtrail::report {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// In ascending order.
constexpr std::array kInvisible = {
    Range{0x0000, 0x001F},    // C0
    Range{0x007F, 0x009F},    // DEL, C1
    Range{0x00AD, 0x00AD},    // soft hyphen
    Range{0x034F, 0x034F},    // combining grapheme joiner
    Range{0x0600, 0x0605},    // Arabic number signs
    Range{0x061C, 0x061C},    // Arabic letter mark
    Range{0x06DD, 0x06DD},    // Arabic end of ayah
    Range{0x070F, 0x070F},    // Syriac abbreviation mark
    Range{0x0890, 0x0891},    // Arabic pound and piastre marks
    Range{0x08E2, 0x08E2},    // Arabic disputed end of ayah
    Range{0x115F, 0x1160},    // Hangul fillers
    Range{0x180B, 0x180F},    // Mongolian selectors and vowel separator
    Range{0x200B, 0x200F},    // zero width, left-to-right and right-to-left marks
    Range{0x2028, 0x202E},    // line and paragraph separators, embeddings, overrides
    Range{0x2060, 0x206F},    // word joiner, invisible operators, isolates
    Range{0x3164, 0x3164},    // Hangul filler
    Range{0xFE00, 0xFE0F},    // variation selectors
    Range{0xFEFF, 0xFEFF},    // byte order mark
    Range{0xFFA0, 0xFFA0},    // half-width Hangul filler
    Range{0xFFF9, 0xFFFB},    // interlinear annotation
    Range{0x110BD, 0x110BD},  // Kaithi number signs
    Range{0x110CD, 0x110CD}, Range{0x13430, 0x1343F},  // Egyptian format controls
    Range{0x1BCA0, 0x1BCA3},                           // shorthand format controls
    Range{0x1D173, 0x1D17A},                           // musical format controls
    Range{0xE0000, 0xE0FFF},                           // tags, variation selectors
};

[[nodiscard]] bool is_noncharacter(char32_t value) {
  return (value >= 0xFDD0 && value <= 0xFDEF) || (value & 0xFFFEU) == 0xFFFEU;
}

// What the first byte says: the length, its own bits, and the least value that needs this length.
struct Lead {
  std::size_t length;
  char32_t bits;
  char32_t least;
};

[[nodiscard]] Lead read_lead(unsigned char byte) {
  if (byte < 0x80U)
    return {1, byte, 0};
  if ((byte & 0xE0U) == 0xC0U)
    return {2, byte & 0x1FU, 0x80};
  if ((byte & 0xF0U) == 0xE0U)
    return {3, byte & 0x0FU, 0x800};
  if ((byte & 0xF8U) == 0xF0U)
    return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

CodePoint decode_utf8(std::string_view bytes) {
  const Lead lead = read_lead(static_cast<unsigned char>(bytes.front()));
  if (lead.length == 0 || lead.length > bytes.size())
    return {};
  char32_t value = lead.bits;
  for (const char c : bytes.substr(1, lead.length - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U)
      return {};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < lead.least || value > 0x10FFFF || surrogate)
    return {};
  return {value, lead.length};
}

bool is_visible(char32_t value) {
  const auto* const range =
      std::ranges::lower_bound(kInvisible, value, std::ranges::less{}, &Range::last);
  const bool invisible = range != kInvisible.end() && range->first <= value;
  return !invisible && !is_noncharacter(value);
}

}  // namespace krbtrail::report
