// SPDX-License-Identifier: Apache-2.0
//
// A PATH record read in place, without libauparse: which file it speaks of, for the tables that see
// every event, and read once for all of them (Event::paths).
//
// Nothing here reaches a finding; what a finding says is decoded by libauparse from the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace krbtrail::audit {

struct Record;

struct PathGlance {
  // What the call found or made there, by the record's nametype (objtype before Linux 2.6.26).
  enum class Part : std::uint8_t { other, normal, parent, create, remove };

  std::string_view name;    // raw, quotes included; hexadecimal if unquoted; empty if absent
  std::string_view device;  // "fd:01"; empty if absent
  std::optional<std::uint64_t> inode;  // unset if absent or not a number
  std::uint32_t mode = 0;              // with the file type's bits; 0 if absent
  Part part = Part::other;

  [[nodiscard]] bool is_directory() const { return (mode & 0170000U) == 0040000U; }
};

// Unset unless `record` is a PATH record. The kernel's order of fields (kernel/auditsc.c,
// audit_log_name) is read in one pass; any other order is read as well. A name is skipped by its
// closing quote: no text inside of it can pass for a field.
[[nodiscard]] std::optional<PathGlance> glance_at_path(const Record& record);

}  // namespace krbtrail::audit
