// SPDX-License-Identifier: Apache-2.0
#include "json_splitter.h"

#include <algorithm>
#include <array>

#include "krbtrail/windows/reader.h"

namespace krbtrail::windows {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kNowhere = std::string_view::npos;
constexpr std::size_t kKeyLimit = 64;
constexpr std::size_t kLineLimit = std::size_t{64} << 10U;  // longer lines are scanned

// Members that hold the events of a document: Elasticsearch ("hits" in "hits"), Splunk's REST
// ("rows", "results"), Log Analytics ("tables", "rows"), OData and scripts.
constexpr std::array<std::string_view, 9> kEventLists = {
    "hits", "rows", "results", "tables", "value", "records", "Records", "Events", "events"};
constexpr std::array<std::string_view, 2> kColumnLists = {"fields", "columns"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

// A document may stand on one line as well; its list is not far from its beginning.
constexpr std::size_t kDocumentStart = 512;

// 1 if it is, 0 if not: numbers are put together without a branch.
constexpr unsigned is_byte(char byte, char wanted) {
  return byte == wanted ? 1 : 0;
}

// The names of may_be_document() end in these three letters. The loop has no way out and a fixed
// length, so that compilers turn it into vectors: a search for each name cost as much as the
// parser.
bool may_name_list(std::string_view start) {
  constexpr std::size_t kRow = 64;
  constexpr std::size_t kLastRow = kDocumentStart - 2 - kRow;
  unsigned found = 0;
  for (std::size_t row = 0; row < kDocumentStart - 2; row += kRow) {
    const char* const letters = start.data() + std::min(row, kLastRow);
    unsigned char in_row = 0;
    for (std::size_t i = 0; i < kRow; ++i) {
      in_row |=
          static_cast<unsigned char>((is_byte(letters[i], 't') | is_byte(letters[i], 'w')) &
                                     is_byte(letters[i + 1], 's') & is_byte(letters[i + 2], '"'));
    }
    found |= in_row;
  }
  return found != 0;
}

bool may_be_document(std::string_view line) {
  const std::string_view start = line.substr(0, kDocumentStart);
  if (start.size() == kDocumentStart && !may_name_list(start))
    return false;
  return find_text(start, "\"hits\"", 0) != kNowhere ||
         find_text(start, "\"rows\"", 0) != kNowhere ||
         find_text(start, "\"results\"", 0) != kNowhere;
}

// The next character that matters outside of strings; the end if there is none.
std::size_t next_mark(std::string_view text, std::size_t at) {
  constexpr auto kMarks = [] {
    std::array<bool, 256> marks{};
    for (const char c : {'"', '{', '}', '[', ']', '\n'})
      marks[static_cast<unsigned char>(c)] = true;
    return marks;
  }();
  while (at < text.size() && !kMarks.at(static_cast<unsigned char>(text[at])))
    ++at;
  return at;
}

bool is_blank(char c) {
  return kBlanks.find(c) != kNowhere;
}

}  // namespace

// A value on its way: how deep it is, and at its first level which member it is in.
struct JsonSplitter::Scan {
  std::size_t depth = 0;
  std::string key;
  bool is_key = false;          // `key` has its colon
  std::size_t value_begin = 0;  // of a member at the first level
  bool one_line = false;        // it does not begin with a line break: more objects may follow
  bool may_be_document = false;
};

bool JsonSplitter::available(std::size_t at) {
  while (at >= window_.rest().size()) {
    if (!window_.more())
      return false;
  }
  return true;
}

std::size_t JsonSplitter::past_blanks(std::size_t at) {
  while (available(at) && is_blank(window_.rest()[at]))
    ++at;
  return at;
}

// Behind the closing quote; `at` is the opening one. A cut string ends where the window does, or at
// a line break that an object follows.
std::size_t JsonSplitter::end_of_string(std::size_t at) {
  for (std::size_t i = at + 1; available(i) && i <= kElementLimit; ++i) {
    const std::string_view rest = window_.rest();
    i = std::min(rest.find_first_of("\"\\\n", i), rest.size());
    if (i == rest.size()) {
      --i;
      continue;
    }
    if (rest[i] == '"')
      return i + 1;
    if (rest[i] == '\\')
      ++i;
    else if (available(i + 1) && window_.rest()[i + 1] == '{')
      return i;
  }
  return std::min(window_.rest().size(), kElementLimit + 1);
}

std::optional<JsonPiece> JsonSplitter::next() {
  if (!available(0))
    return std::nullopt;
  const char first = window_.rest().front();
  if (first == '{' || (first == '[' && in_rows_)) {
    // In a document only a list's elements and the known members are of interest.
    if (!key_.empty() && !is_one_of(key_, kEventLists)) {
      key_.clear();
      JsonPiece passed = scan_value(false);
      if (passed.kind == JsonPiece::Kind::object || passed.kind == JsonPiece::Kind::row)
        passed.kind = JsonPiece::Kind::frame;
      return passed;
    }
    if (key_.empty()) {
      if (const auto line = whole_line())
        return line;
      return scan_value(first == '{');
    }
  }
  return next_in_frame();
}

// The usual case, one object a line, without looking at every byte: what begins with '{', ends with
// '}' and is followed by a line that begins with '{' cannot be the part of a larger one.
std::optional<JsonPiece> JsonSplitter::whole_line() {
  if (window_.offset() < no_line_before_ || window_.rest().front() != '{')
    return std::nullopt;
  std::size_t end = window_.rest().substr(0, kLineLimit).find('\n');
  while (end == kNowhere && window_.rest().size() < kLineLimit && window_.more())
    end = window_.rest().substr(0, kLineLimit).find('\n');
  if (end == kNowhere) {
    no_line_before_ = window_.offset() + std::min(window_.rest().size(), kLineLimit);
    return std::nullopt;
  }
  if (!available(end + 1) || window_.rest()[end + 1] != '{')
    return std::nullopt;
  std::size_t size = end;
  while (is_blank(window_.rest()[size - 1]))
    --size;
  const std::string_view line = window_.rest().substr(0, size);
  if (!line.ends_with('}') || size < 2 || may_be_document(line))
    return std::nullopt;
  return JsonPiece{JsonPiece::Kind::object, size, true};
}

// Up to the next object: blanks, commas, brackets, strings, and a document's scalars.
std::optional<JsonPiece> JsonSplitter::next_in_frame() {
  std::size_t at = 0;
  while (available(at) && at < kElementLimit) {
    const char c = window_.rest()[at];
    if (c == '{' || c == '[') {
      const bool is_list = is_one_of(key_, kEventLists);
      if (!key_.empty() && is_list) {
        in_rows_ = key_ == "rows";
        key_.clear();
      } else if (c == '{' || in_rows_ || !key_.empty()) {
        if (at > 0)
          break;
        if (c == '[' && !in_rows_)
          return scan_value(false);
      }
      ++at;
    } else if (c == '"') {
      const std::size_t end = end_of_string(at);
      const std::size_t colon = past_blanks(end);
      if (available(colon) && window_.rest()[colon] == ':')
        key_ = window_.rest().substr(at + 1, std::min(end - at - 2, kKeyLimit));
      at = std::max(end, at + 1);
    } else {
      in_rows_ = in_rows_ && c != ']';
      if (c == ',' || c == '}')
        key_.clear();
      ++at;
    }
  }
  return at == 0 ? std::nullopt : std::optional{JsonPiece{JsonPiece::Kind::frame, at}};
}

// An object or array from its bracket to the one that closes it.
JsonPiece JsonSplitter::scan_value(bool may_be_document) {
  Scan scan;
  scan.one_line = available(1) && !is_blank(window_.rest()[1]);
  scan.may_be_document = may_be_document;
  const bool is_row = window_.rest().front() == '[';
  for (std::size_t at = 0; available(at);) {
    at = next_mark(window_.rest(), at);
    if (at > kElementLimit)
      return {JsonPiece::Kind::too_long, kElementLimit};
    if (at == window_.rest().size())
      continue;
    const char c = window_.rest()[at];
    if (c == '"') {
      at = scan_string(scan, at);
      continue;
    }
    if (c == '\n') {
      // An object's first member is no object, so "{" alone on its line is cut as well.
      const bool may_be_cut = scan.one_line || (at == 1 && !is_row);
      if (may_be_cut && available(at + 1) && window_.rest()[at + 1] == '{')
        return {JsonPiece::Kind::cut, at};
    } else if (c == '{' || c == '[') {
      if (const auto piece = enter_document(scan, at))
        return *piece;
      ++scan.depth;
    } else if (leave(scan, at)) {
      return {is_row ? JsonPiece::Kind::row : JsonPiece::Kind::object, at + 1};
    }
    ++at;
  }
  return {JsonPiece::Kind::cut, window_.rest().size()};
}

// Behind the string; at the first level it may be a member's name.
std::size_t JsonSplitter::scan_string(Scan& scan, std::size_t at) {
  const std::size_t end = end_of_string(at);
  if (scan.depth != 1 || !scan.may_be_document)
    return end;
  const std::size_t colon = past_blanks(end);
  scan.is_key = available(colon) && window_.rest()[colon] == ':';
  if (scan.is_key) {
    scan.key = window_.rest().substr(at + 1, std::min(end - at - 2, kKeyLimit));
    scan.value_begin = past_blanks(colon + 1);
  }
  return end;
}

// A closing bracket: true if it is the last one.
bool JsonSplitter::leave(Scan& scan, std::size_t at) {
  --scan.depth;
  const bool is_columns = scan.depth == 1 && scan.is_key && window_.rest()[at] == ']' &&
                          is_one_of(scan.key, kColumnLists);
  if (is_columns)
    column_names_ = window_.rest().substr(scan.value_begin, at + 1 - scan.value_begin);
  return scan.depth == 0;
}

// A list of events in an object: the object is a document, and what comes before the list its
// frame.
std::optional<JsonPiece> JsonSplitter::enter_document(const Scan& scan, std::size_t at) {
  if (scan.depth != 1 || !scan.is_key || at != scan.value_begin ||
      !is_one_of(scan.key, kEventLists))
    return std::nullopt;
  const bool is_list = window_.rest()[at] == '[';
  const std::size_t first = past_blanks(at + 1);
  if (!available(first))
    return std::nullopt;
  const char element = window_.rest()[first];
  const bool holds_events = is_list ? element == '{' || element == '[' || element == ']'
                                    : scan.key == "hits" && element == '"';
  if (!holds_events)
    return std::nullopt;
  in_document_ = true;
  in_rows_ = is_list && scan.key == "rows";
  return JsonPiece{JsonPiece::Kind::frame, at + 1};
}

}  // namespace krbtrail::windows
