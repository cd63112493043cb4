// SPDX-License-Identifier: Apache-2.0
#include "text_window.h"

#include <algorithm>
#include <cstring>

namespace krbtrail::windows {

bool TextWindow::more() {
  // Moving what is left costs as much as reading it did, so it waits until half is done with.
  if (begin_ > text_.size() / 2) {
    text_.erase(0, begin_);
    begin_ = 0;
  }
  return input_.append_to(text_);
}

void TextWindow::skip(std::size_t size) {
  const std::string_view skipped = rest().substr(0, size);
  line_ += static_cast<std::uint64_t>(std::ranges::count(skipped, '\n'));
  offset_ += input_.input_size(skipped);
  begin_ += skipped.size();
}

ReadReport finish_report(const TextWindow& window, Tally& tally) {
  const TextInput& input = window.input();
  tally.frame(input.mark_bytes() + input.left_over());
  tally.report().bytes = window.offset() + input.left_over();
  if (input.failure())
    tally.fail(*input.failure());
  return tally.finish();
}

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size())
    return std::string_view::npos;
  // memmem is several times faster than string_view::find where the first letter is frequent.
  const void* const found =
      memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr)
    return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace krbtrail::windows
