// SPDX-License-Identifier: Apache-2.0
//
// One input as lines, each with the knowledge whether it holds a literal.
//
// Not thread-safe; `pool`, `scanner`, `coverage` and `input` must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "audit/block_feed.h"
#include "audit/block_pool.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/scan_lane.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::audit {

// The text lies in `block`, which holds it as long as someone holds the block.
struct Line {
  std::string_view text;    // without its end
  std::uint64_t bytes = 0;  // of the input, line end included
  model::Origin origin;
  Block* block = nullptr;
  bool hit = false;
};

class LogReader {
 public:
  LogReader(LogInput& input, const ScanOptions& options, BlockPool& pool,
            const LiteralScanner& scanner, SpareThreads& spare, model::Coverage& coverage);

  // The next line that is not too long; nullptr at the end. Valid until the next call, until which
  // its block is held too; whoever keeps the text longer holds the block.
  [[nodiscard]] const Line* next();

  [[nodiscard]] const LogInput& input() const { return input_; }
  // True once the end was reached and the last line had no end of its own.
  [[nodiscard]] bool ended_in_a_line() const { return ended_in_a_line_; }

 private:
  const Line* next_odd();
  const Line* read_odd();
  [[nodiscard]] bool load();
  void take_block();
  [[nodiscard]] std::size_t find_end();
  void skip_nul_run();
  [[nodiscard]] bool hit_in(std::size_t begin, std::size_t end);
  void reject_long_line(std::uint64_t bytes);

  LogInput& input_;
  const ScanOptions& options_;
  model::Coverage& coverage_;
  BlockFeed feed_;

  ReadBlock none_;  // what there is before the first block
  const ReadBlock* block_ = &none_;
  std::size_t at_ = 0;                        // of the next line in the block
  const std::uint32_t* next_feed_ = nullptr;  // of the block's line feeds
  const std::uint32_t* feeds_end_ = nullptr;
  const std::uint32_t* next_hit_ = nullptr;  // of its hits
  const std::uint32_t* hits_end_ = nullptr;
  bool is_odd_ = true;       // the next line may be an unusual one: next() need not look for why
  bool in_nul_run_ = false;  // a run that crosses blocks is one
  bool ended_in_a_line_ = false;
  std::uint64_t skipping_ = 0;  // bytes so far of a line that is too long

  Line current_;  // what next() gave out
  std::uint64_t line_ = 1;
  std::uint64_t offset_ = 0;
  std::uint64_t mark_bytes_ = 0;  // of a byte order mark, charged to the first line
};

// Nearly every line is one behind others in a block, ends in a line feed and holds no NUL.
inline const Line* LogReader::next() {
  if (next_feed_ == feeds_end_ || is_odd_)
    return next_odd();
  const std::size_t end = *next_feed_;
  if (end == at_ || end - at_ > kLongestLine)
    return next_odd();
  ++next_feed_;
  const char* const begin = block_->block->bytes.get() + at_;
  const std::size_t length = end - at_;
  current_.text = {begin, length - (begin[length - 1] == '\r' ? 1 : 0)};
  current_.bytes = length + 1;
  current_.origin.line = line_++;
  current_.origin.offset = offset_;
  current_.block = block_->block;
  current_.hit = hit_in(at_, end);
  at_ += length + 1;
  offset_ += length + 1;
  return &current_;
}

// Lines are asked for in order, so that each hit is looked at once.
inline bool LogReader::hit_in(std::size_t begin, std::size_t end) {
  while (next_hit_ != hits_end_ && *next_hit_ <= begin)
    ++next_hit_;
  return next_hit_ != hits_end_ && *next_hit_ <= end;
}

}  // namespace krbtrail::audit
