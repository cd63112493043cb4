// SPDX-License-Identifier: Apache-2.0
//
// Measuring and cutting text that has passed escape_terminal(), without tearing an escape or a code
// point apart.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace krbtrail::report {

// How many columns `escaped` takes. Code points from U+1100 on count as two: some are narrower, so
// a line may be shorter than it could be, never longer.
[[nodiscard]] std::size_t columns_of(std::string_view escaped);

// The most of `escaped` that fits into `columns`, at least one unit; its length in bytes.
[[nodiscard]] std::size_t fitting_length(std::string_view escaped, std::size_t columns);

// Beyond `longest` bytes it loses its middle to a mark that says how much is missing. Both ends
// stay: what a command does is often said last.
[[nodiscard]] std::string shortened(std::string escaped, std::size_t longest);

// As much of both ends as fits into `columns`, an ellipsis between them.
[[nodiscard]] std::string abridged(std::string_view escaped, std::size_t columns);

}  // namespace krbtrail::report
