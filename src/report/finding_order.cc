// SPDX-License-Identifier: Apache-2.0
#include "report/finding_order.h"

#include <charconv>
#include <cstdint>
#include <string_view>

#include "report/sort_key.h"

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Incident;
using model::Severity;

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
  return SortKey{}
      .descending(finding.time)
      .descending(number_of_event(finding))
      .text(finding.host)
      .text(finding.rule)
      .text(finding.id)
      .bytes();
}

std::string oldest_first(const Finding& finding) {
  return SortKey{}
      .ascending(finding.time)
      .ascending(number_of_event(finding))
      .text(finding.host)
      .text(finding.rule)
      .text(finding.id)
      .bytes();
}

std::string most_severe_first(const Finding& finding) {
  return section_and_severity(section_of(finding), finding.severity) + newest_first(finding);
}

std::string most_severe_first(const Incident& incident) {
  return SortKey{section_and_severity(Section::incidents, incident.severity)}
      .descending(incident.last)
      .text(incident.host)
      .text(incident.id)
      .bytes();
}

}  // namespace krbtrail::report
