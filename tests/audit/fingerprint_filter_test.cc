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

namespace {

using Path = FingerprintFilter::Path;

std::vector<std::uint32_t> marks_in(const FingerprintFilter& filter, std::string_view text) {
  std::vector<std::uint32_t> marks(3, 0xFFFFFFFF);  // what is there before must not matter
  filter.mark(text, marks);
  return marks;
}

bool is_marked(const std::vector<std::uint32_t>& marks, std::size_t at) {
  return (marks[at / FingerprintFilter::kMarkBytes] >> (at % FingerprintFilter::kMarkBytes) & 1U) !=
         0;
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
        const std::vector<std::uint32_t> marks = marks_in(filter, text);
        REQUIRE(marks.size() == (text.size() + 31) / 32);
        CHECK(is_marked(marks, before + found.size() - 1));
      }
    }
  }
}

TEST_CASE("what is unlike every fingerprint is not marked", "[audit][fingerprint]") {
  const FingerprintFilter filter{std::vector<std::string>{"krb5", "cme"}};
  CHECK(marks_in(filter, "").empty());
  CHECK(marks_in(filter, "krb") == std::vector<std::uint32_t>{0});
  CHECK(marks_in(filter, std::string(100, '-')) == std::vector<std::uint32_t>{0, 0, 0, 0});
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

}  // namespace
