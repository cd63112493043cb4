// SPDX-License-Identifier: Apache-2.0
//
// Bytes per second of each reader of Windows exports, on a generated log in memory; and beside the
// readers of XML and JSON what pugixml and simdjson alone make of the same elements.
//
//   build-bench/tests/bench/windows_benchmark --benchmark_repetitions=5
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>
#include <pugixml.hpp>
#include <simdjson.h>

#include "bench/windows_log.h"
#include "krbtrail/detect/windows_evaluator.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::bench {
namespace {

constexpr std::size_t kLogBytes = 32'000'000;

using Reader = windows::ReadReport (*)(const windows::ReadBytes&, const windows::InputName&,
                                       const windows::ReadOptions&, windows::EventSink&);

const std::string& log_of(WindowsForm form) {
  static std::map<WindowsForm, std::string> logs;
  std::string& log = logs[form];
  if (log.empty())
    log = windows_log(form, kLogBytes);
  return log;
}

windows::ReadBytes reading_from(std::string_view log) {
  return [log](std::span<char> buffer) mutable -> model::Result<std::size_t> {
    const std::size_t size = std::min(buffer.size(), log.size());
    std::memcpy(buffer.data(), log.data(), size);
    log.remove_prefix(size);
    return size;
  };
}

class Counter final : public windows::EventSink {
 public:
  void push(windows::WindowsEvent&& event) override { sum_ += event.event_id; }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0;
};

void say_speed(benchmark::State& state, const std::string& log) {
  state.SetBytesProcessed(static_cast<std::int64_t>(log.size() * state.iterations()));
}

void read(benchmark::State& state, WindowsForm form, Reader reader) {
  const std::string& log = log_of(form);
  for ([[maybe_unused]] const auto& iteration : state) {
    Counter counter;
    const windows::ReadReport report =
        reader(reading_from(log), {model::InputId{0}, "log"}, {}, counter);
    if (report.handed_on == 0 || report.problems_in_all != 0)
      state.SkipWithError("the log was not read");
    benchmark::DoNotOptimize(counter.sum());
  }
  say_speed(state, log);
}

// The reader with everything behind it: spool, sequence, coverage.
void evaluate(benchmark::State& state, WindowsForm form, Reader reader) {
  const std::string& log = log_of(form);
  for ([[maybe_unused]] const auto& iteration : state) {
    model::InputNames inputs;
    model::Coverage coverage;
    const model::InputId input = inputs.intern("log");
    const detect::SpoolOptions in_memory{.memory_limit = std::size_t{1} << 30U, .make_file = {}};
    detect::WindowsEvaluator evaluator{{.input_zone = {}, .spool = in_memory}, inputs, coverage};
    evaluator.input_done(input, reader(reading_from(log), {input, "log"}, {}, evaluator));
    const model::Status whole = evaluator.finish([](const model::Finding&) {});
    if (!whole)
      state.SkipWithError("the spool failed");
  }
  say_speed(state, log);
}

template <class Parse>
void parse_lines(benchmark::State& state, WindowsForm form, Parse parse) {
  const std::string& log = log_of(form);
  for ([[maybe_unused]] const auto& iteration : state) {
    for (std::string_view rest{log}; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
      if (!parse(rest.substr(0, end)))
        state.SkipWithError("a line was not parsed");
      rest.remove_prefix(end);
    }
  }
  say_speed(state, log);
}

void pugixml_alone(benchmark::State& state) {
  std::string line;
  parse_lines(state, WindowsForm::xml, [&](std::string_view bytes) {
    line.assign(bytes);
    pugi::xml_document document;
    return bool{document.load_buffer_inplace(line.data(), line.size())};
  });
}

void simdjson_alone(benchmark::State& state) {
  simdjson::dom::parser parser;
  parse_lines(state, WindowsForm::json, [&](std::string_view bytes) {
    return parser.parse(bytes.data(), bytes.size()).error() == simdjson::SUCCESS;
  });
}

BENCHMARK_CAPTURE(read, evtx, WindowsForm::evtx, windows::read_evtx)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, xml, WindowsForm::xml, windows::read_xml)->Unit(benchmark::kMillisecond);
BENCHMARK(pugixml_alone)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, json, WindowsForm::json, windows::read_json)->Unit(benchmark::kMillisecond);
BENCHMARK(simdjson_alone)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, csv, WindowsForm::csv, windows::read_csv)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, text, WindowsForm::text, windows::read_text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, evtx, WindowsForm::evtx, windows::read_evtx)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace krbtrail::bench

BENCHMARK_MAIN();
