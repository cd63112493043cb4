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

#include <cstdint>
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
// "type=". `length` is that of the name, in front of a blank; 0 if it is none of them.
struct FrequentType {
  RecordType type = RecordType::unknown;
  std::uint8_t length = 0;
};
[[nodiscard]] inline FrequentType frequent_type_of(std::string_view text) {
  if (text.starts_with("PATH "))
    return {.type = RecordType::path, .length = 4};
  if (text.starts_with("SYSCALL "))
    return {.type = RecordType::syscall, .length = 7};
  if (text.starts_with("PROCTITLE "))
    return {.type = RecordType::proctitle, .length = 9};
  if (text.starts_with("CWD "))
    return {.type = RecordType::cwd, .length = 3};
  if (text.starts_with("EXECVE "))
    return {.type = RecordType::execve, .length = 6};
  return {};
}

// The number of a type as it stands behind "type=": "SYSCALL", "UNKNOWN[1334]", "1300".
// A name that libaudit does not know is RecordType::unknown.
[[nodiscard]] RecordType parse_record_type(std::string_view name);

}  // namespace krbtrail::audit
