// SPDX-License-Identifier: Apache-2.0
//
// A typed value of binary XML as text, spelt as Windows spells it in XML.
//
// Types as in Microsoft's [MS-EVEN6], 2.2.13 (BinXml) and libevtx's "Windows XML Event Log (EVTX)".
// Numbers are decimal; size_t and the hex types are 0x%x without padding; a GUID is
// {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx} in lower case; times are ISO 8601 with 100 ns; binary is
// upper case hex. The elements of an array are separated by commas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace krbtrail::windows {

enum class ValueType : std::uint8_t {
  null = 0x00,
  string = 0x01,  // UTF-16LE
  ansi_string = 0x02,
  int8 = 0x03,
  uint8 = 0x04,
  int16 = 0x05,
  uint16 = 0x06,
  int32 = 0x07,
  uint32 = 0x08,
  int64 = 0x09,
  uint64 = 0x0a,
  real32 = 0x0b,
  real64 = 0x0c,
  boolean = 0x0d,  // four bytes
  binary = 0x0e,
  guid = 0x0f,
  size = 0x10,  // four or eight bytes
  filetime = 0x11,
  systemtime = 0x12,
  sid = 0x13,
  hex32 = 0x14,
  hex64 = 0x15,
  binxml = 0x21,
};
inline constexpr std::uint8_t kArrayFlag = 0x80;

struct BinaryValue {
  std::uint8_t type = 0;   // a ValueType, or with kArrayFlag an array of it
  std::string_view bytes;  // of the chunk
};

// Appends the value; false, and nothing is appended, if the type is unknown or the size is wrong
// for it.
[[nodiscard]] bool append_text(std::string& out, const BinaryValue& value);

// The size of a value of this type where it does not depend on the value; 0 otherwise.
[[nodiscard]] std::size_t fixed_size(ValueType type);

}  // namespace krbtrail::windows
