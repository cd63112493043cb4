// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace krbtrail::cli {

namespace {

constexpr std::size_t kHelpColumn = 24;  // where the second column begins

constexpr std::array<Example, 3> kExamples{{
    {"krbtrail scan /var/log/audit", "what happened to tickets on this host"},
    {"krbtrail scan --format ndjson audit.log", "the same for a script"},
    {"krbtrail rules", "what is looked for, and missed"},
}};

// "  LEFT            RIGHT"; the right half moves to a line of its own where the left is too long,
// and each of its lines begins in its column.
std::string two_columns(std::string_view left, std::string_view right) {
  std::string line = "  " + std::string{left};
  if (line.size() + 2 > kHelpColumn)
    line += "\n" + std::string(kHelpColumn, ' ');
  else
    line.append(kHelpColumn - line.size(), ' ');
  for (const char letter : right) {
    line += letter;
    if (letter == '\n')
      line.append(kHelpColumn, ' ');
  }
  return line + "\n";
}

std::string option_line(const Option& option) {
  std::string left = option.letter == 0 ? std::string{} : std::string{'-', option.letter, ',', ' '};
  left += "--" + std::string{option.name};
  if (!option.value.empty())
    left += " " + std::string{option.value};
  std::string right{option.help};
  if (!option.fallback.empty())
    right += " [" + std::string{option.fallback} + "]";
  return two_columns(left, right);
}

std::string option_lines(std::span<const Option> options) {
  std::string text;
  std::string_view group;
  for (const Option& option : options) {
    if (option.group != group)
      text += "\n" + std::string{option.group} + ":\n";
    group = option.group;
    text += option_line(option);
  }
  return text;
}

std::string example_lines(std::span<const Example> examples) {
  std::size_t width = 0;
  for (const Example& example : examples)
    width = std::max(width, example.line.size());
  std::string text = "\nExamples:\n";
  for (const Example& example : examples) {
    text += "  " + std::string{example.line} + std::string(width - example.line.size(), ' ');
    text += "  " + std::string{example.does} + "\n";
  }
  return text;
}

}  // namespace

std::string program_help() {
  std::string text =
      "krbtrail follows stolen Kerberos tickets through audit trails.\n"
      "\n"
      "Usage: krbtrail COMMAND [options] ...\n"
      "       krbtrail COMMAND --help | --help | --version\n"
      "       man krbtrail\n"
      "\n"
      "Commands:\n";
  for (const Command* command : commands())
    text += two_columns(command->name, command->summary);
  text +=
      "\n"
      "Exit status:\n"
      "  0  nothing found, and everything was evaluated\n"
      "  1  findings; the summary says INCOMPLETE if something was not read, too\n"
      "  2  a wrong option or value\n"
      "  3  no finding, but something was not read or not evaluated\n"
      "  4  the output could not be written whole, whatever else there was\n";
  return text + example_lines(kExamples);
}

std::string command_help(const Command& command) {
  std::string text = "Usage: krbtrail " + std::string{command.name} + " [options]";
  if (!command.operands.empty())
    text += " " + std::string{command.operands};
  text += "\n\n" + std::string{command.about};
  return text + option_lines(command.options) + example_lines(command.examples);
}

}  // namespace krbtrail::cli
