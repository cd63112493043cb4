// SPDX-License-Identifier: Apache-2.0
//
// What `live` says about itself now and then, so that silence means that nothing was found and not
// that nobody looks. All counts are since the start.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::model {

struct OutputCounts {
  std::string name;           // "ndjson:/var/log/krbtrail/findings.ndjson"
  std::uint64_t written = 0;  // lines that left whole
  std::uint64_t waiting = 0;  // that the target has not taken yet
  std::uint64_t lost = 0;     // findings and incidents that it did not take and nobody holds
};

struct Heartbeat {
  Timestamp time;
  std::string host;
  std::chrono::seconds uptime{0};

  std::uint64_t lines = 0;          // taken from auditd
  std::uint64_t dropped_lines = 0;  // for which the queue had no room
  std::uint64_t dropped_bytes = 0;
  std::uint64_t queue_high_water = 0;  // bytes
  std::uint64_t events = 0;
  std::uint64_t events_evaluated = 0;
  std::uint64_t partial = 0;    // events with fewer records than announced
  std::uint64_t malformed = 0;  // lines
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t serial_gaps = 0;
  std::uint64_t own_events = 0;  // events of ours, which no rule saw
  std::uint64_t reloads = 0;
  std::uint64_t findings = 0;    // written, repeats as one
  std::uint64_t folded = 0;      // repeats of a finding that was written
  std::uint64_t limited = 0;     // beyond the rate limit, not written
  std::uint64_t suppressed = 0;  // by exceptions
  std::uint64_t hidden = 0;      // below --min-severity
  std::uint64_t incidents = 0;
  std::vector<OutputCounts> outputs;
  // Whom it runs as and what holds it, a sentence each: "user: krbtrail (998)"
  std::vector<std::string> confinement;
  std::uint64_t known_from_proc = 0;  // processes that ran before the start
  std::string state;  // what became of the one kept before: "restored 132 …", "off"
  std::uint64_t states_saved = 0;
};

}  // namespace krbtrail::model
