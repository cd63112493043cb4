// SPDX-License-Identifier: Apache-2.0
#include "cli/live_log.h"

#include <utility>

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cli/configuration.h"
#include "cli/messages.h"
#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

constexpr std::uint32_t kMostAMinute = 20;
const dev_t kNullDevice = makedev(1, 3);  // Documentation/admin-guide/devices.txt

// Closed, or /dev/null as auditd leaves it.
bool leads_nowhere(int descriptor) {
  struct stat facts {};
  return fstat(descriptor, &facts) != 0 || (S_ISCHR(facts.st_mode) && facts.st_rdev == kNullDevice);
}

}  // namespace

LiveLog::LiveLog(bool quiet, const std::string& system_log) : quiet_(quiet) {
  if (leads_nowhere(STDERR_FILENO))
    system_log_ = report::outlet_to_syslog(facility_number("daemon"), "the system log", system_log);
}

void LiveLog::error(const model::Error& error) {
  if (!may_speak())
    return;
  if (!system_log_) {
    print_error(error);
    return;
  }
  write(model::Severity::high, "error: " + error.message);
  if (!error.hint.empty())
    write(model::Severity::high, "hint: " + error.hint);
}

void LiveLog::warning(const std::string& message) {
  if (quiet_ || !may_speak())
    return;
  if (system_log_)
    write(model::Severity::medium, "warning: " + message);
  else
    print_warning(message);
}

void LiveLog::note(const std::string& message) {
  if (system_log_ && may_speak())
    write(model::Severity::info, message);
}

void LiveLog::pump() {
  if (system_log_)
    system_log_->pump();
}

bool LiveLog::may_speak() {
  const auto now = std::chrono::steady_clock::now();
  if (now - minute_ >= std::chrono::minutes{1}) {
    minute_ = now;
    said_ = 0;
    if (const std::uint64_t left_out = std::exchange(left_out_, 0); left_out != 0)
      warning(std::to_string(left_out) + " messages were left out");
  }
  if (said_ < kMostAMinute) {
    ++said_;
    return true;
  }
  ++left_out_;
  return false;
}

void LiveLog::write(model::Severity severity, const std::string& text) {
  system_log_->push({.text = report::escape_terminal(text), .severity = severity});
}

}  // namespace krbtrail::cli
