// SPDX-License-Identifier: Apache-2.0
//
// --passwd FILE: names for the uids of the host that the evidence comes from.
#pragma once

#include <string>
#include <vector>

#include "krbtrail/input/files.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// The text of the file. An Error if it cannot be read, is larger than 16 MiB (some 200,000
// accounts) or holds no account. An empty `path` is none: the text is empty.
[[nodiscard]] model::Result<std::string> read_passwd(const std::string& path);

// The same, and without a `path` what the mounted image of `evidence` has, whose lack is only
// noted.
[[nodiscard]] model::Result<std::string> account_names(const std::string& path,
                                                       const input::Evidence& evidence,
                                                       std::vector<std::string>& notes);

}  // namespace krbtrail::cli
