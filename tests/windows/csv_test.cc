// SPDX-License-Identifier: Apache-2.0
//
// What is particular to tables; that every shape gives the same events is in shapes_test.cc.
#include <string>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"
#include "windows/csv_row.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

const std::string kHeader = "TimeGenerated,Computer,EventID,TargetUserName\n";

ReadAll read(std::string_view text) {
  return read_all(read_csv, text);
}

TEST_CASE("a row is what RFC 4180 says it is", "[windows][csv]") {
  using Fields = std::vector<std::string>;
  const auto [row, fields] = GENERATE(table<std::string, Fields>({
      {"a,b,c\r\n", Fields{"a", "b", "c"}},
      {"a,b", Fields{"a", "b"}},  // the last one without an end
      {"", Fields{""}},
      {",", Fields{"", ""}},
      {"\"a,b\",c", Fields{"a,b", "c"}},
      {"\"a\r\nb\",c", Fields{"a\r\nb", "c"}},
      {"\"a\"\"b\",\"\"", Fields{"a\"b", ""}},
      {"\"\"\"\"", Fields{"\""}},
      {"a\"b\",c", Fields{"a\"b\"", "c"}},  // a quote inside a bare field is itself
      {"\"a\"b,c", Fields{"ab", "c"}},      // text behind a closing quote
      {"\"a,b", Fields{"a,b"}},             // no closing quote
  }));
  CAPTURE(row);
  CHECK(fields_of_row(row, ',') == fields);
}

TEST_CASE("a row ends where no quote is open, however the text arrives", "[windows][csv]") {
  const std::string text = "a,\"b\nc\"\"\n\"\nd\n";
  RowSearch search;
  std::optional<std::size_t> end;
  std::size_t given = 0;
  while (!end && given < text.size())
    end = end_of_row(std::string_view{text}.substr(0, ++given), search);
  CHECK(end == 11);
  CHECK(given == 11);
}

TEST_CASE("the separator is the one that the header has most of", "[windows][csv]") {
  CHECK(separator_of("a,b,c") == ',');
  CHECK(separator_of("a;b;c,d") == ';');
  CHECK(separator_of("a\tb\tc") == '\t');
  CHECK(separator_of("a") == ',');
}

TEST_CASE("lines above the header are passed over", "[windows][csv]") {
  const std::string above =
      GENERATE(""s, "#TYPE Selected.EventLogRecord\n"s, "sep=,\n"s, "\n\r\n"s);
  const auto [events, report] = read(above + kHeader + "2022-04-25T22:17:47Z,h,4624,eve\n");
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::target_user_name) == "eve");
  CHECK(events[0].origin.offset == above.size() + kHeader.size());
  CHECK(report.adds_up());
}

TEST_CASE("a table of no known export is not read, and says so", "[windows][csv]") {
  const auto [events, report] = read("a,b,c\n1,2,3\n4,5,6\n");
  CHECK(events.empty());
  CHECK(report.unreadable == 2);
  CHECK(texts(report.problems) ==
        std::vector{"the header names no columns of a known export; no row is read"s});
  CHECK(report.adds_up());
}

TEST_CASE("a row without an event id, or without an end, costs itself", "[windows][csv]") {
  const auto [events, report] = read(
      kHeader + "x,h,,eve\n2022-04-25T22:17:47Z,h,4624,eve\n2022-04-25T22:17:47Z,h,4624,\"cut");
  CHECK(events.size() == 1);
  CHECK(texts(report.problems) ==
        std::vector{"the row has no event id"s, "the row that begins here has no end"s});
  CHECK(report.problems[1].line == 4);
  CHECK(report.adds_up());
}

TEST_CASE("an Event Viewer table in German is not evaluated, and says so", "[windows][csv]") {
  const auto [events, report] = read(
      "Schl\xfcsselw\xf6rter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\n"
      "x,25.04.2022 22:17:47,s,4624,Anmelden,\"Ein Konto wurde erfolgreich angemeldet.\r\n\"\r\n");
  REQUIRE(events.size() == 1);
  CHECK(events[0].event_id == 4624);
  CHECK(events[0].localised);
  CHECK(events[0].field_count() == 0);
  CHECK(report.localised == 1);
  CHECK(report.missing_of_logons.at(Field::elevated_token) == 1);
  CHECK(report.adds_up());
}

TEST_CASE("a date that could be read in two ways is counted", "[windows][csv]") {
  const auto report = read("Id,TimeCreated,MachineName\n4624,4/5/2022 10:00:00 AM,h\n").report;
  CHECK(report.assumed_dates == 1);
}

TEST_CASE("a row of more than 16 MiB is given up", "[windows][csv]") {
  const auto [events, report] =
      read(kHeader + "\"" + std::string(kElementLimit + 1'000'000, 'x') + "\"\n");
  CHECK(events.empty());
  CHECK(report.rejected.at(static_cast<std::size_t>(model::Rejection::too_long)).bytes ==
        kElementLimit);
  CHECK(report.adds_up());
}

}  // namespace
}  // namespace krbtrail::windows
