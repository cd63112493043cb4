// SPDX-License-Identifier: Apache-2.0
//
// What a system call did that shows in no program and no file's name: contact with the network,
// with a keyring, with another process's memory. interpreter.h has the table.
#pragma once

#include <optional>
#include <variant>

#include "krbtrail/activity/activity.h"
#include "krbtrail/audit/decoder.h"

namespace krbtrail::activity {

struct CallAct {
  bool success = false;
  std::variant<NetworkContact, KeyringAccess, MemoryAccess> act;
};

// Unset for every other call. Where it is set the event has an actor_record().
[[nodiscard]] std::optional<CallAct> read_call(const audit::DecodedEvent& event);

}  // namespace krbtrail::activity
