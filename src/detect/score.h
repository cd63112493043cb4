// SPDX-License-Identifier: Apache-2.0
//
// Points: each signal that holds adds its own, and the sum is the severity.
//
//   const Score score = add_up(file_signals(), subject);
//   finding.severity = severity_of(score.points, settings.thresholds);
//
// Of the signals of one group only the first that holds counts: a ticket has one owner.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/settings.h"
#include "krbtrail/model/finding.h"

namespace krbtrail::detect {

template <class Subject>
struct Signal {
  std::string_view group;  // empty: it counts beside all others
  std::string_view name;
  int points = 0;
  bool (*holds)(const Subject&) = nullptr;
  std::string (*reason)(const Subject&) = nullptr;  // plain words
};

struct Score {
  int points = 0;
  std::vector<model::Reason> reasons;  // in the table's order
};

template <class Subject>
[[nodiscard]] Score add_up(std::span<const Signal<Subject>> signals, const Subject& subject) {
  Score score;
  std::string_view counted;  // a group's signals stand together
  for (const Signal<Subject>& signal : signals) {
    const bool is_counted = !signal.group.empty() && signal.group == counted;
    if (is_counted || !signal.holds(subject))
      continue;
    counted = signal.group;
    score.points += signal.points;
    score.reasons.push_back({signal.reason(subject), signal.points});
  }
  score.points = std::clamp(score.points, 0, 100);
  return score;
}

[[nodiscard]] constexpr model::Severity severity_of(int points,
                                                    const SeverityThresholds& thresholds) {
  if (points >= thresholds.critical)
    return model::Severity::critical;
  if (points >= thresholds.high)
    return model::Severity::high;
  if (points >= thresholds.medium)
    return model::Severity::medium;
  return points >= thresholds.low ? model::Severity::low : model::Severity::info;
}

}  // namespace krbtrail::detect
