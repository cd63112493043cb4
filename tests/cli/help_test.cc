// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = text.find('\n', start);
    REQUIRE(end != std::string::npos);  // the last line has its end, too
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::vector<std::string> all_helps() {
  std::vector<std::string> helps{program_help()};
  for (const Command* command : commands())
    helps.push_back(command_help(*command));
  return helps;
}

TEST_CASE("every help fits a screen of 50 lines and 80 columns", "[cli][help]") {
  for (const std::string& help : all_helps()) {
    const std::vector<std::string> lines = lines_of(help);
    CAPTURE(lines.front());
    CHECK(lines.size() <= 50);
    for (const std::string& line : lines) {
      CAPTURE(line);
      CHECK(line.size() <= 80);
      CHECK((line.empty() || line.back() != ' '));
    }
  }
}

TEST_CASE("every help ends with three examples", "[cli][help]") {
  for (const std::string& help : all_helps()) {
    const std::vector<std::string> lines = lines_of(help);
    CAPTURE(lines.front());
    REQUIRE(lines.size() > 4);
    CHECK(lines[lines.size() - 4] == "Examples:");
    for (std::size_t i = lines.size() - 3; i < lines.size(); ++i)
      CHECK(lines[i].starts_with("  "));
  }
}

TEST_CASE("a command's help names every option with its fallback", "[cli][help]") {
  for (const Command* command : commands()) {
    const std::string help = command_help(*command);
    for (const Option& option : command->options) {
      CAPTURE(command->name, option.name);
      CHECK(help.find("--" + std::string{option.name}) != std::string::npos);
      CHECK(help.find("[" + std::string{option.fallback} + "]") !=
            (option.fallback.empty() ? 0 : std::string::npos));
    }
  }
}

TEST_CASE("the program's help names every command", "[cli][help]") {
  const std::string help = program_help();
  for (const Command* command : commands())
    CHECK(help.find("\n  " + std::string{command->name} + " ") != std::string::npos);
}

}  // namespace
}  // namespace krbtrail::cli
