// SPDX-License-Identifier: Apache-2.0
//
// What each stage of the Linux side costs in bytes per second, on a generated log in memory.
//
// Heads and literals stand alone. The others are cumulative, because a stage's events live only
// while the stage before it hands them on: the cost of a stage is its row less the row above.
//
//   build-bench/tests/bench/stages_benchmark --benchmark_repetitions=5
#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/generated_log.h"
#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/interpreter.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/log_health.h"
#include "krbtrail/audit/record.h"
#include "krbtrail/audit/scan_lane.h"
#include "krbtrail/detect/seed_ccache.h"

namespace krbtrail::bench {
namespace {

constexpr std::uint64_t kLogBytes = 32'000'000;
constexpr std::size_t kBlock = std::size_t{256} << 10U;

const std::string& generated(bool enriched) {
  static const auto kMake = [](bool with_names) {
    std::string text;
    static_cast<void>(write_log(
        {.bytes = kLogBytes, .enriched = with_names},
        [&](std::string_view lines) {
          text += lines;
          return true;
        },
        nullptr));
    return text;
  };
  static const std::array<std::string, 2> kLogs{kMake(false), kMake(true)};
  return kLogs[enriched ? 1 : 0];
}

const std::string& log_of(benchmark::State& state) {
  return generated(state.range(0) != 0);
}

void say_speed(benchmark::State& state, const std::string& log) {
  state.SetBytesProcessed(static_cast<std::int64_t>(log.size() * state.iterations()));
  state.SetLabel(state.range(0) != 0 ? "enriched" : "raw");
}

audit::LiteralScanner seed_scanner() {
  return audit::LiteralScanner{detect::seed_literals().anywhere};
}

audit::LogInput reading_from(std::string_view log) {
  return {.input = {},
          .default_host = {},
          .first_stamp = {},
          .read = [log](std::span<char> buffer) mutable {
            const std::size_t size = std::min(buffer.size(), log.size());
            std::memcpy(buffer.data(), log.data(), size);
            log.remove_prefix(size);
            return size;
          }};
}

// Everything behind the lane, so that a benchmark can take as many stages as it is about.
struct Stages {
  model::Coverage coverage;
  model::InputNames inputs;
  model::HostNames hosts;
  audit::LogHealth health;
  activity::Accounts accounts;
  activity::ProcessTable table{{}, accounts, coverage};
  activity::FileNames names{{}, {}, coverage};
  audit::Decoder decoder{coverage};
  std::uint64_t findings = 0;
  detect::SeedCcache seed{{}, inputs, hosts, [this](const model::Finding&) { ++findings; }};
  activity::Interpreter interpreter{table, accounts, names, seed};

  void observe(const audit::Event& event) {
    health.observe(event);
    table.observe(event);
  }
};

using Take = std::function<void(Stages&, const audit::Event&)>;

void run_lane(benchmark::State& state, const Take& take) {
  const std::string& log = log_of(state);
  const audit::LiteralScanner scanner = seed_scanner();
  for ([[maybe_unused]] const auto& iteration : state) {
    Stages stages;
    static_cast<void>(stages.inputs.intern("log"));
    static_cast<void>(stages.hosts.intern("host"));
    audit::ScanLane lane{
        {}, scanner, stages.hosts, stages.coverage, [&](const audit::Event& event) {
          take(stages, event);
        }};
    std::array inputs{reading_from(log)};
    lane.scan(inputs);
    benchmark::DoNotOptimize(stages.findings);
  }
  say_speed(state, log);
}

void heads(benchmark::State& state) {
  const std::string& log = log_of(state);
  for ([[maybe_unused]] const auto& iteration : state) {
    std::string_view rest{log};
    std::uint64_t serials = 0;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      serials += audit::parse_head(rest.substr(0, end)).head.serial;
      rest.remove_prefix(end + 1);
    }
    benchmark::DoNotOptimize(serials);
  }
  say_speed(state, log);
}

void literals(benchmark::State& state) {
  const std::string& log = log_of(state);
  const audit::LiteralScanner scanner = seed_scanner();
  audit::LiteralHits hits;
  audit::LineEnds lines;
  for ([[maybe_unused]] const auto& iteration : state) {
    for (std::size_t from = 0; from < log.size(); from += kBlock) {
      scanner.scan(std::string_view{log}.substr(from, kBlock), hits, lines);
      benchmark::DoNotOptimize(hits.ends.data());
    }
  }
  say_speed(state, log);
}

void lane(benchmark::State& state) {
  run_lane(state, [](Stages&, const audit::Event&) {});
}

void lane_and_processes(benchmark::State& state) {
  run_lane(state, [](Stages& stages, const audit::Event& event) { stages.observe(event); });
}

void prefiltered_scan(benchmark::State& state) {
  run_lane(state, [](Stages& stages, const audit::Event& event) {
    stages.observe(event);
    if (event.relevant)
      stages.interpreter.push(stages.decoder.decode(event));
    else
      stages.interpreter.skip(event);
  });
}

void every_event_decoded(benchmark::State& state) {
  run_lane(state, [](Stages& stages, const audit::Event& event) {
    stages.observe(event);
    benchmark::DoNotOptimize(&stages.decoder.decode(event));
  });
}

void every_event_judged(benchmark::State& state) {
  run_lane(state, [](Stages& stages, const audit::Event& event) {
    stages.observe(event);
    stages.interpreter.push(stages.decoder.decode(event));
  });
}

// The argument tells whether the log is enriched.
BENCHMARK(heads)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(literals)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(lane)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(lane_and_processes)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(prefiltered_scan)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(every_event_decoded)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(every_event_judged)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace krbtrail::bench

BENCHMARK_MAIN();
