// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/escape.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "report/reading_back.h"
#include "report/utf8.h"
#include "support/catch.h"
#include "support/nasty_strings.h"

namespace {

using krbtrail::report::append_csv_cell;
using krbtrail::report::append_json;
using krbtrail::report::decode_utf8;
using krbtrail::report::escape_terminal;
using krbtrail::report::is_visible;
using krbtrail::test::from_hex_escapes;
using krbtrail::test::from_json_string;
using krbtrail::test::kNastyStrings;

std::string json(std::string_view bytes) {
  std::string out;
  append_json(out, bytes);
  return out;
}

std::string csv(std::string_view bytes) {
  std::string out;
  append_csv_cell(out, bytes);
  return out;
}

// The promise that all sinks share: well-formed UTF-8 without a single code point that acts.
bool only_shows(std::string_view text) {
  while (!text.empty()) {
    const auto point = decode_utf8(text);
    if (point.length == 0 || !is_visible(point.value))
      return false;
    text.remove_prefix(point.length);
  }
  return true;
}

std::string random_bytes(std::mt19937& random) {
  // Bytes that mean something to an escaper are more likely than chance would have them.
  constexpr std::string_view kFavourites = "\\x\\\"\n\x1b\xe2\x80\xae\xc3\xa4\xf0\x9f\x98\x80,=0f";
  std::uniform_int_distribution<std::size_t> length{0, 24};
  std::uniform_int_distribution<std::size_t> favourite{0, kFavourites.size() * 2};
  std::uniform_int_distribution<int> any{0, 255};
  std::string bytes(length(random), ' ');
  for (char& c : bytes) {
    const std::size_t choice = favourite(random);
    c = choice < kFavourites.size() ? kFavourites[choice] : static_cast<char>(any(random));
  }
  return bytes;
}

TEST_CASE("JSON gets a bad byte as four characters and a backslash as two, then its own escaping",
          "[report][escape]") {
  const auto [bytes, expected] = GENERATE(table<std::string, std::string>({
      {"krb5cc_1000", "krb5cc_1000"},
      {"\xff", R"(\\xff)"},        // backslash, x, f, f: and the backslash escaped by JSON
      {"a\\b", R"(a\\\\b)"},       // two backslashes, each escaped by JSON
      {"\\\xff", R"(\\\\\\xff)"},  // a backslash and a bad byte stay apart
      {"\\xff", R"(\\\\xff)"},     // the text "\xff" is not the byte ff
      {"\"", R"(\")"},
      {"\n", R"(\u000a)"},  // a control character is UTF-8: JSON's escape alone
      {std::string{"\0", 1}, R"(\u0000)"},
      {"\x1b[2J", R"(\u001b[2J)"},
      {"\x7f", R"(\u007f)"},                    // DEL may stand raw in JSON, but not on a terminal
      {"\xc2\x9b", R"(\u009b)"},                // so may C1
      {"\xe2\x80\xae", R"(\u202e)"},            // right-to-left override
      {"\xf3\xa0\x81\xa1", R"(\udb40\udc61)"},  // U+E0061, a surrogate pair
      {"\xed\xa0\x80", R"(\\xed\\xa0\\x80)"},   // a surrogate is not UTF-8
      {"\xc0\xaf", R"(\\xc0\\xaf)"},            // nor is an overlong form
      {"\xe2\x82", R"(\\xe2\\x82)"},            // nor a sequence that is cut
      {"\xe2\x82z", R"(\\xe2\\x82z)"},
      {"J\xc3\xb6rg", "J\xc3\xb6rg"},  // letters stay
      {"/", "/"},
  }));
  CAPTURE(bytes);
  CHECK(json(bytes) == expected);
}

TEST_CASE("a terminal gets every acting byte as hex", "[report][escape]") {
  const auto [bytes, expected] = GENERATE(table<std::string, std::string>({
      {"cp /tmp/krb5cc_1000", "cp /tmp/krb5cc_1000"},
      {"\x1b[2J", R"(\x1b[2J)"},
      {"a\nb", R"(a\x0ab)"},
      {"\t", R"(\x09)"},  // a tab would shift the columns
      {"\xff", R"(\xff)"},
      {"\xc2\x9b", R"(\xc2\x9b)"},  // byte by byte, as it stands in the log
      {"\xe2\x80\xae", R"(\xe2\x80\xae)"},
      {R"(C:\Windows\Temp)", R"(C:\Windows\Temp)"},  // readable: there is nothing to mistake
      {R"(C:\xampp)", R"(C:\\xampp)"},               // an x behind it could be an escape
      {R"(\x1b)", R"(\\x1b)"},                       // the text, not the byte
      {"C:\\a\x1b", R"(C:\\a\x1b)"},                 // doubled as soon as there are escapes
      {"J\xc3\xb6rg", "J\xc3\xb6rg"},
      {"\xe3\x85\xa4", R"(\xe3\x85\xa4)"},  // a letter that nobody sees
  }));
  CAPTURE(bytes);
  CHECK(escape_terminal(bytes) == expected);
}

TEST_CASE("a CSV cell is quoted where it must be and never a formula", "[report][escape]") {
  const auto [bytes, expected] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"cp", "cp"},
      {"a,b", R"("a,b")"},
      {R"(a"b)", R"("a""b")"},
      {" a", R"(" a")"},            // some readers strip blanks that are not quoted
      {"a\r\nb", R"(a\x0d\x0ab)"},  // a cell is one line
      {"a\\b", R"(a\\b)"},
      {"\xff", R"(\xff)"},
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@a", "'@a"},
      {"  =1", R"('  =1)"},   // Excel skips the blanks
      {"\t=1", R"(\x09=1)"},  // the tab has become visible, so this is text
      {"=a,\"b\"", R"("'=a,""b""")"},
      {"\xef\xbc\x9d"
       "1",
       "'\xef\xbc\x9d"
       "1"},  // full-width
      {"a=1", "a=1"},
      {"1-2", "1-2"},
  }));
  CAPTURE(bytes);
  CHECK(csv(bytes) == expected);
}

TEST_CASE("nothing nasty passes any escaper", "[report][escape]") {
  for (const auto& nasty : kNastyStrings) {
    CAPTURE(nasty.attacks);
    CHECK(only_shows(json(nasty.bytes)));
    CHECK(only_shows(escape_terminal(nasty.bytes)));
    CHECK(only_shows(csv(nasty.bytes)));
  }
}

TEST_CASE("what was escaped can be read back to the byte", "[report][escape]") {
  for (const auto& nasty : kNastyStrings) {
    CAPTURE(nasty.attacks);
    CHECK(from_hex_escapes(from_json_string(json(nasty.bytes))) == nasty.bytes);
    // On a terminal a text without `\x` stands for itself.
    const std::string shown = escape_terminal(nasty.bytes);
    const bool escaped = shown.find("\\x") != std::string::npos;
    CHECK((escaped ? from_hex_escapes(shown) : shown) == nasty.bytes);
  }
}

TEST_CASE("random bytes show and can be read back", "[report][escape]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 20'000; ++round) {
    const std::string bytes = random_bytes(random);
    CAPTURE(bytes);
    const std::string in_json = json(bytes);
    const std::string shown = escape_terminal(bytes);
    REQUIRE(only_shows(in_json));
    REQUIRE(only_shows(shown));
    REQUIRE(only_shows(csv(bytes)));
    REQUIRE(from_hex_escapes(from_json_string(in_json)) == bytes);
    const bool escaped = shown.find("\\x") != std::string::npos;
    REQUIRE((escaped ? from_hex_escapes(shown) : shown) == bytes);
  }
}

TEST_CASE("UTF-8 is what RFC 3629 says", "[report][utf8]") {
  const auto [bytes, value, length] = GENERATE(table<std::string, char32_t, std::size_t>({
      {"A", U'A', 1},
      {"\x7f", U'\x7f', 1},
      {"\xc2\x80", U'\x80', 2},  // the least of two bytes
      {"\xdf\xbf", U'\x7ff', 2},
      {"\xe0\xa0\x80", U'\x800', 3},   // the least of three
      {"\xed\x9f\xbf", U'\xd7ff', 3},  // the last before the surrogates
      {"\xee\x80\x80", U'\xe000', 3},  // the first behind them
      {"\xf0\x90\x80\x80", U'\x10000', 4},
      {"\xf4\x8f\xbf\xbf", U'\x10ffff', 4},
      {"\x80", 0, 0},
      {"\xc1\xbf", 0, 0},  // overlong
      {"\xe0\x9f\xbf", 0, 0},
      {"\xf0\x8f\xbf\xbf", 0, 0},
      {"\xed\xa0\x80", 0, 0},  // surrogates
      {"\xed\xbf\xbf", 0, 0},
      {"\xf4\x90\x80\x80", 0, 0},      // past the end
      {"\xf8\x88\x80\x80\x80", 0, 0},  // five bytes were never meant to last
      {"\xe2\x82", 0, 0},
      {"\xe2\x28\xa1", 0, 0},
  }));
  CAPTURE(bytes);
  CHECK(decode_utf8(bytes).value == value);
  CHECK(decode_utf8(bytes).length == length);
}

}  // namespace
