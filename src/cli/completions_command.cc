// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail completions SHELL`: what a shell needs to complete our command lines, written from the
// option tables, so that it cannot say anything else than they do.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/messages.h"
#include "cli/standard_output.h"

namespace krbtrail::cli {

namespace {

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words)
    text += (text.empty() ? "" : " ") + std::string{word};
  return text;
}

// Within single quotes of any of the three shells; fish takes a backslash before both, the others
// close, escape and open.
std::string quoted(std::string_view text, std::string_view quote) {
  std::string inside;
  for (const char c : text)
    inside += c == '\'' ? std::string{quote} : std::string{c};
  return "'" + inside + "'";
}

std::string shell_quoted(std::string_view text) {
  return quoted(text, R"('\'')");
}

bool names_file(const Option& option) {
  return option.value == "FILE" || option.value == "DIR";
}

std::string spellings(const Option& option) {
  std::string text = "--" + std::string{option.name};
  if (option.letter != 0)
    text += std::string{" -"} + option.letter;
  return text;
}

// bash: a function that looks at the word and the one before it; without an answer of it bash
// completes file names.

// The pattern of a case: the command, and the option as the word before.
std::string bash_pattern(const Command& command, const Option& option) {
  std::string text = "'" + std::string{command.name} + " --" + std::string{option.name} + "'";
  if (option.letter != 0)
    text += " | '" + std::string{command.name} + " -" + option.letter + "'";
  return text;
}

std::string bash_values(const Command& command) {
  std::string text;
  for (const Option& option : command.options) {
    if (option.value.empty() || names_file(option))
      continue;
    text += "    " + bash_pattern(command, option) + ") answers='" + joined(option.words) +
            "' value=1 ;;\n";
  }
  return text;
}

std::string bash_options(const Command& command) {
  std::string text = "      " + std::string{command.name} + ") answers='--help";
  for (const Option& option : command.options)
    text += " " + spellings(option);
  return text + "' ;;\n";
}

std::string for_bash() {
  std::string names;
  std::string values;
  std::string options;
  for (const Command* command : commands()) {
    names += std::string{command->name} + " ";
    values += bash_values(*command);
    options += bash_options(*command);
  }
  return "# bash completion for krbtrail(1); written by: krbtrail completions bash\n"
         "_krbtrail() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  local answers= value=\n"
         "  if [[ $word == = ]]; then\n"
         "    word=\n"
         "  elif [[ $before == = ]]; then\n"
         "    before=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]} $before\" in\n" +
         values +
         "  esac\n"
         "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
         "    answers='" +
         names +
         "--help --version'\n"
         "  elif [[ -z $value && $word == -* ]]; then\n"
         "    case ${COMP_WORDS[1]} in\n" +
         options +
         "    esac\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$answers\" -- \"$word\")\n"
         "}\n"
         "complete -o default -F _krbtrail krbtrail\n";
}

// zsh: the options as _arguments wants them.

std::string zsh_action(const Option& option) {
  if (option.value.empty())
    return "";
  const std::string values = !option.words.empty() ? "(" + joined(option.words) + ")"
                             : names_file(option)  ? "_files"
                                                   : " ";
  return ":" + std::string{option.value} + ":" + values;
}

std::string zsh_option(const Option& option) {
  const std::string_view equals = option.value.empty() ? "" : "=";
  const std::string rest = "[" + std::string{option.help} + "]" + zsh_action(option);
  const std::string name = "--" + std::string{option.name};
  const std::string repeatable = option.repeatable ? "*" : "";
  std::string text =
      "      " + shell_quoted(repeatable + name + std::string{equals} + rest) + " \\\n";
  if (option.letter != 0)
    text +=
        "      " +
        shell_quoted(std::string{"-"} + option.letter + (option.value.empty() ? "" : "+") + rest) +
        " \\\n";
  return text;
}

std::string zsh_command(const Command& command) {
  std::string text = "    " + std::string{command.name} + ") _arguments -S \\\n";
  for (const Option& option : command.options)
    text += zsh_option(option);
  text += "      '--help[print help]'";
  if (!command.operands.empty())
    text += " '*:file:_files'";
  return text + " ;;\n";
}

std::string for_zsh() {
  std::string names;
  std::string cases;
  for (const Command* command : commands()) {
    names += "      " +
             shell_quoted(std::string{command->name} + ":" + std::string{command->summary}) + "\n";
    cases += zsh_command(*command);
  }
  return "#compdef krbtrail\n"
         "# zsh completion for krbtrail(1); written by: krbtrail completions zsh\n"
         "_krbtrail() {\n"
         "  if (( CURRENT == 2 )); then\n"
         "    local -a all=(\n" +
         names +
         "    )\n"
         "    _describe command all\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "if [[ $funcstack[1] == _krbtrail ]]; then _krbtrail \"$@\"; "
         "else compdef _krbtrail krbtrail; fi\n";
}

// fish: one `complete` for each option.

std::string fish_quoted(std::string_view text) {
  return quoted(text, R"(\')");
}

std::string fish_option(const Command& command, const Option& option) {
  std::string text = "complete -c krbtrail -n '__fish_seen_subcommand_from " +
                     std::string{command.name} + "' -l " + std::string{option.name};
  if (option.letter != 0)
    text += std::string{" -s "} + option.letter;
  if (names_file(option))
    text += " -r -F";
  else if (!option.value.empty())
    text += " -x";
  if (!option.words.empty())
    text += " -a '" + joined(option.words) + "'";
  return text + " -d " + fish_quoted(option.help) + "\n";
}

std::string for_fish() {
  std::string text =
      "# fish completion for krbtrail(1); written by: krbtrail completions fish\n"
      "complete -c krbtrail -l help -d 'print help'\n"
      "complete -c krbtrail -n __fish_use_subcommand -l version -d 'print the version'\n";
  for (const Command* command : commands())
    text += "complete -c krbtrail -n __fish_use_subcommand -f -a " + std::string{command->name} +
            " -d " + fish_quoted(command->summary) + "\n";
  for (const Command* command : commands()) {
    for (const Option& option : command->options)
      text += fish_option(*command, option);
  }
  return text;
}

constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};

model::Result<ExitStatus> run(const Arguments& arguments) {
  if (arguments.operands().size() != 1)
    return model::Error{.message = "the name of one shell is wanted",
                        .hint = "one of bash, zsh, fish"};
  const std::string& shell = arguments.operands().front();
  if (std::ranges::find(kShells, shell) == kShells.end())
    return unknown_word("shell", shell, kShells);
  const std::string text = shell == "bash" ? for_bash() : shell == "zsh" ? for_zsh() : for_fish();
  if (const model::Status written = write_standard_output(text); !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return ExitStatus::clean;
}

constexpr std::array<Example, 3> kExamples{{
    {"source <(krbtrail completions bash)", "in this bash"},
    {"krbtrail completions zsh > _krbtrail", "into a folder of $fpath"},
    {"krbtrail completions fish > krbtrail.fish", "for fish"},
}};

}  // namespace

const Command& completions_command() {
  static const Command command{
      .name = "completions",
      .summary = "print what bash, zsh or fish needs to complete",
      .operands = "SHELL",
      .about =
          "Prints completions of commands, options and their values for bash, zsh or fish.\n"
          "An installation has put them where the shells look; this is for everywhere else.\n",
      .options = {},
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
