// SPDX-License-Identifier: Apache-2.0
//
// The content of a compressed log: gzip, xz, zstd or bzip2, told apart by content, never by name.
//
//   const Compression compression = compression_of(first_bytes);
//   std::unique_ptr<ByteSource> content = decompress(std::move(file), compression);
//
// Streams into the caller's buffer. Archives of several members (`cat a.gz b.gz`, pzstd, pxz) give
// the members' content one after the other; zero bytes behind a member, as tapes leave them, are
// skipped.
//
// What ends early or is corrupt gives what came before, and then an Error that says what is wrong
// and where in the compressed file: "audit.log.2.gz: gzip data ends early at offset 4711", "…: gzip
// data is corrupt at offset 4711: wrong checksum". Bytes behind the last member that are no further
// member are an Error too, after all content: "…: the bytes from offset 4711 on are not gzip data".
// The offset is where the decompressor had read to; the damage may lie somewhat before it.
//
// Bounded: memory is 64 KiB of input plus the decompressor's own state and window. A window over
// kWindowLimit is refused with its own message; so an archive that expands a million times costs
// time, not memory. One level only: an archive in an archive comes out as the inner archive's
// bytes. ZIP and tar hold files rather than being one, and are not taken apart here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "krbtrail/input/byte_source.h"

namespace krbtrail::input {

enum class Compression : std::uint8_t { none, gzip, xz, zstd, bzip2 };
[[nodiscard]] std::string_view to_string(Compression compression);  // "gzip"; "none"

// zstd --long=27 and xz -9 (64 MiB) are within it; zstd --long=31 is not.
inline constexpr std::size_t kWindowLimit = std::size_t{128} << 20U;

// What compression_of() wants to see; with fewer bytes it still answers as far as they go.
inline constexpr std::size_t kCompressionMagic = 10;

// By the first bytes of a file. RFC 1952; xz file format 1.2; RFC 8878 (skippable frames included);
// bzip2's "BZh1" to "BZh9" followed by a block's or the end's magic.
[[nodiscard]] Compression compression_of(std::string_view first_bytes);

// `compressed` itself for Compression::none. Its name is the result's name.
[[nodiscard]] std::unique_ptr<ByteSource> decompress(std::unique_ptr<ByteSource> compressed,
                                                     Compression compression);

}  // namespace krbtrail::input
