// SPDX-License-Identifier: Apache-2.0
#include "windows/text_encoding.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>

#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

struct Decoded {
  std::string text;
  std::uint64_t input_size = 0;  // of the text
  std::uint64_t mark = 0;
  std::uint64_t left_over = 0;
};

Decoded decode(const std::string& bytes, std::size_t piece) {
  std::size_t at = 0;
  TextInput input{[&](std::span<char> buffer) -> model::Result<std::size_t> {
    const std::size_t size = std::min({buffer.size(), bytes.size() - at, piece});
    std::memcpy(buffer.data(), bytes.data() + at, size);
    at += size;
    return size;
  }};
  Decoded result;
  while (input.append_to(result.text)) {
  }
  result.input_size = input.input_size(result.text);
  result.mark = input.mark_bytes();
  result.left_over = input.left_over();
  return result;
}

std::string utf16(const std::u16string& text, bool big) {
  std::string bytes;
  for (const char16_t unit : text) {
    const auto high = static_cast<char>(unit >> 8U);
    const auto low = static_cast<char>(unit & 0xFFU);
    bytes += big ? std::string{high, low} : std::string{low, high};
  }
  return bytes;
}

TEST_CASE("every encoding gives the same text, in pieces of any size", "[windows][text_encoding]") {
  const std::u16string wide = u"<Event> caf\u00e9 \u4e2d \U0001F600";
  const std::string text = "<Event> caf\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80";
  const auto piece = static_cast<std::size_t>(GENERATE(1, 2, 3, 5, 1000));
  const auto [bytes, mark] = GENERATE_COPY(table<std::string, std::uint64_t>({
      {text, 0},
      {"\xEF\xBB\xBF" + text, 3},
      {"\xFF\xFE" + utf16(wide, false), 2},
      {"\xFE\xFF" + utf16(wide, true), 2},
      {utf16(wide, false), 0},
      {utf16(wide, true), 0},
  }));
  CAPTURE(piece, mark);
  const Decoded decoded = decode(bytes, piece);
  CHECK(decoded.text == text);
  CHECK(decoded.mark == mark);
  CHECK(decoded.input_size + decoded.mark + decoded.left_over == bytes.size());
}

TEST_CASE("half a character at the end of UTF-16 is left over", "[windows][text_encoding]") {
  const Decoded decoded = decode("\xFF\xFE" + utf16(u"abc", false) + "d", 4);
  CHECK(decoded.text == "abc");
  CHECK(decoded.left_over == 1);
}

TEST_CASE("a lone surrogate is replaced, and still counted", "[windows][text_encoding]") {
  const std::string bytes = "\xFF\xFE"s + "\x3d\xd8\x61\x00\x00\xde"s;
  const Decoded decoded = decode(bytes, 100);
  CHECK(decoded.text ==
        "\xEF\xBF\xBD"
        "a\xEF\xBF\xBD");
  CHECK(decoded.input_size + decoded.mark == bytes.size());
}

TEST_CASE("bytes that are not UTF-8 are Windows-1252, one by one", "[windows][text_encoding]") {
  const auto [bytes, expected] = GENERATE(table<std::string, std::string>({
      {"plain", "plain"},
      {"caf\xe9", "caf\xc3\xa9"},
      {"caf\xc3\xa9", "caf\xc3\xa9"},                    // already UTF-8
      {"\x80", "\xe2\x82\xac"},                          // the euro sign
      {"\x81", "\xef\xbf\xbd"},                          // undefined there
      {"\xc0\xaf", "\xc3\x80\xc2\xaf"},                  // an overlong slash is no slash
      {"\xed\xa0\x80", "\xc3\xad\xc2\xa0\xe2\x82\xac"},  // a surrogate
      {"\xf4\x90\x80\x80", "\xc3\xb4\xef\xbf\xbd\xe2\x82\xac\xe2\x82\xac"},  // past U+10FFFF
      {"\xe2\x82", "\xc3\xa2\xe2\x80\x9a"},                                  // cut
  }));
  CHECK(as_utf8(bytes) == expected);
  CHECK(is_utf8(bytes) == (bytes == expected));
  CHECK(is_utf8(expected));
}

}  // namespace
}  // namespace krbtrail::windows
