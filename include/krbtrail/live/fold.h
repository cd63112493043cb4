// SPDX-License-Identifier: Apache-2.0
//
// Keeps a theft that repeats itself from burying the next one.
//
//   Fold fold{{}};
//   if (fold.admits(finding, now)) write(finding);         // the first leaves at once
//   for (model::Finding& finding : fold.due(now)) write(finding);   // its id again, with `count`
//   for (model::Finding& finding : fold.all()) write(finding);      // at the end
//
// A repeat is a finding of the same rule and severity about the same object, done with the same
// program and command line by the same account. Repeats are counted for `window` from the first one
// on; then the first is told again with `count` set to all of them, itself included.
// Beyond `per_minute` findings of one severity in a minute the rest are dropped and counted: of one
// severity, so that noise cannot silence what is worse. 0: no bound, and no window: no folding.
//
// Time is the monotonic clock's. Bounds: `keys` different findings; beyond them the oldest is told.
// Not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "krbtrail/model/finding.h"

namespace krbtrail::live {

class Fold {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Limits {
    std::chrono::seconds window{60};
    std::uint32_t per_minute = 600;
    std::size_t keys = 1'024;
  };

  explicit Fold(Limits limits) : limits_(limits) {}

  // True if the finding is to be written now.
  [[nodiscard]] bool admits(const model::Finding& finding, Instant now);
  // The findings that were repeated and whose window is over.
  [[nodiscard]] std::vector<model::Finding> due(Instant now);
  [[nodiscard]] std::vector<model::Finding> all();

  [[nodiscard]] std::uint64_t folded() const { return folded_; }
  [[nodiscard]] std::uint64_t limited() const { return limited_; }

 private:
  struct Told {
    std::string key;
    model::Finding finding;  // the first
    Instant until;
  };
  struct Minute {
    Instant since;
    std::uint32_t findings = 0;
  };

  void end_first(std::vector<model::Finding>& ended);
  [[nodiscard]] bool is_within_limit(model::Severity severity, Instant now);

  Limits limits_;
  std::deque<Told> told_;                                  // in the order of `until`
  std::unordered_map<std::string, std::uint64_t> counts_;  // by key
  std::vector<model::Finding> crowded_out_;
  std::array<Minute, 5> minutes_{};  // by severity
  std::uint64_t folded_ = 0;
  std::uint64_t limited_ = 0;
};

}  // namespace krbtrail::live
