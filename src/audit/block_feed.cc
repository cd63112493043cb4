// SPDX-License-Identifier: Apache-2.0
#include "audit/block_feed.h"

#include <system_error>
#include <utility>

namespace krbtrail::audit {

BlockFeed::~BlockFeed() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock{mutex_};
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
    spare_.give_back();
  }
  for (std::size_t number = given_; number <= provided_; ++number) {
    if (slot(number).block != nullptr)
      pool_.let_go(slot(number).block);
  }
}

const ReadBlock& BlockFeed::next() {
  if (!thread_.joinable() && !may_wait_ && spare_.take())
    start_thread();
  if (thread_.joinable())
    wait_for_next();
  else
    read_here();
  if (Block* const done = std::exchange(slot(given_++).block, nullptr); done != nullptr)
    pool_.let_go(done);
  if (thread_.joinable())
    provide();
  return slot(given_);
}

void BlockFeed::start_thread() {
  try {
    thread_ = std::thread{[this] { read_ahead(); }};
    provide();
  } catch (const std::system_error&) {
    may_wait_ = true;  // for good: the machine has none to give
    spare_.give_back();
  }
}

// Gives the thread as many blocks as there are places for.
void BlockFeed::provide() {
  const std::lock_guard lock{mutex_};
  while (provided_ < given_ + kAhead)
    slot(++provided_).block = pool_.take();
  changed_.notify_all();
}

void BlockFeed::read_here() {
  const ReadBlock& before = slot(read_);
  ReadBlock& into = slot(read_ + 1);
  into.block = before.block;
  if (reader_.goes_on_in(before))
    BlockPool::hold(into.block);
  else
    into.block = pool_.take();
  provided_ = ++read_;
  reader_.read(before, into);
}

void BlockFeed::wait_for_next() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return read_ > given_ || failure_; });
  if (read_ == given_)
    std::rethrow_exception(failure_);
}

void BlockFeed::read_ahead() {
  try {
    while (wait_for_room()) {
      ReadBlock& into = slot(read_ + 1);
      reader_.read(slot(read_), into);
      const bool at_end = into.at_end;
      {
        const std::lock_guard lock{mutex_};
        ++read_;
      }
      changed_.notify_all();
      if (at_end)
        return;
    }
  } catch (...) {
    {
      const std::lock_guard lock{mutex_};
      failure_ = std::current_exception();
    }
    changed_.notify_all();
  }
}

bool BlockFeed::wait_for_room() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return read_ < provided_ || stopped_; });
  return !stopped_;
}

}  // namespace krbtrail::audit
