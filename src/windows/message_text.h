// SPDX-License-Identifier: Apache-2.0
//
// The message that Windows renders for people, in English:
//
//   An account was successfully logged on.
//
//   New Logon:
//       Security ID:        S-1-5-21-…-500
//       Logon ID:           0x8A38DE
//
// A label means what its section says it means: "Logon ID" under "New Logon" is TargetLogonId,
// under "Subject" SubjectLogonId. Labels may be followed by blanks before and after the colon;
// lines end with LF or CRLF. Wordings are those of adtschema.dll and of the Service Control
// Manager.
//
// Read for 4624, 4697, 4648, 4672, 4634, 4647, 4688, 7045 and 1102; of the others the Subject. The
// exporting host puts account names in place of SIDs ("NULL SID", "DOMAIN\Administrator"): a
// Security ID that is no SID stays as it is, and WindowsEvent::sids_as_names is set.
//
// A message in another language is recognised by its first sentence not being the English one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// The event whose English message begins so; nullopt if none of the wanted ones does.
[[nodiscard]] std::optional<std::uint32_t> event_id_of_message(std::string_view message);

// Fills fields of `event` that are still missing, by its event id; sets from_message, or localised
// if the message is not in English. An empty message changes nothing.
void read_message(std::string_view message, WindowsEvent& event);

}  // namespace krbtrail::windows
