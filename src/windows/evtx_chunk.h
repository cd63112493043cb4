// SPDX-License-Identifier: Apache-2.0
//
// One 64 KiB chunk of an EVTX file: its header, its live records, and what lies behind them.
//
// Layout (libevtx, "Windows XML Event Log (EVTX)"): "ElfChnk\0"; at 48 the offset behind the last
// record; at 52 the CRC-32 of the records; at 124 that of the header's bytes 0-119 and 128-511;
// records from 512 on: "**\0\0", u32 size, u64 id, FILETIME, binary XML, u32 size again.
//
// Records up to the free-space offset are the log. What lies behind it is slack: records of an
// earlier use of the chunk, or freshly written ones that a crash kept out. Chunks do not refer to
// each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "krbtrail/windows/reader.h"
#include "tally.h"

namespace krbtrail::windows {

inline constexpr std::size_t kChunkSize = std::size_t{64} << 10U;
inline constexpr std::size_t kChunkHeader = 512;
inline constexpr std::string_view kChunkMagic{"ElfChnk\0", 8};

struct ChunkPlace {
  std::uint64_t number = 0;  // from 0, in the order of the file
  std::uint64_t offset = 0;  // of its first byte in the file
};

// Reads a chunk that starts with the magic; `bytes` are fewer than kChunkSize where the file ends
// early. Every byte is accounted for.
void read_chunk(std::string_view bytes, const ChunkPlace& place, const ReadOptions& options,
                Tally& tally);

// Reads whatever records are found in bytes that should have been a chunk but lack its magic. They
// are handed on as recovered, whether or not the options ask for slack: damage is not deletion.
void read_headless_chunk(std::string_view bytes, const ChunkPlace& place, Tally& tally);

}  // namespace krbtrail::windows
