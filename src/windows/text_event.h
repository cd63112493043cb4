// SPDX-License-Identifier: Apache-2.0
//
// One event as text for people, with the lines that a tool puts above the message.
//
//   Splunk, classic            Event Viewer "copy as text"      wevtutil qe /f:text
//   04/25/2022 10:17:47 PM     Log Name:      Security          Event[0]:
//   LogName=Security           Source:        Microsoft-…         Log Name: Security
//   EventCode=4697             Date:          4/25/2022 …          Source: …
//   ComputerName=H             Event ID:      4697                 Date: 2022-04-25T22:17:47.…
//   RecordNumber=72745         Computer:      H                    Event ID: 4697
//   Message=A service …        Description:                        Computer: H
//                              A service …                         Description:  ⏎  A service …
// or Get-WinEvent | Format-List (TimeCreated, Id, MachineName, RecordId, Message).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// What a line above the message says.
enum class TextHead : std::uint8_t {
  channel,
  provider,
  time,
  event_id,
  record_id,
  computer,
  version,
  keywords,
  message,
};
// By the line's name, before ':' or '='; a line that is nothing but a stamp is `time`.
[[nodiscard]] std::optional<TextHead> head_of_line(std::string_view line);

struct TextOutcome {
  bool read = false;          // an event id was found, in the lines or by the message
  bool assumed_date = false;  // the order of day and month
};

// Sets what `event` does not have yet. Times without a zone are local.
TextOutcome read_event_text(std::string_view text, WindowsEvent& event);

}  // namespace krbtrail::windows
