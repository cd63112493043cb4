// SPDX-License-Identifier: Apache-2.0
//
// The part of a text input that a reader is looking at, with its place in the input.
//
//   TextWindow window{read};
//   while (window.rest().find(end, from) == npos && window.more()) …
//   window.skip(size);
//
// Holds what was read and not yet skipped, which the reader keeps below its element limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/windows/reader.h"
#include "tally.h"
#include "text_encoding.h"

namespace krbtrail::windows {

class TextWindow {
 public:
  explicit TextWindow(ReadBytes read) : input_(std::move(read)) {}

  // Valid until more() or skip().
  [[nodiscard]] std::string_view rest() const { return std::string_view{text_}.substr(begin_); }
  // Reads on: false at the end of the input.
  [[nodiscard]] bool more();
  void skip(std::size_t size);
  // The same where no line ends.
  void skip_within_line(std::size_t size);

  // Of rest()'s first byte: the line from 1, the offset in the input as it came.
  [[nodiscard]] std::uint64_t line() const { return line_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_ + input_.mark_bytes(); }
  [[nodiscard]] const TextInput& input() const { return input_; }

 private:
  TextInput input_;
  std::string text_;
  std::size_t begin_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t offset_ = 0;
};

// Ends the reading of a text input: what is neither record nor lost was its frame.
[[nodiscard]] ReadReport finish_report(const TextWindow& window, Tally& tally);

// Where `wanted` is first in `text` at or after `from`; npos if nowhere.
[[nodiscard]] std::size_t find_text(std::string_view text, std::string_view wanted,
                                    std::size_t from);

}  // namespace krbtrail::windows
