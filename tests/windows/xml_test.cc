// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <tuple>

#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

ReadAll read(std::string_view text, std::size_t piece = 100'000) {
  return read_all(read_xml, text, {}, piece);
}

const std::string kLogon =
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
    "<Provider Name='Microsoft-Windows-Security-Auditing' "
    "Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/><EventID>4624</EventID><Version>2</Version>"
    "<Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords>"
    "<TimeCreated SystemTime='2022-04-25T22:17:47.058172300Z'/>"
    "<EventRecordID>72742</EventRecordID><Correlation/><Execution ProcessID='680' ThreadID='768'/>"
    "<Channel>Security</Channel><Computer>ws1.example.test</Computer><Security/></System>"
    "<EventData><Data Name='TargetLogonId'>0x8a38de</Data><Data Name='LogonType'>3</Data>"
    "<Data Name='ProcessId'>0x0</Data><Data Name='IpAddress'>127.0.0.1</Data>"
    "<Data Name='ElevatedToken'>%%1843</Data></EventData></Event>";

const std::string kService =
    "<Event><System><EventID Qualifiers=\"\">4697</EventID><EventRecordID>72745</EventRecordID>"
    "<Channel>Security</Channel><Computer>ws1.example.test</Computer></System><EventData>"
    "<Data Name=\"SubjectLogonId\">0x00000000008a38de</Data>"
    "<Data Name=\"ServiceFileName\">&quot;C:\\a &amp; b.exe&quot; &lt;1&gt;</Data>"
    "</EventData></Event>";

const std::string kOther =
    "<Event><System><EventID>4689</EventID><EventRecordID>72744</EventRecordID>"
    "<Channel>Security</Channel><Computer>ws1.example.test</Computer></System></Event>";

TEST_CASE("an event's XML gives its head and its fields", "[windows][xml]") {
  const auto [events, report] = read(kLogon + "\n" + kOther + "\n" + kService + "\n");
  REQUIRE(events.size() == 2);
  const WindowsEvent& event = events[0];
  CHECK(event.event_id == 4624);
  CHECK(event.shape == Shape::xml);
  CHECK(shown(event.provider) == "Microsoft-Windows-Security-Auditing");
  CHECK(shown(event.channel) == "Security");
  CHECK(shown(event.computer) == "ws1.example.test");
  CHECK(shown(event.outcome) == "success");
  CHECK(value_or<std::uint32_t>(event.version, 9) == 2);
  CHECK(value_or<std::uint64_t>(event.record_id, 9) == 72742);
  CHECK(model::format_utc(std::get<EventTime>(event.time).earliest) == "2022-04-25T22:17:47.058Z");
  CHECK(std::get<EventTime>(event.time).resolution == model::Ticks{1});
  CHECK(shown(event, Field::target_logon_id) == "0x8a38de");
  CHECK(shown(event, Field::process_id) == "0x0");  // not the 680 of Execution
  CHECK(shown(event, Field::elevated_token) == "%%1843");
  CHECK(event.field_count() == 5);
  CHECK(event.origin.line == 1);
  CHECK(event.origin.offset == 0);

  CHECK(events[1].event_id == 4697);
  CHECK(events[1].origin.line == 3);
  CHECK(events[1].origin.offset == kLogon.size() + kOther.size() + 2);
  CHECK(value_or<std::uint64_t>(events[1].number(Field::subject_logon_id), 0) == 0x8a38de);
  CHECK(shown(events[1], Field::service_file_name) == "\"C:\\a & b.exe\" <1>");
  CHECK(std::holds_alternative<Missing>(events[1].version));
  CHECK(std::holds_alternative<Missing>(events[1].time));

  CHECK(report.records == 3);
  CHECK(report.handed_on == 2);
  CHECK(report.order == FileOrder::oldest_first);
  CHECK(report.problems_in_all == 0);
  CHECK(report.used.bytes == kLogon.size() + kService.size());
  CHECK(report.adds_up());
}

TEST_CASE("events are found in every wrapper, in pieces of any size", "[windows][xml]") {
  const auto piece = static_cast<std::size_t>(GENERATE(1, 5, 64, 100'000));
  const auto [writer, text] = GENERATE(table<std::string, std::string>({
      {"wevtutil", kLogon + "\r\n" + kService + "\r\n"},
      {"wevtutil /e:Root", "<Root>" + kLogon + kService + "</Root>"},
      {"Event Viewer",
       "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n<Events>" +
           kLogon + kService + "</Events>"},
      {"evtx_dump", "Record 1\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + kLogon +
                        "\nRecord 2\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + kService},
      {"python-evtx",
       "<?xml version=\"1.1\" encoding=\"utf-8\" standalone=\"yes\" ?>\n\n<Events>\n" + kLogon +
           "\n\n" + kService + "\n</Events>\n"},
      {"evtxexport", "evtxexport 20181227\n\n" + kLogon + "\n\n" + kService + "\n"},
  }));
  CAPTURE(writer, piece);
  const auto [events, report] = read(text, piece);
  CHECK(events.size() == 2);
  CHECK(report.problems_in_all == 0);
  CHECK(report.bytes == text.size());
  CHECK(report.adds_up());
}

TEST_CASE("python-evtx's time is UTC although it says no zone", "[windows][xml]") {
  std::string text = kLogon;
  text.replace(text.find("2022-04-25T22:17:47.058172300Z"), 30, "2022-04-25 22:17:47.058172");
  const auto events = read(text).events;
  const auto time = std::get<EventTime>(events.at(0).time);
  CHECK(time.zone == Zone::utc);
  CHECK(time.resolution == model::Ticks{10});
  CHECK(model::format_utc(time.earliest) == "2022-04-25T22:17:47.058Z");
}

TEST_CASE("UTF-16 gives the same events, with offsets of the file", "[windows][xml]") {
  std::string wide = "\xFF\xFE";
  for (const char c : kLogon + "\r\n" + kService)
    wide.append({c, '\0'});
  const auto [events, report] = read(wide);
  REQUIRE(events.size() == 2);
  CHECK(shown(events[1], Field::service_file_name) == "\"C:\\a & b.exe\" <1>");
  CHECK(events[1].origin.offset == 2 + 2 * (kLogon.size() + 2));
  CHECK(report.bytes == wide.size());
  CHECK(report.adds_up());
}

TEST_CASE("control characters, bad UTF-8 and NUL bytes do not stop the reading", "[windows][xml]") {
  const auto [value, expected, repaired] = GENERATE(table<std::string, std::string, bool>({
      {"a\x01\x02\x0f z", "a\x01\x02\x0f z", false},
      {"caf\xe9", "caf\xc3\xa9", true},
      {"a\0z"s, "a z", true},
      {"<s:Envelope><s:Body>soap</s:Body></s:Envelope>", "soap", false},  // unescaped, balanced
  }));
  std::string text = kLogon;
  const std::string place = "127.0.0.1";
  text.replace(text.find(place), place.size(), value);
  const auto [events, report] = read(text + kService);
  REQUIRE(events.size() == 2);
  CHECK(shown(events[0], Field::ip_address) == expected);
  CHECK(shown(events[0], Field::elevated_token) == "%%1843");
  CHECK(events[0].repaired == repaired);
  CHECK(report.repaired == (repaired ? 1 : 0));
  CHECK(report.adds_up());
}

TEST_CASE("an event that is not well-formed gives what stands before that place",
          "[windows][xml]") {
  std::string text = kLogon;
  text.replace(text.find("127.0.0.1"), 9, "1 < 2");
  const auto [events, report] = read(text + kService);
  REQUIRE(events.size() == 2);
  CHECK(shown(events[0], Field::target_logon_id) == "0x8a38de");
  CHECK(shown(events[0], Field::elevated_token) == "~");
  CHECK(events[0].repaired);
  CHECK(texts(report.problems) ==
        std::vector{"the event is not well-formed; what stands behind that place is missing"s});
}

TEST_CASE("the rendered message of another language does not matter: the data are read",
          "[windows][xml]") {
  std::string text = kLogon;
  text.insert(text.size() - "</Event>"s.size(),
              "<RenderingInfo Culture='de-DE'><Message>Ein Konto wurde erfolgreich angemeldet."
              "</Message><Channel>Sicherheit</Channel></RenderingInfo>");
  const auto [events, report] = read(text);
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0].channel) == "Security");
  CHECK(shown(events[0], Field::elevated_token) == "%%1843");
  CHECK_FALSE(events[0].localised);
}

TEST_CASE("a cleared log names its actor in UserData", "[windows][xml]") {
  const auto events =
      read(
          "<Event><System><EventID>1102</EventID></System><UserData><LogFileCleared xmlns='x'>"
          "<SubjectUserName>eve</SubjectUserName></LogFileCleared></UserData></Event>")
          .events;
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::subject_user_name) == "eve");
}

TEST_CASE("an event without an end costs itself and no other", "[windows][xml]") {
  const std::string cut = kLogon.substr(0, 600);
  {
    const auto [events, report] = read(cut + "\n" + kService);
    CHECK(events.size() == 1);
    CHECK(report.unreadable == 1);
    CHECK(report.problems.at(0).line == 1);
    CHECK(report.problems.at(0).text == "the event that begins here has no end");
    CHECK(report.adds_up());
  }
  {
    const auto [events, report] = read(kService + "\n" + cut);
    CHECK(events.size() == 1);
    CHECK(report.unreadable == 1);
    CHECK(report.problems.at(0).line == 2);
    CHECK(report.problems.at(0).offset == kService.size() + 1);
    CHECK(report.adds_up());
  }
}

TEST_CASE("a value that mentions <Event> does not begin one", "[windows][xml]") {
  std::string text = kLogon;
  text.replace(text.find("127.0.0.1"), 9, "<Event>x");
  const auto [events, report] = read(text + kService);
  CHECK(report.records == 2);
  CHECK(events.size() == 2);
}

TEST_CASE("an element without an event id is not an event", "[windows][xml]") {
  const auto [events, report] = read("<Event><System/></Event>" + kService);
  CHECK(events.size() == 1);
  CHECK(texts(report.problems) == std::vector{"the element is no event: it has no event id"s});
  CHECK(report.adds_up());
}

TEST_CASE("an element of more than 16 MiB is given up", "[windows][xml]") {
  const auto [events, report] =
      read("<Event><System>" + std::string(kElementLimit + 1'000'000, 'x') + kService, 1'000'000);
  CHECK(events.size() == 1);
  CHECK(report.rejected.at(static_cast<std::size_t>(model::Rejection::too_long)).bytes ==
        kElementLimit);
  CHECK(report.problems.at(0).text == "the event that begins here is longer than 16 MiB");
  CHECK(report.adds_up());
}

TEST_CASE("deep nesting is survived", "[windows][xml]") {
  std::string deep = "<Event><System><EventID>4697</EventID></System><EventData><Data Name='X'>";
  for (int i = 0; i < 100'000; ++i)
    deep += "<a>";
  const auto [events, report] = read(deep + "</Event>" + kService);
  CHECK(events.size() == 2);
  CHECK(report.adds_up());
}

TEST_CASE("newest first is noticed", "[windows][xml]") {
  CHECK(read(kService + kOther + kLogon).report.order == FileOrder::newest_first);
  CHECK(read(kLogon + kService + kOther).report.order == FileOrder::mixed);
  CHECK(read(kLogon).report.order == FileOrder::unknown);
}

TEST_CASE("XML cut at any byte, or damaged anywhere, is accounted for", "[windows][xml]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string text = "<Events>\n" + kLogon + "\n" + kOther + kService + "\n</Events>";
  for (std::size_t end = 0; end <= text.size(); ++end) {
    const auto report = read(text.substr(0, end)).report;
    REQUIRE(report.adds_up());
    REQUIRE(report.bytes == end);
  }
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = text;
    for (std::size_t i = 0; i <= random() % 8; ++i)
      bytes[random() % bytes.size()] = "<>/&;'\" \0\xFF"[random() % 10];
    const auto report = read(bytes).report;
    REQUIRE(report.adds_up());
  }
}

TEST_CASE("a field is cut at 64 KiB", "[windows][xml]") {
  std::string text = kService;
  text.insert(text.find("&quot;"), std::string(100'000, 'x'));
  const auto [events, report] = read(text);
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::service_file_name) == std::string(65'536, 'x'));
  CHECK(report.adds_up());
}

}  // namespace
}  // namespace krbtrail::windows
