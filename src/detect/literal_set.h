// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace krbtrail::detect {

// Drops each literal that contains another one, and all but the first of equal ones: whoever looks
// for the shorter finds the longer. In any case of letters; shortest first.
[[nodiscard]] std::vector<std::string_view> without_superfluous(
    std::vector<std::string_view> literals);

}  // namespace krbtrail::detect
