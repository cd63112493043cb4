// SPDX-License-Identifier: Apache-2.0
#include "cli/front_door.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/messages.h"
#include "cli/nearest_word.h"
#include "cli/standard_output.h"

namespace krbtrail::cli {

namespace {

constexpr std::string_view kVersionLine = "krbtrail " KRBTRAIL_VERSION "\n";

ExitStatus print(std::string_view text) {
  if (const model::Status written = write_standard_output(text); !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return ExitStatus::clean;
}

ExitStatus usage_error(const model::Error& error) {
  print_error(error);
  return ExitStatus::usage;
}

model::Error unknown_option(std::string_view word) {
  constexpr std::array<std::string_view, 2> kOwn{"--help", "--version"};
  const auto nearest = nearest_word(word, kOwn);
  return {.message = "unknown option '" + std::string{word} + "'",
          .hint = nearest ? "did you mean " + std::string{*nearest} + "?"
                          : "options follow a command; krbtrail --help lists the commands"};
}

model::Error unknown_command(std::string_view word) {
  if (word.starts_with('-'))
    return unknown_option(word);
  if (word == "help")
    return {.message = "unknown command 'help'",
            .hint = "krbtrail --help, or krbtrail COMMAND --help"};
  std::vector<std::string_view> names;
  for (const Command* command : commands())
    names.push_back(command->name);
  return unknown_word("command", word, names);
}

bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

ExitStatus run_command(const Command& command, const std::vector<std::string>& words) {
  if (asks_for_help(words))
    return print(command_help(command));
  const model::Result<Arguments> arguments = parse_arguments(command.options, words);
  if (!arguments)
    return usage_error(arguments.error());
  if (std::ranges::count(arguments.value().operands(), "") != 0)
    return usage_error(
        {.message = "an empty argument is given", .hint = "is a variable between quotes not set?"});
  if (command.operands.empty() && !arguments.value().operands().empty())
    return usage_error({.message = "unexpected argument '" + arguments.value().operands()[0] + "'",
                        .hint = "krbtrail " + std::string{command.name} +
                                " takes options only; --help lists them"});
  const model::Result<ExitStatus> status = command.run(arguments.value());
  return status ? status.value() : usage_error(status.error());
}

}  // namespace

ExitStatus run(const std::vector<std::string>& words) {
  // A closed pipe and a file that grows too large are errors to report, not a sudden end.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (words.empty())
    return usage_error({.message = "no command is given", .hint = "krbtrail --help lists them"});
  const std::string& first = words.front();
  if (first == "--help" || first == "-h")
    return print(program_help());
  if (first == "--version" || first == "-V")
    return print(kVersionLine);
  const auto command = std::ranges::find(commands(), first, &Command::name);
  if (command == commands().end())
    return usage_error(unknown_command(first));
  return run_command(**command, {words.begin() + 1, words.end()});
}

}  // namespace krbtrail::cli
