// SPDX-License-Identifier: Apache-2.0
#include "cli/exceptions_file.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "cli/nearest_word.h"
#include "krbtrail/detect/rule_catalogue.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::cli {

namespace {

constexpr std::string_view kHead = "exception";
constexpr std::size_t kMostExceptions = 1000;
constexpr std::size_t kLongestName = 64;
constexpr std::chrono::days kProposedLife{30};

std::vector<std::string_view> known_keys() {
  std::vector<std::string_view> keys(detect::pinnable_paths().begin(),
                                     detect::pinnable_paths().end());
  keys.insert(keys.end(), {"from", "expires", "reason"});
  return keys;
}

bool is_pinnable(std::string_view key) {
  const auto paths = detect::pinnable_paths();
  return std::ranges::find(paths, key) != paths.end();
}

std::string did_you_mean(std::string_view given, std::span<const std::string_view> words) {
  const auto nearest = nearest_word(given, words);
  return nearest ? "did you mean " + std::string{*nearest} + "?" : std::string{};
}

// "exception NAME" without its first word; unset if that is another.
std::optional<std::string_view> name_of(std::string_view section) {
  if (!section.starts_with(kHead))
    return std::nullopt;
  section.remove_prefix(kHead.size());
  const auto first = section.find_first_not_of(" \t");
  if (first == 0)
    return std::nullopt;
  return first == std::string_view::npos ? std::string_view{} : section.substr(first);
}

class Reader {
 public:
  Reader(const IniFile& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

  std::vector<detect::Exception> read() {
    for (const IniSection& section : file_.sections) {
      const std::size_t before = mistakes_.size();
      detect::Exception exception = read_section(section);
      if (mistakes_.size() == before)
        exceptions_.push_back(std::move(exception));
    }
    if (exceptions_.size() > kMostExceptions)
      mistakes_.push_back(
          {.message = file_.name + ": more than " + std::to_string(kMostExceptions) + " exceptions",
           .hint = ""});
    return std::move(exceptions_);
  }

 private:
  void fail(std::size_t line, const std::string& message, std::string hint = {}) {
    mistakes_.push_back(mistake_at(file_, line, message, std::move(hint)));
  }

  detect::Exception read_section(const IniSection& section) {
    detect::Exception exception;
    const std::optional<std::string_view> name = name_of(section.name);
    if (!name) {
      fail(section.line, "unknown section [" + section.name + "]", "[exception NAME] is wanted");
      return exception;
    }
    exception.name = *name;
    check_name(exception.name, section.line);
    lines_.clear();
    for (const IniEntry& entry : section.entries)
      read_entry(entry, exception);
    if (!exception.name.empty())
      examine(exception, section);
    return exception;
  }

  void check_name(const std::string& name, std::size_t line) {
    if (name.empty() || name.size() > kLongestName)
      fail(line, "an exception has a name of at most " + std::to_string(kLongestName) + " letters",
           "[exception NAME] is wanted");
    else if (const auto [known, is_new] = names_.try_emplace(name, line); !is_new)
      fail(line, "there are two exceptions of the name " + name,
           "the other one stands in line " + std::to_string(known->second));
  }

  void read_entry(const IniEntry& entry, detect::Exception& exception) {
    if (const auto [known, is_new] = lines_.try_emplace(entry.key, entry.line); !is_new)
      fail(entry.line, entry.key + " is given twice",
           "it stands in line " + std::to_string(known->second));
    else if (entry.key == "expires")
      exception.expires = read_time(entry);
    else if (entry.key == "from")
      exception.from = read_time(entry);
    else if (entry.key == "reason")
      exception.reason = entry.value;
    else if (is_pinnable(entry.key))
      exception.pins.push_back(read_pin(entry));
    else
      fail(entry.line, "'" + entry.key + "' cannot be pinned",
           did_you_mean(entry.key, known_keys()));
  }

  std::optional<model::Timestamp> read_time(const IniEntry& entry) {
    const model::Result<model::Timestamp> time = model::parse_timestamp(entry.value);
    if (time)
      return time.value();
    fail(entry.line, entry.key + ": " + time.error().message, time.error().hint);
    return std::nullopt;
  }

  // A '*' that is to be taken as it is stands there as \x2a.
  static detect::Pin read_pin(const IniEntry& entry) {
    const bool is_beginning = entry.written.ends_with('*');
    std::string value = entry.value;
    if (is_beginning)
      value.pop_back();
    return {.path = entry.key, .value = std::move(value), .is_beginning = is_beginning};
  }

  void examine(const detect::Exception& exception, const IniSection& section) {
    for (const detect::Refusal& refusal : detect::refusals(exception)) {
      const auto line = lines_.find(refusal.path);
      // What is wrong with the time has been said already.
      if (refusal.path.empty() && !exception.expires && lines_.contains("expires") &&
          refusal.error.message.ends_with("expires"))
        continue;
      std::string hint = refusal.error.hint;
      if (refusal.path == "rule")
        hint = nearest_rule(exception);
      fail(line == lines_.end() ? section.line : line->second,
           "exception " + exception.name + ": " + refusal.error.message, std::move(hint));
    }
  }

  static std::string nearest_rule(const detect::Exception& exception) {
    const auto rule = std::ranges::find(exception.pins, "rule", &detect::Pin::path);
    std::vector<std::string_view> ids;
    for (const detect::RuleInfo* info : detect::rule_catalogue())
      ids.push_back(info->id);
    const std::string hint = did_you_mean(rule->value, ids);
    return hint.empty() ? "krbtrail rules lists them" : hint;
  }

  const IniFile& file_;
  Mistakes& mistakes_;
  std::vector<detect::Exception> exceptions_;
  std::map<std::string, std::size_t> names_;  // of exceptions, and their lines
  std::map<std::string, std::size_t> lines_;  // of the keys of one exception
};

std::string written_pin(const detect::Pin& pin) {
  std::string value = written_as_ini(pin.value);
  if (value.ends_with('*')) {
    value.pop_back();
    value += "\\x2a";
  }
  std::string line = pin.path + " =";
  if (!value.empty())
    line += " " + value;
  return line + "\n";
}

}  // namespace

std::vector<detect::Exception> read_exceptions(const IniFile& file, Mistakes& mistakes) {
  return Reader{file, mistakes}.read();
}

std::vector<detect::Exception> load_exceptions(const std::string& path, Mistakes& mistakes) {
  if (path.empty())
    return {};
  const IniFile file = read_ini(path, mistakes);
  return read_exceptions(file, mistakes);
}

// What stands in comments is ours: no byte of the evidence can end a line here.
model::Result<std::string> propose_exception(const model::Finding& finding) {
  const model::Result<std::vector<detect::Pin>> pins = detect::pins_for(finding);
  if (!pins)
    return pins.error();
  std::string text = "# finding " + finding.id + " of " + finding.rule + ", " +
                     model::format_utc(finding.time) + "\n";
  text += "[exception " + finding.id + "]\n";
  for (const detect::Pin& pin : pins.value())
    text += written_pin(pin);
  text += "expires = " + model::format_utc(finding.time + kProposedLife) + "\n";
  text += "# Who decided this, and why? Without a reason the exception is refused.\nreason =\n";
  return text;
}

}  // namespace krbtrail::cli
