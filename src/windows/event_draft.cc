// SPDX-License-Identifier: Apache-2.0
#include "event_draft.h"

#include <limits>
#include <string>

#include "event_time.h"

namespace krbtrail::windows {
namespace {

constexpr std::uint64_t kAuditSuccess = 0x20000000000000;
constexpr std::uint64_t kAuditFailure = 0x10000000000000;

template <class T>
bool is_missing(const Reading<T>& reading) {
  return std::holds_alternative<Missing>(reading);
}

void set_text(Reading<std::string>& reading, std::string_view text) {
  if (is_missing(reading))
    reading = std::string{text.substr(0, kFieldLimit)};
}

template <class T>
void set_number(Reading<T>& reading, std::uint64_t number) {
  if (!is_missing(reading))
    return;
  if (number <= std::numeric_limits<T>::max())
    reading = static_cast<T>(number);
  else
    reading = Unreadable{std::to_string(number), "is not a number"};
}

template <class T>
void set_number(Reading<T>& reading, std::string_view text) {
  if (!is_missing(reading) || text.empty())
    return;
  const auto number = parse_number(text);
  if (number && *number <= std::numeric_limits<T>::max())
    reading = static_cast<T>(*number);
  else
    reading = Unreadable{std::string{text.substr(0, kUnreadableLimit)}, "is not a number"};
}

void set_event_id(WindowsEvent& event, std::uint64_t number) {
  if (event.event_id == 0 && number <= std::numeric_limits<std::uint32_t>::max())
    event.event_id = static_cast<std::uint32_t>(number);
}

}  // namespace

void set_outcome_of_keywords(WindowsEvent& event, std::string_view text) {
  const auto keywords = parse_number(text);
  if (!is_missing(event.outcome) || !keywords)
    return;
  if ((*keywords & kAuditSuccess) != 0)
    event.outcome = "success";
  else if ((*keywords & kAuditFailure) != 0)
    event.outcome = "failure";
}

void set_head(WindowsEvent& event, Target target, std::string_view text) {
  switch (target) {
    case Target::provider:
      return set_text(event.provider, text);
    case Target::event_id:
      return set_event_id(event, parse_number(text).value_or(0));
    case Target::version:
      return set_number(event.version, text);
    case Target::keywords:
      return set_outcome_of_keywords(event, text);
    case Target::time:
      // The schema's SystemTime is UTC whether or not an exporter kept the Z.
      if (is_missing(event.time))
        event.time = parse_stamp(text, Zone::utc).time;
      return;
    case Target::record_id:
      return set_number(event.record_id, text);
    case Target::channel:
      return set_text(event.channel, text);
    case Target::computer:
      return set_text(event.computer, text);
    case Target::none:
    case Target::data_name:
    case Target::field:
      return;
  }
}

void set_head(WindowsEvent& event, Target target, std::uint64_t number) {
  if (target == Target::event_id)
    return set_event_id(event, number);
  if (target == Target::version)
    return set_number(event.version, number);
  if (target == Target::record_id)
    return set_number(event.record_id, number);
  set_head(event, target, std::to_string(number));
}

}  // namespace krbtrail::windows
