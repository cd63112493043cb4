// SPDX-License-Identifier: Apache-2.0
//
// The progress line on standard error: how much was read, how fast, how long it will take.
//
//   Progress progress{{.enabled = isatty(2), .total = bytes_on_disk}, now};
//   progress.update(bytes_read, now);   // as often as you like; it draws five times a second
//   progress.clear();                   // before anything else is printed
//
// The total is unknown (a pipe) or in compressed bytes; then no time left is shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace krbtrail::cli {

using Instant = std::chrono::steady_clock::time_point;

enum class When : std::uint8_t { automatic, always, never };

// automatic is on a terminal only, and not where the user wants quiet.
[[nodiscard]] bool shows_progress(When when, bool quiet);

// "1.2 GiB of 3.4 GiB, 410 MiB/s, 6 s left"; at most 79 columns.
[[nodiscard]] std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total,
                                        std::chrono::milliseconds elapsed);

class Progress {
 public:
  struct Options {
    bool enabled = false;
    std::optional<std::uint64_t> total;
  };
  Progress(Options options, Instant start);
  ~Progress();  // clears
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  Progress(Progress&&) = delete;
  Progress& operator=(Progress&&) = delete;

  void update(std::uint64_t done, Instant now);
  void clear();

 private:
  Options options_;
  Instant start_;
  Instant drawn_;
  bool visible_ = false;
};

}  // namespace krbtrail::cli
