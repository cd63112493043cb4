// SPDX-License-Identifier: Apache-2.0
#include "csv_row.h"

#include <algorithm>
#include <array>

namespace krbtrail::windows {

std::optional<std::size_t> end_of_row(std::string_view text, RowSearch& search) {
  for (; search.at < text.size(); ++search.at) {
    search.at = std::min(text.find_first_of(search.quoted ? "\"" : "\"\n", search.at), text.size());
    if (search.at == text.size())
      break;
    if (text[search.at] == '\n')
      return search.at + 1;
    // A doubled quote leaves and enters again.
    search.quoted = !search.quoted;
  }
  return std::nullopt;
}

std::vector<std::string> fields_of_row(std::string_view row, char separator) {
  while (row.ends_with('\n') || row.ends_with('\r'))
    row.remove_suffix(1);
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const char c = row[i];
    if (quoted && c == '"' && i + 1 < row.size() && row[i + 1] == '"')
      fields.back() += row[++i];
    else if (c == '"' && (quoted || fields.back().empty()))
      quoted = !quoted;
    else if (c == separator && !quoted)
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

char separator_of(std::string_view header) {
  constexpr std::array kSeparators = {',', ';', '\t'};
  return *std::ranges::max_element(
      kSeparators, {}, [header](char separator) { return std::ranges::count(header, separator); });
}

}  // namespace krbtrail::windows
