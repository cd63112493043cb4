// SPDX-License-Identifier: Apache-2.0
//
// Raw log text as process events and file events: decoder, process table and interpreter in a row.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/interpreter.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/audit/decoder.h"
#include "support/audit_log.h"

namespace krbtrail::test {

struct ActivityOptions {
  std::string_view passwd = {};
  activity::ProcessTable::Limits limits = {};
  activity::FileNames::Wanted wanted = {};         // none: every name
  std::vector<activity::KnownProcess> known = {};  // told before the log begins
  bool push = true;  // false: events are skipped, as those no rule wants
};

// What a log shows, in its order. The events are copies: complete, with `source` null.
class ActivityLog : private activity::ActivitySink {
 public:
  explicit ActivityLog(std::string_view text, ActivityOptions options = {})
      : log_(text),
        accounts_(options.passwd),
        table_(options.limits, accounts_, coverage),
        names_({}, std::move(options.wanted), coverage),
        decoder_(coverage),
        interpreter_(table_, accounts_, names_, *this) {
    for (const activity::KnownProcess& known : options.known)
      table_.know(known);
    for (std::size_t i = 0; i < log_.size(); ++i) {
      const audit::Event event = log_.event(i);
      table_.observe(event);
      if (options.push)
        interpreter_.push(decoder_.decode(event));
      else
        interpreter_.skip(event);
    }
  }

  // The table as it stands at the end of the log.
  [[nodiscard]] activity::ProcessTable& table() { return table_; }
  [[nodiscard]] const activity::FileNames& names() const { return names_; }

  model::Coverage coverage;
  std::vector<activity::ProcessEvent> processes;
  std::vector<activity::FileEvent> files;
  std::vector<activity::CallEvent> calls;

 private:
  void push(const activity::ProcessEvent& event) override {
    processes.push_back(event);
    processes.back().source = nullptr;
  }
  void push(const activity::FileEvent& event) override {
    files.push_back(event);
    files.back().source = nullptr;
  }
  void push(const activity::CallEvent& event) override {
    calls.push_back(event);
    calls.back().source = nullptr;
  }

  AuditLog log_;
  activity::Accounts accounts_;
  activity::ProcessTable table_;
  activity::FileNames names_;
  audit::Decoder decoder_;
  activity::Interpreter interpreter_;
};

}  // namespace krbtrail::test
