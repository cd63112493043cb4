// SPDX-License-Identifier: Apache-2.0
//
// The lines of a source, one at a time, in bounded memory.
//
//   LineReader lines{*source, limit};
//   while (const std::optional<LineReader::Line> line = lines.next()) …
//   if (const Status read = lines.status(); !read) …     // why it ended early
//
// A line ends with LF or with the source; CRLF is LF, and a byte order mark at the beginning is
// none of the first line. Of a line longer than `limit` only its number is told. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

class LineReader {
 public:
  struct Line {
    std::string_view text;     // valid until the next next(); empty if it is too long
    std::uint64_t number = 0;  // from 1
    bool too_long = false;
  };

  // `source` must outlive it.
  LineReader(input::ByteSource& source, std::size_t limit) : source_(source), limit_(limit) {}

  [[nodiscard]] std::optional<Line> next();
  [[nodiscard]] const model::Status& status() const { return status_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  [[nodiscard]] bool fill();

  input::ByteSource& source_;
  std::size_t limit_;
  std::string held_;       // what was read and not yet told
  std::size_t start_ = 0;  // of the next line in held_
  std::uint64_t number_ = 0;
  std::uint64_t bytes_read_ = 0;
  model::Status status_;
};

}  // namespace krbtrail::cli
