// SPDX-License-Identifier: Apache-2.0
#include "audit/log_reader.h"

#include <algorithm>
#include <utility>

namespace krbtrail::audit {
namespace {

bool is_line_end(char c) {
  return c == '\n' || c == '\0';
}

}  // namespace

LogReader::LogReader(LogInput& input, const ScanOptions& options, BlockPool& pool,
                     const LiteralScanner& scanner, SpareThreads& spare, model::Coverage& coverage)
    : input_(input),
      options_(options),
      coverage_(coverage),
      feed_(input, options, pool, scanner, spare) {
  current_.origin.input = input.input;
}

const Line* LogReader::next_odd() {
  const Line* const line = read_odd();
  is_odd_ = block_->ends.has_nul || in_nul_run_ || skipping_ != 0 || mark_bytes_ != 0;
  return line;
}

const Line* LogReader::read_odd() {
  while (true) {
    if (at_ == block_->complete && !load())
      return nullptr;
    const char* const bytes = block_->block->bytes.get();
    if (block_->ends.has_nul && bytes[at_] == '\0') {
      skip_nul_run();
      continue;
    }
    const std::size_t end = find_end();
    const std::size_t length = end - at_;
    const bool has_line_feed = end < block_->complete && bytes[end] == '\n';
    Line& line = current_;
    line = {.text = {bytes + at_, length},
            .bytes = length + (has_line_feed ? 1 : 0),
            .origin = {.input = input_.input, .line = line_, .offset = offset_},
            .block = block_->block};
    line.hit = hit_in(at_, end);
    in_nul_run_ = false;
    at_ += line.bytes;
    offset_ += line.bytes;
    line_ += has_line_feed ? 1 : 0;
    next_feed_ += has_line_feed ? 1 : 0;
    ended_in_a_line_ = block_->at_end && at_ == block_->filled && !has_line_feed;
    if (skipping_ != 0 || length > kLongestLine) {
      reject_long_line(line.bytes);
      continue;
    }
    if (has_line_feed && line.text.ends_with('\r'))
      line.text.remove_suffix(1);
    line.bytes += mark_bytes_;
    mark_bytes_ = 0;
    return &line;
  }
}

// Goes on until a block holds a complete line, or the input ends. False if nothing is left.
bool LogReader::load() {
  while (!block_->at_end) {
    take_block();
    if (options_.on_block && !options_.on_block())
      return false;
    if (at_ < block_->complete)
      return true;
  }
  if (skipping_ != 0)
    reject_long_line(0);
  coverage_.reject(model::Rejection::blank, 0, std::exchange(mark_bytes_, 0));
  return false;
}

void LogReader::take_block() {
  block_ = &feed_.next();
  coverage_.bytes_read += block_->got;
  at_ = block_->begin;
  next_feed_ = block_->ends.feeds.data();
  feeds_end_ = next_feed_ + block_->ends.feeds.size();
  next_hit_ = block_->hits.ends.data();
  hits_end_ = next_hit_ + block_->hits.ends.size();
  skipping_ += block_->dropped;
  mark_bytes_ += block_->mark;
  offset_ += block_->dropped + block_->mark;
}

// Of the line that begins at at_: the place of its end, which may be that of the input.
std::size_t LogReader::find_end() {
  const std::string_view bytes{block_->block->bytes.get(), block_->complete};
  if (!block_->ends.has_nul)
    return next_feed_ != feeds_end_ ? *next_feed_ : bytes.size();
  const auto* const end = std::find_if(bytes.begin() + at_, bytes.end(), is_line_end);
  return static_cast<std::size_t>(end - bytes.begin());
}

void LogReader::skip_nul_run() {
  if (skipping_ != 0)
    reject_long_line(0);
  const std::string_view rest =
      std::string_view{block_->block->bytes.get(), block_->complete}.substr(at_);
  const std::size_t length = std::min(rest.find_first_not_of('\0'), rest.size());
  coverage_.reject(model::Rejection::nul, in_nul_run_ ? 0 : 1, length + mark_bytes_);
  in_nul_run_ = true;
  mark_bytes_ = 0;
  at_ += length;
  offset_ += length;
}

void LogReader::reject_long_line(std::uint64_t bytes) {
  coverage_.reject(model::Rejection::too_long, 1, skipping_ + bytes + mark_bytes_);
  skipping_ = 0;
  mark_bytes_ = 0;
}

}  // namespace krbtrail::audit
