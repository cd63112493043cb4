// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 in evidence, one code point at a time (RFC 3629, section 4: the table of well-formed
// bytes).
#pragma once

#include <cstddef>
#include <string_view>

namespace krbtrail::report {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  // in bytes; 0 if no well-formed sequence starts here
};

// The code point at the start of `bytes`, which must not be empty.
[[nodiscard]] CodePoint decode_utf8(std::string_view bytes);

// False for control characters, format characters and noncharacters: what must not be written raw.
// The ranges are those of Unicode 15's general categories Cc, Cf, Zl and Zp, and of the invisible
// letters that are used to fake blanks (Hangul fillers, the combining grapheme joiner).
[[nodiscard]] bool is_visible(char32_t value);

}  // namespace krbtrail::report
