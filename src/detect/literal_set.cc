// SPDX-License-Identifier: Apache-2.0
#include "detect/literal_set.h"

#include <algorithm>

#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {

std::vector<std::string_view> without_superfluous(std::vector<std::string_view> literals) {
  std::ranges::stable_sort(literals, {}, &std::string_view::size);
  std::vector<std::string_view> kept;
  for (const std::string_view literal : literals) {
    const bool superfluous = std::ranges::any_of(
        kept, [&](std::string_view shorter) { return contains(literal, shorter); });
    if (!superfluous)
      kept.push_back(literal);
  }
  return kept;
}

}  // namespace krbtrail::detect
