// SPDX-License-Identifier: Apache-2.0
//
// Where the records of `live` come from: auditd's pipe, its af_unix plugin's socket, a log that
// grows.
//
//   std::unique_ptr<Feed> feed = feed_from_socket("/run/audit/audispd_events");
//   poll(feed->descriptor(), …, feed->patience());
//   const FeedReading got = feed->read(buffer);       // does not wait
//
// Not thread-safe: the reader thread's own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::live {

struct FeedReading {
  std::size_t bytes = 0;
  // Before these bytes the stream was cut: half a line that came before has lost its rest.
  bool begins_anew = false;
  bool ended = false;                                  // nothing will come any more
  std::optional<model::Error> problem = std::nullopt;  // to tell the operator; each once
};

class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  Feed(Feed&&) = delete;
  Feed& operator=(Feed&&) = delete;
  virtual ~Feed() = default;

  // What to wait for; -1 if there is nothing but time.
  [[nodiscard]] virtual int descriptor() const = 0;
  // After which read() is to be called although the descriptor is silent; negative: never.
  [[nodiscard]] virtual std::chrono::milliseconds patience() const = 0;
  // To be called when the descriptor is readable or patience has ended. No bytes: none are there.
  [[nodiscard]] virtual FeedReading read(std::span<char> buffer) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
};

// `descriptor` stays the caller's; it ends at its end of file. Its writer is auditd.
[[nodiscard]] std::unique_ptr<Feed> feed_from_descriptor(int descriptor, std::string name);

// A stream socket; connects again whenever the other side is gone, after 200 ms, and twice as long
// after each failure up to 5 s. What auditd sends meanwhile is lost, and nobody can count it.
[[nodiscard]] std::unique_ptr<Feed> feed_from_socket(std::string path);

// From the end of the file on, looking for more every 100 ms. When `path` is another file
// (rotation) the old one is read to its end and the new one from its beginning; a file that became
// shorter is read from its beginning. A file that does not exist yet is waited for.
[[nodiscard]] std::unique_ptr<Feed> feed_from_file(std::string path);

}  // namespace krbtrail::live
