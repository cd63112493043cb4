// SPDX-License-Identifier: Apache-2.0
//
// Looks at the first bytes of a source, below its compression, and gives them back.
#pragma once

#include <memory>
#include <optional>

#include "krbtrail/input/byte_source.h"
#include "krbtrail/input/decompress.h"
#include "krbtrail/input/evidence_kind.h"
#include "krbtrail/model/error.h"

namespace krbtrail::input {

struct Sniffed {
  Compression compression = Compression::none;
  Recognition seen;
  std::unique_ptr<ByteSource> content;  // decompressed, from its first byte
  // What ended the look before anything could be recognised. An error after that comes again when
  // `content` is read.
  std::optional<model::Error> failure;
};

// Reads at most kHeadSize bytes of the file and as many of its content.
[[nodiscard]] Sniffed sniff(std::unique_ptr<ByteSource> file);

}  // namespace krbtrail::input
