// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/line_queue.h"

#include <algorithm>

namespace krbtrail::live {
namespace {

std::uint64_t lines_in(std::span<const char> bytes) {
  return static_cast<std::uint64_t>(std::ranges::count(bytes, '\n'));
}

}  // namespace

LineQueue::LineQueue(std::size_t capacity) : ring_(std::max<std::size_t>(capacity, 1)) {}

void LineQueue::push(std::string_view lines) {
  const std::uint64_t count = lines_in(lines);
  const std::scoped_lock lock{mutex_};
  if (lines.size() > ring_.size() - size_) {
    counts_.dropped_lines += count;
    counts_.dropped_bytes += lines.size();
    return;
  }
  const std::size_t end = (begin_ + size_) % ring_.size();
  const std::size_t straight = std::min(lines.size(), ring_.size() - end);
  std::copy_n(lines.begin(), straight, ring_.begin() + static_cast<std::ptrdiff_t>(end));
  std::ranges::copy(lines.substr(straight), ring_.begin());
  size_ += lines.size();
  counts_.lines += count;
  counts_.bytes += lines.size();
  counts_.high_water = std::max(counts_.high_water, size_);
  changed_.notify_one();
}

void LineQueue::count_dropped(std::uint64_t lines, std::uint64_t bytes) {
  const std::scoped_lock lock{mutex_};
  counts_.dropped_lines += lines;
  counts_.dropped_bytes += bytes;
}

void LineQueue::close() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  changed_.notify_one();
}

void LineQueue::wake() {
  const std::scoped_lock lock{mutex_};
  woken_ = true;
  changed_.notify_one();
}

LineQueue::Taken LineQueue::pop(std::span<char> buffer, Instant deadline) {
  std::unique_lock lock{mutex_};
  changed_.wait_until(lock, deadline, [&] { return size_ != 0 || closed_ || woken_; });
  woken_ = false;
  const std::size_t size = std::min(buffer.size(), size_);
  const std::size_t straight = std::min(size, ring_.size() - begin_);
  const auto from = ring_.begin() + static_cast<std::ptrdiff_t>(begin_);
  std::copy_n(from, straight, buffer.begin());
  std::copy_n(ring_.begin(), size - straight, buffer.subspan(straight).begin());
  begin_ = (begin_ + size) % ring_.size();
  size_ -= size;
  return {.bytes = size, .ended = size == 0 && closed_};
}

void LineQueue::drop_rest() {
  const std::scoped_lock lock{mutex_};
  const std::size_t straight = std::min(size_, ring_.size() - begin_);
  counts_.dropped_lines += lines_in(std::span{ring_}.subspan(begin_, straight)) +
                           lines_in(std::span{ring_}.first(size_ - straight));
  counts_.dropped_bytes += size_;
  size_ = 0;
}

LineQueue::Counts LineQueue::counts() const {
  const std::scoped_lock lock{mutex_};
  return counts_;
}

}  // namespace krbtrail::live
