// SPDX-License-Identifier: Apache-2.0
#include "cli/configuration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "cli/confinement.h"
#include "cli/nearest_word.h"

namespace krbtrail::cli {

namespace {

constexpr std::string_view kBuiltIn = "built in";
constexpr std::size_t kShortestTool = 3;  // a shorter name would make most events candidates
constexpr std::size_t kLongestTool = 64;
constexpr std::size_t kMostItems = 200;  // of a repeatable key: each costs time on every event
constexpr int kHighestScore = 1000;

// In the order of their numbers in RFC 5424, section 6.2.1, as syslog.conf(5) spells them; those
// from 12 to 15 have no name in syslog(3).
constexpr std::array<std::string_view, 20> kFacilities = {
    "kern",   "user",   "mail",   "daemon",   "auth",   "syslog", "lpr",
    "news",   "uucp",   "cron",   "authpriv", "ftp",    "local0", "local1",
    "local2", "local3", "local4", "local5",   "local6", "local7"};
constexpr int kNamedFacilities = 12;
constexpr int kUnnamedFacilities = 4;
constexpr int kLongestWait = 86'400;  // seconds
constexpr int kHighestLimit = 1'000'000;
constexpr std::array<std::string_view, 4> kOutputKinds = {"ndjson", "syslog", "unix", "exec"};
constexpr std::array<std::string_view, 2> kSwitchWords = {"yes", "no"};

// What goes wrong with a value; empty if nothing does.
using Problem = std::optional<model::Error>;

model::Error problem(std::string message, std::string hint = {}) {
  return {.message = std::move(message), .hint = std::move(hint)};
}

std::string quoted(std::string_view text) {
  return "'" + std::string{text} + "'";
}

std::string nearest_or_all(std::string_view given, std::span<const std::string_view> words) {
  if (const auto nearest = nearest_word(given, words))
    return "did you mean " + std::string{*nearest} + "?";
  std::string all;
  for (const std::string_view word : words)
    all += (all.empty() ? "one of " : ", ") + std::string{word};
  return all;
}

struct Key {
  std::string_view section;
  std::string_view name;
  bool repeatable = false;
  Problem (*take)(Configuration& configuration, std::string_view value) = nullptr;
  std::string (*built_in)(const Configuration& configuration) = nullptr;  // null: there is none
};

Problem take_template(Configuration& configuration, std::string_view value) {
  model::Result<detect::CcacheTemplate> place = detect::CcacheTemplate::parse(value);
  if (!place)
    return place.error();
  configuration.settings.ccache_templates.push_back(std::move(place.value()));
  return std::nullopt;
}

Problem take_tool(Configuration& configuration, std::string_view value) {
  const auto is_odd = [](char byte) { return byte <= ' ' || byte > '~' || byte == '/'; };
  if (value.size() < kShortestTool || value.size() > kLongestTool)
    return problem(quoted(value) + " is no name of a tool: it has " +
                   std::to_string(kShortestTool) + " to " + std::to_string(kLongestTool) +
                   " letters");
  if (std::ranges::any_of(value, is_odd))
    return problem(quoted(value) + " is no name of a tool: one word without a slash is wanted");
  configuration.settings.tool_names.emplace_back(value);
  return std::nullopt;
}

template <bool detect::ExemptGroups::*Group>
Problem take_switch(Configuration& configuration, std::string_view value) {
  if (std::ranges::find(kSwitchWords, value) == kSwitchWords.end())
    return problem(quoted(value) + " is neither yes nor no");
  configuration.settings.exempt.*Group = value == "yes";
  return std::nullopt;
}

template <bool detect::ExemptGroups::*Group>
std::string switch_word(const Configuration& configuration) {
  return configuration.settings.exempt.*Group ? "yes" : "no";
}

template <int detect::SeverityThresholds::*Threshold>
Problem take_score(Configuration& configuration, std::string_view value) {
  int score = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), score);
  if (code != std::errc{} || end != value.data() + value.size() || score < 1 ||
      score > kHighestScore)
    return problem(quoted(value) + " is no score: a whole number from 1 to " +
                   std::to_string(kHighestScore) + " is wanted");
  configuration.settings.thresholds.*Threshold = score;
  return std::nullopt;
}

template <int detect::SeverityThresholds::*Threshold>
std::string score_word(const Configuration& configuration) {
  return std::to_string(configuration.settings.thresholds.*Threshold);
}

Problem check_target(OutputTarget::Kind kind, std::string_view target) {
  if (target.empty())
    return problem("an output needs KIND:TARGET", "ndjson:/var/log/krbtrail.ndjson");
  if (kind == OutputTarget::Kind::syslog) {
    if (std::ranges::find(kFacilities, target) == kFacilities.end())
      return problem("unknown facility " + quoted(target), nearest_or_all(target, kFacilities));
    return std::nullopt;
  }
  if (!target.starts_with('/'))
    return problem(quoted(target) + " is not an absolute path",
                   "live has no working directory that is yours");
  return std::nullopt;
}

template <int LiveSettings::*Number, int Lowest, int Highest>
Problem take_number(Configuration& configuration, std::string_view value) {
  int number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (code != std::errc{} || end != value.data() + value.size() || number < Lowest ||
      number > Highest)
    return problem(quoted(value) + " is not a whole number from " + std::to_string(Lowest) +
                   " to " + std::to_string(Highest));
  configuration.live.*Number = number;
  return std::nullopt;
}

template <int LiveSettings::*Number>
std::string number_word(const Configuration& configuration) {
  return std::to_string(configuration.live.*Number);
}

Problem take_user(Configuration& configuration, std::string_view value) {
  if (model::Status checked = check_user_name(value); !checked)
    return checked.error();
  configuration.live.user = value;
  return std::nullopt;
}

template <std::string LiveSettings::*File>
Problem take_file(Configuration& configuration, std::string_view value) {
  if (const model::Status checked = check_file_of_live(value); !checked)
    return checked.error();
  configuration.live.*File = value;
  return std::nullopt;
}

std::string user_word(const Configuration& /*configuration*/) {
  return std::string{kPluginUser};
}

model::Result<OutputTarget> output_target(std::string_view value) {
  const auto colon = value.find(':');
  const std::string_view word = value.substr(0, colon);
  const auto kind = std::ranges::find(kOutputKinds, word);
  if (kind == kOutputKinds.end())
    return problem("unknown kind of output " + quoted(word), nearest_or_all(word, kOutputKinds));
  OutputTarget output{.kind = static_cast<OutputTarget::Kind>(kind - kOutputKinds.begin()),
                      .target = {}};
  if (colon != std::string_view::npos)
    output.target = value.substr(colon + 1);
  if (Problem wrong = check_target(output.kind, output.target))
    return std::move(*wrong);
  return output;
}

Problem take_output(Configuration& configuration, std::string_view value) {
  model::Result<OutputTarget> output = output_target(value);
  if (!output)
    return output.error();
  configuration.outputs.push_back(std::move(output.value()));
  return std::nullopt;
}

using Groups = detect::ExemptGroups;
using Scores = detect::SeverityThresholds;

// In the order of krbtrail.conf(5).
constexpr std::array kKeys = {
    Key{.section = "ccache", .name = "template", .repeatable = true, .take = take_template},
    Key{.section = "tools", .name = "name", .repeatable = true, .take = take_tool},
    Key{.section = "exempt",
        .name = "backup",
        .take = take_switch<&Groups::backup>,
        .built_in = switch_word<&Groups::backup>},
    Key{.section = "exempt",
        .name = "scanner",
        .take = take_switch<&Groups::scanner>,
        .built_in = switch_word<&Groups::scanner>},
    Key{.section = "exempt",
        .name = "data_platform",
        .take = take_switch<&Groups::data_platform>,
        .built_in = switch_word<&Groups::data_platform>},
    Key{.section = "exempt",
        .name = "continuous_integration",
        .take = take_switch<&Groups::continuous_integration>,
        .built_in = switch_word<&Groups::continuous_integration>},
    Key{.section = "exempt",
        .name = "configuration_management",
        .take = take_switch<&Groups::configuration_management>,
        .built_in = switch_word<&Groups::configuration_management>},
    Key{.section = "severity",
        .name = "critical",
        .take = take_score<&Scores::critical>,
        .built_in = score_word<&Scores::critical>},
    Key{.section = "severity",
        .name = "high",
        .take = take_score<&Scores::high>,
        .built_in = score_word<&Scores::high>},
    Key{.section = "severity",
        .name = "medium",
        .take = take_score<&Scores::medium>,
        .built_in = score_word<&Scores::medium>},
    Key{.section = "severity",
        .name = "low",
        .take = take_score<&Scores::low>,
        .built_in = score_word<&Scores::low>},
    Key{.section = "live", .name = "output", .repeatable = true, .take = take_output},
    Key{.section = "live",
        .name = "fold",
        .take = take_number<&LiveSettings::fold, 0, kLongestWait>,
        .built_in = number_word<&LiveSettings::fold>},
    Key{.section = "live",
        .name = "limit",
        .take = take_number<&LiveSettings::limit, 0, kHighestLimit>,
        .built_in = number_word<&LiveSettings::limit>},
    Key{.section = "live",
        .name = "heartbeat",
        .take = take_number<&LiveSettings::heartbeat, 1, kLongestWait>,
        .built_in = number_word<&LiveSettings::heartbeat>},
    Key{.section = "live", .name = "user", .take = take_user, .built_in = user_word},
    Key{.section = "live", .name = "state", .take = take_file<&LiveSettings::state>},
    Key{.section = "live", .name = "exceptions", .take = take_file<&LiveSettings::exceptions>},
};

std::string setting_name(const Key& key) {
  return std::string{key.section} + "." + std::string{key.name};
}

std::vector<std::string_view> sections() {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    if (names.empty() || names.back() != key.section)
      names.push_back(key.section);
  }
  return names;
}

std::vector<std::string_view> keys_of(std::string_view section) {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    if (key.section == section)
      names.push_back(key.name);
  }
  return names;
}

class Reader {
 public:
  Reader(const IniFile& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

  Configuration read() {
    const std::vector<std::string_view> known = sections();
    for (const IniSection& section : file_.sections) {
      if (std::ranges::find(known, section.name) != known.end())
        read_section(section);
      else
        fail(section.line, "unknown section [" + section.name + "]",
             nearest_or_all(section.name, known));
    }
    check_order_of_severities();
    list_what_is_in_force();
    return std::move(configuration_);
  }

 private:
  void fail(std::size_t line, const std::string& message, std::string hint = {}) {
    mistakes_.push_back(mistake_at(file_, line, message, std::move(hint)));
  }

  void read_section(const IniSection& section) {
    for (const IniEntry& entry : section.entries) {
      const auto key = std::ranges::find_if(kKeys, [&](const Key& candidate) {
        return candidate.section == section.name && candidate.name == entry.key;
      });
      if (key == kKeys.end())
        fail(entry.line, "unknown key '" + entry.key + "' in [" + section.name + "]",
             nearest_or_all(entry.key, keys_of(section.name)));
      else
        read_entry(*key, entry);
    }
  }

  void read_entry(const Key& key, const IniEntry& entry) {
    std::vector<const IniEntry*>& given = given_[setting_name(key)];
    if (!key.repeatable && !given.empty()) {
      fail(entry.line, std::string{key.name} + " is given twice",
           "it stands in line " + std::to_string(given.front()->line));
      return;
    }
    if (given.size() == kMostItems) {
      fail(entry.line, "more than " + std::to_string(kMostItems) + " times " + setting_name(key));
      return;
    }
    if (const Problem wrong = key.take(configuration_, entry.value))
      fail(entry.line, std::string{key.name} + ": " + wrong->message, wrong->hint);
    else
      given.push_back(&entry);
  }

  void check_order_of_severities() {
    const Scores& scores = configuration_.settings.thresholds;
    if (scores.low < scores.medium && scores.medium < scores.high && scores.high < scores.critical)
      return;
    std::size_t line = 0;
    for (const std::string_view name : keys_of("severity")) {
      for (const IniEntry* entry : given_["severity." + std::string{name}])
        line = std::max(line, entry->line);
    }
    fail(line, "the scores of [severity] must rise: low " + std::to_string(scores.low) +
                   ", medium " + std::to_string(scores.medium) + ", high " +
                   std::to_string(scores.high) + ", critical " + std::to_string(scores.critical));
  }

  void list_what_is_in_force() {
    for (const Key& key : kKeys) {
      const std::string name = setting_name(key);
      for (const IniEntry* entry : given_[name])
        configuration_.in_force.push_back(
            {.name = name, .value = entry->value, .source = place_of(file_, entry->line)});
      if (given_[name].empty() && key.built_in != nullptr)
        configuration_.in_force.push_back(
            {.name = name, .value = key.built_in(configuration_), .source = std::string{kBuiltIn}});
    }
  }

  const IniFile& file_;
  Mistakes& mistakes_;
  Configuration configuration_;
  std::map<std::string, std::vector<const IniEntry*>> given_;  // by setting, valid ones only
};

}  // namespace

model::Result<OutputTarget> read_output_target(std::string_view value) {
  return output_target(value);
}

model::Status check_file_of_live(std::string_view path) {
  if (!path.starts_with('/') || path.ends_with('/'))
    return problem(quoted(path) + " is not an absolute path of a file",
                   "live has no working directory that is yours");
  return {};
}

int facility_number(std::string_view name) {
  const auto found = std::ranges::find(kFacilities, name);
  if (found == kFacilities.end())
    return -1;
  const auto place = static_cast<int>(found - kFacilities.begin());
  return place < kNamedFacilities ? place : place + kUnnamedFacilities;
}

Configuration read_configuration(const IniFile& file, Mistakes& mistakes) {
  return Reader{file, mistakes}.read();
}

Configuration load_configuration(const std::string& path, Mistakes& mistakes) {
  if (path.empty())
    return read_configuration({.name = {}, .sections = {}}, mistakes);
  const IniFile file = read_ini(path, mistakes);
  return read_configuration(file, mistakes);
}

void add_ticket_places(Configuration& configuration, const KerberosConfiguration& host) {
  std::vector<SettingInForce> settings;
  for (const TicketPlace& place : host.places) {
    configuration.settings.ccache_templates.push_back(place.place);
    settings.push_back(
        {.name = "ccache.template", .value = place.place.text(), .source = place.source});
  }
  // Beside those of the site.
  const auto behind = std::ranges::find_if_not(
      configuration.in_force,
      [](const SettingInForce& setting) { return setting.name == "ccache.template"; });
  configuration.in_force.insert(behind, settings.begin(), settings.end());
}

}  // namespace krbtrail::cli
