// SPDX-License-Identifier: Apache-2.0
//
// A text file that the user named: passwd, the configuration, the exceptions.
#pragma once

#include <cstddef>
#include <string>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// All of it. An Error if it cannot be read ("PATH: cannot open: …") or holds more than `limit`
// bytes.
[[nodiscard]] model::Result<std::string> read_text_file(const std::string& path, std::size_t limit);

}  // namespace krbtrail::cli
