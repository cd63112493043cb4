// SPDX-License-Identifier: Apache-2.0
//
// Rows of separated values, as RFC 4180 has them: a field may be quoted, and then hold separators,
// line ends and doubled quotes. Lenient where exporters are: LF alone, quotes inside a bare field,
// text behind a closing quote.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace krbtrail::windows {

// Behind the row that starts at `text`'s begin, its line end included; nullopt if it goes on behind
// `text`'s end. `searched` is where an earlier call on less text stopped, inside quotes or not.
struct RowSearch {
  std::size_t at = 0;
  bool quoted = false;
};
[[nodiscard]] std::optional<std::size_t> end_of_row(std::string_view text, RowSearch& search);

// The row's fields, without quotes; one empty field for an empty row.
[[nodiscard]] std::vector<std::string> fields_of_row(std::string_view row, char separator);

// The separator that a header line uses: ',', ';' or a tab, whichever there is most of.
[[nodiscard]] char separator_of(std::string_view header);

}  // namespace krbtrail::windows
