// SPDX-License-Identifier: Apache-2.0
//
// Events on their way from the thread that joins them to the one that judges them, in batches and
// in their order.
//
//   EventRelay relay{pool};
//   // the thread that joins                       // the thread that judges
//   relay.push(event, blocks);                     while (EventBatch* batch = relay.take())
//   if (!relay.pass_on(bytes, hosts)) …              for (Event& event : batch->events) …
//   relay.end();                                   relay.stop();  // early, or not at all
//
// A batch holds the blocks in which its records lie; only the thread that joins touches the pool,
// and so it lets go of them when the batch comes back. Bounded: kBatches batches, each of what left
// while one block was read, or of kMostRecords records and one event more.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <vector>

#include "audit/block_pool.h"
#include "krbtrail/audit/event.h"

namespace krbtrail::audit {

struct EventBatch {
  std::vector<Event> events;  // whose records stand below; without their paths
  std::vector<Record> records;
  std::vector<Block*> blocks;
  std::vector<std::uint32_t> syscalls;  // of each event, its place among the event's records
  std::vector<std::string> hosts;       // named first since the batch before, in their order
  std::uint64_t bytes_read = 0;         // since then
};

class EventRelay {
 public:
  static constexpr std::size_t kBatches = 4;
  static constexpr std::size_t kMostRecords = 8'192;

  // `pool` must outlive it.
  explicit EventRelay(BlockPool& pool) : pool_(pool) {}
  // Both threads are done with it.
  ~EventRelay();
  EventRelay(const EventRelay&) = delete;
  EventRelay& operator=(const EventRelay&) = delete;
  EventRelay(EventRelay&&) = delete;
  EventRelay& operator=(EventRelay&&) = delete;

  // Of the thread that joins. What `event` refers to is copied, but for the text, which lies in
  // `blocks`.
  void push(const Event& event, const EventBlocks& blocks);
  // Whether it is time to pass on what was pushed, with the hosts that it names.
  [[nodiscard]] bool is_full() { return filling().records.size() >= kMostRecords; }
  // What has been read since the last call: bytes, and the names of hosts that are new. Waits for
  // room. False once nobody wants more.
  bool pass_on(std::uint64_t bytes_read, std::vector<std::string> hosts);
  // Nothing follows; if not null, because of `failure`.
  void end(std::exception_ptr failure = nullptr);

  // Of the thread that judges. The next batch, valid until the next call; nullptr at the end.
  // Throws what end() was given, in the place of the batch that was being filled then.
  [[nodiscard]] EventBatch* take();
  // No more is wanted: what is pushed from now on is dropped.
  void stop();

 private:
  [[nodiscard]] EventBatch& filling() { return batches_[passed_ % kBatches]; }
  static void refer(EventBatch& batch);
  void clear(EventBatch& batch);

  BlockPool& pool_;
  bool dropping_ = false;  // of the thread that joins

  // A batch belongs to the thread that joins until it is passed on, and again when it is done.
  std::array<EventBatch, kBatches> batches_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t passed_ = 0;  // batches that were passed on
  std::size_t taken_ = 0;   // of these, taken
  std::size_t done_ = 0;    // of these, done with
  bool ended_ = false;
  bool stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace krbtrail::audit
