// SPDX-License-Identifier: Apache-2.0
//
// What `live` has to say to its operator: on standard error, or in the system log where standard
// error leads nowhere, as under auditd. At most 20 lines a minute; what is left out is counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "krbtrail/model/error.h"
#include "krbtrail/report/outlet.h"

namespace krbtrail::cli {

class LiveLog {
 public:
  // `quiet`: errors only. `system_log` is its socket; another one is for tests.
  explicit LiveLog(bool quiet, const std::string& system_log = "/dev/log");

  void error(const model::Error& error);
  void warning(const std::string& message);
  // The words of a life: started, reloaded, ended. In the system log only.
  void note(const std::string& message);
  // Tries again what the system log did not take at once.
  void pump();

 private:
  [[nodiscard]] bool may_speak();
  void write(model::Severity severity, const std::string& text);

  bool quiet_;
  std::unique_ptr<report::Outlet> system_log_;  // null: standard error
  std::chrono::steady_clock::time_point minute_;
  std::uint32_t said_ = 0;  // in this minute
  std::uint64_t left_out_ = 0;
};

}  // namespace krbtrail::cli
