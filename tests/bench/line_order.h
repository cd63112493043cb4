// SPDX-License-Identifier: Apache-2.0
//
// Puts the records of successive events into the order in which a busy host's log has them.
//
// Most events are written in one piece. Some are cut: their last records come out between those of
// the events after them, so that serials go back by a few. With `reorder`, some events have one
// record that comes up to 2,000 lines late. An event is spread over a few dozen lines at most, not
// counting its late record.
//
//   LineOrder order{shape, random, [&](std::string_view line) { file.write(line); }};
//   order.push(event);
//   order.flush();
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "bench/event_text.h"
#include "bench/log_shape.h"
#include "bench/random.h"

namespace krbtrail::bench {

class LineOrder {
 public:
  using Sink = std::function<void(std::string_view)>;  // one line, with its end

  LineOrder(const LogShape& shape, Random& random, Sink sink);

  void push(const EventText& event);
  void flush();

  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void write(std::string_view line);
  void write_with_company(std::string_view line);
  void write_one_held();
  void write_due();
  void hold(const EventText& event, std::size_t from, std::size_t without);
  [[nodiscard]] std::size_t choose_late_record(const EventText& event);

  std::uint32_t interleave_percent_;
  bool reorder_;
  Random& random_;
  Sink sink_;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
  std::deque<std::deque<std::string>> held_;        // the tails of events that were cut
  std::multimap<std::uint64_t, std::string> late_;  // by the line number at which they are due
};

}  // namespace krbtrail::bench
