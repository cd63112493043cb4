// SPDX-License-Identifier: Apache-2.0
//
// The encodings that Windows and its exporters write, turned into UTF-8.
//
//   TextInput input{read};
//   std::string window;
//   while (input.append_to(window)) …
//
// How an input's encoding is told, by its first bytes: a byte order mark; without one, UTF-16 if
// every second byte of the first eight is zero; otherwise bytes that are UTF-8 or, one by one,
// Windows-1252 (PowerShell 5 writes the console's code page).
//
// UTF-16 is decoded as it is read, so that a reader sees ASCII's frame characters in every
// encoding. Other bytes pass as they are, and as_utf8() repairs the one element that needs it:
// offsets and lengths stay exact. What cannot be a character (a lone surrogate, a byte that
// Windows-1252 leaves undefined) becomes U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/model/error.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::windows {

enum class Encoding : std::uint8_t { utf8, utf16_little, utf16_big };

struct EncodingFound {
  Encoding encoding = Encoding::utf8;
  std::size_t mark = 0;  // bytes of the byte order mark
};
// `head` is the start of an input; 8 bytes are enough.
[[nodiscard]] EncodingFound encoding_of(std::string_view head);

void append_code_point(std::string& out, std::uint32_t code_point);
// An odd last byte is left out.
void append_utf16(std::string& out, std::string_view little_endian);
void append_windows_1252(std::string& out, std::string_view bytes);
// How many bytes at the start of `text` are one well-formed UTF-8 character; 0 if none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
// The text with every byte that is not UTF-8 taken for Windows-1252.
[[nodiscard]] std::string as_utf8(std::string_view text);

// An input, block by block, without its byte order mark.
class TextInput {
 public:
  explicit TextInput(ReadBytes read) : read_(std::move(read)) {}

  // Appends the next part to `out`: false at the end of the input or after a failure.
  [[nodiscard]] bool append_to(std::string& out);

  // How many bytes of the input `text`, a part of what append_to() gave, was there.
  [[nodiscard]] std::uint64_t input_size(std::string_view text) const;
  // Bytes that no text came from: the mark, and half a character at the end of UTF-16.
  [[nodiscard]] std::uint64_t mark_bytes() const { return mark_; }
  [[nodiscard]] std::uint64_t left_over() const { return left_over_; }
  [[nodiscard]] const std::optional<model::Error>& failure() const { return failure_; }

 private:
  void fill();
  [[nodiscard]] bool append_block(std::string& out);
  [[nodiscard]] std::size_t read_some(std::span<char> buffer);
  void detect();
  void decode_utf16(std::string& out);

  ReadBytes read_;
  std::vector<char> block_;
  std::string raw_;  // read and not yet given: at most a block and a cut character
  Encoding encoding_ = Encoding::utf8;
  bool detected_ = false;
  bool ended_ = false;
  std::uint64_t mark_ = 0;
  std::uint64_t left_over_ = 0;
  std::optional<model::Error> failure_;
};

}  // namespace krbtrail::windows
