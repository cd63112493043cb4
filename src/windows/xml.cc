// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/windows/reader.h"
#include "tally.h"
#include "text_window.h"
#include "xml_event.h"

namespace krbtrail::windows {
namespace {

constexpr std::string_view kOpen = "<Event";
constexpr std::string_view kClose = "</Event>";
constexpr std::string_view kBlanks = " \t\r\n";

// <Event> or <Event xmlns=…>, not <EventData> nor <Events>.
bool is_event_tag(std::string_view text, std::size_t at) {
  const std::size_t next = at + kOpen.size();
  return next < text.size() &&
         (text[next] == '>' || kBlanks.find(text[next]) != std::string_view::npos);
}

// Where an event's tag, opening or closing, may be: at its name, "Event" with a blank or '>' behind
// it. No way out and a fixed length, so that compilers turn it into vectors.
constexpr std::size_t kRow = 64;
constexpr std::size_t kNameSize = kOpen.size() - 1;
bool row_has_name(const char* row) {
  unsigned char found = 0;
  for (std::size_t i = 0; i < kRow; ++i) {
    const unsigned begins = row[i] == 'E' ? 1 : 0;
    const unsigned goes_on = row[i + 1] == 'v' ? 1 : 0;
    const unsigned ends = row[i + kNameSize] <= '>' ? 1 : 0;
    found |= static_cast<unsigned char>(begins & goes_on & ends);
  }
  return found != 0;
}

// The first place from `from` on at which `wanted` stands: an element is a few rows long and has
// nine tags that begin alike, for each of which memmem() would start anew.
std::size_t find_tag(std::string_view text, std::string_view wanted, std::size_t from) {
  const std::size_t name = wanted.find('E');
  std::size_t at = from;
  while (at + name + kRow + kClose.size() <= text.size()) {
    if (row_has_name(text.data() + at + name)) {
      const std::size_t found = text.substr(0, at + kRow + kClose.size()).find(wanted, at);
      if (found < at + kRow)
        return found;
    }
    at += kRow;
  }
  return text.find(wanted, at);
}

std::size_t find_event_tag(std::string_view text, std::size_t from) {
  std::size_t at = find_tag(text, kOpen, from);
  while (at != std::string_view::npos && !is_event_tag(text, at))
    at = find_tag(text, kOpen, at + 1);
  return at;
}

// An event within [from, end) that begins before the one around it ended: the outer one was cut. A
// value that mentions <Event> is not followed by a <System>.
std::size_t find_next_event(std::string_view text, std::size_t from, std::size_t end) {
  const std::string_view until = text.substr(0, end);
  for (std::size_t at = find_event_tag(until, from); at != std::string_view::npos;
       at = find_event_tag(until, at + 1)) {
    const std::size_t tag_end = until.find('>', at);
    const std::size_t child = until.find_first_not_of(kBlanks, tag_end + 1);
    if (tag_end != std::string_view::npos && child != std::string_view::npos &&
        until.substr(child).starts_with("<System>"))
      return at;
  }
  return end;
}

// Cuts the input into <Event> elements and leaves the rest to others: a root or none, a declaration
// before each, lines that a tool put between them.
class XmlReader {
 public:
  XmlReader(const ReadBytes& read, const InputName& name, EventSink& sink)
      : window_(read), tally_(name, sink) {}

  ReadReport read_all() {
    while (skip_to_event())
      read_event();
    skip_frame(window_.rest().size());
    return finish_report(window_, tally_);
  }

 private:
  void skip_frame(std::size_t size) {
    const std::string_view frame = window_.rest().substr(0, size);
    const std::uint64_t bytes = window_.input().input_size(frame);
    const bool is_hole = !frame.empty() && frame.find_first_not_of('\0') == std::string_view::npos;
    if (is_hole)
      tally_.reject(model::Rejection::nul, 0, bytes);
    else
      tally_.frame(bytes);
    window_.skip(size);
  }

  // False if there is no further event.
  bool skip_to_event() {
    while (true) {
      const std::string_view rest = window_.rest();
      const std::size_t at = find_event_tag(rest, 0);
      if (at != std::string_view::npos) {
        skip_frame(at);
        return true;
      }
      // A tag may be cut by the window's end.
      skip_frame(rest.size() - std::min(rest.size(), kOpen.size()));
      if (!window_.more())
        return false;
    }
  }

  void read_event() {
    std::size_t searched = 0;
    while (true) {
      const std::string_view rest = window_.rest();
      const std::size_t close = find_tag(rest, kClose, searched);
      if (close != std::string_view::npos)
        return read_until(close);
      searched = rest.size() - std::min(rest.size(), kClose.size());
      if (rest.size() > kElementLimit)
        return reject_long();
      if (!window_.more())
        return lose(window_.rest().size(), "the event that begins here has no end");
    }
  }

  void read_until(std::size_t close) {
    const std::string_view rest = window_.rest();
    const std::size_t next = find_next_event(rest, kOpen.size(), close);
    if (next != close)
      return lose(next, "the event that begins here has no end");
    take(rest.substr(0, close + kClose.size()));
  }

  void take(std::string_view element) {
    event_.clear();
    event_.shape = Shape::xml;
    event_.origin.line = window_.line();
    event_.origin.offset = window_.offset();
    element_ = element;
    const XmlOutcome outcome = read_event_xml(element_, event_);
    if (outcome == XmlOutcome::none)
      return lose(element.size(), "the element is no event: it has no event id");
    if (outcome == XmlOutcome::partial) {
      event_.repaired = true;
      tally_.problem(window_.line(), window_.offset(),
                     "the event is not well-formed; what stands behind that place is missing");
    }
    const std::uint64_t bytes = window_.input().input_size(element);
    window_.skip(element.size());
    tally_.settle(std::move(event_), bytes);
  }

  void lose(std::size_t size, std::string why) {
    const std::uint64_t bytes = window_.input().input_size(window_.rest().substr(0, size));
    tally_.unreadable(window_.line(), window_.offset(), bytes, std::move(why));
    window_.skip(size);
  }

  void reject_long() {
    const std::size_t size = kElementLimit;
    const std::uint64_t bytes = window_.input().input_size(window_.rest().substr(0, size));
    ++tally_.report().unreadable;
    tally_.reject(model::Rejection::too_long, 1, bytes);
    tally_.problem(window_.line(), window_.offset(),
                   "the event that begins here is longer than 16 MiB");
    window_.skip(size);
  }

  TextWindow window_;
  Tally tally_;
  std::string element_;
  WindowsEvent event_;
};

}  // namespace

ReadReport read_xml(const ReadBytes& read, const InputName& name, const ReadOptions& /*options*/,
                    EventSink& sink) {
  return XmlReader{read, name, sink}.read_all();
}

}  // namespace krbtrail::windows
