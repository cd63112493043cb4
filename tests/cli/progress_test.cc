// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <cstdint>
#include <optional>
#include <string>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

constexpr std::uint64_t kMiB = 1024ULL * 1024;

TEST_CASE("the progress line says how much, how fast and how long", "[cli][progress]") {
  using std::chrono::milliseconds;
  const auto [done, total, elapsed, line] =
      GENERATE(table<std::uint64_t, std::optional<std::uint64_t>, milliseconds, std::string>({
          {0, std::nullopt, milliseconds{0}, "0 B"},
          {0, 10 * kMiB, milliseconds{500}, "0 B of 10.0 MiB"},  // no rate yet
          {5 * kMiB, 10 * kMiB, milliseconds{1000}, "5.0 MiB of 10.0 MiB, 5.0 MiB/s, 1 s left"},
          {5 * kMiB, std::nullopt, milliseconds{1000}, "5.0 MiB, 5.0 MiB/s"},  // a pipe
          {20 * kMiB, 10 * kMiB, milliseconds{2000}, "20.0 MiB, 10.0 MiB/s"},  // it was compressed
          {kMiB, 101 * kMiB, milliseconds{1000},
           "1.0 MiB of 101.0 MiB, 1.0 MiB/s, 1 min 40 s left"},
          {kMiB, 7261 * kMiB, milliseconds{1000}, "1.0 MiB of 7.1 GiB, 1.0 MiB/s, 2 h 1 min left"},
      }));
  CAPTURE(done, elapsed.count());
  CHECK(progress_line(done, total, elapsed) == line);
}

TEST_CASE("the longest progress line fits a terminal of 80 columns", "[cli][progress]") {
  const std::string line = progress_line(1, UINT64_MAX, std::chrono::milliseconds{999'999'999});
  CAPTURE(line);
  CHECK(line.size() < 80);
}

}  // namespace
}  // namespace krbtrail::cli
