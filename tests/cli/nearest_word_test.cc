// SPDX-License-Identifier: Apache-2.0
#include "cli/nearest_word.h"

#include <array>
#include <cstddef>
#include <string>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

TEST_CASE("a distance counts insertions, deletions, replacements and swaps",
          "[cli][nearest_word]") {
  const auto [one, other, distance] = GENERATE(table<std::string, std::string, std::size_t>({
      {"", "", 0},
      {"scan", "scan", 0},
      {"", "scan", 4},      // four insertions
      {"scan", "", 4},      // four deletions
      {"scan", "scn", 1},   // a deletion
      {"scn", "scan", 1},   // an insertion
      {"scan", "scon", 1},  // a replacement
      {"scan", "sacn", 1},  // a swap is one slip, not two
      {"ca", "abc", 3},     // no letter is edited twice; the unrestricted distance would be 2
      {"format", "fromta", 2},
  }));
  CAPTURE(one, other);
  CHECK(edit_distance(one, other) == distance);
}

TEST_CASE("the nearest word is offered only if it is near", "[cli][nearest_word]") {
  constexpr std::array<std::string_view, 4> kWords{"text", "ndjson", "csv", "min-severity"};
  const auto [given, nearest] = GENERATE(table<std::string, std::string>({
      {"json", "ndjson"},  // two of six
      {"cvs", "csv"},      // a swap
      {"txt", "text"},
      {"min-severty", "min-severity"},
      {"severity", "min-severity"},  // four of twelve
      {"html", ""},                  // far from all of them
      {"", ""},
      {std::string(100'000, 'x'), ""},  // not compared at all
  }));
  CAPTURE(given.substr(0, 20));
  CHECK(nearest_word(given, kWords).value_or("") == nearest);
}

}  // namespace
}  // namespace krbtrail::cli
