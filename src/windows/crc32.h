// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 as in zlib (reflected 0xEDB88320), eight bytes at a step.
#pragma once

#include <cstdint>
#include <string_view>

namespace krbtrail::windows {

// `before` is the checksum of the bytes before these, 0 at the start.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace krbtrail::windows
