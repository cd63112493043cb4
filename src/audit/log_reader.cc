// SPDX-License-Identifier: Apache-2.0
#include "audit/log_reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace krbtrail::audit {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_end(char c) {
  return c == '\n' || c == '\0';
}

}  // namespace

LogReader::LogReader(LogInput& input, const ScanOptions& options, BlockPool& pool,
                     const LiteralScanner& scanner, model::Coverage& coverage)
    : input_(input), options_(options), pool_(pool), scanner_(scanner), coverage_(coverage) {
  current_.origin.input = input.input;
}

LogReader::~LogReader() {
  if (block_ != nullptr)
    pool_.let_go(block_);
}

// Nearly every line is one behind others in a block, ends in a line feed and holds no NUL.
const Line* LogReader::next() {
  if (at_ == complete_ || has_nul_ || skipping_ != 0 || mark_bytes_ != 0)
    return next_odd();
  const char* begin = block_->bytes.get() + at_;
  const auto* end = static_cast<const char*>(std::memchr(begin, '\n', complete_ - at_));
  if (end == nullptr || end == begin)
    return next_odd();
  const auto length = static_cast<std::size_t>(end - begin);
  if (length > kLongestLine)
    return next_odd();
  current_.text = {begin, length - (end[-1] == '\r' ? 1 : 0)};
  current_.bytes = length + 1;
  current_.origin.line = line_++;
  current_.origin.offset = offset_;
  current_.block = block_;
  current_.hit = hit_in(at_, at_ + length);
  at_ += length + 1;
  offset_ += length + 1;
  in_nul_run_ = false;
  ended_in_a_line_ = false;
  return &current_;
}

const Line* LogReader::next_odd() {
  while (true) {
    if (at_ == complete_ && !load())
      return nullptr;
    if (has_nul_ && block_->bytes[at_] == '\0') {
      skip_nul_run();
      continue;
    }
    const char* begin = block_->bytes.get() + at_;
    const char* end = find_end(begin);
    const auto length = static_cast<std::size_t>(end - begin);
    const bool has_line_feed = at_ + length < complete_ && *end == '\n';
    Line& line = current_;
    line = {.text = {begin, length},
            .bytes = length + (has_line_feed ? 1 : 0),
            .origin = {.input = input_.input, .line = line_, .offset = offset_},
            .block = block_};
    line.hit = hit_in(at_, at_ + length);
    in_nul_run_ = false;
    at_ += line.bytes;
    offset_ += line.bytes;
    line_ += has_line_feed ? 1 : 0;
    ended_in_a_line_ = at_end_ && at_ == filled_ && !has_line_feed;
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

// Reads on until the block holds a complete line, or the input ends. False if nothing is left.
bool LogReader::load() {
  while (!at_end_ || at_ < filled_) {
    const std::size_t carried = filled_ - at_;
    if (carried > kLongestLine) {
      skipping_ += carried;
      at_ = filled_;
      offset_ += carried;
      continue;
    }
    if (!has_room_behind())
      start_block(carried);
    fill(filled_);
    if (!started_)
      skip_byte_order_mark();
    if (complete_ > at_)
      return true;
    if (at_end_ && at_ == filled_)
      break;
  }
  if (skipping_ != 0)
    reject_long_line(0);
  coverage_.reject(model::Rejection::blank, 0, std::exchange(mark_bytes_, 0));
  return false;
}

// A live stream comes a few lines at a time, and each of them may keep its block for long: so a
// block is filled before the next is begun.
bool LogReader::has_room_behind() const {
  return options_.live && block_ != nullptr && filled_ < options_.block_bytes;
}

void LogReader::start_block(std::size_t carried) {
  Block* fresh = pool_.take();
  if (carried != 0)
    std::memcpy(fresh->bytes.get(), block_->bytes.get() + at_, carried);
  if (block_ != nullptr)
    pool_.let_go(block_);
  block_ = fresh;
  at_ = 0;
  filled_ = carried;
}

// Reads a block's worth, of a live stream what is there now. What lies before at_ is done with.
void LogReader::fill(std::size_t from) {
  const std::size_t wanted = options_.live && from < options_.block_bytes
                                 ? options_.block_bytes
                                 : from + options_.block_bytes;
  while (filled_ < wanted && !at_end_) {
    const std::size_t got = input_.read(std::span{block_->bytes.get() + filled_, wanted - filled_});
    at_end_ = got == 0;
    filled_ += got;
    coverage_.bytes_read += got;
    if (options_.live)
      break;
  }
  const std::string_view bytes{block_->bytes.get() + at_, filled_ - at_};
  // What was carried is the begin of a line: no end of one is in there.
  const std::string_view added = bytes.substr(from - at_);
  has_nul_ = added.find('\0') != std::string_view::npos;
  complete_ = filled_;
  if (!at_end_) {
    const auto last = std::find_if(added.rbegin(), added.rend(), is_line_end);
    complete_ = last == added.rend() ? at_ : from + static_cast<std::size_t>(added.rend() - last);
  }
  scanned_from_ = at_;
  scanner_.scan(bytes.substr(0, complete_ - at_), hits_);
  next_hit_ = 0;
}

const char* LogReader::find_end(const char* from) const {
  const char* limit = block_->bytes.get() + complete_;
  if (has_nul_)
    return std::find_if(from, limit, is_line_end);
  const void* found = std::memchr(from, '\n', static_cast<std::size_t>(limit - from));
  return found == nullptr ? limit : static_cast<const char*>(found);
}

void LogReader::skip_nul_run() {
  if (skipping_ != 0)
    reject_long_line(0);
  const char* begin = block_->bytes.get() + at_;
  const char* limit = block_->bytes.get() + complete_;
  const char* end = std::find_if(begin, limit, [](char c) { return c != '\0'; });
  const auto length = static_cast<std::size_t>(end - begin);
  coverage_.reject(model::Rejection::nul, in_nul_run_ ? 0 : 1, length + mark_bytes_);
  in_nul_run_ = true;
  mark_bytes_ = 0;
  at_ += length;
  offset_ += length;
}

void LogReader::skip_byte_order_mark() {
  const std::string_view bytes{block_->bytes.get(), filled_};
  if (filled_ < kByteOrderMark.size() && !at_end_ && kByteOrderMark.starts_with(bytes)) {
    complete_ = 0;  // not yet known: the rest of the mark may come with the next read
    return;
  }
  started_ = true;
  if (!bytes.starts_with(kByteOrderMark))
    return;
  mark_bytes_ = kByteOrderMark.size();
  at_ = mark_bytes_;
  offset_ = mark_bytes_;
  complete_ = std::max(complete_, at_);
}

// Lines are asked for in order, so that each hit is looked at once.
bool LogReader::hit_in(std::size_t begin, std::size_t end) {
  while (next_hit_ < hits_.size() && hits_[next_hit_] + scanned_from_ <= begin)
    ++next_hit_;
  return next_hit_ < hits_.size() && hits_[next_hit_] + scanned_from_ <= end;
}

void LogReader::reject_long_line(std::uint64_t bytes) {
  coverage_.reject(model::Rejection::too_long, 1, skipping_ + bytes + mark_bytes_);
  skipping_ = 0;
  mark_bytes_ = 0;
}

}  // namespace krbtrail::audit
