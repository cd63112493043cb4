// SPDX-License-Identifier: Apache-2.0
//
// The head of a record, found in place.
//
// A head is read at the start of a line and nowhere else, so that text inside a record (`auditctl
// -m`, a file name, an argument) cannot forge a type, a stamp or a host:
//
//   [SYSLOG PREFIX] [node=HOST ] type=NAME|type=UNKNOWN[N]|type=N  [msg=]audit(SEC.MS:SERIAL): BODY
//
// The syslog prefix is that of RFC 3164 ("Jan  1 00:00:00 host audispd: "), of RFC 5424's or
// journalctl's ISO 8601 stamp ("2024-01-01T00:00:00+00:00 host kernel: "), followed for kernel
// lines by "audit: ". These forms are those that audit-userspace's audisp-syslog, rsyslog and
// journalctl write.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "krbtrail/audit/event.h"

namespace krbtrail::audit {

// Views into the line that was parsed.
struct RecordHead {
  RecordType type = RecordType::unknown;
  std::int64_t seconds = 0;
  std::uint16_t milliseconds = 0;
  std::uint32_t serial = 0;
  bool has_node = false;          // node= stands before the type
  std::string_view node;          // node=, else the syslog or journal host, else empty
  std::uint32_t text_begin = 0;   // where "type=" starts in the line
  std::uint32_t stamp_begin = 0;  // "SEC.MS:SERIAL" in the line
  std::uint32_t stamp_end = 0;
  std::uint32_t body_begin = 0;  // behind "):" and blanks
};

// What a line without a readable head is.
enum class HeadProblem : std::uint8_t {
  none,
  blank,        // empty, white space, "----", "time->…" of ausearch
  interpreted,  // `ausearch -i`: a calendar date where the stamp should be
  lost_notice,  // the kernel's "audit: audit_lost=N …", which has no stamp
  malformed,
};

struct HeadResult {
  RecordHead head;
  HeadProblem problem = HeadProblem::none;
};

// `line` has no line end. A body may be empty. Seconds beyond the year 9999 are malformed, as are
// milliseconds beyond 999 and serials beyond 32 bits.
[[nodiscard]] HeadResult parse_head(std::string_view line);

// The types that nine records of ten carry, told by the first bytes of `text`, which stands behind
// "type=". `length` is that of the name, in front of a blank; 0 if it is none of them, or if it is
// not followed by "msg=" as auditd writes it.
struct FrequentType {
  RecordType type = RecordType::unknown;
  std::uint8_t length = 0;
};
[[nodiscard]] inline FrequentType frequent_type_of(std::string_view text) {
  using Word = std::array<char, sizeof(std::uint64_t)>;
  constexpr auto kPath = std::bit_cast<std::uint64_t>(Word{'P', 'A', 'T', 'H', ' ', 'm', 's', 'g'});
  constexpr auto kCwd = std::bit_cast<std::uint64_t>(Word{'C', 'W', 'D', ' ', 'm', 's', 'g', '='});
  constexpr auto kSyscall =
      std::bit_cast<std::uint64_t>(Word{'S', 'Y', 'S', 'C', 'A', 'L', 'L', ' '});
  constexpr auto kExecve =
      std::bit_cast<std::uint64_t>(Word{'E', 'X', 'E', 'C', 'V', 'E', ' ', 'm'});
  constexpr auto kProctitle =
      std::bit_cast<std::uint64_t>(Word{'P', 'R', 'O', 'C', 'T', 'I', 'T', 'L'});
  if (text.size() < sizeof(Word) + 2)
    return {};
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), sizeof word);
  switch (word) {
    case kPath:
      return {.type = RecordType::path, .length = 4};
    case kSyscall:
      return {.type = RecordType::syscall, .length = 7};
    case kProctitle:
      return text[8] == 'E' && text[9] == ' '
                 ? FrequentType{.type = RecordType::proctitle, .length = 9}
                 : FrequentType{};
    case kCwd:
      return {.type = RecordType::cwd, .length = 3};
    case kExecve:
      return {.type = RecordType::execve, .length = 6};
    default:
      return {};
  }
}

// The number of a type as it stands behind "type=": "SYSCALL", "UNKNOWN[1334]", "1300".
// A name that libaudit does not know is RecordType::unknown.
[[nodiscard]] RecordType parse_record_type(std::string_view name);

}  // namespace krbtrail::audit
