// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/windows/reader.h"
#include "message_text.h"
#include "tally.h"
#include "text_encoding.h"
#include "text_event.h"
#include "text_window.h"

namespace krbtrail::windows {
namespace {

// Cuts rendered text into events: one begins at wevtutil's "Event[N]", at a line above the message
// that the event has had already, and at a first sentence after the message. What an event's own
// text can forge cannot be told in this shape; the other shapes are there for that.
class TextReader {
 public:
  TextReader(const ReadBytes& read, const InputName& name, EventSink& sink)
      : window_(read), tally_(name, sink) {}

  ReadReport read_all() {
    while (const std::size_t size = next_event()) {
      take(window_.rest().substr(0, size));
      window_.skip(size);
    }
    return finish_report(window_, tally_);
  }

 private:
  // The size of the lines up to the next event's; 0 at the end of the input.
  std::size_t next_event() {
    std::size_t at = 0;
    had_.reset();
    has_message_ = false;
    while (const std::size_t size = line_at(at)) {
      if (at > 0 && (at > kElementLimit || begins_event(window_.rest().substr(at, size))))
        return at;
      note(window_.rest().substr(at, size));
      at += size;
    }
    return at;
  }

  // The size of the line that begins at `at`, its end included; a line of more than the limit is
  // taken in pieces.
  std::size_t line_at(std::size_t at) {
    std::size_t from = at;
    while (true) {
      const std::string_view rest = window_.rest();
      const std::size_t end = rest.find('\n', from);
      if (end != std::string_view::npos)
        return end + 1 - at;
      from = rest.size();
      if (rest.size() - at > kElementLimit || !window_.more())
        return window_.rest().size() - at;
    }
  }

  [[nodiscard]] bool begins_event(std::string_view line) const {
    if (line.starts_with("Event["))
      return true;
    if (line.starts_with(' ') || line.starts_with('\t'))
      return false;
    if (event_id_of_message(line))
      return has_message_;
    const auto head = head_of_line(line);
    return head && had_.test(static_cast<std::size_t>(*head));
  }

  void note(std::string_view line) {
    const bool at_margin = !line.starts_with(' ') && !line.starts_with('\t');
    if (const auto head = at_margin ? head_of_line(line) : std::nullopt)
      had_.set(static_cast<std::size_t>(*head));
    const std::size_t colon = line.find_first_of(":=");
    const bool says_it = event_id_of_message(line).has_value() ||
                         (colon != std::string_view::npos &&
                          event_id_of_message(line.substr(colon + 1)).has_value());
    has_message_ = has_message_ || says_it;
  }

  void take(std::string_view text) {
    const std::uint64_t bytes = window_.input().input_size(text);
    if (text.find_first_not_of('\0') == std::string_view::npos)
      return tally_.reject(model::Rejection::nul, 0, bytes);
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
      return tally_.reject(model::Rejection::blank, 0, bytes);
    WindowsEvent event;
    event.shape = Shape::text;
    event.origin.line = window_.line();
    event.origin.offset = window_.offset();
    event.repaired = !is_utf8(text);
    const TextOutcome outcome =
        read_event_text(event.repaired ? as_utf8(text) : std::string{text}, event);
    if (!outcome.read)
      return tally_.unreadable(
          window_.line(), window_.offset(), bytes,
          "the text has no event id that can be read; only English text is evaluated");
    tally_.report().assumed_dates += outcome.assumed_date ? 1U : 0U;
    tally_.settle(std::move(event), bytes);
  }

  TextWindow window_;
  Tally tally_;
  std::bitset<16> had_;  // of TextHead
  bool has_message_ = false;
};

}  // namespace

ReadReport read_text(const ReadBytes& read, const InputName& name, const ReadOptions& /*options*/,
                     EventSink& sink) {
  return TextReader{read, name, sink}.read_all();
}

}  // namespace krbtrail::windows
