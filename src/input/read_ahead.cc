// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/read_ahead.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace krbtrail::input {
namespace {

constexpr std::size_t kBlocks = 4;
constexpr std::size_t kBlockSize = std::size_t{256} << 10U;

struct Block {
  std::vector<char> bytes = std::vector<char>(kBlockSize);
  std::size_t size = 0;
};

// One thread fills blocks, one empties them, in turn round the ring; `filled_` of them wait.
class ReadAheadSource final : public ByteSource {
 public:
  explicit ReadAheadSource(ByteSource& source) : source_(source), name_(source.name()) {}
  ReadAheadSource(const ReadAheadSource&) = delete;
  ReadAheadSource& operator=(const ReadAheadSource&) = delete;
  ReadAheadSource(ReadAheadSource&&) = delete;
  ReadAheadSource& operator=(ReadAheadSource&&) = delete;
  ~ReadAheadSource() override {
    {
      const std::lock_guard lock{mutex_};
      stopped_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
      thread_.join();
  }

  // Takes `source`, which the constructor got, over if the thread could be started.
  bool start(std::unique_ptr<ByteSource>& source) {
    try {
      thread_ = std::thread{[this] { fill_blocks(); }};
    } catch (const std::system_error&) {
      return false;
    }
    owned_ = std::move(source);
    return true;
  }

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override {
    if (place_ == available_ && !take_next_block()) {
      if (failure_)
        return *failure_;
      return std::size_t{0};
    }
    const std::size_t count = std::min(buffer.size(), available_ - place_);
    std::memcpy(buffer.data(), blocks_[emptying_].bytes.data() + place_, count);
    place_ += count;
    return count;
  }

 private:
  // Gives the block that is empty now back and waits for the next; false at the end.
  bool take_next_block() {
    std::unique_lock lock{mutex_};
    if (available_ > 0) {
      emptying_ = (emptying_ + 1) % kBlocks;
      --filled_;
      available_ = 0;
      place_ = 0;
      changed_.notify_all();
    }
    changed_.wait(lock, [this] { return filled_ > 0 || ended_; });
    if (filled_ == 0)
      return false;
    available_ = blocks_[emptying_].size;
    return true;
  }

  void fill_blocks() {
    for (std::size_t filling = 0; wait_for_room(); filling = (filling + 1) % kBlocks) {
      Block& block = blocks_[filling];
      model::Result<std::size_t> got = source_.read(block.bytes);
      const std::lock_guard lock{mutex_};
      if (!got || *got == 0) {
        if (!got)
          failure_ = got.error();
        ended_ = true;
        changed_.notify_all();
        return;
      }
      block.size = *got;
      ++filled_;
      changed_.notify_all();
    }
  }

  bool wait_for_room() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return filled_ < kBlocks || stopped_; });
    return !stopped_;
  }

  // Of the thread that fills.
  ByteSource& source_;
  std::unique_ptr<ByteSource> owned_;

  // Shared, under mutex_; a block belongs to the filler until it is counted in filled_, then to the
  // emptier until it is given back.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Block, kBlocks> blocks_;
  std::size_t filled_ = 0;
  bool ended_ = false;
  bool stopped_ = false;
  std::optional<model::Error> failure_;  // set before ended_, read after it

  // Of the thread that empties.
  std::string name_;
  std::size_t emptying_ = 0;
  std::size_t available_ = 0;  // bytes of the block that is being emptied; 0 if there is none
  std::size_t place_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  auto ahead = std::make_unique<ReadAheadSource>(*source);
  if (!ahead->start(source))
    return source;
  return ahead;
}

}  // namespace krbtrail::input
