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

#include "chunk_notes.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::windows {

inline constexpr std::size_t kChunkSize = std::size_t{64} << 10U;
inline constexpr std::size_t kChunkHeader = 512;
inline constexpr std::string_view kChunkMagic{"ElfChnk\0", 8};

struct ChunkPlace {
  std::uint64_t number = 0;  // from 0, in the order of the file
  std::uint64_t offset = 0;  // of its first byte in the file
};

enum class ChunkPart : std::uint8_t {
  whole,     // starts with the magic; fewer bytes than kChunkSize where the file ends early
  headless,  // bytes that should have been a chunk but lack its magic
};

// Notes whatever records are found; every byte is accounted for. Those of a headless part are
// recovered, whether or not the options ask for slack: damage is not deletion.
void read_chunk(std::string_view bytes, const ChunkPlace& place, ChunkPart part,
                const ReadOptions& options, ChunkNotes& notes);

}  // namespace krbtrail::windows
