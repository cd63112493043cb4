// SPDX-License-Identifier: Apache-2.0
//
// The blocks of one input in their order, read and looked at ahead on a thread of their own where
// one is free; else each when it is asked for. Which of both changes nothing but the time.
//
//   SpareThreads spare{1};
//   BlockFeed feed{input, options, pool, scanner, spare};
//   do { const ReadBlock& block = feed.next(); … } while (!block.at_end);
//
// At most kAhead blocks are ahead of the one that is looked at. What goes wrong on the thread
// (memory) is thrown by next(). Everything handed in must outlive it; used by one thread, which
// alone touches the pool.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>

#include "audit/block_pool.h"
#include "audit/block_reader.h"

namespace krbtrail::audit {

// Threads that may still be started.
class SpareThreads {
 public:
  explicit SpareThreads(unsigned count) : count_(count) {}

  [[nodiscard]] bool take() {
    if (count_ == 0)
      return false;
    --count_;
    return true;
  }
  void give_back() { ++count_; }

 private:
  unsigned count_;
};

class BlockFeed {
 public:
  static constexpr std::size_t kAhead = 3;

  BlockFeed(LogInput& input, const ScanOptions& options, BlockPool& pool,
            const LiteralScanner& scanner, SpareThreads& spare)
      : reader_(input, options, scanner), pool_(pool), spare_(spare), may_wait_(input.may_wait) {}
  ~BlockFeed();
  BlockFeed(const BlockFeed&) = delete;
  BlockFeed& operator=(const BlockFeed&) = delete;
  BlockFeed(BlockFeed&&) = delete;
  BlockFeed& operator=(BlockFeed&&) = delete;

  // Never after the block at the end. What was given before is no longer held, unless a live stream
  // goes on in it.
  [[nodiscard]] const ReadBlock& next();

 private:
  static constexpr std::size_t kSlots = kAhead + 1;  // and the one that was given out

  [[nodiscard]] ReadBlock& slot(std::size_t number) { return slots_[number % kSlots]; }
  void start_thread();
  void provide();
  void read_here();
  void wait_for_next();
  void read_ahead();
  [[nodiscard]] bool wait_for_room();

  BlockReader reader_;
  BlockPool& pool_;
  SpareThreads& spare_;
  bool may_wait_;

  // A block is the thread's from when it is provided until it is read. Slot 0 is what stands before
  // the first block, and has none.
  std::array<ReadBlock, kSlots> slots_;
  std::size_t given_ = 0;  // the slot that was given out last

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t provided_ = 0;  // likewise, that has a block to read into
  std::size_t read_ = 0;      // likewise, that has been read
  bool stopped_ = false;
  std::exception_ptr failure_;

  std::thread thread_;
};

}  // namespace krbtrail::audit
