// SPDX-License-Identifier: Apache-2.0
#include "bench/generated_log.h"

#include <bit>
#include <chrono>
#include <string>
#include <vector>

#include "bench/background.h"
#include "bench/event_text.h"
#include "bench/host.h"
#include "bench/line_order.h"
#include "bench/planted.h"
#include "bench/random.h"

namespace krbtrail::bench {
namespace {

using std::chrono::microseconds;

constexpr microseconds kStart = std::chrono::seconds{1'700'000'000};
constexpr std::size_t kBlock = std::size_t{1} << 20U;

// Time between events: nearly exponential, in integers, because the logarithm of the C library is
// not the same everywhere. The number of leading zeros of a random number is the whole part of its
// negative binary logarithm; the bits behind the first one give the fraction.
class Clock {
 public:
  explicit Clock(std::uint32_t events_per_second) : mean_{1'000'000'000U / events_per_second} {}

  microseconds next(Random& random) {
    const std::uint64_t bits = random.next() | 1U;
    const auto zeros = static_cast<std::uint32_t>(std::countl_zero(bits));
    const std::uint64_t rest = bits << zeros << 1U;  // the leading one is shifted out
    const std::uint64_t whole = std::uint64_t{zeros} << kFraction;
    const std::uint64_t draw = whole + (1U << kFraction) - (rest >> (64U - kFraction));
    now_ += mean_ * draw / kMeanDraw;
    return kStart + microseconds{now_ / 1'000};
  }

 private:
  static constexpr std::uint32_t kFraction = 16;                                   // bits
  static constexpr std::uint64_t kMeanDraw = std::uint64_t{3} << (kFraction - 1);  // 1 + 1/2

  std::uint64_t mean_;  // nanoseconds
  std::uint64_t now_ = 0;
};

std::vector<Host> make_hosts(const LogShape& shape, Random& random) {
  std::vector<Host> hosts;
  if (shape.hosts == 1) {
    hosts.emplace_back(shape.node.empty() ? "" : "node=" + shape.node + " ", random);
    return hosts;
  }
  const std::string name = shape.node.empty() ? "host" : shape.node;
  for (std::uint32_t number = 1; number <= shape.hosts; ++number)
    hosts.emplace_back("node=" + name + "-" + std::to_string(number) + " ", random);
  return hosts;
}

// Lines in blocks, so that the sink is called a thousand times a gibibyte.
class Blocks {
 public:
  explicit Blocks(const std::function<bool(std::string_view)>& sink) : sink_{sink} {
    block_.reserve(2 * kBlock);
  }

  void append(std::string_view line) {
    block_ += line;
    if (block_.size() >= kBlock)
      flush();
  }

  void flush() {
    wanted_ = wanted_ && sink_(block_);
    block_.clear();
  }

  [[nodiscard]] bool wanted() const { return wanted_; }

 private:
  const std::function<bool(std::string_view)>& sink_;
  std::string block_;
  bool wanted_ = true;
};

class Generator {
 public:
  Generator(const LogShape& shape, std::ostream* truth)
      : shape_{shape},
        random_{shape.seed},
        clock_{shape.density},
        hosts_{make_hosts(shape, random_)},
        event_{{.enriched = shape.enriched, .proctitle = shape.proctitle}},
        planter_{truth} {}

  LogTotals run(const std::function<bool(std::string_view)>& sink) {
    Blocks blocks{sink};
    LineOrder order{shape_, random_, [&](std::string_view line) { blocks.append(line); }};
    while (order.bytes() < shape_.bytes && blocks.wanted()) {
      write_event();
      order.push(event_);
    }
    order.flush();
    blocks.flush();
    totals_.bytes = order.bytes();
    totals_.records = order.lines();
    totals_.thefts = planter_.thefts();
    totals_.look_alikes = planter_.look_alikes();
    return totals_;
  }

 private:
  void write_event() {
    Host& host = hosts_[random_.below(static_cast<std::uint32_t>(hosts_.size()))];
    event_.start(host.node(), host.next_stamp(clock_.next(random_)));
    ++totals_.events;
    if (random_.per_million(shape_.theft_ppm)) {
      planter_.plant_theft(event_, host, random_);
    } else if (random_.per_million(shape_.benign_ppm)) {
      planter_.plant_look_alike(event_, host, random_);
    } else if (random_.per_million(shape_.stray_ppm)) {
      ++totals_.strays;
      write_stray_event(event_, random_);
    } else {
      write_background_event(event_, host, random_);
    }
  }

  LogShape shape_;
  Random random_;
  Clock clock_;
  std::vector<Host> hosts_;
  EventText event_;
  Planter planter_;
  LogTotals totals_;
};

}  // namespace

LogTotals write_log(const LogShape& shape, const std::function<bool(std::string_view)>& sink,
                    std::ostream* truth) {
  return Generator{shape, truth}.run(sink);
}

}  // namespace krbtrail::bench
