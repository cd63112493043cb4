// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/literal_scanner.h"

#include <cctype>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

using krbtrail::audit::LiteralScanner;

namespace {

std::vector<std::uint32_t> ends_in(std::string_view text,
                                   const std::vector<std::string_view>& literals) {
  const auto scanner = LiteralScanner::compile(literals);
  REQUIRE(scanner);
  std::vector<std::uint32_t> ends;
  scanner->scan(text, ends);
  return ends;
}

bool found(std::string_view text) {
  return !ends_in(text, {"krb5cc", "getST.py"}).empty();
}

std::string hex_of(std::string_view text, std::string_view digits) {
  std::string hex;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += digits[byte >> 4U];
    hex += digits[byte & 0xFU];
  }
  return hex;
}

}  // namespace

TEST_CASE("literals are found plain and in hexadecimal, in any case", "[audit][literal_scanner]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"name=\"/tmp/krb5cc_1000\"", true},
      {"a1=\"KRB5CCNAME=x\"", true},            // case of the text
      {"a2=2F746D702F6B72623563635F31", true},  // the kernel's hexadecimal
      {"a2=2f746d702f6b72623563635f31", true},  // lower-case digits occur too
      {"a2=4B52423543434E414D45", true},        // KRB5CCNAME in hexadecimal
      {"a2=6B52623543634E", true},              // kRb5CcN: mixed case inside
      {"GETst.PY", true},
      {"getSTxpy", false},  // the point is a point
      {"krb5c", false},
      {"6B7262356", false},
      {"", false},
  }));
  CAPTURE(text);
  CHECK(found(text) == expected);
}

TEST_CASE("without literals nothing is found", "[audit][literal_scanner]") {
  CHECK(ends_in("krb5cc krb5cc", {}).empty());
}

TEST_CASE("every occurrence has its end, in ascending order", "[audit][literal_scanner]") {
  CHECK(ends_in("krb5cc ccache krb5cc", {"ccache", "krb5cc"}) ==
        std::vector<std::uint32_t>{6, 13, 20});
}

TEST_CASE("no planted literal is missed, wherever and however it is spelt",
          "[audit][literal_scanner]") {
  const auto seed = GENERATE(take(500, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const std::vector<std::string_view> literals = {"krb5cc", "ccache", "getST.py", "a"};
  const std::string_view literal = literals[random() % literals.size()];
  std::string spelt{literal};
  for (char& c : spelt) {
    if (random() % 2 == 0)
      c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  if (random() % 2 == 0)
    spelt = hex_of(spelt, random() % 2 == 0 ? "0123456789ABCDEF" : "0123456789abcdef");
  std::string text(random() % 300, '_');
  const std::size_t near_the_end = random() % 2 == 0 ? 40 : text.size();
  const std::size_t place = text.size() - random() % (std::min(near_the_end, text.size()) + 1);
  text.insert(place, spelt);
  const std::vector<std::uint32_t> ends = ends_in(text, {literal});
  CHECK(std::ranges::find(ends, place + spelt.size()) != ends.end());
}
