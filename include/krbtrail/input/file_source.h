// SPDX-License-Identifier: Apache-2.0
//
// A file, read from front to back with read(2) and never mapped: a log that is truncated while it
// is read (logrotate's copytruncate) ends early instead of raising SIGBUS.
//
//   Result<std::unique_ptr<ByteSource>> log = open_file("/evidence/audit.log", "audit.log");
//   if (!log) return log.error();    // "audit.log: cannot open: Permission denied"
//
// The bytes are those on the disk: whoever wants the content of an archive puts decompress() on
// top.
#pragma once

#include <memory>
#include <string>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/model/error.h"

namespace krbtrail::input {

// Opens the regular file, or waits for the writer of a FIFO, that `path` leads to; symbolic links
// are followed. `name` is what messages call it.
//
// Errors: "NAME: cannot open: No such file or directory" (or any other reason of the system),
// "NAME: cannot open: Is a directory", "NAME: cannot open: is a device" (or "is a socket"); from
// read(): "NAME: cannot read at offset 65536: Input/output error". A file that grows or shrinks
// while it is read gives what read(2) finds, without an error.
[[nodiscard]] model::Result<std::unique_ptr<ByteSource>> open_file(const std::string& path,
                                                                   std::string name);

// The same for what was seen to be a regular file: if a FIFO has taken its place meanwhile, nobody
// waits for a writer. "NAME: cannot open: is no regular file any more".
[[nodiscard]] model::Result<std::unique_ptr<ByteSource>> open_regular_file(const std::string& path,
                                                                           std::string name);

}  // namespace krbtrail::input
