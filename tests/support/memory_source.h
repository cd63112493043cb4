// SPDX-License-Identifier: Apache-2.0
//
// A ByteSource over bytes in memory that behaves as badly as the contract allows: pieces of odd
// sizes, a failure at a given place. And the opposite end: reads a source empty.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/input/byte_source.h"

namespace krbtrail::test {

struct MemorySourceOptions {
  std::string name = "memory";
  // The most bytes one read() gives, used in turn; empty: as many as fit.
  std::vector<std::size_t> pieces = {};
  // read() fails once this many bytes have been given.
  std::optional<std::size_t> fail_at = std::nullopt;
  std::string failure = "memory: cannot read";
};

class MemorySource final : public input::ByteSource {
 public:
  explicit MemorySource(std::string bytes, MemorySourceOptions options = {})
      : bytes_(std::move(bytes)), options_(std::move(options)) {}

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override {
    const std::size_t end = std::min(bytes_.size(), options_.fail_at.value_or(bytes_.size()));
    if (place_ == end && options_.fail_at)
      return model::Error{.message = options_.failure, .hint = {}};
    const std::size_t count = std::min({buffer.size(), end - place_, next_piece()});
    std::memcpy(buffer.data(), bytes_.data() + place_, count);
    place_ += count;
    return count;
  }

  [[nodiscard]] std::string_view name() const override { return options_.name; }

 private:
  std::size_t next_piece() {
    if (options_.pieces.empty())
      return std::numeric_limits<std::size_t>::max();
    return options_.pieces[turn_++ % options_.pieces.size()];
  }

  std::string bytes_;
  MemorySourceOptions options_;
  std::size_t place_ = 0;
  std::size_t turn_ = 0;
};

// All that a source gave, and the text of the error that ended it, if one did.
struct Drained {
  std::string bytes;
  std::string error;
};

inline Drained drain(input::ByteSource& source, std::size_t buffer_size = 4096) {
  Drained drained;
  std::string buffer(buffer_size, '\0');
  while (true) {
    const model::Result<std::size_t> got = source.read(std::span{buffer});
    if (!got) {
      drained.error = got.error().message;
      return drained;
    }
    if (*got == 0)
      return drained;
    drained.bytes.append(buffer, 0, *got);
  }
}

}  // namespace krbtrail::test
