// SPDX-License-Identifier: Apache-2.0
//
// What the records of one event say about the process that caused it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {

// A text field's bytes; empty if it is absent or one of the words for absence: (null), (none), ?.
// A quoted value is always literal, whatever it says.
[[nodiscard]] std::string_view text_of(const audit::DecodedRecord& record, std::string_view field);

// Unset if absent, not a number, 4294967295 or -1.
[[nodiscard]] std::optional<std::uint32_t> id_of(const audit::DecodedRecord& record,
                                                 std::string_view field);

// What a SYSCALL record says was called; `other` where its arch or number cannot be read. Where the
// arch is not in audit/syscall_name.h the enriched name is taken.
[[nodiscard]] audit::Syscall syscall_of(const audit::DecodedRecord& record);

// Of a SYSCALL or URINGOP record.
[[nodiscard]] bool succeeded(const audit::DecodedRecord& record);

// Of a PATH record: permissions and file type. Unset if absent or not a number.
[[nodiscard]] std::optional<std::uint32_t> mode_of(const audit::DecodedRecord& path);

// The record that names the acting process: the SYSCALL, else the URINGOP; nullptr without either.
[[nodiscard]] const audit::DecodedRecord* actor_record(const audit::DecodedEvent& event);

// pid, ppid, identity, exe and comm. `record` is a SYSCALL or a URINGOP.
[[nodiscard]] Process actor_of(const audit::DecodedRecord& record, const Accounts& accounts);

// The new image of an exec: actor_of(), the command line, the working directory and whose file it
// is.
[[nodiscard]] Process new_image_of(const audit::DecodedEvent& event, const Accounts& accounts);

// The keys of the audit rules that recorded the event.
[[nodiscard]] std::vector<std::string> keys_of(const audit::DecodedEvent& event);

}  // namespace krbtrail::activity
