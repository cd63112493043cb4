// SPDX-License-Identifier: Apache-2.0
//
// A stamp as any exporter spells it.
//
//   2022-04-25T22:17:47.058172300Z          Windows' XML, Export formats with a zone
//   2023-02-06 22:07:30.404066[ UTC]        python-evtx, evtx_dump, NXLog
//   2022-04-25T22:17:47.0581723+00:00       EvtxECmd, Splunk
//   1650925067.0581722                      Velociraptor: seconds since 1970 as a double
//   /Date(1650925067058)/                   Windows PowerShell's ConvertTo-Json
//   Apr 25, 2022 @ 22:17:47.058             Kibana
//   4/25/2022 10:17:47 PM, 04/25/2022, …    Event Viewer, Splunk, Log Analytics (US)
//   25/04/2022 22:17:47, 25.04.2022 …       other locales
//
// The digits behind the point say how wide the interval is that the stamp stands for. A date whose
// parts could be swapped (4/5/2022) is taken as month, day, year; `assumed` says so.
#pragma once

#include <cstdint>
#include <string_view>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

struct Stamp {
  Reading<EventTime> time = Missing{};
  bool assumed = false;  // the order of day and month
};

// `without_zone` is what a stamp that names no zone is taken for.
[[nodiscard]] Stamp parse_stamp(std::string_view text, Zone without_zone);

// The instant of an indexer's own stamp, which names its zone, for an event that was written
// without one: no finer than what was written, since the indexer had nothing else to go by.
[[nodiscard]] EventTime with_zone_of(const EventTime& written, const EventTime& indexed);

// FILETIME: 100 ns since 1601-01-01. Unreadable past the year 9999.
[[nodiscard]] Reading<EventTime> from_filetime(std::uint64_t filetime);

// "2022-04-25T22:17:47.0581723Z", as Windows writes a FILETIME in a field.
[[nodiscard]] std::string filetime_text(std::uint64_t filetime);

}  // namespace krbtrail::windows
