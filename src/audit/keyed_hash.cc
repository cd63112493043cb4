// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/keyed_hash.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace krbtrail::audit {
namespace {

// From an address of this run.
const char somewhere = 0;
const std::uint64_t key = std::bit_cast<std::uintptr_t>(&somewhere) * 0x9E3779B97F4A7C15U;

__extension__ using Wide = unsigned __int128;

std::uint64_t mix(std::uint64_t left, std::uint64_t right) {
  const Wide product = Wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

// Each eight bytes are mixed by a multiplication to 128 bits, as wyhash does.
std::uint64_t keyed_hash(std::string_view bytes) {
  std::uint64_t hash = key ^ bytes.size();
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), sizeof(std::uint64_t));
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), size);
    hash = mix(hash ^ word, key ^ 0xA0761D6478BD642FU);
    bytes.remove_prefix(size);
  }
  return hash;
}

}  // namespace krbtrail::audit
