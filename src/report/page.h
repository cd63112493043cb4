// SPDX-License-Identifier: Apache-2.0
//
// Lays out text for a terminal of 80 columns: headings, and fields with a label in front.
//
//   Page page{out, true};
//   page.heading("FINDINGS (1), most severe first");
//   page.field("how", finding.process->command_line);
//
//   how     cp /tmp/krb5cc_1000 /tmp/.svc_cache_bak
//
// Every text passes escape_terminal() here and nowhere else, so nothing can be printed around it.
// A line breaks at a blank, or within a word that is longer than a line, which a backslash marks.
// Text beyond kLongest columns loses its middle to a mark that says how much is missing.
// `out` must outlive the page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace krbtrail::report {

// What a word is painted with where colours are on.
enum class Paint { none, bold, dim, red, bold_red, yellow, cyan };

class Page {
 public:
  static constexpr std::size_t kColumns = 80;
  static constexpr std::size_t kLongest = 1'200;  // bytes of escaped text in one field

  Page(std::string& out, bool color) : out_(out), color_(color) {}

  // A blank line, then the words in bold.
  void heading(std::string_view words);
  // A blank line, `tag` painted, then the words: the first line of a finding.
  void opening(std::string_view tag, Paint paint, std::string_view words);
  // Wrapped, from the left edge.
  void paragraph(std::string_view words);
  // Wrapped behind a label of up to 8 columns, which is ours; empty continues the field before.
  void field(std::string_view label, std::string_view words, Paint paint = Paint::none);
  // One line of at most 78 columns, indented, neither wrapped nor cut: for our own tables.
  void row(std::string_view words);

 private:
  void painted(std::string_view words, Paint paint);
  void wrapped(std::string_view words, std::size_t indent);

  std::string& out_;
  bool color_;
};

}  // namespace krbtrail::report
