// SPDX-License-Identifier: Apache-2.0
#include "report/finding_order.h"

#include <charconv>
#include <cstdint>
#include <string_view>

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Incident;
using model::Severity;
using model::Timestamp;

// Most significant byte first.
void append_ascending(std::string& key, std::uint64_t number) {
  for (unsigned shift = 64; shift > 0; shift -= 8)
    key += static_cast<char>((number >> (shift - 8U)) & 0xFFU);
}

void append_descending(std::string& key, std::uint64_t number) {
  append_ascending(key, ~number);
}

// Instants before 1970 are negative: flipping the sign bit keeps their order when unsigned.
[[nodiscard]] std::uint64_t as_number(Timestamp time) {
  constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;
  return static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ kSignBit;
}

void append_ascending(std::string& key, std::string_view text) {
  key += text;
  key += '\0';
}

// The serial behind the colon of "1700000000.123:42", or the record id; 0 if there is neither.
[[nodiscard]] std::uint64_t number_of_event(const Finding& finding) {
  if (finding.evidence.empty())
    return 0;
  const model::Evidence& evidence = finding.evidence.front();
  if (evidence.record_id)
    return *evidence.record_id;
  std::string_view event = evidence.event;
  event.remove_prefix(event.rfind(':') + 1);  // npos + 1 is 0
  std::uint64_t serial = 0;
  std::from_chars(event.data(), event.data() + event.size(), serial);
  return serial;
}

[[nodiscard]] std::string section_and_severity(Section section, Severity severity) {
  return {static_cast<char>(section), static_cast<char>('9' - static_cast<char>(severity))};
}

}  // namespace

Section section_of(const Finding& finding) {
  switch (finding.verdict) {
    case model::Verdict::finding:
      break;
    case model::Verdict::near_miss:
      return Section::near_misses;
    case model::Verdict::indeterminate:
      return Section::indeterminate;
  }
  return Section::findings;
}

std::string newest_first(const Finding& finding) {
  std::string key;
  append_descending(key, as_number(finding.time));
  append_descending(key, number_of_event(finding));
  append_ascending(key, finding.host);
  append_ascending(key, finding.rule);
  append_ascending(key, finding.id);
  return key;
}

std::string oldest_first(const Finding& finding) {
  std::string key;
  append_ascending(key, as_number(finding.time));
  append_ascending(key, number_of_event(finding));
  append_ascending(key, finding.host);
  append_ascending(key, finding.rule);
  append_ascending(key, finding.id);
  return key;
}

std::string most_severe_first(const Finding& finding) {
  return section_and_severity(section_of(finding), finding.severity) + newest_first(finding);
}

std::string most_severe_first(const Incident& incident) {
  std::string key = section_and_severity(Section::incidents, incident.severity);
  append_descending(key, as_number(incident.last));
  append_ascending(key, incident.host);
  append_ascending(key, incident.id);
  return key;
}

}  // namespace krbtrail::report
