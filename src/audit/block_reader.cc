// SPDX-License-Identifier: Apache-2.0
#include "audit/block_reader.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

namespace krbtrail::audit {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_end(char c) {
  return c == '\n' || c == '\0';
}

bool has_line_end(std::string_view bytes) {
  return bytes.find('\n') != std::string_view::npos || bytes.find('\0') != std::string_view::npos;
}

// What stands behind the last line end is the begin of a line.
void carry(const ReadBlock& before, ReadBlock& into) {
  const std::size_t carried = before.filled - before.complete;
  const bool is_too_long = carried > kLongestLine;
  into.begin = 0;
  into.filled = 0;
  into.got = 0;
  into.mark = 0;
  into.dropped = is_too_long ? carried : 0;
  into.at_end = false;
  if (before.block == nullptr)
    return;
  if (into.block == before.block) {
    into.begin = is_too_long ? before.filled : before.complete;
    into.filled = before.filled;
  } else if (carried != 0 && !is_too_long) {
    std::memcpy(into.block->bytes.get(), before.block->bytes.get() + before.complete, carried);
    into.filled = carried;
  }
}

void skip_byte_order_mark(ReadBlock& into) {
  if (!std::string_view{into.block->bytes.get(), into.filled}.starts_with(kByteOrderMark))
    return;
  into.mark = kByteOrderMark.size();
  into.begin = into.mark;
}

}  // namespace

bool BlockReader::goes_on_in(const ReadBlock& before) const {
  return options_.live && before.block != nullptr && before.filled < options_.block_bytes;
}

void BlockReader::read(const ReadBlock& before, ReadBlock& into) const {
  carry(before, into);
  const std::size_t carried = into.filled - into.begin;
  fill(into);
  if (before.block == nullptr)
    skip_byte_order_mark(into);
  look_at(into, carried);
}

void BlockReader::fill(ReadBlock& into) const {
  const std::size_t from = into.filled;
  const std::size_t wanted = options_.live && from < options_.block_bytes
                                 ? options_.block_bytes
                                 : from + options_.block_bytes;
  const auto may_be_cut_mark = [&] {
    return from == 0 && into.filled < kByteOrderMark.size() &&
           kByteOrderMark.starts_with({into.block->bytes.get(), into.filled});
  };
  while ((into.filled < wanted || may_be_cut_mark()) && !into.at_end) {
    const std::size_t room = std::max(wanted, kByteOrderMark.size()) - into.filled;
    const std::size_t got = input_.read(std::span{into.block->bytes.get() + into.filled, room});
    into.at_end = got == 0;
    into.filled += got;
    into.got += got;
    if (options_.live && !may_be_cut_mark())
      break;
  }
}

// No line end is in what was carried. What is found behind the last one is found again when the
// rest of that line is there, and not before: a line may come byte by byte.
void BlockReader::look_at(ReadBlock& into, std::size_t carried) const {
  const std::string_view bytes{into.block->bytes.get(), into.filled};
  const std::size_t fresh = std::min(into.begin + carried, bytes.size());
  if (!into.at_end && !has_line_end(bytes.substr(fresh))) {
    into.ends.feeds.clear();
    into.ends.has_nul = false;
    into.hits.ends.clear();
    into.complete = into.begin;
    return;
  }
  scanner_.scan(bytes.substr(into.begin), into.hits, into.ends);
  if (into.begin != 0) {
    const auto move = [by = static_cast<std::uint32_t>(into.begin)](std::uint32_t& place) {
      place += by;
    };
    std::ranges::for_each(into.ends.feeds, move);
    std::ranges::for_each(into.hits.ends, move);
  }
  if (into.at_end) {
    into.complete = into.filled;
  } else if (into.ends.has_nul) {
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(), is_line_end);
    into.complete = std::max(into.begin, static_cast<std::size_t>(bytes.rend() - last));
  } else {
    into.complete = into.ends.feeds.empty() ? into.begin : into.ends.feeds.back() + 1;
  }
}

}  // namespace krbtrail::audit
