// SPDX-License-Identifier: Apache-2.0
//
// A SYSCALL record read in place, without libauparse: what is needed of every event, and read once
// for all who need it (Event::call).
//
// Nothing here reaches a finding; what a finding says is decoded by libauparse from the same bytes.
// The first field of a name counts, as in DecodedRecord::field.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace krbtrail::audit {

struct Record;

struct SyscallGlance {
  std::uint32_t arch = 0;     // "c000003e", read as hexadecimal
  std::uint32_t syscall = 0;  // means nothing without arch
  bool success = false;       // success=yes, quoted or not
  std::int64_t exit = 0;
  std::array<std::string_view, 4> args;  // a0–a3, raw; empty if absent
  std::uint32_t items = 0;               // how many PATH records the kernel announces
  std::uint32_t ppid = 0;
  std::uint32_t pid = 0;
  std::string_view actor;      // from "ppid=" on: who called; empty if not in the kernel's order
  std::string_view exe;        // raw, quotes included; views into the record; empty if absent
  std::uint64_t exe_hash = 0;  // of `exe`; keyed anew in each run, so that no log can forge one

  // 0 if absent or no hexadecimal number of 64 bits.
  [[nodiscard]] std::uint64_t argument(std::size_t index) const;
};

// Unset unless `record` is a SYSCALL with readable arch, syscall and pid. The kernel's order of
// fields (kernel/auditsc.c, audit_log_exit) is read in one pass; any other order is read as well.
[[nodiscard]] std::optional<SyscallGlance> glance(const Record& record);

}  // namespace krbtrail::audit
