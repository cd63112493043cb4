// SPDX-License-Identifier: Apache-2.0
#include "report/escaped_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "report/totals.h"
#include "report/utf8.h"

namespace krbtrail::report {
namespace {

// What must not be torn apart: an escape of four characters, or one code point.
struct Unit {
  std::size_t length;
  std::size_t columns;
};

[[nodiscard]] Unit first_unit(std::string_view escaped) {
  if (escaped.starts_with("\\x") && escaped.size() >= 4)
    return {4, 4};
  const CodePoint point = decode_utf8(escaped);
  return {std::max<std::size_t>(point.length, 1),
          point.value < 0x1100 ? std::size_t{1} : std::size_t{2}};
}

// The start of the first unit that begins at `wanted` or behind it.
[[nodiscard]] std::size_t unit_from(std::string_view escaped, std::size_t start,
                                    std::size_t wanted) {
  while (start < wanted)
    start += first_unit(escaped.substr(start)).length;
  return start;
}

}  // namespace

std::size_t columns_of(std::string_view escaped) {
  std::size_t columns = 0;
  while (!escaped.empty()) {
    const Unit unit = first_unit(escaped);
    columns += unit.columns;
    escaped.remove_prefix(unit.length);
  }
  return columns;
}

std::size_t fitting_length(std::string_view escaped, std::size_t columns) {
  std::size_t length = 0;
  while (length < escaped.size()) {
    const Unit unit = first_unit(escaped.substr(length));
    if (length != 0 && unit.columns > columns)
      break;
    length += unit.length;
    columns -= std::min(columns, unit.columns);
  }
  return length;
}

std::string shortened(std::string escaped, std::size_t longest) {
  if (escaped.size() <= longest)
    return escaped;
  const std::string_view text = escaped;
  const std::size_t head = fitting_length(text, longest * 2 / 3);
  const std::size_t tail = unit_from(text, head, text.size() - longest / 4);
  return fmt::format("{} [... {} left out ...] {}", text.substr(0, head),
                     counted(tail - head, "byte", "bytes"), text.substr(tail));
}

std::string abridged(std::string_view escaped, std::size_t columns) {
  if (columns_of(escaped) <= columns)
    return std::string{escaped};
  const std::size_t head = fitting_length(escaped, columns / 2);
  std::size_t tail = head;
  while (columns_of(escaped.substr(tail)) + columns_of(escaped.substr(0, head)) + 1 > columns)
    tail += first_unit(escaped.substr(tail)).length;
  return fmt::format("{}\u2026{}", escaped.substr(0, head), escaped.substr(tail));
}

}  // namespace krbtrail::report
