// SPDX-License-Identifier: Apache-2.0
//
// A hash of bytes for what is compared or looked up in one run: keyed anew in each run, so that no
// log can choose names that collide. Never written anywhere.
#pragma once

#include <cstdint>
#include <string_view>

namespace krbtrail::audit {

[[nodiscard]] std::uint64_t keyed_hash(std::string_view bytes);

}  // namespace krbtrail::audit
