// SPDX-License-Identifier: Apache-2.0
//
// Where in an event's XML something stands, and what it says there. The same for text XML and for
// binary XML; the schema is Microsoft's "Event Schema" (winmeta, 2004/08/events/event):
//
//   <Event><System><Provider Name=""/><EventID/><Version/><Keywords/><TimeCreated SystemTime=""/>
//     <EventRecordID/><Channel/><Computer/></System>
//     <EventData><Data Name="">…</Data></EventData>   or   <UserData><ANY><FIELD/></ANY></UserData>
//   </Event>
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace krbtrail::windows {

enum class Place : std::uint8_t {
  outside,  // of <Event>
  event,
  system,
  provider,
  event_id,
  version,
  keywords,
  time_created,
  record_id,
  channel,
  computer,
  event_data,
  data,
  user_data,
  user_event,  // the one child of <UserData>
  user_field,  // a child of that, named like the field
  ignored,
};

// What a piece of text means.
enum class Target : std::uint8_t {
  none,
  provider,
  event_id,
  version,
  keywords,
  time,
  record_id,
  channel,
  computer,
  data_name,  // the Name attribute of <Data>
  field,      // the content of <Data> or of a user field
};

// Equality without memcmp(), whose call costs more than a name's few words: every name of every
// event is compared.
[[nodiscard]] inline bool is_same_name(std::string_view a, std::string_view b) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (a.size() != b.size())
    return false;
  if (a.size() < kWord)
    return std::equal(a.begin(), a.end(), b.begin());
  const auto is_same_word = [&](std::size_t at) {
    std::uint64_t one = 0;
    std::uint64_t other = 0;
    std::memcpy(&one, a.data() + at, kWord);
    std::memcpy(&other, b.data() + at, kWord);
    return one == other;
  };
  for (std::size_t at = 0; at + kWord < a.size(); at += kWord) {
    if (!is_same_word(at))
      return false;
  }
  return is_same_word(a.size() - kWord);
}

[[nodiscard]] Place place_of_child(Place parent, std::string_view element);
[[nodiscard]] Target target_of_attribute(Place element, std::string_view attribute);
[[nodiscard]] Target target_of_content(Place element);
// True if elements are expected in it, so that markup put there can be an event's.
[[nodiscard]] bool holds_elements(Place place);

}  // namespace krbtrail::windows
