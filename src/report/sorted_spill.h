// SPDX-License-Identifier: Apache-2.0
//
// Sorts entries by key in bounded memory: an external merge sort.
//
//   SortedSpill spill{{.directory = "/tmp"}};
//   spill.push(key, "the text of one finding");
//   spill.drain([&](std::string_view key, std::string_view body) { return delivery.write(body); });
//
// Keys compare as bytes (SortKey writes them); equal keys leave in the order in which they came.
//
// What exceeds the bounds is written as a sorted run to a temporary file. When kFanIn runs have
// gathered there, they are merged into one run of a file of the next level and the first file is
// emptied, so that merging never has more than kFanIn runs a level open at once: three levels hold
// 32,768 times the bound. Disk use is at most twice what was pushed.
//
// Not thread-safe. After an Error nothing more can be pushed or drained.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"
#include "krbtrail/report/spill.h"
#include "report/descriptor.h"

namespace krbtrail::report {

class SortedSpill {
 public:
  // The views are valid during the call. An Error ends the draining and is handed on.
  using Receiver = std::function<model::Status(std::string_view key, std::string_view body)>;

  explicit SortedSpill(SpillOptions options) : options_(std::move(options)) {}

  // Key and body each at most 4 GiB.
  [[nodiscard]] model::Status push(std::string_view key, std::string_view body);

  // Hands over everything in ascending order and leaves the spill empty.
  [[nodiscard]] model::Status drain(const Receiver& receive);

  // How many runs went to disk so far.
  [[nodiscard]] std::uint64_t runs_spilled() const { return runs_spilled_; }

 private:
  static constexpr std::size_t kFanIn = 32;

  // Offsets into arena_: key, then body.
  struct Entry {
    std::size_t start;
    std::uint32_t key_length;
    std::uint32_t body_length;
  };
  struct Run {
    std::uint64_t start;
    std::uint64_t length;
  };
  struct Level {
    Descriptor file;
    std::uint64_t size = 0;
    std::vector<Run> runs;  // in the order in which their entries were pushed
  };

  [[nodiscard]] std::string_view key_of(const Entry& entry) const;
  [[nodiscard]] std::string_view body_of(const Entry& entry) const;
  void sort_held();
  [[nodiscard]] model::Status spill_held();
  [[nodiscard]] model::Status fold(std::size_t level);
  [[nodiscard]] model::Status open_level(std::size_t level);
  [[nodiscard]] model::Status append_run(std::size_t level,
                                         const std::function<model::Status(const Receiver&)>& feed);
  [[nodiscard]] model::Status hand_over_held(const Receiver& receive);
  [[nodiscard]] model::Status merge(std::size_t first_level, std::size_t last_level,
                                    const Receiver& receive) const;
  [[nodiscard]] model::Error failure(std::string_view what, int code) const;

  SpillOptions options_;
  std::string arena_;
  std::vector<Entry> entries_;
  std::vector<Level> levels_;  // levels_[0] takes what was in memory
  std::uint64_t runs_spilled_ = 0;
};

}  // namespace krbtrail::report
