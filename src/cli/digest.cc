// SPDX-License-Identifier: Apache-2.0
#include "cli/digest.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <nettle/sha2.h>

namespace krbtrail::cli {

namespace {

constexpr std::size_t kBlockSize = std::size_t{256} << 10U;

std::string hexadecimal(const std::array<std::uint8_t, SHA256_DIGEST_SIZE>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace

model::Result<std::string> sha256_of(input::ByteSource& source) {
  sha256_ctx state{};
  sha256_init(&state);
  std::vector<char> block(kBlockSize);
  while (true) {
    const model::Result<std::size_t> size = source.read(block);
    if (!size)
      return size.error();
    if (size.value() == 0)
      break;
    sha256_update(&state, size.value(), reinterpret_cast<const std::uint8_t*>(block.data()));
  }
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&state, digest.size(), digest.data());
  return hexadecimal(digest);
}

}  // namespace krbtrail::cli
