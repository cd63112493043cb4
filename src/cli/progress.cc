// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>

#include <unistd.h>

namespace krbtrail::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenDrawings{200};
constexpr std::string_view kClearLine = "\r\x1b[K";

// "1.2 GiB": one decimal from KiB on.
std::string format_bytes(double bytes) {
  constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  std::array<char, 32> number{};
  std::snprintf(number.data(), number.size(), unit == 0 ? "%.0f" : "%.1f", bytes);
  return std::string{number.data()} + " " + std::string{kUnits[unit]};
}

std::string format_seconds(double seconds) {
  constexpr double kLongest = 3600.0 * 99'999;  // a number that no integer holds helps nobody
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, kLongest) + 0.5);
  if (whole < 60)
    return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

void draw(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

bool shows_progress(When when, bool quiet) {
  return when == When::always || (when == When::automatic && !quiet && isatty(STDERR_FILENO) == 1);
}

std::string progress_line(std::uint64_t done, std::optional<std::uint64_t> total,
                          milliseconds elapsed) {
  const auto done_bytes = static_cast<double>(done);
  const double seconds = static_cast<double>(elapsed.count()) / 1000;
  std::string line = format_bytes(done_bytes);
  const bool known = total && *total >= done;
  if (known)
    line += " of " + format_bytes(static_cast<double>(*total));
  if (done == 0 || seconds <= 0)
    return line;
  const double rate = done_bytes / seconds;
  line += ", " + format_bytes(rate) + "/s";
  if (known)
    line += ", " + format_seconds(static_cast<double>(*total - done) / rate) + " left";
  return line;
}

Progress::Progress(Options options, Instant start)
    : options_(options), start_(start), drawn_(start) {}

Progress::~Progress() {
  clear();
}

void Progress::update(std::uint64_t done, Instant now) {
  if (!options_.enabled || now - drawn_ < kBetweenDrawings)
    return;
  drawn_ = now;
  visible_ = true;
  const auto elapsed = std::chrono::duration_cast<milliseconds>(now - start_);
  draw(std::string{kClearLine} + progress_line(done, options_.total, elapsed));
}

void Progress::clear() {
  if (visible_)
    draw(kClearLine);
  visible_ = false;
}

}  // namespace krbtrail::cli
