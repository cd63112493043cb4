// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kMostErrors = 20;

// One call, so that the lines of two programs on one terminal do not mix.
void print_line(std::string_view kind, std::string_view words) {
  const std::string line =
      "krbtrail: " + std::string{kind} + ": " + report::escape_terminal(words) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void print_error(const model::Error& error) {
  print_line("error", error.message);
  if (!error.hint.empty())
    print_line("hint", error.hint);
}

void print_errors(const std::vector<model::Error>& errors) {
  const std::size_t shown = std::min(errors.size(), kMostErrors);
  for (std::size_t i = 0; i < shown; ++i)
    print_error(errors[i]);
  if (shown < errors.size())
    print_error({.message = std::to_string(errors.size() - shown) + " more mistakes", .hint = ""});
}

void print_warning(std::string_view message) {
  print_line("warning", message);
}

}  // namespace krbtrail::cli
