// SPDX-License-Identifier: Apache-2.0
//
// Standard output for short answers: help, version, the rules.
#pragma once

#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// All of `text`, or an Error: a full disk and a closed pipe are failures, never a shorter answer.
[[nodiscard]] model::Status write_standard_output(std::string_view text);

}  // namespace krbtrail::cli
