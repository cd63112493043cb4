// SPDX-License-Identifier: Apache-2.0
//
// What stands between the thread that drains auditd and the one that works: a bounded queue of
// bytes.
//
//   LineQueue queue{16U << 20U};
//   queue.push("type=EOE msg=audit(1.000:7): \n");     // reader: whole lines, never waits
//   queue.pop(buffer, deadline);                        // worker
//   queue.close();                                      // reader: nothing more comes
//
// What does not fit is dropped whole, so that no line is ever joined to the half of another, and
// counted. For one pushing and one popping thread; the counts may be read by either.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace krbtrail::live {

class LineQueue {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  struct Counts {
    std::uint64_t lines = 0;  // taken in
    std::uint64_t bytes = 0;
    std::uint64_t dropped_lines = 0;  // for which there was no room
    std::uint64_t dropped_bytes = 0;
    std::size_t high_water = 0;  // the most bytes that ever waited
  };

  struct Taken {
    std::size_t bytes = 0;
    bool ended = false;  // closed, and nothing is left
  };

  explicit LineQueue(std::size_t capacity);

  void push(std::string_view lines);
  // Counts lines that never came as far as push(), such as one without an end.
  void count_dropped(std::uint64_t lines, std::uint64_t bytes);
  void close();
  // Makes a pop() that waits return with nothing.
  void wake();

  // Fills the buffer from its start, not necessarily up to the end of a line. Waits for the first
  // byte until `deadline`.
  [[nodiscard]] Taken pop(std::span<char> buffer, Instant deadline);
  // Counts what waits still as dropped and empties the queue.
  void drop_rest();

  [[nodiscard]] Counts counts() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<char> ring_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
  bool closed_ = false;
  bool woken_ = false;
  Counts counts_;
};

}  // namespace krbtrail::live
