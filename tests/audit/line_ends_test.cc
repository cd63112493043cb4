// SPDX-License-Identifier: Apache-2.0
#include "audit/line_ends.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace krbtrail::audit {
namespace {

// Every path that this processor has.
std::vector<LineEndPath> paths() {
  std::vector<LineEndPath> all{LineEndPath::scalar};
  if (best_line_end_path() != LineEndPath::scalar)
    all.push_back(best_line_end_path());
  return all;
}

LineEnds ends_of(std::string_view text, std::size_t first, LineEndPath path) {
  LineEnds ends{.feeds = {7, 7}, .has_nul = true};  // what is there before must not matter
  find_line_ends(text, first, ends, path);
  return ends;
}

TEST_CASE("a line feed is found at every place, and so is a NUL", "[audit][line_ends]") {
  const LineEndPath path = GENERATE(from_range(paths()));
  for (std::size_t size = 0; size < 100; ++size) {
    CAPTURE(size);
    const LineEnds none = ends_of(std::string(size, 'x'), 0, path);
    CHECK(none.feeds.empty());
    CHECK_FALSE(none.has_nul);
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(at);
      std::string text(size, 'x');
      text[at] = '\n';
      const LineEnds one = ends_of(text, 5, path);
      REQUIRE(one.feeds.size() == 1);
      CHECK(one.feeds[0] == at + 5);
      CHECK_FALSE(one.has_nul);
      text[at] = '\0';
      const LineEnds nul = ends_of(text, 5, path);
      CHECK(nul.feeds.empty());
      CHECK(nul.has_nul);
    }
  }
}

TEST_CASE("no other byte ends a line", "[audit][line_ends]") {
  const LineEndPath path = GENERATE(from_range(paths()));
  std::string text;
  for (int byte = 1; byte < 256; ++byte) {
    if (byte != '\n')
      text += static_cast<char>(byte);
  }
  const LineEnds ends = ends_of(text, 0, path);
  CHECK(ends.feeds.empty());
  CHECK_FALSE(ends.has_nul);
}

TEST_CASE("the paths find the same in random bytes", "[audit][line_ends]") {
  const auto seed = GENERATE(take(20, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  std::string text;
  for (std::size_t i = 0, size = random() % 2'000; i < size; ++i)
    text += static_cast<char>(random() % (seed % 2 == 0 ? 256 : 12));
  std::vector<std::uint32_t> expected;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    expected.push_back(static_cast<std::uint32_t>(at));
  for (const LineEndPath path : paths()) {
    const LineEnds ends = ends_of(text, 0, path);
    CHECK(ends.feeds == expected);
    CHECK(ends.has_nul == (text.find('\0') != std::string::npos));
  }
}

}  // namespace
}  // namespace krbtrail::audit
