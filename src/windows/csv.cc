// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "csv_row.h"
#include "csv_table.h"
#include "krbtrail/windows/reader.h"
#include "tally.h"
#include "text_encoding.h"
#include "text_window.h"

namespace krbtrail::windows {
namespace {

class CsvReader {
 public:
  CsvReader(const ReadBytes& read, const InputName& name, EventSink& sink)
      : window_(read), tally_(name, sink) {}

  ReadReport read_all() {
    while (const std::size_t size = next_row()) {
      take(window_.rest().substr(0, size));
      window_.skip(size);
    }
    return finish_report(window_, tally_);
  }

 private:
  // The size of the row that comes next; 0 at the end of the input. The last row may have no end.
  std::size_t next_row() {
    RowSearch search;
    cut_ = false;
    while (true) {
      if (const auto end = end_of_row(window_.rest(), search))
        return *end;
      if (window_.rest().size() > kElementLimit)
        return kElementLimit;
      if (!window_.more()) {
        cut_ = search.quoted;
        return window_.rest().size();
      }
    }
  }

  void take(std::string_view row) {
    const std::uint64_t bytes = window_.input().input_size(row);
    if (row.size() == kElementLimit)
      return give_up(bytes);
    if (row.find_first_not_of('\0') == std::string_view::npos)
      return tally_.reject(model::Rejection::nul, 0, bytes);
    if (row.find_first_not_of(" \t\r\n") == std::string_view::npos)
      return tally_.reject(model::Rejection::blank, 1, bytes);
    if (cut_)
      return lose(bytes, "the row that begins here has no end");
    if (!table_)
      return take_header(row, bytes);
    take_row(row, bytes);
  }

  // PowerShell writes the objects' type above the header, Excel the separator.
  void take_header(std::string_view row, std::uint64_t bytes) {
    tally_.frame(bytes);
    if (row.starts_with("#TYPE") || row.starts_with("sep="))
      return;
    separator_ = separator_of(row);
    table_.emplace(fields_of_row(as_utf8(row), separator_));
    if (!table_->shape())
      tally_.problem(window_.line(), window_.offset(),
                     "the header names no columns of a known export; no row is read");
  }

  void take_row(std::string_view row, std::uint64_t bytes) {
    if (!table_->shape()) {
      ++tally_.report().unreadable;
      return tally_.reject(model::Rejection::unreadable, 1, bytes);
    }
    WindowsEvent event;
    event.origin.line = window_.line();
    event.origin.offset = window_.offset();
    event.repaired = !is_utf8(row);
    const RowOutcome outcome = table_->read(
        fields_of_row(event.repaired ? as_utf8(row) : std::string{row}, separator_), event);
    if (!outcome.read)
      return lose(bytes, "the row has no event id");
    tally_.report().assumed_dates += outcome.assumed_date ? 1U : 0U;
    tally_.settle(std::move(event), bytes);
  }

  void lose(std::uint64_t bytes, std::string why) {
    tally_.unreadable(window_.line(), window_.offset(), bytes, std::move(why));
  }

  void give_up(std::uint64_t bytes) {
    ++tally_.report().unreadable;
    tally_.reject(model::Rejection::too_long, 1, bytes);
    tally_.problem(window_.line(), window_.offset(),
                   "the row that begins here is longer than 16 MiB");
  }

  TextWindow window_;
  Tally tally_;
  std::optional<CsvTable> table_;
  char separator_ = ',';
  bool cut_ = false;
};

}  // namespace

ReadReport read_csv(const ReadBytes& read, const InputName& name, const ReadOptions& /*options*/,
                    EventSink& sink) {
  return CsvReader{read, name, sink}.read_all();
}

}  // namespace krbtrail::windows
