// SPDX-License-Identifier: Apache-2.0
#include "audit/fingerprint_filter.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

using krbtrail::audit::FingerprintFilter;
using krbtrail::audit::LineEnds;
using krbtrail::audit::MarkedBytes;

namespace {

using Path = FingerprintFilter::Path;

using Marks = std::vector<MarkedBytes>;

Marks marks_in(const FingerprintFilter& filter, std::string_view text) {
  Marks marks(3, {.first = 7, .bits = 7});  // what is there before must not matter
  LineEnds lines{.feeds = {7, 7}, .has_nul = true};
  filter.mark(text, marks, lines);
  Marks alone(1, {.first = 7, .bits = 7});
  filter.mark(text, alone);
  CHECK(marks == alone);
  return marks;
}

bool is_marked(const Marks& marks, std::size_t at) {
  return std::ranges::any_of(marks, [at](const MarkedBytes& marked) {
    return at >= marked.first && at < marked.first + 32 &&
           (marked.bits >> (at - marked.first) & 1U) != 0;
  });
}

// Bytes of few kinds, so that fingerprints and near misses are frequent.
std::string random_text(std::mt19937& random, std::size_t size) {
  constexpr std::string_view kAlphabet = "abcABC019_/.\xff\x80 ";
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text += kAlphabet[random() % kAlphabet.size()];
  return text;
}

std::vector<std::string> random_fingerprints(std::mt19937& random) {
  std::vector<std::string> fingerprints;
  for (std::size_t i = 0, count = 1 + random() % 120; i < count; ++i)
    fingerprints.push_back(random_text(random, 1 + random() % FingerprintFilter::kLongest));
  return fingerprints;
}

TEST_CASE("the last byte of a fingerprint is marked in either case", "[audit][fingerprint]") {
  const FingerprintFilter filter{std::vector<std::string>{"krb5", "cme"}};
  for (const std::size_t before : {0U, 1U, 2U, 28U, 29U, 30U, 31U, 32U, 33U, 60U, 61U, 63U, 64U}) {
    for (const std::string_view found : {"krb5", "KRB5", "kRb5", "cme", "CmE"}) {
      for (const std::size_t behind : {0U, 1U, 40U}) {
        const std::string text =
            std::string(before, '-') + std::string{found} + std::string(behind, '-');
        CAPTURE(text);
        CHECK(is_marked(marks_in(filter, text), before + found.size() - 1));
      }
    }
  }
}

TEST_CASE("what is unlike every fingerprint is not marked", "[audit][fingerprint]") {
  const FingerprintFilter filter{std::vector<std::string>{"krb5", "cme"}};
  CHECK(marks_in(filter, "").empty());
  CHECK(marks_in(filter, "krb").empty());
  CHECK(marks_in(filter, std::string(100, '-')).empty());
}

TEST_CASE("no fingerprint is missed, however many there are", "[audit][fingerprint]") {
  const auto seed = GENERATE(take(200, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const std::vector<std::string> fingerprints = random_fingerprints(random);
  const FingerprintFilter filter{fingerprints};
  std::string text = random_text(random, random() % 200);
  const std::string& planted = fingerprints[random() % fingerprints.size()];
  const std::size_t at = random() % (text.size() + 1);
  text.insert(at, planted);
  CHECK(is_marked(marks_in(filter, text), at + planted.size() - 1));
}

TEST_CASE("the processor's path marks what the portable one marks", "[audit][fingerprint]") {
  if (FingerprintFilter::best_path() == Path::scalar)
    WARN("this processor has only the portable path");
  const auto seed = GENERATE(take(200, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const std::vector<std::string> fingerprints = random_fingerprints(random);
  const std::string text = random_text(random, random() % 300);
  const FingerprintFilter fast{fingerprints};
  const FingerprintFilter portable{fingerprints, Path::scalar};
  CHECK(marks_in(fast, text) == marks_in(portable, text));
}

// With one table of fingerprints and with two, on every path that this processor has.
std::vector<FingerprintFilter> filters() {
  std::vector<std::string> many;
  for (char first = 'a'; first <= 'z'; ++first) {
    for (const char second : {'x', 'y', 'z'})
      many.push_back({'k', first, second});
  }
  std::vector<FingerprintFilter> all;
  for (const Path path : {Path::scalar, FingerprintFilter::best_path()}) {
    all.emplace_back(std::vector<std::string>{"krb5"}, path);
    all.emplace_back(many, path);
  }
  return all;
}

LineEnds lines_in(const FingerprintFilter& filter, std::string_view text) {
  Marks marks;
  LineEnds lines{.feeds = {7, 7}, .has_nul = true};  // what is there before must not matter
  filter.mark(text, marks, lines);
  return lines;
}

TEST_CASE("a line feed is found at every place, and so is a NUL", "[audit][fingerprint]") {
  const FingerprintFilter filter = GENERATE(from_range(filters()));
  for (std::size_t size = 0; size < 100; ++size) {
    CAPTURE(size);
    const LineEnds none = lines_in(filter, std::string(size, 'x'));
    CHECK(none.feeds.empty());
    CHECK_FALSE(none.has_nul);
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(at);
      std::string text(size, 'x');
      text[at] = '\n';
      const LineEnds one = lines_in(filter, text);
      CHECK(one.feeds == std::vector{static_cast<std::uint32_t>(at)});
      CHECK_FALSE(one.has_nul);
      text[at] = '\0';
      const LineEnds nul = lines_in(filter, text);
      CHECK(nul.feeds.empty());
      CHECK(nul.has_nul);
    }
  }
}

TEST_CASE("no other byte ends a line", "[audit][fingerprint]") {
  const FingerprintFilter filter = GENERATE(from_range(filters()));
  std::string text;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '\n')
      text += static_cast<char>(byte);
  }
  const LineEnds lines = lines_in(filter, text);
  CHECK(lines.feeds.empty());
  CHECK_FALSE(lines.has_nul);
}

TEST_CASE("every path finds the lines of random bytes", "[audit][fingerprint]") {
  const auto seed = GENERATE(take(20, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  std::string text;
  for (std::size_t i = 0, size = random() % 2'000; i < size; ++i)
    text += static_cast<char>(random() % (seed % 2 == 0 ? 256 : 12));
  std::vector<std::uint32_t> expected;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    expected.push_back(static_cast<std::uint32_t>(at));
  for (const FingerprintFilter& filter : filters()) {
    const LineEnds lines = lines_in(filter, text);
    CHECK(lines.feeds == expected);
    CHECK(lines.has_nul == (text.find('\0') != std::string::npos));
  }
}

}  // namespace
