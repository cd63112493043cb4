// SPDX-License-Identifier: Apache-2.0
#include "crc32.h"

#include <array>
#include <cstddef>

#include "binary_view.h"

namespace krbtrail::windows {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;
constexpr std::size_t kSlices = 8;
using Table = std::array<std::uint32_t, 256>;

// Table 0 is the usual one; table n is for a byte that n more bytes follow.
constexpr std::array<Table, kSlices> kTables = [] {
  std::array<Table, kSlices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum & 1U) != 0 ? sum >> 1U ^ kPolynomial : sum >> 1U;
    tables[0][byte] = sum;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t sum = tables[slice - 1][byte];
      tables[slice][byte] = sum >> 8U ^ tables[0][sum & 0xFFU];
    }
  }
  return tables;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  std::uint32_t sum = ~before;
  for (; bytes.size() >= kSlices; bytes.remove_prefix(kSlices)) {
    const std::uint64_t word = number_at<std::uint64_t>(bytes, 0) ^ sum;
    sum = 0;
    for (std::size_t i = 0; i < kSlices; ++i)
      sum ^= kTables[kSlices - 1 - i][word >> (8 * i) & 0xFFU];
  }
  for (const char c : bytes)
    sum = sum >> 8U ^ kTables[0][(sum ^ static_cast<std::uint8_t>(c)) & 0xFFU];
  return ~sum;
}

}  // namespace krbtrail::windows
