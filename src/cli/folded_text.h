// SPDX-License-Identifier: Apache-2.0
//
// Sentences that fit a terminal of 80 columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace krbtrail::cli {

// `text` with line breaks in place of blanks, so that it fits, and a line end; the first line
// begins at column `column` already, the others are indented to it. A word that is longer than a
// line stays whole.
[[nodiscard]] std::string fold(std::string_view text, std::size_t column);

}  // namespace krbtrail::cli
