// SPDX-License-Identifier: Apache-2.0
//
// In which form a report goes where: what the commands that write one have in common.
//
//   const ReportOptions options = read_report_options(arguments).value();
//   Result<std::unique_ptr<report::Sink>> sink = open_report(options);
//
// To add a format: a word in kFormats, an enumerator in the same place, a case in open_report().
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "cli/sandbox.h"
#include "krbtrail/model/error.h"
#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"
#include "krbtrail/report/text.h"

namespace krbtrail::cli {

enum class Format : std::uint8_t {
  text,
  ndjson,
  csv,
  html,
  ecs,
  ocsf,
  timesketch,
  timesketch_csv,
  sentinel
};
inline constexpr std::array<std::string_view, 9> kFormats{
    "text", "ndjson", "csv", "html", "ecs", "ocsf", "timesketch", "timesketch-csv", "sentinel"};
inline constexpr std::array<std::string_view, 3> kWhens{"auto", "always", "never"};

inline constexpr Option kFormatOption{.name = "format",
                                      .value = "FORMAT",
                                      .help =
                                          "text, html, ndjson, csv, ecs, ocsf, sentinel,\n"
                                          "timesketch, timesketch-csv",
                                      .fallback = "text",
                                      .words = kFormats,
                                      .group = "Output"};
inline constexpr Option kOutputOption{.name = "output",
                                      .letter = 'o',
                                      .value = "FILE",
                                      .help = "write to FILE, whole or not at all; - is stdout",
                                      .group = "Output"};
inline constexpr Option kDisplayZoneOption{.name = "display-zone",
                                           .value = "ZONE",
                                           .help = "of times in text and html: +HH:MM",
                                           .fallback = "UTC",
                                           .group = "Output"};
inline constexpr Option kStatsOption{
    .name = "stats", .help = "the accounting in full, and the sandbox", .group = "Output"};
inline constexpr Option kColorOption{.name = "color",
                                     .value = "WHEN",
                                     .help = "auto, always or never",
                                     .fallback = "auto",
                                     .words = kWhens,
                                     .group = "Output"};

inline constexpr Option kProgressOption{.name = "progress",
                                        .value = "WHEN",
                                        .help = "auto, always or never",
                                        .fallback = "auto",
                                        .words = kWhens,
                                        .group = "Output"};

struct ReportOptions {
  Format format = Format::text;
  std::string output;  // empty for standard output
  std::chrono::minutes display_zone{0};
  bool stats = false;
  report::Color color = report::Color::automatic;
};

// Of a command that has the five options above.
[[nodiscard]] model::Result<ReportOptions> read_report_options(const Arguments& arguments);

// Where findings are kept that have to be sorted: TMPDIR, or /tmp.
[[nodiscard]] std::string spill_directory();

// Adds what writing the report needs: the directory of a file that is to be replaced, or a device.
void allow_output(const ReportOptions& options, SandboxPaths& paths);

// True if the report is to take the place of `path`, a regular file.
[[nodiscard]] bool would_replace(const ReportOptions& options, const std::string& path);

// An Error means that the output cannot be written.
[[nodiscard]] model::Result<std::unique_ptr<report::Delivery>> open_delivery(
    const ReportOptions& options);
[[nodiscard]] model::Result<std::unique_ptr<report::Sink>> open_report(
    const ReportOptions& options);

// The position of the option's value in the list that it was checked against.
template <class Enum>
[[nodiscard]] Enum as_enum(std::string_view word, std::span<const std::string_view> words) {
  return static_cast<Enum>(std::ranges::find(words, word) - words.begin());
}

}  // namespace krbtrail::cli
