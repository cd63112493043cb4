// SPDX-License-Identifier: Apache-2.0
//
// One <Event> element as text.
#pragma once

#include <string>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

enum class XmlOutcome : std::uint8_t {
  whole,
  partial,  // not well-formed; what stood before that place was read
  none,     // no event id was found
};

// Sets head and fields of `event`, whose `repaired` is set too where bytes had to be replaced. What
// was set before stays. The element is used up.
[[nodiscard]] XmlOutcome read_event_xml(std::string& element, WindowsEvent& event);

// "&lt;Event …": an export that escaped the whole element once more. Any other text as it is.
[[nodiscard]] std::string unescape_element(std::string text);

}  // namespace krbtrail::windows
