// SPDX-License-Identifier: Apache-2.0
//
// A realistic audit log of any size and shape, reproducible to the byte: the same shape gives the
// same log with every compiler.
//
//   LogTotals totals = write_log(shape, [&](std::string_view lines) { file << lines; }, &truth);
//
// What is in it: docs/PERFORMANCE.md, "The generated logs". Memory does not depend on the size.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string_view>

#include "bench/log_shape.h"

namespace krbtrail::bench {

struct LogTotals {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t strays = 0;
  std::uint64_t thefts = 0;
  std::uint64_t look_alikes = 0;
};

// `sink` gets whole lines, about a mebibyte at a time; the view is valid during the call. What it
// returns tells whether to go on. `truth` may be null.
[[nodiscard]] LogTotals write_log(const LogShape& shape,
                                  const std::function<bool(std::string_view)>& sink,
                                  std::ostream* truth);

}  // namespace krbtrail::bench
