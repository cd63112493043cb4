// SPDX-License-Identifier: Apache-2.0
//
// An event in the making: text comes in by what it means, and is read by the conventions of raw
// Windows events. The first value of everything stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "event_path.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// A field's text is cut to this; none of the rule's comes near.
inline constexpr std::size_t kFieldLimit = std::size_t{64} << 10U;

// Everything but Target::field, data_name and none.
void set_head(WindowsEvent& event, Target target, std::string_view text);

// The same of a number that came as one.
void set_head(WindowsEvent& event, Target target, std::uint64_t number);

// "0x8020000000000000": the audit bits of Keywords (winmeta.xml) tell the outcome.
void set_outcome_of_keywords(WindowsEvent& event, std::string_view text);

}  // namespace krbtrail::windows
