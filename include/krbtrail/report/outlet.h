// SPDX-License-Identifier: Apache-2.0
//
// Where the lines of `live` go, one at a time: a file, the system log, a socket, a program. Whoever
// writes must not wait, because auditd waits for it: what a target does not take now is held back
// and tried again, and what cannot be held is counted as lost.
//
//   std::unique_ptr<Outlet> outlet = outlet_to_file("/var/log/krbtrail/findings.ndjson");
//   outlet->push({.text = json_line(finding), .severity = finding.severity});
//   outlet->pump();                 // now and then
//   outlet->counts().lost           // nothing is lost without being counted
//
// A line is handed on whole or, where its target went away half-way, again: at least once.
// Held back are at most 10,000 lines of 8 MiB in all. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/heartbeat.h"

namespace krbtrail::report {

struct OutletLine {
  std::string text;  // without a line end
  std::optional<model::Severity> severity = std::nullopt;
  // A heartbeat: not worth being held back, and nothing for a program that is run on findings.
  bool is_status = false;
};

class Outlet {
 public:
  explicit Outlet(std::string name);
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  Outlet(Outlet&&) = delete;
  Outlet& operator=(Outlet&&) = delete;
  virtual ~Outlet() = default;

  void push(OutletLine line);
  // Tries what is held back.
  void pump();
  [[nodiscard]] bool is_idle() const { return waiting_.empty() && !is_busy(); }
  // Counts what is held back as lost. The end.
  void give_up();

  [[nodiscard]] const model::OutputCounts& counts() const { return counts_; }
  // What went wrong since last asked, each kind once until something is written again.
  [[nodiscard]] std::vector<model::Error> take_problems();

 protected:
  // Hands on `text` from `done` on, without waiting, and moves `done`: at its end the line has
  // left. 0 to let the caller stop here (nothing more is taken now) or errno.
  [[nodiscard]] virtual int try_line(const OutletLine& line, std::size_t& done) = 0;
  // Whether something that was handed on is still under way.
  [[nodiscard]] virtual bool is_busy() const { return false; }
  // Whether it wants heartbeats.
  [[nodiscard]] virtual bool takes_status() const { return true; }
  // What is to be done in each pump(), line or no line.
  virtual void tend() {}

  void say(const std::string& what);
  void count_lost() { ++counts_.lost; }

 private:
  void drop(const OutletLine& line);

  model::OutputCounts counts_;
  std::deque<OutletLine> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t done_ = 0;  // of the first of them
  std::vector<model::Error> problems_;
  std::string said_;  // the problem said last, until something is written
};

// An open descriptor that stays the caller's: standard output.
[[nodiscard]] std::unique_ptr<Outlet> outlet_to_descriptor(int descriptor, std::string name);

// Appends to a file with mode 0600, opened again when the name has come to be another one
// (rotation). Half a line that stands at its end is ended first. A FIFO or a device is written to
// as it is.
[[nodiscard]] std::unique_ptr<Outlet> outlet_to_file(const std::string& path);

// One datagram a line to the system log's socket, RFC 3164's "<PRI>krbtrail[PID]: LINE" as
// syslog(3) writes it. `facility` is its number (LOG_AUTHPRIV is 10).
[[nodiscard]] std::unique_ptr<Outlet> outlet_to_syslog(int facility, std::string name,
                                                       const std::string& socket = "/dev/log");

// A UNIX socket that somebody listens on, stream or datagram; connects again where it is gone.
[[nodiscard]] std::unique_ptr<Outlet> outlet_to_socket(const std::string& path);

// Starts `program` for each finding, with the line on its standard input, no argument and no shell.
// Four at a time; one that runs longer than 30 s is killed. An exit status other than 0 counts as
// lost.
[[nodiscard]] std::unique_ptr<Outlet> outlet_to_command(const std::string& program);

}  // namespace krbtrail::report
