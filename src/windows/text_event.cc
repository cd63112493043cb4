// SPDX-License-Identifier: Apache-2.0
#include "text_event.h"

#include <algorithm>
#include <array>
#include <string>

#include "event_draft.h"
#include "event_time.h"
#include "message_text.h"

namespace krbtrail::windows {
namespace {

constexpr std::string_view kBlanks = " \t\r";

enum class Meaning : std::uint8_t {
  channel,
  provider,
  time,
  event_id,
  record_id,
  computer,
  version,
  keywords,
  message
};

struct HeadName {
  std::string_view name;
  Meaning meaning;
};
// Names of the lines, before ':' or '='.
constexpr std::array kHeadNames = {
    HeadName{"Log Name", Meaning::channel},       HeadName{"LogName", Meaning::channel},
    HeadName{"Source", Meaning::provider},        HeadName{"SourceName", Meaning::provider},
    HeadName{"ProviderName", Meaning::provider},  HeadName{"Date", Meaning::time},
    HeadName{"TimeCreated", Meaning::time},       HeadName{"Event ID", Meaning::event_id},
    HeadName{"EventCode", Meaning::event_id},     HeadName{"Id", Meaning::event_id},
    HeadName{"RecordNumber", Meaning::record_id}, HeadName{"RecordId", Meaning::record_id},
    HeadName{"Computer", Meaning::computer},      HeadName{"ComputerName", Meaning::computer},
    HeadName{"MachineName", Meaning::computer},   HeadName{"Version", Meaning::version},
    HeadName{"Keywords", Meaning::keywords},      HeadName{"Keyword", Meaning::keywords},
    HeadName{"Description", Meaning::message},    HeadName{"Message", Meaning::message},
};

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Splunk writes the provider's display name.
std::string_view provider_of(std::string_view source) {
  if (source == "Microsoft Windows security auditing.")
    return "Microsoft-Windows-Security-Auditing";
  return source;
}

class TextParser {
 public:
  explicit TextParser(WindowsEvent& event) : event_(event) {}

  TextOutcome parse(std::string_view text) {
    std::string_view rest = text;
    while (!rest.empty() && message_.empty()) {
      const std::string_view from_here = rest;
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (event_id_of_message(line))
        message_ = from_here;
      else
        read_line(line, rest);
    }
    if (event_.event_id == 0)
      event_.event_id = event_id_of_message(message_).value_or(0);
    read_message(message_, event_);
    outcome_.read = event_.event_id != 0;
    return outcome_;
  }

 private:
  void read_line(std::string_view line, std::string_view below) {
    line = trim(line);
    const std::size_t separator = line.find_first_of(":=");
    if (separator == std::string_view::npos)
      return;
    const std::string_view name = trim(line.substr(0, separator));
    const std::string_view value = trim(line.substr(separator + 1));
    const auto* const known = std::ranges::find(kHeadNames, name, &HeadName::name);
    if (known != kHeadNames.end())
      set(known->meaning, value, below);
    else if (std::holds_alternative<Missing>(event_.time))
      set_time_if_it_is_one(line);
  }

  void set(Meaning meaning, std::string_view value, std::string_view below) {
    switch (meaning) {
      case Meaning::channel:
        return set_head(event_, Target::channel, value);
      case Meaning::provider:
        return set_head(event_, Target::provider, provider_of(value));
      case Meaning::time:
        return set_time(value);
      case Meaning::event_id:
        return set_head(event_, Target::event_id, value);
      case Meaning::record_id:
        return set_head(event_, Target::record_id, value);
      case Meaning::computer:
        return set_head(event_, Target::computer, value);
      case Meaning::version:
        return set_head(event_, Target::version, value);
      case Meaning::keywords:
        return set_outcome(value);
      case Meaning::message:
        // On the same line, or below it.
        message_ =
            value.empty()
                ? below
                : std::string_view{value.data(), value.size() + below.size() + gap(value, below)};
        return;
    }
  }

  // Between the end of `value` and the line below lies what trim() took off and the line's end.
  static std::size_t gap(std::string_view value, std::string_view below) {
    return static_cast<std::size_t>(below.data() - (value.data() + value.size()));
  }

  void set_time(std::string_view value) {
    if (!std::holds_alternative<Missing>(event_.time))
      return;
    const Stamp stamp = parse_stamp(value, Zone::local);
    event_.time = stamp.time;
    outcome_.assumed_date = stamp.assumed;
  }

  // Splunk's first line is the time and nothing else.
  void set_time_if_it_is_one(std::string_view line) {
    const Stamp stamp = parse_stamp(line, Zone::local);
    if (value_of(stamp.time) == nullptr)
      return;
    event_.time = stamp.time;
    outcome_.assumed_date = stamp.assumed;
  }

  void set_outcome(std::string_view keywords) {
    if (!std::holds_alternative<Missing>(event_.outcome))
      return;
    if (keywords.find("Audit Success") != std::string_view::npos)
      event_.outcome = "success";
    else if (keywords.find("Audit Failure") != std::string_view::npos)
      event_.outcome = "failure";
  }

  WindowsEvent& event_;
  std::string_view message_;
  TextOutcome outcome_;
};

}  // namespace

TextOutcome read_event_text(std::string_view text, WindowsEvent& event) {
  return TextParser{event}.parse(text);
}

}  // namespace krbtrail::windows
