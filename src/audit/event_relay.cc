// SPDX-License-Identifier: Apache-2.0
#include "audit/event_relay.h"

#include <span>
#include <utility>

namespace krbtrail::audit {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::size_t kAhead = 3;  // events, as far as the reassembler's Event::ahead looks

}  // namespace

EventRelay::~EventRelay() {
  for (EventBatch& batch : batches_)
    clear(batch);
}

void EventRelay::push(const Event& event, const EventBlocks& blocks) {
  if (dropping_)
    return;
  EventBatch& batch = filling();
  const auto hold = [&](Block* block) {
    if (!batch.blocks.empty() && batch.blocks.back() == block)
      return;
    batch.blocks.push_back(block);
    BlockPool::hold(block);
  };
  for (Block* block : blocks.others)
    hold(block);
  hold(blocks.last);
  batch.records.insert(batch.records.end(), event.records.begin(), event.records.end());
  batch.syscalls.push_back(event.syscall == nullptr
                               ? kNone
                               : static_cast<std::uint32_t>(event.syscall - event.records.data()));
  batch.events.push_back(event);
}

bool EventRelay::pass_on(std::uint64_t bytes_read, std::vector<std::string> hosts) {
  if (dropping_)
    return false;
  EventBatch& batch = filling();
  batch.bytes_read = bytes_read;
  batch.hosts = std::move(hosts);
  refer(batch);
  {
    std::unique_lock lock{mutex_};
    ++passed_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return passed_ - done_ < kBatches || stopped_; });
    dropping_ = stopped_;
  }
  if (!dropping_)
    clear(filling());
  return !dropping_;
}

void EventRelay::end(std::exception_ptr failure) {
  {
    const std::lock_guard lock{mutex_};
    failure_ = std::move(failure);
    ended_ = true;
  }
  changed_.notify_all();
}

EventBatch* EventRelay::take() {
  std::unique_lock lock{mutex_};
  if (done_ < taken_) {
    done_ = taken_;
    changed_.notify_all();
  }
  changed_.wait(lock, [this] { return taken_ < passed_ || ended_; });
  if (taken_ < passed_)
    return &batches_[taken_++ % kBatches];
  if (failure_)
    std::rethrow_exception(failure_);
  return nullptr;
}

void EventRelay::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
}

// Once nothing is added any more, what the events refer to stays where it is.
void EventRelay::refer(EventBatch& batch) {
  std::size_t record = 0;
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    Event& event = batch.events[i];
    event.records = std::span{batch.records}.subspan(record, event.records.size());
    event.syscall = batch.syscalls[i] == kNone ? nullptr : &event.records[batch.syscalls[i]];
    const bool is_ahead = i + kAhead < batch.events.size() && batch.events[i + kAhead].call;
    event.ahead = is_ahead ? &*batch.events[i + kAhead].call : nullptr;
    record += event.records.size();
  }
}

void EventRelay::clear(EventBatch& batch) {
  for (Block* block : batch.blocks)
    pool_.let_go(block);
  batch.events.clear();
  batch.records.clear();
  batch.blocks.clear();
  batch.syscalls.clear();
  batch.hosts.clear();
}

}  // namespace krbtrail::audit
