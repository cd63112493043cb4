// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include "json_event.h"
#include "json_splitter.h"
#include "krbtrail/windows/reader.h"
#include "tally.h"
#include "text_window.h"

namespace krbtrail::windows {
namespace {

class JsonReader {
 public:
  JsonReader(const ReadBytes& read, const InputName& name, EventSink& sink)
      : window_(read), splitter_(window_), tally_(name, sink) {}

  ReadReport read_all() {
    while (const auto piece = splitter_.next()) {
      take(*piece);
      if (piece->is_in_line)
        window_.skip_within_line(piece->size);
      else
        window_.skip(piece->size);
    }
    return finish_report(window_, tally_);
  }

 private:
  void take(const JsonPiece& piece) {
    const std::string_view text = window_.rest().substr(0, piece.size);
    const std::uint64_t bytes = window_.input().input_size(text);
    switch (piece.kind) {
      case JsonPiece::Kind::frame:
        return take_frame(text, bytes);
      case JsonPiece::Kind::object:
      case JsonPiece::Kind::row:
        return take_event(piece.kind, text, bytes);
      case JsonPiece::Kind::cut:
        return lose(bytes, "the object that begins here has no end");
      case JsonPiece::Kind::too_long:
        ++tally_.report().unreadable;
        tally_.reject(model::Rejection::too_long, 1, bytes);
        tally_.problem(window_.line(), window_.offset(),
                       "the object that begins here is longer than 16 MiB");
        return;
    }
  }

  void take_frame(std::string_view text, std::uint64_t bytes) {
    if (text.find_first_not_of('\0') == std::string_view::npos)
      tally_.reject(model::Rejection::nul, 0, bytes);
    else
      tally_.frame(bytes);
  }

  void take_event(JsonPiece::Kind kind, std::string_view text, std::uint64_t bytes) {
    event_.clear();
    event_.origin.line = window_.line();
    event_.origin.offset = window_.offset();
    const std::size_t behind = window_.rest().size() - text.size();
    JsonOutcome outcome = kind == JsonPiece::Kind::row
                              ? reader_.read_row(splitter_.column_names(), text, event_)
                              : reader_.read(text, event_, behind);
    tally_.report().assumed_dates += outcome.assumed_date ? 1U : 0U;
    if (!outcome.read && splitter_.in_document() && event_.event_id == 0)
      return tally_.frame(bytes);
    if (!outcome.read)
      return lose(bytes, "the object " + outcome.problem);
    tally_.settle(std::move(event_), bytes);
  }

  void lose(std::uint64_t bytes, std::string why) {
    tally_.unreadable(window_.line(), window_.offset(), bytes, std::move(why));
  }

  TextWindow window_;
  JsonSplitter splitter_;
  JsonEventReader reader_;
  WindowsEvent event_;
  Tally tally_;
};

}  // namespace

ReadReport read_json(const ReadBytes& read, const InputName& name, const ReadOptions& /*options*/,
                     EventSink& sink) {
  return JsonReader{read, name, sink}.read_all();
}

}  // namespace krbtrail::windows
