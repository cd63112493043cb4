// SPDX-License-Identifier: Apache-2.0
//
// What the sections of the HTML report have in common: badges, lists of facts, lists that say what
// they leave out.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/timestamp.h"
#include "report/html_writer.h"

namespace krbtrail::report {

// "high 75": the severity in words and colour, the score if there is one.
void write_badge(HtmlWriter& html, model::Severity severity, const std::optional<int>& score);

// A <time> with its machine-readable form.
void write_time(HtmlWriter& html, model::Timestamp time, std::chrono::minutes zone);

// A <dl>: what is asked on the left, the answer on the right. Empty answers leave no trace.
class FactList {
 public:
  explicit FactList(HtmlWriter& html) : html_(html) { html_.markup("<dl class=\"facts\">\n"); }
  FactList(const FactList&) = delete;
  FactList& operator=(const FactList&) = delete;
  FactList(FactList&&) = delete;
  FactList& operator=(FactList&&) = delete;
  ~FactList() { html_.markup("</dl>\n"); }

  void fact(Markup label, std::string_view words);
  // In a typewriter face: paths, commands, ids.
  void code(Markup label, std::string_view bytes);
  void list(Markup label, const std::vector<std::string>& items);
  void code_list(Markup label, const std::vector<std::string>& items);

 private:
  void open(Markup label);

  HtmlWriter& html_;
};

// At most 50 items; the rest is counted.
void write_list(HtmlWriter& html, const std::vector<std::string>& items, bool as_code);

[[nodiscard]] std::vector<std::string> in_words(const std::vector<model::Reason>& reasons);

}  // namespace krbtrail::report
