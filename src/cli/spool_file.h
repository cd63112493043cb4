// SPDX-License-Identifier: Apache-2.0
//
// Where the events of large Windows exports wait until all are read: a temporary file that nobody
// else can open and that is gone with the process.
//
//   SpoolOptions{.make_file = [&] { return make_spool_file("/tmp"); }}
//
// Errors name the directory: "/tmp: cannot write a temporary file: No space left on device".
#pragma once

#include <memory>
#include <string>

#include "krbtrail/detect/windows_spool.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// Mode 0600, unlinked before the first byte is written.
[[nodiscard]] model::Result<std::unique_ptr<detect::SpoolFile>> make_spool_file(
    const std::string& directory);

}  // namespace krbtrail::cli
