// SPDX-License-Identifier: Apache-2.0
//
// Joins records that carry the same (host, time, serial) into events.
//
// Records may arrive late, interleaved or backwards (ausearch prints them that way). No record type
// completes an event; docs/ARCHITECTURE.md, "Why does PROCTITLE not end an event?", has the logs
// that showed why. An event leaves when 5 s of log time and 10,000 lines have passed it, or at
// flush(); before that only if a bound is reached, and then it is counted as displaced. Events
// leave in the order of (time, serial), each once.
//
//   Reassembler reassembler{{}, pool, coverage, [&](const Event& event) { … }};
//   if (!reassembler.push_same(record, block, bytes, hit))      // same stamp as the record before
//     reassembler.push(key, record, block, bytes, hit);
//   reassembler.flush();
//
// A record of an event that has left is Rejection::late. The memory for that is 65,536 events long
// and forgets by hash, so a much later record starts an event of its own. A record whose body its
// event already has is Rejection::duplicate: overlapping copies of a log are read once, whatever
// their node or syslog prefix and whether or not they are enriched.
// Not thread-safe. `pool` and `coverage` must outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "audit/block_pool.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::audit {

struct ReassemblyLimits {
  std::chrono::seconds window{5};       // of log time, by the newest stamp seen
  std::uint64_t lines = 10'000;         // after the event's last record
  std::size_t open_events = 16'384;     // beyond it the first in order leaves early
  std::size_t held_bytes = 20U << 20U;  // in blocks and records of open events; likewise
  std::size_t event_records = 4'096;    // beyond it a record is Rejection::over_limit
  std::size_t event_bytes = 8U << 20U;  // likewise
};

class Reassembler {
 public:
  using Next = std::function<void(const Event&)>;

  Reassembler(ReassemblyLimits limits, BlockPool& pool, model::Coverage& coverage, Next next);

  // Takes a record whose text lies in `block`. `bytes` is the length of its line with prefix and
  // line end; `hit` says that the line holds a literal. True if the record is the first of its
  // event.
  bool push(const EventKey& key, const Record& record, Block* block, std::uint64_t bytes, bool hit);

  // The same for a record with the key of the record pushed last; false if that event has left.
  bool push_same(const Record& record, Block* block, std::uint64_t bytes, bool hit);

  // A line that is no record still lets events grow old.
  void count_line() { ++line_; }

  // Releases every open event.
  void flush();

 private:
  using Slot = std::uint32_t;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  struct OpenEvent {
    EventKey key;
    std::uint64_t hash = 0;
    std::uint64_t last_line = 0;
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    std::size_t body_bytes = 0;
    std::uint32_t execves = 0;
    std::uint32_t syscall = kNone;      // which of the records is the first SYSCALL
    std::optional<SyscallGlance> call;  // read as it comes in, while its bytes are at hand
    bool hit = false;
    std::vector<Record> records;
    std::vector<Block*> blocks;  // each once for a run of records in it
    std::unordered_map<std::uint64_t, std::uint32_t> by_body;  // only of events with many records
  };

  // A place of the table: the event's slot, and enough of its seeded hash to pass over others and
  // to move places without touching the events themselves.
  struct Place {
    Slot slot = kNone;
    std::uint32_t hash = 0;
  };

  [[nodiscard]] std::uint32_t seeded(std::uint64_t hash) const;
  [[nodiscard]] Slot find(const EventKey& key, std::uint64_t hash) const;
  Slot open(const EventKey& key, std::uint64_t hash);
  void close(Slot slot);
  void append(OpenEvent& event, const Record& record, Block* block, std::uint64_t bytes, bool hit);
  [[nodiscard]] static bool is_repeated(OpenEvent& event, const Record& record);

  // Blocks, and what open events remember of their records: a Record, its place among the bodies.
  [[nodiscard]] std::size_t held_bytes() const {
    return pool_.bytes_held() + held_records_ * (sizeof(Record) + 48);
  }
  [[nodiscard]] bool comes_after(Slot left, Slot right) const;
  [[nodiscard]] Slot first_in_order() const;
  void pop_first();
  void release_what_is_due();
  void release_beyond_memory();
  void release_first();
  void index(Slot slot);
  void unindex(Slot slot);

  ReassemblyLimits limits_;
  BlockPool& pool_;
  model::Coverage& coverage_;
  Next next_;

  std::deque<OpenEvent> events_;  // a slab: slots are indices
  std::vector<Slot> free_;
  std::vector<Place> table_;  // open addressing, linear probing, a power of two long
  std::uint64_t seed_;        // of the table's places, so that no log can be made to collide in it
  std::size_t open_ = 0;

  // Events in order: most arrive so and stand in `queue_`; those that do not are in `stragglers_`,
  // a heap with the first on top. The first of all is the lesser of the two fronts.
  std::deque<Slot> queue_;
  std::vector<Slot> stragglers_;

  std::vector<std::uint64_t> released_;  // direct-mapped by hash
  std::size_t held_records_ = 0;
  Slot current_ = kNone;
  std::uint64_t line_ = 0;
  std::int64_t newest_second_ = 0;
};

}  // namespace krbtrail::audit
