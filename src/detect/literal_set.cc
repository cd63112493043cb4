// SPDX-License-Identifier: Apache-2.0
#include "detect/literal_set.h"

#include <algorithm>
#include <utility>

#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

using List = std::vector<std::string_view>;

bool has_part_in(std::string_view literal, const List& list) {
  return std::ranges::any_of(list, [&](std::string_view part) { return contains(literal, part); });
}

// Of those that hold none of `known` either.
List shortest(List literals, const List& known) {
  std::ranges::stable_sort(literals, {}, &std::string_view::size);
  List kept;
  for (const std::string_view literal : literals) {
    if (!has_part_in(literal, known) && !has_part_in(literal, kept))
      kept.push_back(literal);
  }
  return kept;
}

}  // namespace

Literals without_superfluous(Literals literals) {
  Literals kept;
  kept.anywhere = shortest(std::move(literals.anywhere), {});
  kept.in_execs = shortest(std::move(literals.in_execs), kept.anywhere);
  return kept;
}

}  // namespace krbtrail::detect
