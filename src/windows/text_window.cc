// SPDX-License-Identifier: Apache-2.0
#include "text_window.h"

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
  // find() goes from line end to line end faster than count() looks at every byte: lines are long.
  for (std::size_t end = skipped.find('\n'); end != std::string_view::npos;
       end = skipped.find('\n', end + 1))
    ++line_;
  skip_within_line(skipped.size());
}

void TextWindow::skip_within_line(std::size_t size) {
  offset_ += input_.input_size(rest().substr(0, size));
  begin_ += size;
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
