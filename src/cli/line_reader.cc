// SPDX-License-Identifier: Apache-2.0
#include "cli/line_reader.h"

#include <span>

namespace krbtrail::cli {

namespace {

constexpr std::size_t kBlock = std::size_t{64} << 10U;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

// False at the end and after an error.
bool LineReader::fill() {
  held_.erase(0, start_);
  start_ = 0;
  const std::size_t before = held_.size();
  held_.resize(before + kBlock);
  const model::Result<std::size_t> size = source_.read(std::span{held_}.subspan(before));
  held_.resize(before + (size ? size.value() : 0));
  if (!size)
    status_ = size.error();
  else
    bytes_read_ += size.value();
  return size && size.value() != 0;
}

std::optional<LineReader::Line> LineReader::next() {
  Line line{.text = {}, .number = ++number_};
  std::size_t looked_at = start_;
  std::size_t end = held_.find('\n', looked_at);
  while (end == std::string::npos) {
    looked_at = held_.size() - start_;
    if (looked_at > limit_) {
      line.too_long = true;
      start_ = held_.size();
      looked_at = 0;
    }
    if (!fill())
      break;
    end = held_.find('\n', looked_at);
  }
  const bool last = end == std::string::npos;
  if (last && held_.empty() && !line.too_long)
    return std::nullopt;
  std::string_view text =
      std::string_view{held_}.substr(start_, (last ? held_.size() : end) - start_);
  start_ = last ? held_.size() : end + 1;
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  if (number_ == 1 && text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  line.too_long = line.too_long || text.size() > limit_;
  if (!line.too_long)
    line.text = text;
  return line;
}

}  // namespace krbtrail::cli
