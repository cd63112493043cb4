// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/escape.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "report/utf8.h"

namespace krbtrail::report {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

[[nodiscard]] constexpr bool is_plain_ascii(char c) {
  return c >= ' ' && c <= '~' && c != '\\' && c != '"';
}

// How many bytes at the start of `bytes` every sink writes as they are.
[[nodiscard]] std::size_t plain_length(std::string_view bytes) {
  const auto* const end = std::ranges::find_if_not(bytes, is_plain_ascii);
  return static_cast<std::size_t>(end - bytes.begin());
}

void append_hex_byte(std::string& out, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kHexDigits[value >> 4U];
  out += kHexDigits[value & 0xFU];
}

constexpr std::size_t kHexEscapeLength = 4;

// The byte of the \xNN that `text` begins with.
[[nodiscard]] std::optional<char> hex_escape(std::string_view text) {
  if (text.size() < kHexEscapeLength || !text.starts_with("\\x"))
    return std::nullopt;
  const std::size_t high = kHexDigits.find(text[2]);
  const std::size_t low = kHexDigits.find(text[3]);
  if (high == std::string_view::npos || low == std::string_view::npos)
    return std::nullopt;
  return static_cast<char>((high << 4U) | low);
}

void append_json_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    out += kHexDigits[(unit >> shift) & 0xFU];
}

// As one \uNNNN, or as two for the surrogate pair of a code point past U+FFFF.
void append_json_number(std::string& out, char32_t value) {
  if (value <= 0xFFFF)
    return append_json_unit(out, value);
  const std::uint32_t rest = value - 0x10000;
  append_json_unit(out, 0xD800U + (rest >> 10U));
  append_json_unit(out, 0xDC00U + (rest & 0x3FFU));
}

// One step of append_json; returns how many bytes it took.
std::size_t append_json_step(std::string& out, std::string_view bytes) {
  if (bytes.front() == '"') {
    out += "\\\"";
    return 1;
  }
  if (bytes.front() == '\\') {
    out += R"(\\\\)";
    return 1;
  }
  const CodePoint point = decode_utf8(bytes);
  if (point.length == 0) {
    out += '\\';  // JSON's own escape of the backslash that begins \xNN
    append_hex_byte(out, bytes.front());
    return 1;
  }
  if (is_visible(point.value))
    out += bytes.substr(0, point.length);
  else
    append_json_number(out, point.value);
  return point.length;
}

// Control and format characters and bytes that are not UTF-8 as \xNN, each backslash doubled.
void append_with_hex(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t plain = plain_length(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (bytes.empty())
      return;
    const CodePoint point = decode_utf8(bytes);
    const std::size_t length = std::max<std::size_t>(point.length, 1);
    const std::string_view taken = bytes.substr(0, length);
    if (taken == "\\")
      out += R"(\\)";
    else if (point.length != 0 && is_visible(point.value))
      out += taken;
    else
      std::ranges::for_each(taken, [&](char byte) { append_hex_byte(out, byte); });
    bytes.remove_prefix(length);
  }
}

[[nodiscard]] bool is_shown_as_it_is(std::string_view bytes) {
  if (bytes.find("\\x") != std::string_view::npos)
    return false;
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    if (point.length == 0 || !is_visible(point.value))
      return false;
    bytes.remove_prefix(point.length);
  }
  return true;
}

// What Excel, LibreOffice and Google Sheets take for the start of a formula, blanks before it
// included; TAB and CR, which OWASP's list also names, have become \x09 and \x0d by then.
[[nodiscard]] bool is_formula(std::string_view cell) {
  constexpr std::array<std::string_view, 8> kStarts = {"=",      "+",      "-",      "@",
                                                       "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
  cell.remove_prefix(std::min(cell.find_first_not_of(' '), cell.size()));
  return std::ranges::any_of(kStarts, [&](auto start) { return cell.starts_with(start); });
}

// Empty for what may stand as it is.
[[nodiscard]] std::string_view character_reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '`':
      return "&#96;";
    case '=':
      return "&#61;";
    default:
      return {};
  }
}

}  // namespace

void append_json(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t plain = plain_length(bytes);
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (!bytes.empty())
      bytes.remove_prefix(append_json_step(out, bytes));
  }
}

std::string bytes_of_json(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    bytes += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty())
      break;
    if (const std::optional<char> byte = hex_escape(text)) {
      bytes += *byte;
      text.remove_prefix(kHexEscapeLength);
    } else {
      bytes += '\\';
      text.remove_prefix(text.starts_with("\\\\") ? 2 : 1);
    }
  }
  return bytes;
}

void append_json_text(std::string& out, std::string_view bytes) {
  for (const char c : escape_terminal(bytes)) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
}

std::string escape_terminal(std::string_view bytes) {
  if (is_shown_as_it_is(bytes))
    return std::string{bytes};
  std::string out;
  append_with_hex(out, bytes);
  return out;
}

void append_html(std::string& out, std::string_view escaped) {
  for (const char c : escaped) {
    if (const std::string_view reference = character_reference(c); !reference.empty())
      out += reference;
    else
      out += c;
  }
}

void append_csv_cell(std::string& out, std::string_view bytes) {
  std::string cell;
  append_with_hex(cell, bytes);
  if (is_formula(cell))
    cell.insert(cell.begin(), '\'');
  const bool edged = !cell.empty() && (cell.front() == ' ' || cell.back() == ' ');
  if (!edged && cell.find_first_of(",\"") == std::string::npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"')
      out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace krbtrail::report
