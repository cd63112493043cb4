// SPDX-License-Identifier: Apache-2.0
//
// A stream that somebody else opened: standard input, an inherited pipe or socket.
//
// Its bytes come once. Whoever must look at them before deciding who reads them uses evidence_kind
// through Evidence (files.h), which gives back what it looked at.
#pragma once

#include <memory>
#include <string>

#include "krbtrail/input/byte_source.h"

namespace krbtrail::input {

// Reads `descriptor`, which stays the caller's to close and must outlive the source. read() waits
// for bytes, also where the descriptor is non-blocking, and returns as soon as there are some.
// Errors of read(): "NAME: cannot read at offset 0: Is a directory".
[[nodiscard]] std::unique_ptr<ByteSource> open_pipe(int descriptor, std::string name);

}  // namespace krbtrail::input
