// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/keyed_hash.h"

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

// Each eight bytes are mixed by a multiplication to 128 bits, as wyhash does; the last eight may
// overlap those before them.
std::uint64_t keyed_hash(std::string_view bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const std::uint64_t factor = key ^ 0xA0761D6478BD642FU;
  std::uint64_t hash = key ^ bytes.size();
  std::uint64_t word = 0;
  if (bytes.size() < kWord) {
    bytes.copy(reinterpret_cast<char*>(&word), bytes.size());
    return mix(hash ^ word, factor);
  }
  for (std::size_t at = 0; at + kWord < bytes.size(); at += kWord) {
    std::memcpy(&word, bytes.data() + at, kWord);
    hash = mix(hash ^ word, factor);
  }
  std::memcpy(&word, bytes.data() + bytes.size() - kWord, kWord);
  return mix(hash ^ word, factor);
}

}  // namespace krbtrail::audit
