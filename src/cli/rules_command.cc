// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail rules`: what is looked for, where it comes from, and what it cannot see.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/messages.h"
#include "cli/standard_output.h"
#include "krbtrail/detect/rule_catalogue.h"
#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kLabelWidth = 14;

// `text` with line breaks in place of blanks, so that it fits; the first line begins at column
// `column` already, the others are indented to it. A word that is longer than a line stays whole.
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

std::string labelled(std::string_view label, std::string_view text) {
  if (text.empty())
    return "";
  std::string line = "  " + std::string{label};
  line.append(kLabelWidth + 2 - line.size(), ' ');
  return line + fold(text, kLabelWidth + 2);
}

std::string labelled(std::string_view label, std::span<const std::string_view> texts) {
  std::string lines;
  for (const std::string_view text : texts) {
    lines += labelled(label, text);
    label = "";
  }
  return lines;
}

std::string join(std::span<const std::string_view> words) {
  std::string joined;
  for (const std::string_view word : words)
    joined += (joined.empty() ? "" : ", ") + std::string{word};
  return joined;
}

std::string as_text(const detect::RuleInfo& rule) {
  std::string text{rule.id};
  text += "\n" + labelled("title", rule.title);
  text += labelled("severity", model::to_string(rule.severity));
  text += labelled("rule set", model::to_string(rule.rule_set));
  text += labelled("query's name", rule.detection_type);
  text += labelled("technique", join(rule.attack));
  text += labelled("source", rule.source);
  text += labelled("fires on", rule.logic);
  text += labelled("needs", rule.needs);
  text += labelled("cannot see", rule.cannot_see);
  text += labelled("false alarms", rule.false_alarms);
  text += labelled("tuning", rule.tuning);
  for (const detect::NamedList& list : rule.lists) {
    text += labelled("list", std::string{list.name} + ": " + std::string{list.meaning});
    text += labelled("", join(list.entries));
  }
  return text;
}

std::string all_as_text() {
  std::string text;
  for (const detect::RuleInfo* rule : detect::rule_catalogue())
    text += (text.empty() ? "" : "\n") + as_text(*rule);
  return text;
}

std::string quoted(std::string_view text) {
  std::string json = "\"";
  report::append_json(json, text);
  return json + "\"";
}

std::string json_list(std::span<const std::string_view> texts) {
  std::string json;
  for (const std::string_view text : texts)
    json += (json.empty() ? "" : ",") + quoted(text);
  return "[" + json + "]";
}

std::string json_lists(std::span<const detect::NamedList> lists) {
  std::string json;
  for (const detect::NamedList& list : lists) {
    json += (json.empty() ? "" : ",");
    json += "{\"name\":" + quoted(list.name) + ",\"meaning\":" + quoted(list.meaning) +
            ",\"entries\":" + json_list(list.entries) + "}";
  }
  return "[" + json + "]";
}

std::string as_json(const detect::RuleInfo& rule) {
  return "{\"id\":" + quoted(rule.id) + ",\"title\":" + quoted(rule.title) +
         ",\"severity\":" + quoted(model::to_string(rule.severity)) +
         ",\"rule_set\":" + quoted(model::to_string(rule.rule_set)) +
         ",\"detection_type\":" + quoted(rule.detection_type) +
         ",\"attack\":" + json_list(rule.attack) + ",\"source\":" + quoted(rule.source) +
         ",\"logic\":" + quoted(rule.logic) + ",\"needs\":" + json_list(rule.needs) +
         ",\"cannot_see\":" + json_list(rule.cannot_see) +
         ",\"false_alarms\":" + json_list(rule.false_alarms) +
         ",\"tuning\":" + json_list(rule.tuning) + ",\"lists\":" + json_lists(rule.lists) + "}";
}

std::string all_as_json() {
  std::string json;
  for (const detect::RuleInfo* rule : detect::rule_catalogue())
    json += (json.empty() ? "\n" : ",\n") + as_json(*rule);
  return "{\"schema\":1,\"rules\":[" + json + "\n]}\n";
}

model::Result<ExitStatus> run(const Arguments& arguments) {
  const bool json = arguments.value("format") == "json";
  if (const model::Status written = write_standard_output(json ? all_as_json() : all_as_text());
      !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return ExitStatus::clean;
}

constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
constexpr std::array<Option, 1> kOptions{{
    {.name = "format",
     .value = "FORMAT",
     .help = "text or json",
     .fallback = "text",
     .words = kFormats,
     .group = "Options"},
}};
constexpr std::array<Example, 3> kExamples{{
    {"krbtrail rules", "everything, for reading"},
    {"krbtrail rules | grep -A 9 seed-copy-exfil", "one rule"},
    {"krbtrail rules --format json | python3 -m json.tool", "for a program"},
}};

}  // namespace

const Command& rules_command() {
  static const Command command{
      .name = "rules",
      .summary = "print the rules: sources, false alarms, lists in force",
      .operands = "",
      .about =
          "Prints every rule with its severity, technique, source, what it needs to be\n"
          "audited, what it cannot see, its known false alarms and the lists in force.\n",
      .options = kOptions,
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
