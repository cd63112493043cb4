// SPDX-License-Identifier: Apache-2.0
//
// Whether text is an audit log: the heads of its lines, read as strictly as the audit room will.
// The rooms do not know each other; tests over the same lines hold the two readings together.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::input {

enum class AuditShape : std::uint8_t { none, records, interpreted };

struct AuditReading {
  AuditShape shape = AuditShape::none;
  std::optional<model::Timestamp> first_stamp = std::nullopt;  // set for records
};

// `text` may start with a byte order mark and NUL bytes. Unless `whole`, its last line is not
// looked at if its end is missing.
[[nodiscard]] AuditReading read_audit_shape(std::string_view text, bool whole);

}  // namespace krbtrail::input
