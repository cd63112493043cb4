// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include <libaudit.h>

#include "krbtrail/audit/record.h"

namespace krbtrail::audit {
namespace {

// Nine records of ten carry one of these names; libaudit's own look-up is a binary search with a
// string compare and wants a terminated string. By length, so that most cost one comparison.
RecordType frequent_type(std::string_view name) {
  switch (name.size()) {
    case 3:
      return name == "CWD"   ? RecordType::cwd
             : name == "EOE" ? RecordType::eoe
                             : RecordType::unknown;
    case 4:
      return name == "PATH" ? RecordType::path : RecordType::unknown;
    case 6:
      return name == "EXECVE" ? RecordType::execve : RecordType::unknown;
    case 7:
      return name == "SYSCALL" ? RecordType::syscall : RecordType::unknown;
    case 8:
      return name == "SOCKADDR" ? RecordType::sockaddr : RecordType::unknown;
    case 9:
      return name == "PROCTITLE" ? RecordType::proctitle : RecordType::unknown;
    default:
      return RecordType::unknown;
  }
}

// Newer than libaudit 3.0.9's table: audit-userspace lib/msg_typetab.h of 4.1.
constexpr std::array<std::pair<std::string_view, std::uint16_t>, 4> kNewer = {{
    {"URINGOP", 1336},
    {"OPENAT2", 1337},
    {"DM_CTRL", 1338},
    {"DM_EVENT", 1339},
}};

constexpr std::size_t kLongestName = 64;

RecordType parse_number(std::string_view digits) {
  std::uint16_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc{} && stop == end ? static_cast<RecordType>(number)
                                             : RecordType::unknown;
}

}  // namespace

RecordType parse_record_type(std::string_view name) {
  if (const RecordType type = frequent_type(name); type != RecordType::unknown)
    return type;
  if (name.empty() || name.size() > kLongestName)
    return RecordType::unknown;
  if (name.front() >= '0' && name.front() <= '9')
    return parse_number(name);
  if (constexpr std::string_view kUnknown = "UNKNOWN[";
      name.starts_with(kUnknown) && name.back() == ']')
    return parse_number(name.substr(kUnknown.size(), name.size() - kUnknown.size() - 1));
  const auto* newer = std::ranges::find(kNewer, name, &decltype(kNewer)::value_type::first);
  if (newer != kNewer.end())
    return static_cast<RecordType>(newer->second);
  const int number = audit_name_to_msg_type(std::string{name}.c_str());
  return number >= 0 && number < static_cast<int>(RecordType::unknown)
             ? static_cast<RecordType>(number)
             : RecordType::unknown;
}

}  // namespace krbtrail::audit
