// SPDX-License-Identifier: Apache-2.0
//
// The findings and incidents of many runs, each of them once, in bounded memory.
//
//   Gathering gathering{{.directory = "/tmp"}};
//   gathering.push(finding, line); … gathering.push(incident, line); …
//   gathering.drop_copies(receivers);   // each that stays, in no meaningful order
//   gathering.drain(receivers);         // each again: findings in order of time, then incidents
//
// What has the same id is the same: of several findings the one stays that says most (a finding
// before a near miss, one that is not suppressed before one that is, the higher count, the one with
// its records), of several incidents the one with the most findings; otherwise the one that came
// first. An id is a hash of host, event, rule and object, so this holds over runs and inputs.
//
// Two sorts with the bounds of SpillOptions, one after the other, and a line of NDJSON at a time:
// some 20 MiB in all, whatever there is. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/report/spill.h"

namespace krbtrail::report {

// An Error ends the walk and is handed on.
struct GatheringReceivers {
  std::function<model::Status(model::Finding)> on_finding;
  std::function<model::Status(model::Incident)> on_incident;
};

class Gathering {
 public:
  explicit Gathering(const SpillOptions& spill);
  ~Gathering();
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;
  Gathering(Gathering&&) = delete;
  Gathering& operator=(Gathering&&) = delete;

  // `line` is the NDJSON that NdjsonReader made the object of, and is what is kept.
  [[nodiscard]] model::Status push(const model::Finding& finding, std::string_view line);
  [[nodiscard]] model::Status push(const model::Incident& incident, std::string_view line);

  // Once, after the last push().
  [[nodiscard]] model::Status drop_copies(const GatheringReceivers& receivers);
  // Once, after drop_copies().
  [[nodiscard]] model::Status drain(const GatheringReceivers& receivers);

  // How many were dropped because another had their id.
  [[nodiscard]] std::uint64_t copies() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace krbtrail::report
