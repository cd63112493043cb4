// SPDX-License-Identifier: Apache-2.0
//
// Writes HTML (and the SVG in it) as it is told: our markup as it is, everything else escaped.
//
//   HtmlWriter html{out};
//   html.markup("<dt>").text(label).markup("</dt>");
//
// Markup can only be made of a literal, so that nothing of the evidence can be handed in as such:
// the compiler refuses it. Text passes append_html(), in content and between quotes alike, and
// loses its middle beyond kLongest bytes. `out` must outlive the writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace krbtrail::report {

class Markup {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is meant to be handed in as it is.
  consteval Markup(const char* literal) : literal_(literal) {}

  [[nodiscard]] constexpr std::string_view view() const { return literal_; }

 private:
  std::string_view literal_;
};

class HtmlWriter {
 public:
  static constexpr std::size_t kLongest = 2'000;  // bytes of escaped text in one place

  explicit HtmlWriter(std::string& out) : out_(out) {}

  HtmlWriter& markup(Markup ours) {
    out_ += ours.view();
    return *this;
  }
  // One of two. (Clang 14 breaks down over a conditional expression of two Markups.)
  HtmlWriter& either(bool condition, Markup ours, Markup otherwise) {
    return markup(condition ? ours : otherwise);
  }
  HtmlWriter& text(std::string_view bytes);
  // Abridged to so many columns.
  HtmlWriter& text(std::string_view bytes, std::size_t columns);
  HtmlWriter& number(std::int64_t value) {
    out_ += std::to_string(value);
    return *this;
  }
  // What another writer wrote.
  HtmlWriter& written(std::string_view html) {
    out_ += html;
    return *this;
  }

 private:
  std::string& out_;
};

}  // namespace krbtrail::report
