// SPDX-License-Identifier: Apache-2.0
//
// --passwd FILE: names for the uids of the host that the evidence comes from.
#pragma once

#include <string>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// The text of the file. An Error if it cannot be read, is larger than 16 MiB (some 200,000
// accounts) or holds no account. An empty `path` is none: the text is empty.
[[nodiscard]] model::Result<std::string> read_passwd(const std::string& path);

}  // namespace krbtrail::cli
