// SPDX-License-Identifier: Apache-2.0
#include "text_encoding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace krbtrail::windows {
namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;
constexpr std::size_t kHead = 8;
constexpr std::uint32_t kReplacement = 0xFFFD;

// 0x80 to 0x9F of Windows-1252; 0 is undefined (Unicode's CP1252.TXT).
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

std::uint32_t unit_at(std::string_view text, std::size_t i, bool big) {
  const std::uint32_t first = byte_at(text, i);
  const std::uint32_t second = byte_at(text, i + 1);
  return big ? first << 8U | second : second << 8U | first;
}

bool is_high_surrogate(std::uint32_t unit) {
  return (unit & 0xFC00U) == 0xD800U;
}

bool is_low_surrogate(std::uint32_t unit) {
  return (unit & 0xFC00U) == 0xDC00U;
}

std::uint32_t from_windows_1252(std::uint8_t byte) {
  if (byte < 0x80 || byte >= 0xA0)
    return byte;
  const std::uint32_t code_point = kWindows1252.at(byte - 0x80U);
  return code_point == 0 ? kReplacement : code_point;
}

// How many bytes a character that starts with `lead` has; 0 if none starts so (RFC 3629).
std::size_t utf8_length_by_lead(std::uint8_t lead) {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return 2;
  if (lead >= 0xE0 && lead <= 0xEF)
    return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// The second byte's range keeps out overlong forms, surrogates and what lies past U+10FFFF.
bool is_second_byte(std::uint8_t lead, std::uint8_t second) {
  const std::uint8_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return second >= lowest && second <= highest;
}

// Whether all bytes of a row are ASCII; the words of it are taken together.
constexpr std::size_t kRow = 64;
bool is_ascii_row(const char* row) {
  std::array<std::uint64_t, kRow / sizeof(std::uint64_t)> words{};
  std::memcpy(words.data(), row, kRow);
  std::uint64_t any = 0;
  for (const std::uint64_t word : words)
    any |= word;
  return (any & 0x8080808080808080U) == 0;
}

// How many bytes at the start are ASCII.
std::size_t ascii_run(std::string_view text) {
  std::size_t run = 0;
  while (run + kRow <= text.size() && is_ascii_row(text.data() + run))
    run += kRow;
  while (run < text.size() && byte_at(text, run) < 0x80)
    ++run;
  return run;
}

}  // namespace

EncodingFound encoding_of(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF"))
    return {Encoding::utf8, 3};
  if (head.starts_with("\xFF\xFE"))
    return {Encoding::utf16_little, 2};
  if (head.starts_with("\xFE\xFF"))
    return {Encoding::utf16_big, 2};
  if (head.size() < kHead)
    return {};
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < kHead; ++i)
    zeros.at(i % 2) += head[i] == '\0' ? 1U : 0U;
  if (zeros[0] == 0 && zeros[1] == kHead / 2)
    return {Encoding::utf16_little, 0};
  if (zeros[0] == kHead / 2 && zeros[1] == 0)
    return {Encoding::utf16_big, 0};
  return {};
}

void append_code_point(std::string& out, std::uint32_t code_point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | code_point >> 18U);
    put(0x80U | (code_point >> 12U & 0x3FU));
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

void append_utf16(std::string& out, std::string_view little_endian) {
  for (std::size_t i = 0; i + 2 <= little_endian.size(); i += 2) {
    const std::uint32_t unit = unit_at(little_endian, i, false);
    if (unit < 0x80) {
      out.push_back(static_cast<char>(unit));
      continue;
    }
    if (is_high_surrogate(unit) && i + 4 <= little_endian.size()) {
      const std::uint32_t next = unit_at(little_endian, i + 2, false);
      if (is_low_surrogate(next)) {
        append_code_point(out, 0x10000U + ((unit & 0x3FFU) << 10U | (next & 0x3FFU)));
        i += 2;
        continue;
      }
    }
    const bool is_lone = is_high_surrogate(unit) || is_low_surrogate(unit);
    append_code_point(out, is_lone ? kReplacement : unit);
  }
}

void append_windows_1252(std::string& out, std::string_view bytes) {
  for (const char c : bytes)
    append_code_point(out, from_windows_1252(static_cast<std::uint8_t>(c)));
}

std::size_t utf8_length(std::string_view text) {
  if (text.empty())
    return 0;
  const std::uint8_t lead = byte_at(text, 0);
  const std::size_t length = utf8_length_by_lead(lead);
  if (length <= 1)
    return length;
  if (length > text.size() || !is_second_byte(lead, byte_at(text, 1)))
    return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80U)
      return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_run(text)); !text.empty(); text.remove_prefix(ascii_run(text))) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      append_windows_1252(out, text.substr(0, 1));
    else
      out.append(text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

bool TextInput::append_to(std::string& out) {
  const std::size_t before = out.size();
  while (out.size() == before) {
    if (detected_ && encoding_ == Encoding::utf8 && raw_.empty())
      return append_block(out);
    fill();
    if (raw_.empty())
      return false;
    if (encoding_ == Encoding::utf8) {
      out.append(raw_);
      raw_.clear();
    } else {
      decode_utf16(out);
    }
  }
  return true;
}

// What needs no decoding is read to where it will be used.
bool TextInput::append_block(std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + kBlock);
  out.resize(before + read_some(std::span{out}.subspan(before)));
  return out.size() > before;
}

std::uint64_t TextInput::input_size(std::string_view text) const {
  if (encoding_ == Encoding::utf8)
    return text.size();
  std::uint64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool begins = (byte & 0xC0U) != 0x80U;
    units += begins ? byte >= 0xF0 ? 2U : 1U : 0U;
  }
  return 2 * units;
}

// One block; at the start, enough to tell the encoding.
void TextInput::fill() {
  block_.resize(kBlock);
  do {
    raw_.append(block_.data(), read_some(block_));
  } while (!detected_ && !ended_ && raw_.size() < kHead);
  if (!detected_)
    detect();
}

// How much of the buffer was filled: nothing at the end of the input, and from then on.
std::size_t TextInput::read_some(std::span<char> buffer) {
  if (ended_)
    return 0;
  const model::Result<std::size_t> got = read_(buffer);
  if (!got)
    failure_ = got.error();
  ended_ = !got || *got == 0;
  return ended_ ? 0 : *got;
}

void TextInput::detect() {
  const EncodingFound found = encoding_of(raw_);
  encoding_ = found.encoding;
  mark_ = found.mark;
  raw_.erase(0, found.mark);
  detected_ = true;
}

void TextInput::decode_utf16(std::string& out) {
  const bool big = encoding_ == Encoding::utf16_big;
  std::size_t usable = raw_.size() / 2 * 2;
  // A pair of surrogates must not be cut by the block's end.
  if (!ended_ && usable >= 2 && is_high_surrogate(unit_at(raw_, usable - 2, big)))
    usable -= 2;
  if (big) {
    for (std::size_t i = 0; i < usable; i += 2)
      std::swap(raw_[i], raw_[i + 1]);
  }
  append_utf16(out, std::string_view{raw_}.substr(0, usable));
  if (ended_) {
    left_over_ = raw_.size() - usable;
    raw_.clear();
  } else {
    raw_.erase(0, usable);
  }
}

}  // namespace krbtrail::windows
