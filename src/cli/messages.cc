// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.h"

#include <cstdio>
#include <string>

#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

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

void print_warning(std::string_view message) {
  print_line("warning", message);
}

}  // namespace krbtrail::cli
