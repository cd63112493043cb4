// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/literal_scanner.h"

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

using krbtrail::audit::LiteralHits;
using krbtrail::audit::LiteralScanner;

namespace {

std::vector<std::uint32_t> ends_in(std::string_view text,
                                   const std::vector<std::string_view>& literals) {
  const LiteralScanner scanner{literals};
  LiteralHits hits{.ends = {7}, .marks = {{7, 7}}};  // what is there before must not matter
  krbtrail::audit::LineEnds lines;
  scanner.scan(text, hits, lines);
  CHECK(scanner.finds_any(text) == !hits.ends.empty());
  return hits.ends;
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

// By trying every place with every literal, plain and in hexadecimal.
std::vector<std::uint32_t> naive_ends_in(std::string_view text,
                                         const std::vector<std::string_view>& literals) {
  const auto lower = [](std::string_view part) {
    std::string all{part};
    std::ranges::transform(all, all.begin(), [](unsigned char c) { return std::tolower(c); });
    return all;
  };
  const auto unhex = [](std::string_view digits) -> std::string {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      if (std::isxdigit(static_cast<unsigned char>(digits[i])) == 0 ||
          std::isxdigit(static_cast<unsigned char>(digits[i + 1])) == 0)
        return {};
      bytes += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
    }
    return bytes;
  };
  std::vector<std::uint32_t> ends;
  for (std::size_t end = 1; end <= text.size(); ++end) {
    const bool is_end = std::ranges::any_of(literals, [&](std::string_view literal) {
      const std::size_t size = literal.size();
      return (end >= size && lower(text.substr(end - size, size)) == lower(literal)) ||
             (end >= 2 * size &&
              lower(unhex(text.substr(end - 2 * size, 2 * size))) == lower(literal));
    });
    if (is_end)
      ends.push_back(static_cast<std::uint32_t>(end));
  }
  return ends;
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
  const auto seed = GENERATE(take(1000, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  // Short ones, those that share their rarest bytes, and so many that one look is not enough.
  std::vector<std::string_view> literals = {"krb5cc", "ccache", "getST.py", "a",
                                            "gdb",    ".krb5",  "/kinit",   "/klist",
                                            "xy",     "cme",    "wmiexec",  "smbexec",
                                            "psexec", "nxc",    ".kirbi",   "getTGT",
                                            "getTGS", "getPac", "rbcd",     "s\xC3\xBC\xC3\xB1"};
  literals.resize(1 + random() % literals.size());
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
  const std::vector<std::uint32_t> ends = ends_in(text, literals);
  CAPTURE(text);
  CHECK(std::ranges::find(ends, place + spelt.size()) != ends.end());
}

TEST_CASE("nothing is found but what a naive search finds", "[audit][literal_scanner]") {
  const auto seed = GENERATE(take(300, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const std::vector<std::string_view> literals = {"ab", "aB6", "6b2", "b", "2e6b"};
  constexpr std::string_view kAlphabet = "ab62eAE1B4";
  std::string text;
  for (std::size_t i = 0, size = random() % 120; i < size; ++i)
    text += kAlphabet[random() % kAlphabet.size()];
  CAPTURE(text);
  CHECK(ends_in(text, literals) == naive_ends_in(text, literals));
}
