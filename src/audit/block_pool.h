// SPDX-License-Identifier: Apache-2.0
//
// The blocks that input is read into. A block lives as long as a reader fills it or an open event
// has a record in it, so that records are never copied on their way through the lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace krbtrail::audit {

struct Block {
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): a vector would write every byte first
  using Bytes = std::unique_ptr<char[]>;

  explicit Block(std::size_t size) : bytes(new char[size]) {}

  Bytes bytes;
  std::uint32_t holders = 0;  // whoever reads it, and each event once
  std::uint32_t events = 0;   // of the holders, open events
};

// Where the records of an event that leaves lie: the block of the last one and those before it.
struct EventBlocks {
  Block* last = nullptr;
  std::span<Block* const> others;
};

// Hands out blocks of one size and takes them back when their last holder lets go.
// Not thread-safe; must outlive its holders.
class BlockPool {
 public:
  explicit BlockPool(std::size_t block_size) : block_size_(block_size) {}

  // With one holder: the caller.
  [[nodiscard]] Block* take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Block>(block_size_));
      free_.push_back(all_.back().get());
    }
    Block* block = free_.back();
    free_.pop_back();
    block->holders = 1;
    return block;
  }

  static void hold(Block* block) { ++block->holders; }
  void let_go(Block* block) {
    if (--block->holders == 0)
      free_.push_back(block);
  }

  // For an open event.
  void hold_for_event(Block* block) {
    with_events_ += block->events++ == 0 ? 1 : 0;
    hold(block);
  }
  void let_go_of_event(Block* block) {
    with_events_ -= --block->events == 0 ? 1 : 0;
    let_go(block);
  }

  [[nodiscard]] std::size_t block_size() const { return block_size_; }
  [[nodiscard]] std::size_t bytes_held() const {
    return (all_.size() - free_.size()) * block_size_;
  }
  // By open events, whoever else holds the blocks: what is read ahead is none of it.
  [[nodiscard]] std::size_t bytes_held_by_events() const { return with_events_ * block_size_; }

 private:
  std::size_t block_size_;
  std::size_t with_events_ = 0;  // blocks
  std::vector<std::unique_ptr<Block>> all_;
  std::vector<Block*> free_;
};

}  // namespace krbtrail::audit
