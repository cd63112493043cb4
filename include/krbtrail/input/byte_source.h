// SPDX-License-Identifier: Apache-2.0
//
// Bytes from a file, an archive, a pipe: the one door through which evidence comes in.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "krbtrail/model/error.h"

namespace krbtrail::input {

// Reads forward only; the caller owns the buffer, so that a block can be kept without a copy.
// Files are read, never mapped: a log that is truncated while it is read must not raise SIGBUS.
class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ByteSource(ByteSource&&) = delete;
  ByteSource& operator=(ByteSource&&) = delete;
  virtual ~ByteSource() = default;

  // Fills `buffer` from its start and returns how many bytes it got: 0 at the end, otherwise at
  // least 1, and not necessarily all that would fit. After an error nothing more can be read; what
  // came before it is good.
  [[nodiscard]] virtual model::Result<std::size_t> read(std::span<char> buffer) = 0;

  // As the user should see it: "-" for standard input, "audit.log.2.gz". Valid as long as the
  // source.
  [[nodiscard]] virtual std::string_view name() const = 0;
};

}  // namespace krbtrail::input
