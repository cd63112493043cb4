// SPDX-License-Identifier: Apache-2.0
//
// The scan lane: blocks of bytes become records, records become events, and each event is marked as
// one that a rule could want or not. Soundly: an event is irrelevant only if none of its lines
// holds one of the literals (plain or hexadecimal, any case) and no command line in it is spread
// over several EXECVE records.
//
//   ScanLane lane{{}, scanner, hosts, coverage, [&](const Event& event) { … }};
//   lane.scan(inputs);  // the files of one host, merged by time; as often as there are hosts
//
// Every byte read is accounted for in `coverage`, except those of records in the events handed on:
// whoever takes an event adds its `lines` and `bytes` to `used` or `not_needed`.
// Lines end at LF or NUL (a crash leaves holes of NUL bytes); one CR before LF and a UTF-8 byte
// order mark at the start of an input are dropped. A line longer than 65,535 bytes is
// Rejection::too_long: the kernel's records end at 8,970 bytes, an enriched one may be twice that.
// Not thread-safe. Everything handed in must outlive it. Keeps at most ReassemblyLimits::held_bytes
// in open events, and one block an input that is being read, of which there are at most 16. With
// spare threads: of events on their way what four blocks gave, and three blocks more of an input
// that one of them reads.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "krbtrail/audit/event.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::audit {

// One file or stream.
struct LogInput {
  model::InputId input{};
  model::HostId default_host{};  // of records that name no host
  // Of the first record, if known: an input is not opened before the merge has come that far.
  std::optional<model::Timestamp> first_stamp;
  // Fills the buffer from its start; 0 at the end. A failure is the reader's own to report. With
  // spare threads it is called on one of them, one call after the other, until scan() returns.
  std::function<std::size_t(std::span<char>)> read;
  // For somebody who writes: then scan() takes no spare threads, so that a signal which is to end
  // the waiting reaches the one that waits.
  bool may_wait = false;
};

struct ScanOptions {
  std::size_t block_bytes = 256U << 10U;  // read at once; any size from 1 gives the same events
  // Threads beside the caller's. The first takes everything up to whole events, each one more the
  // reading and searching of one input's blocks. The events are the same and come on the caller's
  // thread.
  unsigned spare_threads = 0;
  // Called after each block that was read, on the caller's thread; false ends the input. May be
  // empty.
  std::function<bool()> on_block = {};
  // The input is a stream that auditd writes now: lines are taken as they come, an event leaves at
  // its EOE, or when nothing was added to it for two seconds of tick().
  bool live = false;
};

// What a log says about itself on one host, beside its events; see log_health.h for the rest.
struct LaneNotices {
  std::uint64_t clock_jumps_back = 0;  // stamps more than 5 s older than one read before, per event
  std::uint64_t lost_notices = 0;      // "audit: audit_lost=N" lines of the kernel
  std::uint64_t cut_last_lines = 0;    // inputs that end without a line end
};

class ScanLane {
 public:
  using Next = std::function<void(const Event&)>;

  ScanLane(ScanOptions options, const LiteralScanner& scanner, model::HostNames& hosts,
           model::Coverage& coverage, Next next);
  ~ScanLane();
  ScanLane(const ScanLane&) = delete;
  ScanLane& operator=(const ScanLane&) = delete;
  ScanLane(ScanLane&&) = delete;
  ScanLane& operator=(ScanLane&&) = delete;

  // Reads the inputs to their ends, merged by time, and hands on every event.
  void scan(std::span<LogInput> inputs);

  // Live: what time it is. For LogInput::read to call while it waits; never from within `next`.
  void tick(std::chrono::steady_clock::time_point now);

  // By host id; an id beyond the end has none.
  [[nodiscard]] std::span<const LaneNotices> notices() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace krbtrail::audit
