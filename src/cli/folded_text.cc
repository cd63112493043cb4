// SPDX-License-Identifier: Apache-2.0
#include "cli/folded_text.h"

#include <algorithm>

namespace krbtrail::cli {

namespace {

constexpr std::size_t kColumns = 80;

}  // namespace

std::string fold(std::string_view text, std::size_t column) {
  std::string folded;
  std::size_t at = column;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (at > column && at + 1 + word.size() > kColumns) {
      folded += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      folded += ' ';
      ++at;
    }
    folded += word;
    at += word.size();
  }
  return folded + "\n";
}

}  // namespace krbtrail::cli
