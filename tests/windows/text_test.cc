// SPDX-License-Identifier: Apache-2.0
//
// What is particular to rendered text; that every shape gives the same events is in shapes_test.cc.
#include <string>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

ReadAll read(std::string_view text) {
  return read_all(read_text, text);
}

TEST_CASE("copied messages tell their event themselves", "[windows][text]") {
  const auto [events, report] = read(
      "An account was successfully logged on.\n\nNew Logon:\n\tLogon ID:\t\t0x1\n\n"
      "A service was installed in the system.\n\nSubject:\n\tLogon ID:\t\t0x1\n");
  REQUIRE(events.size() == 2);
  CHECK(events[0].event_id == 4624);
  CHECK(shown(events[0], Field::target_logon_id) == "0x1");
  CHECK(events[1].event_id == 4697);
  CHECK(events[1].origin.line == 6);
  CHECK(std::holds_alternative<Missing>(events[1].time));
  CHECK(std::holds_alternative<Missing>(events[1].computer));
  CHECK(report.adds_up());
}

TEST_CASE("a message in another language is said, not taken for clean", "[windows][text]") {
  const auto [events, report] = read(
      "Event[0]:\n  Log Name: Security\n  Event ID: 4697\n  Computer: h\n  Description: \n"
      "Ein Dienst wurde im System installiert.\n");
  REQUIRE(events.size() == 1);
  CHECK(events[0].event_id == 4697);
  CHECK(events[0].localised);
  CHECK(events[0].field_count() == 0);
  CHECK(report.localised == 1);
}

TEST_CASE("text without an event id is unread, and says why", "[windows][text]") {
  const auto [events, report] = read("Ein Konto wurde erfolgreich angemeldet.\n");
  CHECK(events.empty());
  CHECK(report.unreadable == 1);
  CHECK(texts(report.problems) ==
        std::vector{"the text has no event id that can be read; only English text is evaluated"s});
  CHECK(report.adds_up());
}

TEST_CASE("an empty tail is blank, and padding a hole", "[windows][text]") {
  const auto report = read("A service was installed in the system.\n\0\0\0\0"s).report;
  CHECK(report.handed_on == 1);
  CHECK(report.adds_up());
}

}  // namespace
}  // namespace krbtrail::windows
