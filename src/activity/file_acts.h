// SPDX-License-Identifier: Apache-2.0
//
// What a system call did to the objects of its PATH records; interpreter.h has the table.
//
//   const FileReading reading = read_files(event, names);
//   for (const FileAct& act : reading.acts) …
#pragma once

#include <cstdint>
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
  std::optional<std::uint32_t> new_owner;
  std::optional<std::uint32_t> new_mode;
};

struct FileReading {
  std::vector<FileAct> acts;  // in the order of the PATH records
  // What a call that succeeded found or made, as far as `names` wants to know its name.
  std::vector<FileObject> named;
};

// `names` is asked, not changed.
[[nodiscard]] FileReading read_files(const audit::DecodedEvent& event, const FileNames& names);

// True if the event is an exec that succeeded. An EXECVE record says so where the SYSCALL record is
// lost or its arch unknown.
[[nodiscard]] bool is_exec(const audit::DecodedEvent& event);

}  // namespace krbtrail::activity
