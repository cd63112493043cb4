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

struct HeadName {
  std::string_view name;
  TextHead head;
};
// Names of the lines, before ':' or '='.
constexpr std::array kHeadNames = {
    HeadName{"Log Name", TextHead::channel},       HeadName{"LogName", TextHead::channel},
    HeadName{"Source", TextHead::provider},        HeadName{"SourceName", TextHead::provider},
    HeadName{"ProviderName", TextHead::provider},  HeadName{"Date", TextHead::time},
    HeadName{"TimeCreated", TextHead::time},       HeadName{"Event ID", TextHead::event_id},
    HeadName{"EventCode", TextHead::event_id},     HeadName{"Id", TextHead::event_id},
    HeadName{"RecordNumber", TextHead::record_id}, HeadName{"RecordId", TextHead::record_id},
    HeadName{"Computer", TextHead::computer},      HeadName{"ComputerName", TextHead::computer},
    HeadName{"MachineName", TextHead::computer},   HeadName{"Version", TextHead::version},
    HeadName{"Keywords", TextHead::keywords},      HeadName{"Keyword", TextHead::keywords},
    HeadName{"Description", TextHead::message},    HeadName{"Message", TextHead::message},
};

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Format-List puts a message's further lines below its first, behind many blanks.
std::string without_indent(std::string_view message) {
  constexpr std::size_t kLeast = 8;
  const std::size_t second = message.find_first_not_of("\r\n", message.find('\n'));
  std::size_t indent = 0;
  while (second != std::string_view::npos && second + indent < message.size() &&
         message[second + indent] == ' ')
    ++indent;
  if (indent < kLeast)
    return std::string{message};
  std::string text;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = std::min(message.find('\n', at), message.size() - 1) + 1;
    const std::string_view line = message.substr(at, end - at);
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    text += line.substr(std::min(blanks, indent));
    at = end;
  }
  return text;
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
    read_message(without_indent(message_), event_);
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
      set(known->head, value, below);
    else if (std::holds_alternative<Missing>(event_.time))
      set_time_if_it_is_one(line);
  }

  void set(TextHead head, std::string_view value, std::string_view below) {
    switch (head) {
      case TextHead::channel:
        return set_head(event_, Target::channel, value);
      case TextHead::provider:
        return set_head(event_, Target::provider, provider_of(value));
      case TextHead::time:
        return set_time(value);
      case TextHead::event_id:
        return set_head(event_, Target::event_id, value);
      case TextHead::record_id:
        return set_head(event_, Target::record_id, value);
      case TextHead::computer:
        return set_head(event_, Target::computer, value);
      case TextHead::version:
        return set_head(event_, Target::version, value);
      case TextHead::keywords:
        return set_outcome(value);
      case TextHead::message:
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

std::optional<TextHead> head_of_line(std::string_view line) {
  const std::string_view name = trim(line.substr(0, line.find_first_of(":=")));
  const auto* const known = std::ranges::find(kHeadNames, name, &HeadName::name);
  if (known != kHeadNames.end() && name.size() < line.size())
    return known->head;
  if (value_of(parse_stamp(trim(line), Zone::local).time) != nullptr)
    return TextHead::time;
  return std::nullopt;
}

TextOutcome read_event_text(std::string_view text, WindowsEvent& event) {
  return TextParser{event}.parse(text);
}

}  // namespace krbtrail::windows
