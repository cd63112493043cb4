// SPDX-License-Identifier: Apache-2.0
//
// Which findings are printed: --since, --until, --host, --min-severity, --show-suppressed. It
// filters findings only: records outside the window have fed the process table before. What it
// holds back is counted. No severity hides a near miss or what could not be decided, nor does a
// window a finding whose time the evidence does not tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::cli {

// Letter case aside, as DNS has it.
[[nodiscard]] bool is_same_host(const std::string& one, const std::string& other);

struct FindingFilter {
  std::optional<model::Timestamp> since = {};  // inclusive
  std::optional<model::Timestamp> until = {};  // exclusive
  std::vector<std::string> hosts = {};         // any of them, letter case aside; empty: every host
  model::Severity min_severity = model::Severity::info;
  bool shows_suppressed = false;  // what an exception suppresses is printed, too

  // True unless the finding is of another host or outside the window.
  [[nodiscard]] bool is_asked_for(const model::Finding& finding) const;
  // True if the finding is to be printed: what --rules seed found has no score and one severity,
  // and hiding it would hide the query. Counts it in `summary` either way, by its verdict; what an
  // exception suppresses counts as that alone.
  [[nodiscard]] bool admits(const model::Finding& finding, model::Summary& summary) const;
  // The same of an incident whose findings are not at hand, by what it says itself.
  [[nodiscard]] bool admits(const model::Incident& incident, model::Summary& summary) const;
};

}  // namespace krbtrail::cli
