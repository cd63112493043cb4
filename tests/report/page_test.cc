// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <random>
#include <sstream>
#include <string>
#include <string_view>

#include "report/escaped_text.h"
#include "support/catch.h"
#include "support/nasty_strings.h"

namespace {

using krbtrail::report::columns_of;
using krbtrail::report::Page;
using krbtrail::report::Paint;

std::string field(std::string_view label, std::string_view words, bool color = false) {
  std::string out;
  Page{out, color}.field(label, words, Paint::red);
  return out;
}

std::size_t widest(const std::string& text) {
  std::size_t columns = 0;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    columns = std::max(columns, columns_of(line));
  return columns;
}

TEST_CASE("a field stands behind its label, later lines under its text", "[report][page]") {
  CHECK(field("how", "cp /tmp/krb5cc_1000 /tmp/x") == "  how      cp /tmp/krb5cc_1000 /tmp/x\n");
  CHECK(field("", "more") == "           more\n");
  CHECK(field("why", std::string(69, 'a') + " b") ==
        "  why      " + std::string(69, 'a') + "\n           b\n");
}

TEST_CASE("a word longer than a line is broken behind a backslash", "[report][page]") {
  CHECK(field("how", std::string(100, 'a')) ==
        "  how      " + std::string(68, 'a') + "\\\n           " + std::string(32, 'a') + "\n");
  // It starts on the line that is there if enough of it is left, ...
  CHECK(field("how", "cat " + std::string(100, 'a')) ==
        "  how      cat " + std::string(64, 'a') + "\\\n           " + std::string(36, 'a') + "\n");
  // ... otherwise on a line of its own.
  CHECK(field("how", std::string(50, 'b') + " " + std::string(70, 'a')) ==
        "  how      " + std::string(50, 'b') + "\n           " + std::string(68, 'a') +
            "\\\n           aa\n");
}

TEST_CASE("blanks between words stay, unless a line ends there", "[report][page]") {
  CHECK(field("how", "a  b") == "  how      a  b\n");
  CHECK(field("how", "a" + std::string(200, ' ') + "b") == "  how      a\n           b\n");
}

TEST_CASE("no escape and no letter is torn apart", "[report][page]") {
  std::string bytes = "a";  // so that the end of the line falls into an escape
  for (int i = 0; i < 40; ++i)
    bytes += '\xff';
  const std::string shown = field("how", bytes);
  CHECK(shown.find("\\xff\\\n           \\xff") != std::string::npos);

  std::string wide;
  for (int i = 0; i < 40; ++i)
    wide += "\xe4\xb8\xad";  // two columns each
  std::string expected = "  how      ";
  for (int i = 0; i < 34; ++i)
    expected += "\xe4\xb8\xad";
  expected += "\\\n           ";
  for (int i = 0; i < 6; ++i)
    expected += "\xe4\xb8\xad";
  CHECK(field("how", wide) == expected + "\n");
}

TEST_CASE("very long text keeps both ends and says what is missing", "[report][page]") {
  const std::string words = "begin " + std::string(100'000, 'x') + " end";
  const std::string shown = field("how", words);
  CHECK(shown.size() < 2'000);
  CHECK(shown.starts_with("  how      begin xxx"));
  CHECK(shown.ends_with("xxx end\n"));
  // 1,200 bytes may stay: 800 of the head, 300 of the tail.
  CHECK(shown.find("[... 98,910") != std::string::npos);
  CHECK(field("how", std::string(1'200, 'x')).find("left out") == std::string::npos);
}

TEST_CASE("nothing nasty leaves its line or its 80 columns", "[report][page]") {
  for (const auto& nasty : krbtrail::test::kNastyStrings) {
    CAPTURE(nasty.attacks);
    std::string many;
    for (int i = 0; i < 30; ++i)
      many.append(nasty.bytes).append(i % 7 == 0 ? " " : "");
    for (const std::string& shown : {field("how", nasty.bytes), field("how", many)}) {
      CHECK(widest(shown) <= 80);
      CHECK(shown.find('\x1b') == std::string::npos);
      CHECK(shown.find('\r') == std::string::npos);
    }
  }
}

TEST_CASE("random bytes stay within 80 columns", "[report][page]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  std::uniform_int_distribution<std::size_t> length{0, 2'000};
  std::uniform_int_distribution<int> byte{-128, 127};
  std::uniform_int_distribution<int> one_in_ten{0, 9};
  for (int round = 0; round < 500; ++round) {
    std::string bytes(length(random), ' ');
    for (char& c : bytes)
      c = one_in_ten(random) == 0 ? ' ' : static_cast<char>(byte(random));
    REQUIRE(widest(field("how", bytes)) <= 80);
  }
}

TEST_CASE("colours stand around our words only, and only where they are wanted", "[report][page]") {
  CHECK(field("why", "\x1b[31m", true) == "  \x1b[31mwhy\x1b[0m      \\x1b[31m\n");
  CHECK(field("why", "\x1b[31m", false) == "  why      \\x1b[31m\n");
  std::string out;
  Page{out, true}.opening("[high]", Paint::red, "web01");
  CHECK(out == "\n\x1b[31m[high]\x1b[0m web01\n");
}

}  // namespace
