// SPDX-License-Identifier: Apache-2.0
//
// The reader thread: drains a feed into a LineQueue and listens to signals. It does nothing else,
// because auditd writes to its plugins one after the other and waits for each: a plugin that does
// not read stops all of them, and then the host. While little comes it looks every half millisecond
// and not at each record.
//
//   Intake intake{{.is_plugin = true}, *feed, signals, queue};   // the thread runs
//   if (intake.take_reload_request()) …
//   intake.stop();                                               // the queue is closed, it has
//   ended
//
// SIGHUP is a request to reload. SIGTERM ends the intake; to a plugin only its parent's counts,
// since `systemctl stop auditd` signals the whole group, and auditd calls a plugin that leaves
// before it an unexpected death. SIGINT always counts. After such a signal what auditd has still to
// send is read for `drain`; the end of the feed ends it at once.
//
// Everything handed in must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "krbtrail/input/file_descriptor.h"
#include "krbtrail/live/feed.h"
#include "krbtrail/live/line_queue.h"
#include "krbtrail/live/signals.h"
#include "krbtrail/model/error.h"

namespace krbtrail::live {

struct IntakeOptions {
  bool is_plugin = false;  // the feed ends by itself, and SIGTERM counts from the parent only
  std::chrono::milliseconds drain{500};
};

class Intake {
 public:
  Intake(IntakeOptions options, Feed& feed, const Signals& signals, LineQueue& queue);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  Intake(Intake&&) = delete;
  Intake& operator=(Intake&&) = delete;

  // Ends the thread, if it has not ended.
  void stop();

  // True once for any number of SIGHUPs.
  [[nodiscard]] bool take_reload_request() { return reload_.exchange(false); }
  // When a signal asked it to end; unset if none did.
  [[nodiscard]] std::optional<LineQueue::Instant> stopped_at() const;
  // What the operator should know, since last asked.
  [[nodiscard]] std::vector<model::Error> take_notices();
  // What came was the binary format: nothing of it has been taken.
  [[nodiscard]] bool refused() const { return refused_; }
  // Why the feed cannot be read, if it ended so; it is among the notices as well.
  [[nodiscard]] std::optional<model::Error> failure() const;

 private:
  using Instant = LineQueue::Instant;

  void run();
  [[nodiscard]] bool goes_on(Instant now);
  void wait(Instant now);
  void listen_to_signals(Instant now);
  [[nodiscard]] bool counts_as_stop(const ReceivedSignal& received) const;
  // False at the end of the feed.
  [[nodiscard]] bool read_feed();
  void take(std::string_view bytes);
  void keep(std::string_view part);
  void drop_half_line();
  void note(model::Error error, bool is_the_end);

  IntakeOptions options_;
  Feed& feed_;
  const Signals& signals_;
  LineQueue& queue_;
  pid_t parent_;

  std::vector<char> buffer_;
  std::string half_line_;     // whose end has not come
  bool is_skipping_ = false;  // a line that is too long
  bool is_first_ = true;      // nothing has been taken yet
  std::optional<Instant> drain_until_;
  std::size_t got_ = 0;  // bytes, at the last look

  std::atomic<bool> reload_ = false;
  std::atomic<bool> refused_ = false;
  mutable std::mutex mutex_;
  std::vector<model::Error> notices_;  // guarded, as are the next two
  std::optional<model::Error> failure_;
  std::optional<Instant> stopped_at_;
  input::FileDescriptor stop_read_, stop_write_;  // a byte in it: stop()
  std::thread thread_;
};

}  // namespace krbtrail::live
