// SPDX-License-Identifier: Apache-2.0
//
// What a system call did to the objects of its PATH records; interpreter.h has the table.
//
//   for (const FileAct& act : file_acts_of(event, names)) …
#pragma once

#include <optional>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/audit/decoder.h"

namespace krbtrail::activity {

struct FileAct {
  FileAction action = FileAction::read;
  bool flags_known = true;
  FileObject object;
  std::optional<FileObject> previous;
  std::optional<FileObject> replaced;
};

// In the order of the PATH records. `names` is asked, not changed.
[[nodiscard]] std::vector<FileAct> file_acts_of(const audit::DecodedEvent& event,
                                                const FileNames& names);

// The objects whose full names the event shows to be good: after a call that succeeded, those that
// it found or made.
[[nodiscard]] std::vector<FileObject> named_objects_of(const audit::DecodedEvent& event,
                                                       const FileNames& names);

// True if the event is an exec that succeeded. An EXECVE record says so where the SYSCALL record is
// lost or its arch unknown.
[[nodiscard]] bool is_exec(const audit::DecodedEvent& event);

}  // namespace krbtrail::activity
