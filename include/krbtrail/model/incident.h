// SPDX-License-Identifier: Apache-2.0
//
// One story: the findings of one actor session about one ticket (Linux) or of one logon session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::model {

// One line of the timeline.
struct IncidentStep {
  Timestamp time;
  std::string text;
  std::string event;       // SECONDS.MILLISECONDS:SERIAL or COMPUTER#RECORDID
  std::string confidence;  // "high", "medium", "low"
};

struct Incident {
  std::string id;  // the `incident` of its findings
  std::string host;
  Timestamp first;
  Timestamp last;
  Severity severity = Severity::medium;
  std::string title;
  Account actor;
  std::optional<std::uint32_t> owner_uid;  // the ticket's owner
  std::string ticket;                      // the ticket's path when it was first seen
  std::vector<std::string> copies;         // paths of the copies, in order of appearance
  std::vector<std::string> used_by;        // who opened a copy, in words
  std::vector<std::string> contacts;       // network addresses contacted after the read
  std::vector<ProcessFacts> ancestry;
  std::vector<IncidentStep> timeline;
  std::vector<std::string> findings;     // ids
  std::vector<std::string> not_visible;  // what the evidence cannot show about it
  std::vector<std::string> linked;       // ids of incidents on other hosts in the same story
};

}  // namespace krbtrail::model
