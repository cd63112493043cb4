// SPDX-License-Identifier: Apache-2.0
//
// What a careful reader of our output does to get the evidence's bytes back: the escapes undone,
// written from docs/SCHEMA.md and not from the code that escapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace krbtrail::test {

[[nodiscard]] inline unsigned hex_value(std::string_view digits) {
  return static_cast<unsigned>(std::stoul(std::string{digits}, nullptr, 16));
}

inline void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | (point >> 18U));
    put(0x80U | ((point >> 12U) & 0x3FU));
    put(0x80U | ((point >> 6U) & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

// The inside of a JSON string, as RFC 8259 reads it.
[[nodiscard]] inline std::string from_json_string(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[++i] != 'u') {
      out += text[i];  // we write no other short escapes than \" and \\.
    } else {
      std::uint32_t point = hex_value(text.substr(i + 1, 4));
      i += 4;
      if (point >= 0xD800 && point < 0xDC00) {
        point = 0x10000 + ((point - 0xD800) << 10U) + (hex_value(text.substr(i + 3, 4)) - 0xDC00);
        i += 6;
      }
      append_utf8(out, point);
    }
  }
  return out;
}

// `\\` is a backslash, `\xNN` a byte.
[[nodiscard]] inline std::string from_hex_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[i + 1] == '\\') {
      out += text[++i];
    } else {
      out += static_cast<char>(hex_value(text.substr(i + 2, 2)));
      i += 3;
    }
  }
  return out;
}

}  // namespace krbtrail::test
