// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <algorithm>
#include <vector>

#include "krbtrail/report/escape.h"
#include "report/escaped_text.h"

namespace krbtrail::report {
namespace {

constexpr std::size_t kLabelIndent = 2;
constexpr std::size_t kFieldIndent = 11;
// A long word starts on a line that has at least this much room left, else on a fresh one.
constexpr std::size_t kWorthStarting = 24;

// Breaks text into lines of at most `width` columns.
class LineBreaker {
 public:
  explicit LineBreaker(std::size_t width) : width_(width) {}

  [[nodiscard]] std::vector<std::string> lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
      text.remove_prefix(blanks);
      const std::size_t length = std::min(text.find(' '), text.size());
      add_word(text.substr(0, length), blanks);
      text.remove_prefix(length);
    }
    end_line();
    return std::move(lines_);
  }

 private:
  void add_word(std::string_view word, std::size_t blanks) {
    const std::size_t columns = columns_of(word);
    const std::size_t used = line_.empty() ? 0 : used_ + blanks;
    if (used + columns <= width_)
      return append(word, columns, blanks);
    if (columns <= width_) {
      end_line();
      return append(word, columns, 0);
    }
    add_long_word(word, used + kWorthStarting <= width_, blanks);
  }

  void add_long_word(std::string_view word, bool on_this_line, std::size_t blanks) {
    if (!on_this_line)
      end_line();
    for (std::size_t columns = columns_of(word); used_after(blanks) + columns > width_;
         columns = columns_of(word)) {
      const std::size_t length = fitting_length(word, width_ - used_after(blanks) - 1);
      append(word.substr(0, length), 0, blanks);
      line_ += '\\';
      end_line();
      word.remove_prefix(length);
    }
    append(word, columns_of(word), blanks);
  }

  [[nodiscard]] std::size_t used_after(std::size_t blanks) const {
    return line_.empty() ? 0 : used_ + blanks;
  }

  void append(std::string_view word, std::size_t columns, std::size_t blanks) {
    if (!line_.empty()) {
      line_.append(blanks, ' ');
      used_ += blanks;
    }
    line_ += word;
    used_ += columns;
  }

  void end_line() {
    if (!line_.empty())
      lines_.push_back(std::move(line_));
    line_.clear();
    used_ = 0;
  }

  std::size_t width_;
  std::vector<std::string> lines_;
  std::string line_;
  std::size_t used_ = 0;
};

// SGR sequences of ECMA-48.
[[nodiscard]] std::string_view sequence(Paint paint) {
  switch (paint) {
    case Paint::none:
      return "";
    case Paint::bold:
      return "\x1b[1m";
    case Paint::dim:
      return "\x1b[2m";
    case Paint::red:
      return "\x1b[31m";
    case Paint::bold_red:
      return "\x1b[1;31m";
    case Paint::yellow:
      return "\x1b[33m";
    case Paint::cyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

void Page::heading(std::string_view words) {
  out_ += '\n';
  painted(escape_terminal(words), Paint::bold);
  out_ += '\n';
}

void Page::opening(std::string_view tag, Paint paint, std::string_view words) {
  out_ += '\n';
  painted(tag, paint);
  out_ += ' ';
  const std::size_t indent = tag.size() + 1;
  wrapped(words, indent);
}

void Page::paragraph(std::string_view words) {
  wrapped(words, 0);
}

void Page::field(std::string_view label, std::string_view words, Paint paint) {
  out_.append(kLabelIndent, ' ');
  painted(label, paint == Paint::none ? Paint::dim : paint);
  out_.append(kFieldIndent - kLabelIndent - label.size(), ' ');
  wrapped(words, kFieldIndent);
}

void Page::row(std::string_view words) {
  out_.append(kLabelIndent, ' ');
  out_ += escape_terminal(words);
  out_ += '\n';
}

void Page::painted(std::string_view words, Paint paint) {
  const bool paints = color_ && paint != Paint::none && !words.empty();
  if (!paints) {
    out_ += words;
    return;
  }
  out_ += sequence(paint);
  out_ += words;
  out_ += "\x1b[0m";
}

void Page::wrapped(std::string_view words, std::size_t indent) {
  LineBreaker breaker{kColumns - indent};
  std::string_view separator;
  const std::string margin = '\n' + std::string(indent, ' ');
  for (const std::string& line : breaker.lines(shortened(escape_terminal(words), kLongest))) {
    out_ += separator;
    out_ += line;
    separator = margin;
  }
  out_ += '\n';
}

}  // namespace krbtrail::report
