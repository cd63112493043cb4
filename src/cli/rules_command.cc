// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail rules`: what is looked for, where it comes from, and what it cannot see.
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/folded_text.h"
#include "cli/kerberos_configuration.h"
#include "cli/messages.h"
#include "cli/sandbox.h"
#include "cli/standard_output.h"
#include "krbtrail/detect/rule_catalogue.h"
#include "krbtrail/input/mounted_image.h"
#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kLabelWidth = 14;

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

// One line a setting: its name, its value and where that comes from.
std::string as_text(const std::vector<SettingInForce>& settings) {
  std::string text = "settings in force\n";
  for (const SettingInForce& setting : settings) {
    const std::string name = "  " + setting.name + " ";
    text += name +
            fold(report::escape_terminal(setting.value + " (" + setting.source + ")"), name.size());
  }
  return text;
}

std::string all_as_text(const std::vector<SettingInForce>& settings) {
  std::string text;
  for (const detect::RuleInfo* rule : detect::rule_catalogue())
    text += (text.empty() ? "" : "\n") + as_text(*rule);
  return text + "\n" + as_text(settings);
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

std::string as_json(const std::vector<SettingInForce>& settings) {
  std::string json;
  for (const SettingInForce& setting : settings) {
    json += (json.empty() ? "\n" : ",\n");
    json += "{\"name\":" + quoted(setting.name) + ",\"value\":" + quoted(setting.value) +
            ",\"source\":" + quoted(setting.source) + "}";
  }
  return "[" + json + "\n]";
}

std::string all_as_json(const std::vector<SettingInForce>& settings) {
  std::string json;
  for (const detect::RuleInfo* rule : detect::rule_catalogue())
    json += (json.empty() ? "\n" : ",\n") + as_json(*rule);
  return "{\"schema\":1,\"rules\":[" + json + "\n],\"settings\":" + as_json(settings) + "}\n";
}

// With what a mounted image says about its own tickets.
model::Status add_image(std::string_view root, Configuration& configuration) {
  const std::string directory{root};
  // The image is evidence, and so are the files that are read of it.
  static_cast<void>(enter_sandbox({.readable = {directory}}));
  const model::Result<input::MountedImage> image = input::MountedImage::open(directory);
  if (!image)
    return image.error();
  const KerberosConfiguration host = read_kerberos_configuration(image.value());
  add_ticket_places(configuration, host);
  for (const std::string& note : host.notes)
    print_warning(note);
  return {};
}

model::Result<ExitStatus> run(const Arguments& arguments) {
  Mistakes mistakes;
  Configuration configuration =
      load_configuration(std::string{arguments.value("config").value_or("")}, mistakes);
  if (!mistakes.empty()) {
    print_errors(mistakes);
    return ExitStatus::usage;
  }
  if (const auto root = arguments.value("root")) {
    if (const model::Status added = add_image(*root, configuration); !added)
      return added.error();
  }
  const bool json = arguments.value("format") == "json";
  if (const model::Status written = write_standard_output(
          json ? all_as_json(configuration.in_force) : all_as_text(configuration.in_force));
      !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return ExitStatus::clean;
}

constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
constexpr std::array<Option, 3> kOptions{{
    {.name = "format",
     .value = "FORMAT",
     .help = "text or json",
     .fallback = "text",
     .words = kFormats,
     .group = "Options"},
    {.name = "config",
     .value = "FILE",
     .help = "the site's settings, krbtrail.conf(5)",
     .group = "Options"},
    {.name = "root",
     .value = "DIR",
     .help = "a mounted image: its krb5.conf, sssd.conf, pam.d",
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
          "audited, what it cannot see, its known false alarms and the lists in force, then\n"
          "the settings in force and where each comes from.\n",
      .options = kOptions,
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
