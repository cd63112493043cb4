// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/windows/event_xml.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "event_time.h"

namespace krbtrail::windows {
namespace {

constexpr std::int64_t kEpochAsFiletime = 116'444'736'000'000'000;
constexpr std::size_t kDigitsOfTick = 7;
// "success" and "failure" as Windows writes them: bits of Keywords.
constexpr std::string_view kAuditSuccess = "0x8020000000000000";
constexpr std::string_view kAuditFailure = "0x8010000000000000";

void append_text(std::string& xml, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '\'':
        xml += "&apos;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\n':
        xml += "&#10;";
        break;
      case '\r':
        xml += "&#13;";
        break;
      default:
        xml += c;
    }
  }
}

void append_element(std::string& xml, std::string_view name, std::string_view text) {
  xml.append("<").append(name).append(">");
  append_text(xml, text);
  xml.append("</").append(name).append(">");
}

void append_attribute(std::string& xml, std::string_view element, std::string_view attribute,
                      std::string_view text) {
  xml.append("<").append(element).append(" ").append(attribute).append("='");
  append_text(xml, text);
  xml += "'/>";
}

// As many digits as the stamp had.
std::string time_text(const EventTime& time) {
  const std::int64_t filetime = time.earliest.time_since_epoch().count() + kEpochAsFiletime;
  if (filetime < 0)
    return {};
  std::string text = filetime_text(static_cast<std::uint64_t>(filetime));
  if (!text.ends_with('Z'))
    return {};
  text.pop_back();
  std::size_t surplus = 0;
  for (model::Ticks unit{10}; unit <= time.resolution && surplus < kDigitsOfTick; unit *= 10)
    ++surplus;
  text.resize(text.size() - (surplus == kDigitsOfTick ? surplus + 1 : surplus));
  return time.zone == Zone::utc ? text + 'Z' : text;
}

std::string_view keywords_of(const WindowsEvent& event) {
  const std::string* outcome = value_of(event.outcome);
  if (outcome != nullptr && *outcome == "failure")
    return kAuditFailure;
  return outcome != nullptr && *outcome == "success" ? kAuditSuccess : std::string_view{};
}

void append_system(std::string& xml, const WindowsEvent& event) {
  xml += "<System>";
  if (const std::string* provider = value_of(event.provider))
    append_attribute(xml, "Provider", "Name", *provider);
  append_element(xml, "EventID", std::to_string(event.event_id));
  if (const std::uint32_t* version = value_of(event.version))
    append_element(xml, "Version", std::to_string(*version));
  if (const std::string_view keywords = keywords_of(event); !keywords.empty())
    append_element(xml, "Keywords", keywords);
  const EventTime* time = value_of(event.time);
  if (const std::string text = time == nullptr ? std::string{} : time_text(*time); !text.empty())
    append_attribute(xml, "TimeCreated", "SystemTime", text);
  if (const std::uint64_t* record_id = value_of(event.record_id))
    append_element(xml, "EventRecordID", std::to_string(*record_id));
  if (const std::string* channel = value_of(event.channel))
    append_element(xml, "Channel", *channel);
  if (const std::string* computer = value_of(event.computer))
    append_element(xml, "Computer", *computer);
  xml += "</System>";
}

}  // namespace

std::string as_xml(const WindowsEvent& event) {
  std::string xml = "<Event>";
  append_system(xml, event);
  xml += "<EventData>";
  for (std::size_t i = 0; i < event.field_count(); ++i) {
    const FieldText field = event.field_at(i);
    if (field.answer == Answer::missing)
      continue;
    xml.append("<Data Name='").append(raw_name(field.field)).append("'>");
    append_text(xml, field.text);
    xml += "</Data>";
  }
  return xml + "</EventData></Event>";
}

}  // namespace krbtrail::windows
