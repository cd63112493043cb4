// SPDX-License-Identifier: Apache-2.0
//
// All outlets of a `live` run as one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/configuration.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/heartbeat.h"
#include "krbtrail/report/outlet.h"

namespace krbtrail::cli {

class LiveOutputs {
 public:
  // Standard output where there are no targets.
  explicit LiveOutputs(const std::vector<OutputTarget>& targets);

  void push(const report::OutletLine& line);
  void pump();
  [[nodiscard]] bool is_idle() const;
  void give_up();

  // Nothing of what is pushed comes anywhere: standard output is /dev/null.
  [[nodiscard]] bool leads_nowhere() const { return leads_nowhere_; }
  [[nodiscard]] bool has_lost() const;
  [[nodiscard]] std::vector<model::OutputCounts> counts() const;
  [[nodiscard]] std::vector<model::Error> take_problems();

 private:
  std::vector<std::unique_ptr<report::Outlet>> outlets_;
  bool leads_nowhere_ = false;
};

}  // namespace krbtrail::cli
