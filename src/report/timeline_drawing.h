// SPDX-License-Identifier: Apache-2.0
//
// An incident's steps as points on lanes, one lane a process, from left to right. Pauses are drawn
// by their order of magnitude, so that milliseconds and hours fit on one line; the pause itself
// stands between the points where there is room.
//
// At most kMostPoints steps and kMostLanes processes; the rest is in the table of steps, and said.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "krbtrail/model/incident.h"
#include "krbtrail/model/timestamp.h"
#include "report/html_writer.h"
#include "report/incident_sketch.h"

namespace krbtrail::report {

inline constexpr std::size_t kMostPoints = 38;
inline constexpr std::size_t kMostLanes = 8;

// Steps in a row that say the same: a client opens a ticket many times.
struct StepGroup {
  const model::IncidentStep* step = nullptr;  // the first of them
  std::uint64_t count = 1;
  std::optional<model::Ticks> pause;  // since the end of the group before; unset for the first
};

// Views into the incident.
[[nodiscard]] std::vector<StepGroup> grouped_steps(const model::Incident& incident);

// `groups` must not be empty.
void draw_timeline(HtmlWriter& html, const std::vector<StepGroup>& groups,
                   const IncidentSketch& sketch, std::chrono::minutes zone);

}  // namespace krbtrail::report
