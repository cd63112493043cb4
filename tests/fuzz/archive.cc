// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an archive: the same content and the same error whatever the pieces, and an end.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "fuzz/require.h"
#include "krbtrail/input/decompress.h"
#include "support/memory_source.h"

namespace krbtrail::fuzz {
namespace {

// So that an archive that expands a million times does not take all the time.
constexpr std::size_t kMostContent = std::size_t{4} << 20U;

test::Drained content_of(const std::string& bytes, test::MemorySourceOptions options) {
  const input::Compression compression = input::compression_of(bytes);
  const auto source = input::decompress(
      std::make_unique<test::MemorySource>(bytes, std::move(options)), compression);
  test::Drained drained;
  std::string buffer(4096, '\0');
  while (drained.bytes.size() < kMostContent) {
    const model::Result<std::size_t> got = source->read(buffer);
    if (!got)
      drained.error = got.error().message;
    if (!got || *got == 0)
      return drained;
    drained.bytes.append(buffer, 0, *got);
  }
  return drained;
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string bytes{reinterpret_cast<const char*>(data), size};
  const test::Drained at_once = fuzz::content_of(bytes, {});
  const test::Drained in_pieces = fuzz::content_of(bytes, {.pieces = {1, 7, 4096}});
  fuzz::require(at_once.bytes == in_pieces.bytes, "pieces do not change the content");
  fuzz::require(at_once.error.empty() == in_pieces.error.empty(), "nor whether it is whole");
  return 0;
}
