// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "krbtrail/detect/literals.h"

namespace krbtrail::detect {

// Drops each literal that contains another one that is looked for in the same place, and all but
// the first of equal ones: whoever looks for the shorter finds the longer. In any case of letters;
// shortest first.
[[nodiscard]] Literals without_superfluous(Literals literals);

}  // namespace krbtrail::detect
