// SPDX-License-Identifier: Apache-2.0
//
// Where the lines of a text end, as LiteralScanner::scan() finds them on its way.
#pragma once

#include <cstdint>
#include <vector>

namespace krbtrail::audit {

struct LineEnds {
  std::vector<std::uint32_t> feeds;  // places of line feeds, ascending
  bool has_nul = false;              // a NUL byte stands somewhere in the text
};

}  // namespace krbtrail::audit
