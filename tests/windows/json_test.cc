// SPDX-License-Identifier: Apache-2.0
//
// What is particular to JSON; that every shape gives the same events is in shapes_test.cc.
#include <string>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

ReadAll read(std::string_view text, std::size_t piece = 100'000) {
  return read_all(read_json, text, {}, piece);
}

std::uint64_t rejected(const ReadReport& report, model::Rejection why) {
  return report.rejected.at(static_cast<std::size_t>(why)).bytes;
}

// A flat event of Log Analytics, the shortest shape.
std::string event(const std::string& more, std::uint32_t id = 4624) {
  return R"({"TimeGenerated":"2022-04-25T22:17:47Z","Computer":"h","EventID":)" +
         std::to_string(id) + (more.empty() ? "" : "," + more) + "}";
}

TEST_CASE("values of every kind are text; what is none is unreadable", "[windows][json]") {
  const auto [value, expected] = GENERATE(table<std::string, std::string>({
      {R"("0x0")", "0x0"},
      {"0", "0"},
      {"-5", "-5"},
      {"18446744073709551615", "18446744073709551615"},
      {"1.5", "1.5"},
      {"true", "true"},
      {"null", "~"},    // not there
      {R"("-")", "-"},  // there
      {R"("")", ""},
      {R"(["127.0.0.1"])", "127.0.0.1"},  // Elasticsearch's fields
      {"[]", "~"},
      {R"(["a","b"])", "?"},
      {R"({"Value":"S-1-5-18","BinaryLength":12})", "S-1-5-18"},
      {R"({"#text":"x","#attributes":{}})", "x"},
      {R"({"a":1})", "?"},
      {R"([[[[[["deep"]]]]]])", "?"},
      {R"("\u00e9\ud83d\ude00")", "\xc3\xa9\xf0\x9f\x98\x80"},
  }));
  CAPTURE(value);
  const auto [events, report] = read(event("\"IpAddress\":" + value));
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::ip_address) == expected);
  CHECK_FALSE(events[0].repaired);
}

TEST_CASE("what is not JSON for one character is repaired and read", "[windows][json]") {
  const auto [value, expected] = GENERATE(table<std::string, std::string>({
      {"a\x01z", "a z"},  // a raw control character
      {"a\tz", "a z"},
      {"a\nz", "a z"},
      {"caf\xe9", "caf\xc3\xa9"},         // Windows-1252
      {R"(a\ud800z)", "a\xef\xbf\xbdz"},  // half a pair
      {R"(\\ud800)", R"(\ud800)"},        // a backslash and letters: not half a pair
  }));
  CAPTURE(value);
  const auto [events, report] = read(event("\"IpAddress\":\"" + value + "\"") + "\n" + event(""));
  REQUIRE(events.size() == 2);
  CHECK(shown(events[0], Field::ip_address) == expected);
  const bool needs_repair = value != R"(\\ud800)";
  CHECK(events[0].repaired == needs_repair);
  CHECK(report.repaired == (needs_repair ? 1 : 0));
  CHECK(report.adds_up());
}

TEST_CASE("a line that was cut costs itself and no other", "[windows][json]") {
  const std::string whole = event(R"("IpAddress":"127.0.0.1","IpPort":{"a":"b"})");
  for (std::size_t end = 1; end < whole.size(); ++end) {
    CAPTURE(end);
    const auto [events, report] =
        read(event("") + "\n" + whole.substr(0, end) + "\n" + event("") + "\n" + event(""));
    REQUIRE(events.size() == 3);
    REQUIRE(report.unreadable == 1);
    REQUIRE(report.problems.at(0).line == 2);
    REQUIRE(report.adds_up());
  }
}

TEST_CASE("an object that is no event of a known shape is said", "[windows][json]") {
  const auto [text, why] = GENERATE(table<std::string, std::string>({
      {R"({"a":1})", "the object is no Windows event of a known shape"},
      {"{}", "the object is no Windows event of a known shape"},
      {R"({"TimeGenerated":"2022-04-25T22:17:47Z","EventID":"x"})",
       "the object is no Windows event of a known shape"},
      {R"({"Event":{"System":5}})", "the object is no Windows event of a known shape"},
      {R"({"Timestamp":"x","RuleTitle":"y","EventID":4624})",
       "the object is a line of a hayabusa timeline, which holds only what its rules hit: not "
       "evaluated"},
      {R"({"a":tru})", "the object is not valid JSON: "},
      {R"({"a":{"b")", "the object that begins here has no end"},
  }));
  CAPTURE(text);
  const auto [events, report] = read(text + "\n" + event("") + "\n");
  CHECK(events.size() == 1);
  CHECK(report.unreadable == 1);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].text.starts_with(why));
  CHECK(report.adds_up());
}

TEST_CASE("places are those of the file", "[windows][json]") {
  const std::string first = event("");
  const auto events =
      read("\xEF\xBB\xBF" + first + "\r\n" + event("", 4689) + "\r\n\r\n" + first).events;
  REQUIRE(events.size() == 2);
  CHECK(events[0].origin.line == 1);
  CHECK(events[0].origin.offset == 3);
  CHECK(events[1].origin.line == 4);
  CHECK(events[1].origin.offset == 3 + 2 * first.size() + 6);
}

TEST_CASE("a collector is not the computer", "[windows][json]") {
  const auto [host, collector] = GENERATE(table<std::string, std::optional<std::string>>({
      {"wec", "wec"},
      {"WS1", std::nullopt},  // the short name of the same
      {"ws1.example.test", std::nullopt},
  }));
  const auto events = read(R"({"winlog":{"event_id":4624,"computer_name":"ws1.example.test"},)"
                           R"("host":{"name":")" +
                           host + R"(","os":{"type":"windows"}}})")
                          .events;
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0].computer) == "ws1.example.test");
  CHECK(events[0].collector == collector);
  CHECK(shown(events[0].os_type) == "windows");
}

TEST_CASE("ECS names mean what they mean in that event", "[windows][json]") {
  const auto fields = [](std::uint32_t id) {
    const auto events = read(R"({"winlog":{"event_id":)" + std::to_string(id) +
                             R"(,"logon":{"id":"0x1","type":"NetworkCleartext"}},"user":{"id":)"
                             R"("S-1-5-18"},"winlog.process.pid":680,"process":{"pid":4}})")
                            .events;
    return events.at(0);
  };
  CHECK(shown(fields(4624), Field::target_logon_id) == "0x1");
  CHECK(shown(fields(4624), Field::target_user_sid) == "S-1-5-18");
  CHECK(shown(fields(4624), Field::subject_logon_id) == "~");
  CHECK(shown(fields(4697), Field::subject_logon_id) == "0x1");
  CHECK(shown(fields(4697), Field::subject_user_sid) == "S-1-5-18");
  CHECK(shown(fields(4624), Field::process_id) == "4");  // not the 680 of the log's writer
  CHECK(value_or<std::uint32_t>(fields(4624).logon_type(), 0) == 8);
}

TEST_CASE("a field that the forwarder lost is taken from the English message", "[windows][json]") {
  // 2019 files of NXLog: ProcessID is LSASS, ProcessId is gone, the message still has it.
  const std::string message =
      R"("Message":"An account was successfully logged on.\r\n\r\nSubject:\r\n\tLogon ID:\t\t0x0\r\n)"
      R"(\r\nNew Logon:\r\n\tLogon ID:\t\t0x8A38DE\r\n\r\nProcess Information:\r\n\tProcess ID:\t\t0x0)"
      R"("})";
  const auto events = read(R"({"EventTime":"2019-05-14 22:34:19","Hostname":"h","EventID":4624,)"
                           R"("ProcessID":764,"TargetLogonId":"0x8a38de",)" +
                           message)
                          .events;
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::process_id) == "0x0");
  CHECK(shown(events[0], Field::target_logon_id) == "0x8a38de");
  CHECK(events[0].from_message);
  CHECK_FALSE(events[0].localised);
}

TEST_CASE("a message in another language is not evaluated, and the data are", "[windows][json]") {
  const auto [events, report] = read(
      event(R"("TargetLogonId":"0x1","Message":"Ein Konto wurde erfolgreich angemeldet.\r\n")"));
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::target_logon_id) == "0x1");
  CHECK(events[0].localised);
  CHECK_FALSE(events[0].from_message);
  CHECK(report.localised == 1);
}

TEST_CASE("PowerShell's cut Properties leave it to the message", "[windows][json]") {
  const auto events =
      read(R"({"Id":4697,"MachineName":"h","TimeCreated":"2022-04-25T22:17:47.9123456+02:00",)"
           R"("Properties":["System.Diagnostics.Eventing.Reader.EventProperty"],)"
           R"("Message":"A service was installed in the system.\r\n\r\nSubject:\r\n\tLogon ID:\t\t)"
           R"(0x8A38DE\r\n\r\nService Information:\r\n\tService Name: \t\tKrbSCM\r\n"})")
          .events;
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::subject_logon_id) == "0x8A38DE");
  CHECK(shown(events[0], Field::service_name) == "KrbSCM");
  CHECK(shown(events[0], Field::subject_user_sid) == "~");
}

TEST_CASE("an audit log cleared is read from EvtxECmd's only datum and from UserData",
          "[windows][json]") {
  const auto events =
      read(R"({"EventId":1102,"Computer":"h","Payload":"{\"UserData\":{\"LogFileCleared\":)"
           R"({\"SubjectUserName\":\"eve\"}}}"})"
           "\n"
           R"({"EventId":4697,"Computer":"h","Payload":"{\"EventData\":{\"Data\":)"
           R"({\"@Name\":\"ServiceName\",\"#text\":\"x\"}}}"})"
           "\n"
           R"({"Event":{"System":{"EventID":1102},"UserData":{"LogFileCleared":{"SubjectUserName":)"
           R"("eve"}}}})")
          .events;
  REQUIRE(events.size() == 3);
  CHECK(shown(events[0], Field::subject_user_name) == "eve");
  CHECK(shown(events[1], Field::service_name) == "x");
  CHECK(shown(events[2], Field::subject_user_name) == "eve");
}

TEST_CASE("nesting of any depth is survived", "[windows][json]") {
  const std::string open(100'000, '[');
  const std::string close(100'000, ']');
  for (const std::string& text : {event("\"a\":" + open + close), open + event("") + close, open,
                                  "{\"a\":" + open, event("\"a\":" + open)}) {
    const auto [events, report] = read(text + "\n" + event("") + "\n" + event(""));
    CHECK(events.size() >= 1);
    CHECK(report.adds_up());
  }
}

TEST_CASE("an object of more than 16 MiB is given up, and its bytes are counted",
          "[windows][json]") {
  const std::string huge = event("\"a\":\"" + std::string(kElementLimit + 500'000, 'x') + "\"");
  const auto [events, report] = read(event("") + "\n" + huge + "\n" + event("") + "\n", 1'000'000);
  CHECK(events.size() >= 1);
  CHECK(rejected(report, model::Rejection::too_long) == kElementLimit);
  CHECK(report.adds_up());
}

TEST_CASE("a NUL padded tail is a hole, not damage", "[windows][json]") {
  const auto [events, report] = read(event("") + std::string(1000, '\0'));
  CHECK(events.size() == 1);
  CHECK(report.problems_in_all == 0);
  CHECK(rejected(report, model::Rejection::nul) == 1000);
  CHECK(report.adds_up());
}

}  // namespace
}  // namespace krbtrail::windows
