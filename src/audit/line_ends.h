// SPDX-License-Identifier: Apache-2.0
//
// Where the lines of a text end.
//
//   find_line_ends("a\nb\n", 10, ends);  // ends.feeds == {11, 13}
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace krbtrail::audit {

struct LineEnds {
  std::vector<std::uint32_t> feeds;  // places of line feeds, ascending
  bool has_nul = false;              // a NUL byte stands somewhere in the text
};

enum class LineEndPath : std::uint8_t { scalar, avx2 };
// The fastest path that this processor has.
[[nodiscard]] LineEndPath best_line_end_path();

// Replaces `ends`. Places are counted from `first`, which is the place of the text's first byte;
// the last one fits 32 bits. What is found does not depend on `path`, which this processor has.
void find_line_ends(std::string_view text, std::size_t first, LineEnds& ends,
                    LineEndPath path = best_line_end_path());

}  // namespace krbtrail::audit
