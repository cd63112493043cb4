// SPDX-License-Identifier: Apache-2.0
#include "binxml_value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>

#include "binary_view.h"
#include "event_time.h"
#include "text_encoding.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLowerDigits = "0123456789abcdef";
constexpr std::string_view kUpperDigits = "0123456789ABCDEF";
constexpr std::size_t kMostArrayElements = 4096;
constexpr std::size_t kMostSubAuthorities = 15;  // SID_MAX_SUB_AUTHORITIES of winnt.h

template <class T, class... Base>
void append_number(std::string& out, T number, Base... base) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), number, base...).ptr;
  out.append(digits.begin(), end);
}

template <class Unsigned, class Printed>
bool append_integer(std::string& out, std::string_view bytes) {
  append_number(out, static_cast<Printed>(number_at<Unsigned>(bytes, 0)));
  return true;
}

template <class Unsigned>
bool append_hex(std::string& out, std::string_view bytes) {
  out += "0x";
  append_number(out, number_at<Unsigned>(bytes, 0), 16);
  return true;
}

template <class Unsigned, class Real>
bool append_real(std::string& out, std::string_view bytes) {
  append_number(out, std::bit_cast<Real>(number_at<Unsigned>(bytes, 0)));
  return true;
}

void append_digits(std::string& out, std::string_view bytes, std::string_view digits) {
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
}

// The first three groups are little-endian numbers, the last two are bytes in order.
bool append_guid(std::string& out, std::string_view bytes) {
  constexpr std::array<std::size_t, 16> kOrder = {3, 2, 1,  0,  5,  4,  7,  6,
                                                  8, 9, 10, 11, 12, 13, 14, 15};
  out += '{';
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      out += '-';
    append_digits(out, bytes.substr(kOrder.at(i), 1), kLowerDigits);
  }
  out += '}';
  return true;
}

// [MS-DTYP] 2.4.2: revision, count, six bytes of authority (big-endian), the sub-authorities.
bool append_sid(std::string& out, std::string_view bytes) {
  if (bytes.size() < 8)
    return false;
  const auto count = number_at<std::uint8_t>(bytes, 1);
  if (count > kMostSubAuthorities || bytes.size() < 8U + 4U * count)
    return false;
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < 8; ++i)
    authority = authority << 8U | number_at<std::uint8_t>(bytes, i);
  out += "S-";
  append_number(out, number_at<std::uint8_t>(bytes, 0));
  out += '-';
  append_number(out, authority);
  for (std::size_t i = 0; i < count; ++i) {
    out += '-';
    append_number(out, number_at<std::uint32_t>(bytes, 8 + 4 * i));
  }
  return true;
}

void append_padded(std::string& out, unsigned number, std::size_t width) {
  const std::string digits = std::to_string(number);
  out.append(width - std::min(width, digits.size()), '0').append(digits);
}

// SYSTEMTIME of minwinbase.h: year, month, day of the week, day, hour, minute, second, ms.
bool append_systemtime(std::string& out, std::string_view bytes) {
  struct Part {
    std::size_t index, width;
    std::string_view after;
  };
  constexpr std::array kParts = {Part{0, 4, "-"}, Part{1, 2, "-"}, Part{3, 2, "T"}, Part{4, 2, ":"},
                                 Part{5, 2, ":"}, Part{6, 2, "."}, Part{7, 3, "Z"}};
  for (const Part& part : kParts) {
    append_padded(out, number_at<std::uint16_t>(bytes, 2 * part.index), part.width);
    out += part.after;
  }
  return true;
}

// Windows ends some strings with a NUL that is not theirs.
bool append_string(std::string& out, std::string_view bytes) {
  while (bytes.size() >= 2 && bytes.ends_with("\0\0"sv))
    bytes.remove_suffix(2);
  append_utf16(out, bytes);
  return true;
}

bool append_ansi(std::string& out, std::string_view bytes) {
  append_windows_1252(out, bytes.substr(0, bytes.find('\0')));
  return true;
}

bool append_scalar(std::string& out, ValueType type, std::string_view bytes) {
  const std::size_t size = fixed_size(type);
  if (size != 0 && bytes.size() != size)
    return false;
  switch (type) {
    case ValueType::null:
      return true;
    case ValueType::string:
      return append_string(out, bytes);
    case ValueType::ansi_string:
      return append_ansi(out, bytes);
    case ValueType::int8:
      return append_integer<std::uint8_t, std::int8_t>(out, bytes);
    case ValueType::uint8:
      return append_integer<std::uint8_t, std::uint8_t>(out, bytes);
    case ValueType::int16:
      return append_integer<std::uint16_t, std::int16_t>(out, bytes);
    case ValueType::uint16:
      return append_integer<std::uint16_t, std::uint16_t>(out, bytes);
    case ValueType::int32:
      return append_integer<std::uint32_t, std::int32_t>(out, bytes);
    case ValueType::uint32:
      return append_integer<std::uint32_t, std::uint32_t>(out, bytes);
    case ValueType::int64:
      return append_integer<std::uint64_t, std::int64_t>(out, bytes);
    case ValueType::uint64:
      return append_integer<std::uint64_t, std::uint64_t>(out, bytes);
    case ValueType::real32:
      return append_real<std::uint32_t, float>(out, bytes);
    case ValueType::real64:
      return append_real<std::uint64_t, double>(out, bytes);
    case ValueType::boolean:
      out += number_at<std::uint32_t>(bytes, 0) != 0 ? "true" : "false";
      return true;
    case ValueType::binary:
      append_digits(out, bytes, kUpperDigits);
      return true;
    case ValueType::guid:
      return append_guid(out, bytes);
    case ValueType::size:
      if (bytes.size() == sizeof(std::uint32_t))
        return append_hex<std::uint32_t>(out, bytes);
      return bytes.size() == sizeof(std::uint64_t) && append_hex<std::uint64_t>(out, bytes);
    case ValueType::filetime:
      out += filetime_text(number_at<std::uint64_t>(bytes, 0));
      return true;
    case ValueType::systemtime:
      return append_systemtime(out, bytes);
    case ValueType::sid:
      return append_sid(out, bytes);
    case ValueType::hex32:
      return append_hex<std::uint32_t>(out, bytes);
    case ValueType::hex64:
      return append_hex<std::uint64_t>(out, bytes);
    case ValueType::binxml:
      return false;
  }
  return false;
}

// Every string of an array ends with a NUL; the last one's may be missing.
bool append_strings(std::string& out, std::string_view bytes) {
  for (bool first = true; bytes.size() >= 2; first = false) {
    std::size_t end = 0;
    while (end + 2 <= bytes.size() && number_at<std::uint16_t>(bytes, end) != 0)
      end += 2;
    if (!first)
      out += ',';
    append_utf16(out, bytes.substr(0, end));
    bytes.remove_prefix(std::min(bytes.size(), end + 2));
  }
  return true;
}

bool append_array(std::string& out, ValueType type, std::string_view bytes) {
  if (type == ValueType::string)
    return append_strings(out, bytes);
  const std::size_t size = fixed_size(type);
  if (size == 0 || bytes.size() % size != 0 || bytes.size() / size > kMostArrayElements)
    return false;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    if (at != 0)
      out += ',';
    if (!append_scalar(out, type, bytes.substr(at, size)))
      return false;
  }
  return true;
}

}  // namespace

std::size_t fixed_size(ValueType type) {
  switch (type) {
    case ValueType::int8:
    case ValueType::uint8:
      return 1;
    case ValueType::int16:
    case ValueType::uint16:
      return 2;
    case ValueType::int32:
    case ValueType::uint32:
    case ValueType::real32:
    case ValueType::boolean:
    case ValueType::hex32:
      return 4;
    case ValueType::int64:
    case ValueType::uint64:
    case ValueType::real64:
    case ValueType::filetime:
    case ValueType::hex64:
      return 8;
    case ValueType::guid:
    case ValueType::systemtime:
      return 16;
    case ValueType::null:
    case ValueType::string:
    case ValueType::ansi_string:
    case ValueType::binary:
    case ValueType::size:
    case ValueType::sid:
    case ValueType::binxml:
      return 0;
  }
  return 0;
}

bool append_text(std::string& out, const BinaryValue& value) {
  const std::size_t before = out.size();
  const auto type = static_cast<ValueType>(value.type & static_cast<std::uint8_t>(~kArrayFlag));
  const bool is_array = (value.type & kArrayFlag) != 0;
  const bool read =
      is_array ? append_array(out, type, value.bytes) : append_scalar(out, type, value.bytes);
  if (!read)
    out.resize(before);
  return read;
}

}  // namespace krbtrail::windows
