// SPDX-License-Identifier: Apache-2.0
//
// Cuts a stream of JSON into the objects that are events, whatever stands around them: nothing (one
// a line, or pretty ones in a row), an array, a document of Elasticsearch or Splunk, "Record N"
// lines.
//
//   JsonSplitter splitter{window};
//   while (const auto piece = splitter.next()) { use(piece->kind, window.rest().substr(0,
//   piece->size)); window.skip(piece->size); }
//
// An object is an event if it stands at the top or in an array. It is a document around events if
// it has a member of one of the known names (kEventLists) that holds a list; then its other members
// are passed over and the list's elements are the events. A list called "rows" holds arrays, whose
// columns the member before it ("fields", "columns") names.
//
// Only strings and brackets are looked at; whether a piece is valid JSON is for its reader to say.
// A line break inside a string, which JSON does not have, ends an object that was cut if a new one
// begins behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "text_window.h"

namespace krbtrail::windows {

struct JsonPiece {
  enum class Kind : std::uint8_t {
    frame,     // punctuation, other members, text between objects
    object,    // an event
    row,       // an event as an array; column_names() says what of
    cut,       // the beginning of an object that has no end
    too_long,  // kElementLimit bytes of an object that is longer
  };
  Kind kind = Kind::frame;
  std::size_t size = 0;     // bytes at the start of the window's rest()
  bool is_in_line = false;  // no line ends in it; false where that was not looked at
};

class JsonSplitter {
 public:
  explicit JsonSplitter(TextWindow& window) : window_(window) {}

  // The next piece, never empty; nullopt at the end. The caller skips it before it asks again.
  [[nodiscard]] std::optional<JsonPiece> next();
  // The text of the array that names the columns of rows.
  [[nodiscard]] const std::string& column_names() const { return column_names_; }
  // True inside a document: objects that are no events are part of it.
  [[nodiscard]] bool in_document() const { return in_document_; }

 private:
  struct Scan;

  [[nodiscard]] bool available(std::size_t at);
  std::optional<JsonPiece> next_in_frame();
  std::optional<JsonPiece> whole_line();
  JsonPiece scan_value(bool may_be_document);
  std::size_t scan_string(Scan& scan, std::size_t at);
  bool leave(Scan& scan, std::size_t at);
  std::size_t end_of_string(std::size_t at);
  std::size_t past_blanks(std::size_t at);
  std::optional<JsonPiece> enter_document(const Scan& scan, std::size_t at);

  TextWindow& window_;
  std::string column_names_;
  std::string key_;                   // the member whose value comes next, in a document
  std::uint64_t no_line_before_ = 0;  // an offset up to which no line ends
  bool in_document_ = false;
  bool in_rows_ = false;
};

}  // namespace krbtrail::windows
