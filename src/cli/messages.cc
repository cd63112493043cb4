// SPDX-License-Identifier: Apache-2.0
#include "cli/messages.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>

#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kMostMessages = 20;

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
  const std::size_t shown = std::min(errors.size(), kMostMessages);
  for (std::size_t i = 0; i < shown; ++i)
    print_error(errors[i]);
  if (shown < errors.size())
    print_error({.message = std::to_string(errors.size() - shown) + " more mistakes", .hint = ""});
}

void print_warning(std::string_view message) {
  print_line("warning", message);
}

void print_warnings(std::span<const std::string> messages) {
  for (const std::string& message : messages.first(std::min(messages.size(), kMostMessages)))
    print_warning(message);
}

void print_problems(const std::vector<model::InputCoverage>& inputs) {
  std::size_t count = 0;
  for (const model::InputCoverage& input : inputs) {
    if (!input.problem.empty() && ++count <= kMostMessages)
      print_error({.message = input.name + ": " + input.problem, .hint = ""});
  }
  if (count > kMostMessages)
    print_error({.message = std::to_string(count - kMostMessages) + " more inputs have problems",
                 .hint = "the report names all of them"});
}

}  // namespace krbtrail::cli
