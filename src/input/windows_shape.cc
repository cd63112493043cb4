// SPDX-License-Identifier: Apache-2.0
#include "windows_shape.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <vector>

namespace krbtrail::input {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBlanks = " \t\r\n";

// Two names that only a Windows event has together; the second may be empty.
struct NamePair {
  std::string_view first, second;
};

// Names of JSON members, at any depth.
constexpr std::array kJsonPairs = {
    NamePair{"System", "EventID"},         // evtx_dump, chainsaw, Velociraptor
    NamePair{"winlog", ""},                // winlogbeat, Elastic Agent, evtx2es, _search
    NamePair{"event_data", "event_id"},    // winlogbeat 6
    NamePair{"EventCode", ""},             // Splunk
    NamePair{"EventID", "Hostname"},       // NXLog, OTRF
    NamePair{"EventID", "EventTime"},      // NXLog
    NamePair{"EventID", "Computer"},       // Sentinel, hayabusa
    NamePair{"EventID", "TimeGenerated"},  // Sentinel
    NamePair{"EventID", "Channel"},        // flattened events
    NamePair{"EventId", "Payload"},        // EvtxECmd
    NamePair{"EventId", "Channel"},        // EvtxECmd
    NamePair{"Id", "MachineName"},         // Get-WinEvent
    NamePair{"Id", "ProviderName"},        // Get-WinEvent
};

constexpr std::array kCsvPairs = {
    NamePair{"Event ID", "Date and Time"},       // Event Viewer
    NamePair{"Id", "MachineName"},               // Get-WinEvent | Export-Csv
    NamePair{"Id", "ProviderName"},              // the same
    NamePair{"Id", "TimeCreated"},               // a Select-Object of it
    NamePair{"event.code", ""},                  // Kibana
    NamePair{"EventCode", ""},                   // Splunk
    NamePair{"EventID", "Computer"},             // Sentinel, hayabusa
    NamePair{"EventID", "TimeGenerated [UTC]"},  // Sentinel
    NamePair{"EventID", "TimeGenerated"},        // Sentinel
    NamePair{"EventId", "TimeCreated"},          // EvtxECmd
};

using Names = std::set<std::string, std::less<>>;

bool holds_pair(const Names& names, std::span<const NamePair> pairs) {
  return std::ranges::any_of(pairs, [&](const NamePair& pair) {
    return names.contains(pair.first) && (pair.second.empty() || names.contains(pair.second));
  });
}

std::string_view without_leading_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

std::string_view after_first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
}

bool starts_with_digit(std::string_view text) {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// "Record 72742" of evtx_dump, "evtxexport 20181227" of libevtx: the line in front of the events.
std::string_view without_tool_line(std::string_view text) {
  for (const std::string_view tool : {"Record "sv, "evtxexport "sv}) {
    if (text.starts_with(tool) && starts_with_digit(text.substr(tool.size())))
      return without_leading_blanks(after_first_line(text));
  }
  return text;
}

bool is_xml_event(std::string_view text) {
  if (text.starts_with("<?xml")) {
    const std::size_t end = text.find("?>");
    if (end == std::string_view::npos)
      return false;
    text = without_leading_blanks(text.substr(end + 2));
  }
  const std::size_t name_end = text.find_first_of(" \t\r\n/>");
  const std::string_view element = text.substr(0, name_end);
  return name_end != std::string_view::npos && (element == "<Event" || element == "<Events");
}

// A string's content behind its opening quote, escapes left as they are; `text` moves behind it.
std::string_view take_json_string(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '"')
    end += text[end] == '\\' ? 2 : 1;
  const std::string_view content = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return content;
}

Names json_names(std::string_view text) {
  Names names;
  for (std::size_t quote = text.find('"'); quote != std::string_view::npos;
       quote = text.find('"')) {
    text.remove_prefix(quote + 1);
    const std::string_view content = take_json_string(text);
    if (without_leading_blanks(text).starts_with(':'))
      names.emplace(content.substr(0, content.find('.')));
  }
  return names;
}

// Splunk carries the event as text, so that only the text can say whether it is a Windows event.
bool mentions_windows_event(std::string_view text) {
  return text.find("<Event ") != std::string_view::npos ||
         text.find("EventCode") != std::string_view::npos ||
         text.find("Microsoft-Windows-") != std::string_view::npos;
}

bool is_json_event(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with('['))
    return false;
  const Names names = json_names(text);
  const bool is_splunk =
      names.contains("_raw") || (names.contains("fields") && names.contains("rows"));
  // Log Analytics names its columns in values.
  const bool is_table = names.contains("columns") && names.contains("rows") &&
                        text.find("\"EventID\"") != std::string_view::npos;
  return holds_pair(names, kJsonPairs) || is_table || (is_splunk && mentions_windows_event(text));
}

char separator_of(std::string_view header) {
  constexpr std::string_view kSeparators = ",;\t";
  return *std::ranges::max_element(
      kSeparators, {}, [&](char separator) { return std::ranges::count(header, separator); });
}

std::vector<std::string> cells_of(std::string_view line) {
  const char separator = separator_of(line);
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == separator && !quoted)
      cells.emplace_back();
    else
      cells.back().push_back(c);
  }
  return cells;
}

// Event Viewer translates its header, but not the provider's name in the third cell below it.
bool is_translated_event_viewer(const std::vector<std::string>& header, std::string_view rows) {
  constexpr std::size_t kColumns = 5;
  if (header.size() != kColumns && header.size() != kColumns + 1)
    return false;
  const std::vector<std::string> row = cells_of(first_line(rows));
  return row.size() >= kColumns && row[2].starts_with("Microsoft-Windows-") &&
         starts_with_digit(row[3]);
}

bool is_csv_event(std::string_view text) {
  if (text.starts_with("#TYPE ")) {
    return first_line(text).find("EventLogRecord") != std::string_view::npos;
  }
  const std::vector<std::string> header = cells_of(first_line(text));
  const Names names{header.begin(), header.end()};
  const bool is_kibana = std::ranges::any_of(
      header, [](const std::string& cell) { return cell.starts_with("winlog."); });
  return is_kibana || holds_pair(names, kCsvPairs) ||
         (names.contains("_raw") && mentions_windows_event(text)) ||
         is_translated_event_viewer(header, after_first_line(text));
}

// wevtutil /f:text, Splunk's classic text, Get-WinEvent | Format-List, a copied message.
bool is_rendered_event(std::string_view text) {
  constexpr std::array kFirstLines = {"Event["sv, "Log Name:"sv, "LogName="sv, "ProviderName "sv};
  constexpr std::array kAnyLines = {"LogName="sv, "ProviderName "sv,
                                    "An account was successfully logged on."sv,
                                    "A service was installed in the system."sv};
  constexpr int kLinesOfOneEvent = 40;
  const auto starts = [](std::string_view line) {
    return [line](std::string_view words) { return line.starts_with(words); };
  };
  if (std::ranges::any_of(kFirstLines, starts(text)))
    return true;
  for (int i = 0; i < kLinesOfOneEvent && !text.empty(); ++i) {
    const std::string_view line = without_leading_blanks(first_line(text));
    const std::size_t colon = line.find(": ");
    const std::string_view value =
        colon == std::string_view::npos ? line : without_leading_blanks(line.substr(colon + 2));
    if (std::ranges::any_of(kAnyLines, starts(line)) ||
        std::ranges::any_of(kAnyLines, starts(value)))
      return true;
    text = after_first_line(text);
  }
  return false;
}

enum class Utf16 : std::uint8_t { no, little, big };

// Without a mark: text whose first letters are ASCII has a zero in every second byte.
Utf16 utf16_order(std::string_view head) {
  constexpr std::size_t kLettersSeen = 4;
  if (head.starts_with("\xFF\xFE"))
    return Utf16::little;
  if (head.starts_with("\xFE\xFF"))
    return Utf16::big;
  if (head.size() < 2 * kLettersSeen)
    return Utf16::no;
  std::size_t low_first = 0;
  std::size_t high_first = 0;
  for (std::size_t i = 0; i < 2 * kLettersSeen; i += 2) {
    low_first += head[i] != '\0' && head[i + 1] == '\0' ? 1 : 0;
    high_first += head[i] == '\0' && head[i + 1] != '\0' ? 1 : 0;
  }
  if (low_first == kLettersSeen)
    return Utf16::little;
  return high_first == kLettersSeen ? Utf16::big : Utf16::no;
}

}  // namespace

std::string narrow(std::string_view head) {
  const Utf16 order = utf16_order(head);
  if (order == Utf16::no)
    return std::string{head.starts_with("\xEF\xBB\xBF") ? head.substr(3) : head};
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    head.remove_prefix(2);
  std::string text;
  text.reserve(head.size() / 2);
  for (std::size_t i = 0; i + 1 < head.size(); i += 2) {
    const char low = order == Utf16::little ? head[i] : head[i + 1];
    const char high = order == Utf16::little ? head[i + 1] : head[i];
    text.push_back(high == '\0' && static_cast<unsigned char>(low) < 0x80 ? low : '?');
  }
  return text;
}

std::optional<EvidenceKind> windows_shape(std::string_view head) {
  if (head.starts_with("ElfFile\0"sv) || head.starts_with("ElfChnk\0"sv))
    return EvidenceKind::evtx;
  const std::string narrowed = narrow(head);
  const std::string_view text = without_tool_line(without_leading_blanks(narrowed));
  if (is_xml_event(text))
    return EvidenceKind::windows_xml;
  if (is_json_event(text))
    return EvidenceKind::windows_json;
  if (is_csv_event(text))
    return EvidenceKind::windows_csv;
  return std::nullopt;
}

bool is_rendered_windows_text(std::string_view head) {
  const std::string narrowed = narrow(head);
  return is_rendered_event(without_leading_blanks(narrowed));
}

}  // namespace krbtrail::input
