// SPDX-License-Identifier: Apache-2.0
//
// The open events of one host, in the order of (time, serial).
//
//   EventQueue queue;
//   if (queue.find(place_of(key)) == EventQueue::kNone)
//     queue.insert(place_of(key), slot);
//   queue.pop_front();
//
// Events begin nearly in their order, and a record that comes late belongs to an event that began
// shortly before. So they stand sorted in a ring, and a search walks back from the newest in
// doubling steps: no hash, which a log could be written to make collide, and no line of memory that
// was not touched a moment ago. An event that begins far out of order stands beside the ring in a
// tree. Not thread-safe.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "krbtrail/audit/event.h"

namespace krbtrail::audit {

class EventQueue {
 public:
  using Slot = std::uint32_t;  // the caller's name for an event
  static constexpr Slot kNone = 0xFFFFFFFF;

  // What orders the events of a host.
  struct Place {
    std::int64_t milliseconds = 0;
    std::uint32_t serial = 0;

    auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): its own 0
  };
  [[nodiscard]] static Place place_of(const EventKey& key) {
    return {.milliseconds = key.seconds * 1000 + key.milliseconds, .serial = key.serial};
  }

  [[nodiscard]] bool empty() const { return size_ == 0 && stragglers_.empty(); }

  [[nodiscard]] Slot find(const Place& place) const {
    const std::size_t at = first_not_before(place);
    if (at < size_ && ring_at(at).place == place)
      return ring_at(at).slot;
    if (stragglers_.empty())
      return kNone;
    const auto found = stragglers_.find(place);
    return found == stragglers_.end() ? kNone : found->second;
  }

  // A place that is not in it.
  void insert(const Place& place, Slot slot) {
    const std::size_t at = first_not_before(place);
    if (size_ - at > kLongestShift) {
      stragglers_.emplace(place, slot);
      return;
    }
    if (size_ == ring_.size())
      grow();
    for (std::size_t i = size_; i > at; --i)
      ring_at(i) = ring_at(i - 1);
    ring_at(at) = {.place = place, .slot = slot};
    ++size_;
  }

  // Of the event that is likely to come `ahead` places behind the first; kNone if there is none.
  [[nodiscard]] Slot peek(std::size_t ahead) const {
    return ahead < size_ ? ring_at(ahead).slot : kNone;
  }

  // Of a queue that is not empty.
  [[nodiscard]] Slot front() const {
    return straggler_first() ? stragglers_.begin()->second : ring_at(0).slot;
  }
  [[nodiscard]] Place front_place() const {
    return straggler_first() ? stragglers_.begin()->first : ring_at(0).place;
  }
  void pop_front() {
    if (straggler_first()) {
      stragglers_.erase(stragglers_.begin());
      return;
    }
    head_ = (head_ + 1) & (ring_.size() - 1);
    --size_;
  }

  // A place that is in it.
  void erase(const Place& place) {
    if (stragglers_.erase(place) != 0)
      return;
    for (std::size_t i = first_not_before(place); i + 1 < size_; ++i)
      ring_at(i) = ring_at(i + 1);
    --size_;
  }

 private:
  static constexpr std::size_t kLongestShift = 64;

  struct Waiting {
    Place place;
    Slot slot = kNone;
  };

  [[nodiscard]] Waiting& ring_at(std::size_t index) {
    return ring_[(head_ + index) & (ring_.size() - 1)];
  }
  [[nodiscard]] const Waiting& ring_at(std::size_t index) const {
    return ring_[(head_ + index) & (ring_.size() - 1)];
  }

  [[nodiscard]] bool straggler_first() const {
    return !stragglers_.empty() && (size_ == 0 || stragglers_.begin()->first < ring_at(0).place);
  }

  // The index in the ring of the first event that is `place` or comes after it; size_ if none does.
  [[nodiscard]] std::size_t first_not_before(const Place& place) const {
    std::size_t end = size_;
    std::size_t step = 1;
    while (end >= step && place <= ring_at(end - step).place) {
      end -= step;
      step *= 2;
    }
    std::size_t begin = end >= step ? end - step + 1 : 0;
    while (begin < end) {
      const std::size_t middle = begin + (end - begin) / 2;
      if (ring_at(middle).place < place)
        begin = middle + 1;
      else
        end = middle;
    }
    return begin;
  }

  void grow() {
    std::vector<Waiting> longer(ring_.empty() ? 8 : ring_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i)
      longer[i] = ring_at(i);
    ring_.swap(longer);
    head_ = 0;
  }

  std::vector<Waiting> ring_;  // a power of two long
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::map<Place, Slot> stragglers_;
};

}  // namespace krbtrail::audit
