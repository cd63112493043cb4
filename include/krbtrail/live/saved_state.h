// SPDX-License-Identifier: Apache-2.0
//
// What `live` learned, kept in a file for its next life.
//
//   const Result<std::string> text = read_state_file(path);
//   const Result<SavedState> saved = parse_saved_state(text.value());
//   if (saved.value().boot_id == boot_id()) …          // processes and inodes of before are gone
//
//   StateWriter writer{path};
//   writer.begin(to_text({.boot_id = …, .processes = …, .events = …}));   // does not wait
//
// The file is replaced whole (another file, flushed, renamed), so that a death leaves the old or
// the new one. It begins with its version and a checksum, which finds what a disk did to it and no
// intruder: who may write the file is root or the plugin's own user.
//
// Bounds: 32 MiB of file, beyond which it is not read.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::live {

struct SavedState {
  std::string boot_id;
  std::string host;    // of records that name none
  bool ended = false;  // at a proper end: open incidents were told
  std::string processes;
  std::string events;
};

[[nodiscard]] std::string to_text(const SavedState& state);

// `text` may be anything. An Error says what does not fit, without the file's name.
[[nodiscard]] model::Result<SavedState> parse_saved_state(std::string_view text);

// "no such file" is std::nullopt. An Error if it cannot be read, is too large, is no regular file,
// or somebody else than root or we could have written it.
[[nodiscard]] model::Result<std::optional<std::string>> read_state_file(const std::string& path);

// Waits for the disk.
[[nodiscard]] model::Status write_state_file(const std::string& path, std::string_view text);

// Of this boot; empty if the system does not tell. The argument is for tests.
[[nodiscard]] std::string boot_id(const std::string& path = "/proc/sys/kernel/random/boot_id");

// The records of the latest events that something was learned from, as lines. The oldest go first.
class TaughtEvents {
 public:
  explicit TaughtEvents(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void keep(std::string lines);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  std::size_t most_bytes_;
  std::deque<std::string> events_;
  std::size_t bytes_ = 0;
  std::uint64_t left_out_ = 0;
};

// Writes on a thread of its own, one text at a time, since a disk may take long and auditd does not
// wait. The destructor does not wait either: a write under way is left to itself.
class StateWriter {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit StateWriter(std::string path);

  // False if nothing is begun: the one before is still under way, or no thread could be started.
  bool begin(std::string text);
  // True if nothing is under way at the end.
  bool wait_until(Instant deadline);

  [[nodiscard]] std::uint64_t written() const;
  // What went wrong since last asked.
  [[nodiscard]] std::optional<model::Error> take_problem();

 private:
  struct Shared {
    std::mutex mutex;
    std::condition_variable done;
    bool is_busy = false;
    std::uint64_t written = 0;
    std::optional<model::Error> problem;
  };

  static void end(Shared& shared, model::Status status);

  std::string path_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace krbtrail::live
