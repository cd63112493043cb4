// SPDX-License-Identifier: Apache-2.0
#include "bench/line_order.h"

#include <utility>

namespace krbtrail::bench {
namespace {

constexpr std::size_t kMostHeld = 8;
constexpr std::uint32_t kLatestBy = 2'000;
constexpr std::uint32_t kLatePercent = 1;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

LineOrder::LineOrder(const LogShape& shape, Random& random, Sink sink)
    : interleave_percent_{shape.interleave_percent},
      reorder_{shape.reorder},
      random_{random},
      sink_{std::move(sink)} {}

void LineOrder::push(const EventText& event) {
  const std::size_t late = choose_late_record(event);
  std::size_t cut = event.size();
  if (event.size() > 1 && random_.percent(interleave_percent_))
    cut = 1 + random_.below(static_cast<std::uint32_t>(event.size() - 1));
  for (std::size_t index = 0; index < cut; ++index) {
    if (index != late)
      write_with_company(event.record(index));
  }
  if (cut < event.size())
    hold(event, cut, late);
  while (held_.size() > kMostHeld)
    write_one_held();
}

void LineOrder::flush() {
  while (!held_.empty())
    write_one_held();
  for (const auto& [due, line] : std::exchange(late_, {}))
    write(line);
}

std::size_t LineOrder::choose_late_record(const EventText& event) {
  if (!reorder_ || event.size() < 2 || !random_.percent(kLatePercent))
    return kNone;
  const std::size_t index = random_.below(static_cast<std::uint32_t>(event.size()));
  const std::uint64_t due = lines_ + 1 + random_.below(kLatestBy);
  late_.emplace(due, event.record(index));
  return index;
}

void LineOrder::hold(const EventText& event, std::size_t from, std::size_t without) {
  std::deque<std::string> tail;
  for (std::size_t index = from; index < event.size(); ++index) {
    if (index != without)
      tail.emplace_back(event.record(index));
  }
  if (!tail.empty())
    held_.push_back(std::move(tail));
}

void LineOrder::write_with_company(std::string_view line) {
  write(line);
  if (!held_.empty() && random_.percent(50))
    write_one_held();
}

void LineOrder::write_one_held() {
  std::deque<std::string>& oldest = held_.front();
  write(oldest.front());
  oldest.pop_front();
  if (oldest.empty())
    held_.pop_front();
}

void LineOrder::write(std::string_view line) {
  sink_(line);
  ++lines_;
  bytes_ += line.size();
  write_due();
}

void LineOrder::write_due() {
  while (!late_.empty() && late_.begin()->first <= lines_) {
    const auto node = late_.extract(late_.begin());
    sink_(node.mapped());
    ++lines_;
    bytes_ += node.mapped().size();
  }
}

}  // namespace krbtrail::bench
