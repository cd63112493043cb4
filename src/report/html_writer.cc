// SPDX-License-Identifier: Apache-2.0
#include "report/html_writer.h"

#include "krbtrail/report/escape.h"
#include "report/escaped_text.h"

namespace krbtrail::report {

HtmlWriter& HtmlWriter::text(std::string_view bytes) {
  append_html(out_, shortened(escape_terminal(bytes), kLongest));
  return *this;
}

HtmlWriter& HtmlWriter::text(std::string_view bytes, std::size_t columns) {
  append_html(out_, abridged(escape_terminal(bytes), columns));
  return *this;
}

}  // namespace krbtrail::report
