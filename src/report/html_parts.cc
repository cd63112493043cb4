// SPDX-License-Identifier: Apache-2.0
#include "report/html_parts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "report/finding_words.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

constexpr std::size_t kMostItems = 50;

void open_badge(HtmlWriter& html, model::Severity severity) {
  using enum model::Severity;
  switch (severity) {
    case critical:
      html.markup("<span class=\"badge critical\">");
      return;
    case high:
      html.markup("<span class=\"badge high\">");
      return;
    case medium:
      html.markup("<span class=\"badge medium\">");
      return;
    case low:
      html.markup("<span class=\"badge low\">");
      return;
    case info:
      html.markup("<span class=\"badge info\">");
      return;
  }
}

}  // namespace

void write_badge(HtmlWriter& html, model::Severity severity, const std::optional<int>& score) {
  open_badge(html, severity);
  html.text(to_string(severity));
  if (score)
    html.markup(" ").number(*score);
  html.markup("</span>");
}

void write_time(HtmlWriter& html, model::Timestamp time, std::chrono::minutes zone) {
  html.markup("<time datetime=\"").text(model::format_utc(time)).markup("\">");
  html.text(model::format_at(time, zone)).markup("</time>");
}

void FactList::open(Markup label) {
  html_.markup("<dt>").markup(label).markup("</dt><dd>");
}

void FactList::fact(Markup label, std::string_view words) {
  if (words.empty())
    return;
  open(label);
  html_.text(words).markup("</dd>\n");
}

void FactList::code(Markup label, std::string_view bytes) {
  if (bytes.empty())
    return;
  open(label);
  html_.markup("<code>").text(bytes).markup("</code></dd>\n");
}

void FactList::list(Markup label, const std::vector<std::string>& items) {
  if (items.empty())
    return;
  open(label);
  write_list(html_, items, false);
  html_.markup("</dd>\n");
}

void FactList::code_list(Markup label, const std::vector<std::string>& items) {
  if (items.empty())
    return;
  open(label);
  write_list(html_, items, true);
  html_.markup("</dd>\n");
}

void write_list(HtmlWriter& html, const std::vector<std::string>& items, bool as_code) {
  html.markup("<ul>");
  for (std::size_t i = 0; i < std::min(items.size(), kMostItems); ++i) {
    html.either(as_code, "<li><code>", "<li>").text(items[i]);
    html.either(as_code, "</code></li>", "</li>");
  }
  if (items.size() > kMostItems)
    html.markup("<li>and ")
        .text(grouped(items.size() - kMostItems))
        .markup(" more, all in the NDJSON output</li>");
  html.markup("</ul>");
}

std::vector<std::string> in_words(const std::vector<model::Reason>& reasons) {
  std::vector<std::string> words;
  words.reserve(reasons.size());
  for (const model::Reason& reason : reasons)
    words.push_back(reason_in_words(reason));
  return words;
}

}  // namespace krbtrail::report
