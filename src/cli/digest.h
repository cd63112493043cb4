// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 of evidence, so that a report says which bytes it is about.
#pragma once

#include <string>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// 64 lower-case hexadecimal digits of all that is left in `source`. FIPS 180-4, by nettle.
[[nodiscard]] model::Result<std::string> sha256_of(input::ByteSource& source);

}  // namespace krbtrail::cli
