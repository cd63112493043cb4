// SPDX-License-Identifier: Apache-2.0
//
// Joins records that carry the same (host, time, serial) into events.
//
// Records may arrive late, interleaved or backwards (ausearch prints them that way). No record type
// completes an event; docs/ARCHITECTURE.md, "Why does PROCTITLE not end an event?", has the logs
// that showed why. An event leaves when 5 s of its host's log time and 10,000 lines have passed it,
// or at flush(); before that only if a bound is reached, and then it is counted as displaced. The
// events of a host leave in the order of (time, serial), each once; hosts do not wait for each
// other, because their clocks may differ. The events of a host that fell silent leave when 80,000
// lines have passed them. Of a live stream an event leaves at its EOE, before events that began
// earlier: one task's records come in order, and between tasks nobody can wait for those that were
// lost. See LiveEnding.
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
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "audit/block_pool.h"
#include "audit/event_queue.h"
#include "audit/record_list.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::audit {

// When an event of a live stream ends. auditd sends its plugins an EOE behind each event of several
// records (never to its log); what has none ends when nothing was added to it for `idle`.
struct LiveEnding {
  std::chrono::milliseconds idle{2'000};
};

struct ReassemblyLimits {
  std::chrono::seconds window{5};       // of log time, by the newest stamp of the host
  std::uint64_t lines = 10'000;         // after the event's last record
  std::uint64_t silent_lines = 80'000;  // likewise, where the host's clock stands still
  std::size_t open_events = 8'192;      // beyond it the first in order leaves early
  std::size_t held_bytes = 12U << 20U;  // in blocks and records of open events; likewise
  std::size_t event_records = 4'096;    // beyond it a record is Rejection::over_limit
  std::size_t event_bytes = 8U << 20U;  // likewise
  // Of a live stream: an event leaves at its EOE, whatever its place, and others by tick().
  std::optional<LiveEnding> live = std::nullopt;
};

class Reassembler {
 public:
  // Events come without their `paths`. Whoever keeps the text of one beyond the call holds its
  // blocks.
  using Next = std::function<void(Event&, const EventBlocks&)>;

  Reassembler(ReassemblyLimits limits, BlockPool& pool, model::Coverage& coverage, Next next);

  // Takes a record whose text lies in `block`. `bytes` is the length of its line with prefix and
  // line end; `hit` says that the line holds a literal. True if the record is the first of its
  // event.
  bool push(const EventKey& key, const Record& record, Block* block, std::uint64_t bytes, bool hit);

  // The same for a record with the key of the record pushed last; false if that event has left.
  bool push_same(const Record& record, Block* block, std::uint64_t bytes, bool hit) {
    if (current_ == kNone)
      return false;
    ++line_;
    ++coverage_.records;
    OpenEvent& event = events_[current_];
    if (is_usual(event, record, block))
      add(event, record, bytes, hit);
    else
      append(event, record, block, bytes, hit);
    if (record.type == RecordType::eoe && limits_.live)
      end_current();
    else
      release_beyond_memory();
    return true;
  }

  // A line that is no record still lets events grow old.
  void count_line() { ++line_; }

  // Says what time it is, on a clock that never jumps. Of a live stream the first events of each
  // host leave that got no record for `idle`; an event waits for those before it.
  void tick(std::chrono::steady_clock::time_point now);

  // Releases every open event.
  void flush();

 private:
  using Slot = EventQueue::Slot;
  static constexpr Slot kNone = EventQueue::kNone;

  struct OpenEvent {
    EventKey key;
    std::uint64_t last_line = 0;
    std::chrono::steady_clock::time_point last_heard;  // when its last record came, by tick()
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    std::size_t body_bytes = 0;
    std::uint64_t types = 0;  // of its records: a bit each, by the last six of the number
    EventParts parts;
    bool hit = false;
    std::uint32_t syscall = kNone;      // which of the records is the first SYSCALL
    std::optional<SyscallGlance> call;  // read as it comes in, while its bytes are at hand
    Block* block = nullptr;             // where its last record lies
    RecordList records;
    std::vector<Block*> blocks;  // those before, each once for a run of records in it
    using ByBody = std::unordered_map<std::uint64_t, std::uint32_t>;
    std::unique_ptr<ByBody> by_body;  // only of events with many records
  };

  struct Host {
    EventQueue open;
    EventQueue::Place newest{};  // of all its events so far
    std::int64_t newest_second = 0;
    bool is_active = false;  // in active_: has open events
  };

  [[nodiscard]] Host& host_of(const EventKey& key) {
    return last_host_ != nullptr && key.host == last_host_id_ ? *last_host_ : find_host(key.host);
  }
  [[nodiscard]] Host& find_host(model::HostId id);
  Slot open(Host& host, const EventKey& key);
  void close(Slot slot);
  void append(OpenEvent& event, const Record& record, Block* block, std::uint64_t bytes, bool hit);
  // Whether append() would find nothing to do but add(): most records are one more of their event,
  // of another type than those before them.
  [[nodiscard]] bool is_usual(const OpenEvent& event, const Record& record,
                              const Block* block) const {
    return (event.types & bit_of(record.type)) == 0 && event.block == block &&
           !event.records.is_full() && event.records.size() < limits_.event_records &&
           record.type != RecordType::syscall && record.type != RecordType::execve &&
           record.type != RecordType::eoe &&
           event.body_bytes + record.text.size() <= limits_.event_bytes;
  }
  void add(OpenEvent& event, const Record& record, std::uint64_t bytes, bool hit) {
    event.last_line = line_;
    event.last_heard = now_;
    event.body_bytes += record.text.size();
    event.records.push_back(record);
    ++held_records_;
    event.types |= bit_of(record.type);
    event.parts.count(record.type);
    event.hit = event.hit || hit;
    ++event.lines;
    event.bytes += bytes;
  }
  [[nodiscard]] static std::uint64_t bit_of(RecordType type) {
    return std::uint64_t{1} << (static_cast<unsigned>(type) % 64);
  }
  [[nodiscard]] bool has_left(const EventKey& key) const;
  void reject_late(const Record& record, std::uint64_t bytes);
  [[nodiscard]] static bool is_repeated(OpenEvent& event, const Record& record);

  // Blocks, and what open events remember of their records: a Record, its place among the bodies.
  [[nodiscard]] std::size_t held_bytes() const {
    return pool_.bytes_held_by_events() + held_records_ * (sizeof(Record) + 48);
  }
  void release_what_is_due(Host& host);
  void release_what_fell_silent();
  // Records that join events which are open already take memory too.
  void release_beyond_memory() {
    while (open_ != 0 && held_bytes() > limits_.held_bytes)
      displace_one();
  }
  void displace_one();
  void release_first(Host& host);
  void release(Slot slot);
  void end_current();
  void fetch_next(const Host& host) const;
  [[nodiscard]] const SyscallGlance* call_ahead(const Host& host) const;

  ReassemblyLimits limits_;
  BlockPool& pool_;
  model::Coverage& coverage_;
  Next next_;

  std::vector<OpenEvent> events_;  // a slab: slots are indices
  std::vector<Slot> free_;
  std::size_t open_ = 0;
  std::deque<Host> hosts_;     // by id
  Host* last_host_ = nullptr;  // that was asked for
  model::HostId last_host_id_{};
  std::vector<model::HostId> active_;  // in no order
  std::size_t turn_ = 0;               // whose turn it is in active_

  std::vector<std::uint32_t> released_;  // one half of the hash, in the place the other half names
  std::size_t held_records_ = 0;
  Slot current_ = kNone;
  std::uint64_t line_ = 0;
  std::chrono::steady_clock::time_point now_;
};

}  // namespace krbtrail::audit
