// SPDX-License-Identifier: Apache-2.0
//
// One input as blocks of whole lines, each with what a look at its bytes tells: where the lines end
// and where literals do. All of it can be done ahead of those who take the lines; see block_feed.h.
//
//   ReadBlock first{.block = pool.take()}, second{.block = pool.take()};
//   reader.read({}, first);
//   reader.read(first, second);  // half a line at the first one's end begins the second
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "audit/block_pool.h"
#include "krbtrail/audit/line_ends.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/scan_lane.h"

namespace krbtrail::audit {

// The longest line that is taken. See scan_lane.h.
inline constexpr std::size_t kLongestLine = 65'535;

struct ReadBlock {
  Block* block = nullptr;
  std::size_t begin = 0;     // of the first line in the block
  std::size_t complete = 0;  // up to the last line end; at the end of the input all there is
  std::size_t filled = 0;    // up to the last byte read
  std::size_t got = 0;       // bytes that were read for it
  std::size_t mark = 0;      // bytes of a byte order mark, which stand before `begin`
  std::size_t dropped = 0;   // bytes before `begin` of a line that is too long and goes on in here
  bool at_end = false;       // nothing follows
  LineEnds ends;             // places in the block
  LiteralHits hits;          // likewise
};

// Not thread-safe, but need not be used by the thread that made it. Everything handed in must
// outlive it.
class BlockReader {
 public:
  BlockReader(LogInput& input, const ScanOptions& options, const LiteralScanner& scanner)
      : input_(input), options_(options), scanner_(scanner) {}

  // Whether a live stream goes on in the same block: it comes a few lines at a time, and each of
  // them may keep its block for long, so a block is filled before the next is begun.
  [[nodiscard]] bool goes_on_in(const ReadBlock& before) const;

  // Reads a block's worth behind what `before` holds, of a live stream what is there now, into
  // `into.block`. `before` has no block at the start.
  void read(const ReadBlock& before, ReadBlock& into) const;

 private:
  void fill(ReadBlock& into) const;
  void look_at(ReadBlock& into, std::size_t carried) const;

  LogInput& input_;
  const ScanOptions& options_;
  const LiteralScanner& scanner_;
};

}  // namespace krbtrail::audit
