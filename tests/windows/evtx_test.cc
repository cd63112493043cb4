// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"
#include "support/evtx_writer.h"

namespace krbtrail::windows {
namespace {

using namespace test;
using namespace std::string_literals;

ReadAll read(std::string_view file, const ReadOptions& options = {}) {
  return read_all(read_evtx, file, options);
}

EvtxEvent logon(std::uint64_t record_id) {
  return {.event_id = 4624,
          .version = 2,
          .record_id = record_id,
          .data = {{"SubjectUserSid", evtx_sid({18})},
                   {"TargetUserName", evtx_text("Administrator")},
                   {"TargetLogonId", evtx_hex64(0x8a38de)},
                   {"LogonType", evtx_u32(3)},
                   {"ProcessId", evtx_size(0)},
                   {"IpAddress", evtx_text("127.0.0.1")},
                   {"ElevatedToken", evtx_text("%%1843")}}};
}

EvtxEvent service(std::uint64_t record_id) {
  return {.event_id = 4697,
          .version = 0,
          .record_id = record_id,
          .data = {{"SubjectLogonId", evtx_hex64(0x8a38de)},
                   {"ServiceName", evtx_text("KrbSCM")},
                   {"ServiceType", evtx_hex32(0x10)},
                   {"ServiceStartType", evtx_u32(3)}}};
}

EvtxEvent process_end(std::uint64_t record_id) {
  return {.event_id = 4689, .record_id = record_id, .data = {{"ProcessName", evtx_text("x")}}};
}

// Elements of text only, as plain records have them.
EvtxEvent plain_logon() {
  return {.event_id = 4624,
          .version = 2,
          .record_id = 72742,
          .data = {{"TargetLogonId", evtx_text("0x308fd3169")}, {"LogonType", evtx_text("3")}}};
}

std::string file_of(const std::vector<EvtxEvent>& events) {
  EvtxChunk chunk;
  for (const EvtxEvent& event : events)
    chunk.add(event);
  return evtx_file({chunk.bytes()});
}

std::uint64_t rejected(const ReadReport& report, model::Rejection why) {
  return report.rejected.at(static_cast<std::size_t>(why)).bytes;
}

TEST_CASE("a record gives its head and its fields, whichever way it was written",
          "[windows][evtx]") {
  const auto style = GENERATE(EvtxStyle::embedded, EvtxStyle::single);
  EvtxChunk chunk;
  chunk.add(logon(72742), style);
  chunk.add(service(72745), style);
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  REQUIRE(events.size() == 2);
  const WindowsEvent& event = events[0];
  CHECK(event.event_id == 4624);
  CHECK(shown(event.provider) == "Microsoft-Windows-Security-Auditing");
  CHECK(shown(event.channel) == "Security");
  CHECK(shown(event.computer) == "ws1.example.test");
  CHECK(shown(event.outcome) == "success");
  CHECK(value_or<std::uint32_t>(event.version, 99) == 2);
  CHECK(value_or<std::uint64_t>(event.record_id, 0) == 72742);
  CHECK(event.shape == Shape::evtx);
  CHECK(event.origin.input == model::InputId{7});
  CHECK(event.origin.offset == kEvtxFileHeader + chunk.offsets()[0]);
  CHECK_FALSE(event.recovered);
  CHECK_FALSE(event.header_record_id.has_value());

  using namespace std::chrono;
  const model::Timestamp written = sys_days{2022y / April / 25} + 22h + 17min + 47s;
  CHECK(std::get<EventTime>(event.time) ==
        EventTime{written + model::Ticks{581'723}, model::Ticks{1}, Zone::utc});

  CHECK(shown(event, Field::subject_user_sid) == "S-1-5-18");
  CHECK(shown(event, Field::target_user_name) == "Administrator");
  CHECK(shown(event, Field::target_logon_id) == "0x8a38de");
  CHECK(shown(event, Field::logon_type) == "3");
  CHECK(shown(event, Field::process_id) == "0x0");
  CHECK(shown(event, Field::ip_address) == "127.0.0.1");
  CHECK(shown(event, Field::elevated_token) == "%%1843");
  CHECK(event.field_count() == 7);

  CHECK(events[1].event_id == 4697);
  CHECK(events[1].position == 1);
  CHECK(shown(events[1], Field::subject_logon_id) == "0x8a38de");
  CHECK(shown(events[1], Field::service_name) == "KrbSCM");
  CHECK(shown(events[1], Field::service_type) == "0x10");
  CHECK(shown(events[1], Field::service_start_type) == "3");

  CHECK(report.records == 2);
  CHECK(report.handed_on == 2);
  CHECK(report.unreadable == 0);
  CHECK(report.checksum_errors == 0);
  CHECK(report.problems_in_all == 0);
  CHECK(report.adds_up());
}

TEST_CASE("records without a template are read: forwarded logs have no other", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(plain_logon(), EvtxStyle::plain);
  chunk.add(plain_logon(), EvtxStyle::plain);  // its names lie in the record before
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  REQUIRE(events.size() == 2);
  for (const WindowsEvent& event : events) {
    CHECK(event.event_id == 4624);
    CHECK(value_or<std::uint64_t>(event.record_id, 0) == 72742);
    CHECK(shown(event.computer) == "ws1.example.test");
    CHECK(value_or<std::uint64_t>(event.number(Field::target_logon_id), 0) == 0x308fd3169);
    CHECK(shown(event, Field::logon_type) == "3");
    CHECK(std::get<EventTime>(event.time).earliest ==
          std::get<EventTime>(read(file_of({logon(1)})).events.at(0).time).earliest);
  }
  CHECK(report.problems_in_all == 0);
}

TEST_CASE("a cleared log says who did it, in UserData", "[windows][evtx]") {
  const auto style = GENERATE(EvtxStyle::embedded, EvtxStyle::single);
  EvtxChunk chunk;
  chunk.add(
      {.event_id = 1102,
       .provider = "Microsoft-Windows-Eventlog",
       .data = {{"SubjectUserName", evtx_text("eve")}, {"SubjectLogonId", evtx_hex64(0x1234)}},
       .user_data = "LogFileCleared"},
      style);
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::subject_user_name) == "eve");
  CHECK(shown(events[0], Field::subject_logon_id) == "0x1234");
}

TEST_CASE("every type of value is text as Windows spells it", "[windows][evtx]") {
  const auto [value, expected] = GENERATE(table<EvtxValue, std::string>({
      {evtx_text("plain"), "plain"},
      {{0x01, evtx_utf16("nul") + "\0\0"s}, "nul"},       // a NUL that is not its own
      {{0x01, "\x3d\xd8\x00\xde"s}, "\xF0\x9F\x98\x80"},  // a pair of surrogates
      {{0x01, "\x3d\xd8\x61\x00"s}, "\xEF\xBF\xBD\x61"},  // half of one
      {{0x01, "\x61"s}, ""},                              // half a letter
      {{0x02, "caf\xe9"}, "caf\xc3\xa9"},                 // ANSI
      {{0x03, "\xff"}, "-1"},
      {evtx_u8(200), "200"},
      {{0x05, "\xfe\xff"}, "-2"},
      {evtx_u16(65535), "65535"},
      {{0x07, "\xfd\xff\xff\xff"}, "-3"},
      {evtx_u32(4294967295), "4294967295"},
      {{0x09, std::string(8, '\xff')}, "-1"},
      {evtx_u64(0xFFFFFFFFFFFFFFFF), "18446744073709551615"},
      {{0x0b, "\x00\x00\xc0\x3f"s}, "1.5"},
      {{0x0c, "\x00\x00\x00\x00\x00\x00\xf8\xbf"s}, "-1.5"},
      {{0x0d, "\x01\x00\x00\x00"s}, "true"},
      {{0x0d, "\x00\x00\x00\x00"s}, "false"},
      {{0x0e, "\xde\xad\x01"s}, "DEAD01"},
      {{0x0f, "\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d"s},
       "{54849625-5478-4994-a5ba-3e3b0328c30d}"},
      {evtx_size(0x24c), "0x24c"},               // not 588
      {{0x10, evtx_number(0x24c, 4)}, "0x24c"},  // of a 32-bit system
      {evtx_filetime(132'953'986'670'581'723), "2022-04-25T22:17:47.0581723Z"},
      {{0x12, evtx_number(2022, 2) + evtx_number(4, 2) + evtx_number(1, 2) + evtx_number(25, 2) +
                  evtx_number(9, 2) + evtx_number(5, 2) + evtx_number(7, 2) + evtx_number(42, 2)},
       "2022-04-25T09:05:07.042Z"},
      {evtx_sid({21, 1, 2, 3, 500}), "S-1-5-21-1-2-3-500"},
      {evtx_hex32(0), "0x0"},
      {evtx_hex64(0x308fd3169), "0x308fd3169"},                    // 34 bits
      {{0x81, evtx_utf16("a"s + "\0"s + "bc"s + "\0"s)}, "a,bc"},  // an array of strings
      {{0x81, evtx_utf16("a"s + "\0"s + "bc"s)}, "a,bc"},          // the last without its NUL
      {{0x86, evtx_number(1, 2) + evtx_number(500, 2)}, "1,500"},
      {{0x95, evtx_number(0x10, 8) + evtx_number(0x20, 8)}, "0x10,0x20"},
      {{0x88, ""}, ""},
      {evtx_null(), ""},  // written as <Data></Data>
  }));
  CAPTURE(expected);
  EvtxEvent event = service(1);
  event.data.emplace_back("ServiceFileName", value);
  const auto [events, report] = read(file_of({event}));
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::service_file_name) == expected);
  CHECK(report.problems_in_all == 0);
}

TEST_CASE("a value that is not of its type is unreadable, and the rest is read",
          "[windows][evtx]") {
  const auto [value, why] = GENERATE(table<EvtxValue, std::string>({
      {{0x08, "\x01\x02"}, "is a value of type 8 with 2 bytes"},
      {{0x77, "\x01"}, "is a value of type 119 with 1 bytes"},
      {{0x13, "\x01\x05\x00"s}, "is a value of type 19 with 3 bytes"},
      {{0x13, "\x01\xff"s + std::string(6, '\0')}, "is a value of type 19 with 8 bytes"},
      {{0x88, "\x01\x02\x03"}, "is a value of type 136 with 3 bytes"},
      {{0x93, "\x01\x02\x03"}, "is a value of type 147 with 3 bytes"},
      {{0x10, "\x01\x02\x03"}, "is a value of type 16 with 3 bytes"},
      {{0x21, "\x0f"}, "is a value of type 33 with 1 bytes"},  // markup where text belongs
  }));
  EvtxEvent event = service(1);
  event.data.insert(event.data.begin(), {"ServiceFileName", value});
  const auto [events, report] = read(file_of({event}));
  REQUIRE(events.size() == 1);
  CHECK(std::get<Unreadable>(events[0].text(Field::service_file_name)) == Unreadable{"", why});
  CHECK(shown(events[0], Field::service_name) == "KrbSCM");
}

TEST_CASE("events that are not wanted are counted with their log, and not handed on",
          "[windows][evtx]") {
  const auto [events, report] =
      read(file_of({logon(10), process_end(11), process_end(13), service(14)}));
  CHECK(events.size() == 2);
  CHECK(report.records == 4);
  CHECK(report.handed_on == 2);
  CHECK(report.by_event_id ==
        std::map<std::uint32_t, std::uint64_t>{{4624, 1}, {4689, 2}, {4697, 1}});
  REQUIRE(report.logs.size() == 1);
  CHECK(report.logs[0].computer == "ws1.example.test");
  CHECK(report.logs[0].channel == "Security");
  CHECK(report.logs[0].records == 4);
  CHECK(report.logs[0].lowest_record_id == 10);
  CHECK(report.logs[0].highest_record_id == 14);
  CHECK(report.logs[0].record_id_gaps == 1);
  CHECK(report.logs[0].repeated_record_ids == 0);
  CHECK(report.order == FileOrder::oldest_first);
  CHECK(report.used.lines == 2);
  CHECK(report.not_needed.lines == 2);
  CHECK(report.adds_up());
}

TEST_CASE("the record id of the event is the one that counts", "[windows][evtx]") {
  EvtxEvent event = logon(72742);
  event.header_record_id = 1;  // a log that was filtered and saved
  const auto [events, report] = read(file_of({event}));
  REQUIRE(events.size() == 1);
  CHECK(value_or<std::uint64_t>(events[0].record_id, 0) == 72742);
  CHECK(events[0].header_record_id == 1);
}

TEST_CASE("text is joined where entities, characters and CDATA interrupt it", "[windows][evtx]") {
  EvtxChunk chunk;
  BinXmlWriter xml{chunk.next_content(), chunk.names()};
  xml.header();
  xml.open("Event");
  xml.content();
  xml.open("System");
  xml.content();
  xml.open("EventID", true);
  xml.attribute("Qualifiers");
  xml.text("16384");
  xml.content();
  xml.text("7045");
  xml.close();
  xml.close();
  xml.open("EventData");
  xml.content();
  xml.open("Data", true);
  xml.attribute("Name");
  xml.text("ImagePath");
  xml.content();
  xml.text("a ");
  for (const std::string& entity : {"amp"s, "lt"s, "gt"s, "quot"s, "apos"s, "nobody"s})
    xml.entity(entity);
  xml.character(0xE9);
  xml.cdata("<b>");
  xml.close();
  xml.open("Data", true);
  xml.attribute("Name");
  xml.text("ServiceName");
  xml.close_empty();
  xml.close();
  xml.close();
  xml.eof();
  chunk.add_record(5, 0, xml.bytes());
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  REQUIRE(events.size() == 1);
  CHECK(events[0].event_id == 7045);
  CHECK(shown(events[0], Field::image_path) == "a &<>\"'\xc3\xa9<b>");
  CHECK(shown(events[0], Field::service_name).empty());
  CHECK(std::holds_alternative<Missing>(events[0].time));
  CHECK(std::holds_alternative<Missing>(events[0].computer));
}

TEST_CASE("markup in markup is read in its place, to a depth", "[windows][evtx]") {
  const auto [levels, readable] = GENERATE(table<std::size_t, bool>({
      {1, true},
      {8, true},
      {9, false},
      {40, false},
  }));
  CAPTURE(levels);
  EvtxChunk chunk;
  // Each level is an instance of a template that is nothing but its one value.
  const std::function<std::string(std::size_t, std::size_t)> level =
      [&](std::size_t at, std::size_t left) -> std::string {
    std::map<std::string, std::size_t> names;
    const std::size_t content_at = at + 4;
    BinXmlWriter xml{EvtxChunk::template_content(content_at), names, left == 0};
    if (left == 0) {
      BinXmlWriter event{at, names};
      event.header();
      event.open("Event");
      event.content();
      event.open("System");
      event.content();
      event.open("EventID");
      event.content();
      event.text("4697");
      event.close();
      event.close();
      event.close();
      event.eof();
      return event.bytes();
    }
    BinXmlWriter definition{EvtxChunk::template_content(content_at), names, true};
    definition.value(0, 0x21);
    definition.eof();
    const std::size_t value_at = content_at + 10 + 24 + definition.bytes().size() + 4 + 4;
    return "\x0f\x01\x01\x00"s +
           chunk.instance(content_at, definition.bytes(), 0,
                          {evtx_markup(level(value_at, left - 1))}) +
           '\0';
  };
  chunk.add_record(1, 0, level(chunk.next_content(), levels));
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  CHECK(events.size() == (readable ? 1 : 0));
  CHECK(report.unreadable == (readable ? 0 : 1));
  CHECK(report.adds_up());
}

// Damage.

TEST_CASE("a wrong checksum is said, and the records are read all the same", "[windows][evtx]") {
  std::string file = file_of({logon(1), service(2)});
  const auto [at, text] = GENERATE(table<std::size_t, std::string>({
      {100, "offset 0: the file header's checksum is wrong"},
      {kEvtxFileHeader + 200, "chunk 0, offset 4096: the header's checksum is wrong"},
      // The FILETIME in a record's header, which nothing is taken from.
      {kEvtxFileHeader + kEvtxFirstRecord + 20,
       "chunk 0, offset 4096: the records' checksum is wrong"},
  }));
  file[at] = static_cast<char>(file[at] ^ 1);
  const auto [events, report] = read(file);
  CHECK(events.size() == 2);
  CHECK(report.checksum_errors == 1);
  CHECK(texts(report.problems) == std::vector{text});
  CHECK(report.adds_up());
}

TEST_CASE("a file whose header was zeroed is read", "[windows][evtx]") {
  const std::string file = file_of({logon(1), service(2)});
  const auto [events, report] =
      read(std::string(kEvtxFileHeader, '\0') + file.substr(kEvtxFileHeader));
  CHECK(events.size() == 2);
  CHECK(texts(report.problems) ==
        std::vector{"offset 0: the file header is damaged; its chunks are read without it"s});
  CHECK(report.adds_up());
}

TEST_CASE("a chunk without a file is read", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  const auto [events, report] = read(chunk.bytes() + chunk.bytes());
  CHECK(events.size() == 2);
  CHECK(events.at(1).origin.offset == kEvtxChunkSize + kEvtxFirstRecord);
  CHECK(report.problems_in_all == 0);
  CHECK(report.logs.at(0).repeated_record_ids == 1);
  CHECK(report.adds_up());
}

TEST_CASE("a chunk that lost its magic gives its records as recovered", "[windows][evtx]") {
  EvtxChunk first;
  first.add(logon(1));
  EvtxChunk second;
  second.add(service(2));
  std::string broken = first.bytes();
  broken.replace(0, 8, "01234567");
  const auto [events, report] = read(evtx_file({broken, second.bytes()}));
  REQUIRE(events.size() == 2);
  CHECK(events[0].recovered);
  CHECK(shown(events[0], Field::target_logon_id) == "0x8a38de");
  CHECK_FALSE(events[1].recovered);
  CHECK(report.recovered == 1);
  CHECK(texts(report.problems) ==
        std::vector{"chunk 0, offset 4096: there is no chunk where one should begin; the records "
                    "that are found are handed on as recovered"s});
  CHECK(report.adds_up());
}

TEST_CASE("chunks that moved are found again", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  EvtxChunk other;
  other.add(service(2));
  // A piece of 1,000 bytes was put in front of them, or the first is cut short.
  const auto file =
      GENERATE_COPY(evtx_file({std::string(1000, 'x') + chunk.bytes(), other.bytes()}),
                    evtx_file({chunk.bytes().substr(0, 30'000) + std::string(1000, 'y'),
                               chunk.bytes(), other.bytes()})
                        .erase(kEvtxFileHeader, 31'000));
  const auto [events, report] = read(file);
  CHECK(events.size() == 2);
  CHECK(report.adds_up());
}

TEST_CASE("an unused chunk is room for more, not damage", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  const auto [events, report] = read(evtx_file({chunk.bytes(), std::string(65536, '\0')}));
  CHECK(events.size() == 1);
  CHECK(report.problems_in_all == 0);
  CHECK(report.not_needed.bytes >= 65536);
  CHECK(rejected(report, model::Rejection::nul) == 0);
  CHECK(report.adds_up());
}

TEST_CASE("a file that ends early gives what came before", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  chunk.add(service(2));
  const std::string file = evtx_file({chunk.bytes()});
  // Ten bytes into the second record.
  const std::size_t end = kEvtxFileHeader + chunk.offsets()[1] + 10;
  const auto [events, report] = read(file.substr(0, end));
  REQUIRE(events.size() == 1);
  CHECK(events[0].event_id == 4624);
  CHECK(report.unreadable == 1);
  CHECK(texts(report.problems) ==
        std::vector{"chunk 0, offset 4096: it ends early: need 65536 bytes, have "s +
                        std::to_string(end - kEvtxFileHeader),
                    "chunk 0, offset "s + std::to_string(end - 10) +
                        ": no record where one should begin; 10 bytes are not read"});
  CHECK(rejected(report, model::Rejection::unreadable) == 10);
  CHECK(report.adds_up());
}

TEST_CASE("a failing source is a failure, and what came before is good", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  const std::string file = evtx_file({chunk.bytes(), chunk.bytes()});
  const auto [events, report] =
      read_all(read_evtx, file, {}, 10'000, kEvtxFileHeader + kEvtxChunkSize);
  CHECK(events.size() == 1);
  REQUIRE(report.failure.has_value());
  CHECK(report.failure->message == "input: cannot read: Input/output error");
  CHECK(report.adds_up());
}

TEST_CASE("a record that is broken costs nothing but itself", "[windows][evtx]") {
  EvtxChunk chunk;
  for (std::uint64_t id = 1; id <= 3; ++id)
    chunk.add(plain_logon(), EvtxStyle::plain);
  std::string bytes = chunk.bytes();
  const std::size_t second = chunk.offsets()[1];
  const auto [damage, value, why] = GENERATE_COPY(table<std::size_t, std::string, std::string>({
      // Its magic, its size, its size's copy: it is no record any more.
      {second, "xx", "no record where one should begin"},
      {second + 4, "\xff\xff\xff\xff", "no record where one should begin"},
      {second + 4, std::string(4, '\0'), "no record where one should begin"},
      {chunk.offsets()[2] - 4, "\x01", "no record where one should begin"},
      // Its binary XML, behind the fragment header.
      {second + 28, "\x1b", "token 0x1b is unknown"},
      {second + 28, "\x0d", "token 0x0d is out of place"},
      {second + 28, "\x04", "token 0x04 is out of place"},
      {second + 33, "\xf0\xff\xff\xff", "a name lies outside the chunk"},
      {second + 28, std::string(1, '\0'), "it has no event id"},
  }));
  CAPTURE(why);
  bytes.replace(damage, value.size(), value);
  const auto [events, report] = read(evtx_file({bytes}));
  CHECK(events.size() == 2);
  CHECK(report.unreadable == 1);
  REQUIRE(report.problems.size() == 2);  // the checksum is wrong as well
  CHECK(report.problems[1].offset == kEvtxFileHeader + second);
  CHECK(report.problems[1].text.find(why) != std::string::npos);
  CHECK(report.adds_up());
}

TEST_CASE("what a broken record's problem says is where, which and why", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(plain_logon(), EvtxStyle::plain);
  std::string bytes = chunk.bytes();
  bytes[chunk.offsets()[0] + 28] = '\x1b';
  const auto report = read(evtx_file({bytes})).report;
  CHECK(report.problems.at(1).text ==
        "chunk 0, offset 4608: record 72742 cannot be read: token 0x1b is unknown");
}

TEST_CASE("a chunk header that lies about its records makes all of them live", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  std::string bytes = chunk.bytes();
  evtx_put(bytes, 48, 4'000'000'000, 4);
  const auto [events, report] = read(evtx_file({bytes}));
  CHECK(events.size() == 1);
  CHECK(report.problems.at(0).text ==
        "chunk 0, offset 4096: the end of its records is said to be at 4000000000, outside of it; "
        "all records are read");
  CHECK(report.adds_up());
}

TEST_CASE("slack is left alone unless it is asked for, and then labelled", "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  chunk.begin_slack();
  chunk.add(service(2));
  const std::string file = evtx_file({chunk.bytes()});

  const auto without = read(file);
  CHECK(without.events.size() == 1);
  CHECK(without.report.slack_records == 0);
  CHECK(without.report.adds_up());

  const auto with = read(file, {.recovered = true});
  REQUIRE(with.events.size() == 2);
  CHECK_FALSE(with.events[0].recovered);
  CHECK(with.events[1].recovered);
  CHECK(with.events[1].event_id == 4697);
  CHECK(with.report.slack_records == 1);
  CHECK(with.report.recovered == 1);
  CHECK(with.report.problems_in_all == 0);
  CHECK(with.report.logs.at(0).records == 1);  // slack is no part of the log's order
  CHECK(with.report.adds_up());
}

// Hostility.

TEST_CASE("elements may nest 64 deep and no deeper", "[windows][evtx]") {
  const auto [depth, unreadable] = GENERATE(table<std::size_t, std::uint64_t>({
      {63, 0},
      {64, 1},
      {20'000 / 6, 1},
  }));
  EvtxChunk chunk;
  chunk.names()["a"] = 0;  // any name will do; it is read at offset 0
  BinXmlWriter xml{chunk.next_content(), chunk.names()};
  xml.header();
  xml.open("Event");
  xml.content();
  for (std::size_t i = 0; i < depth; ++i) {
    xml.open("a");
    xml.content();
  }
  for (std::size_t i = 0; i <= depth; ++i)
    xml.close();
  xml.eof();
  EvtxEvent event = logon(2);
  chunk.add_record(1, 0, xml.bytes());
  chunk.add(event);
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  CHECK(events.size() == 1);
  CHECK(report.unreadable == 1);  // a record without an event id is one in any case
  const std::string why = unreadable == 0 ? "it has no event id" : "elements are nested too deeply";
  CHECK(report.problems.at(0).text.find(why) != std::string::npos);
}

TEST_CASE("templates that multiply each other are stopped", "[windows][evtx]") {
  // Each of 8 levels puts its value, which is markup, in 60 places: 60^8 in all.
  EvtxChunk chunk;
  const std::function<std::string(std::size_t, std::size_t)> level =
      [&](std::size_t at, std::size_t left) -> std::string {
    if (left == 0)
      return std::string(1, '\0');
    const std::size_t content_at = at + 4;
    std::map<std::string, std::size_t> names;
    BinXmlWriter definition{EvtxChunk::template_content(content_at), names, true};
    for (int i = 0; i < 60; ++i)
      definition.value(0, 0x21);
    definition.eof();
    const std::size_t value_at = content_at + 10 + 24 + definition.bytes().size() + 4 + 4;
    return "\x0f\x01\x01\x00"s +
           chunk.instance(content_at, definition.bytes(), 0,
                          {evtx_markup(level(value_at, left - 1))}) +
           '\0';
  };
  chunk.add_record(1, 0, level(chunk.next_content(), 8));
  chunk.add(logon(2));
  const auto [events, report] = read(evtx_file({chunk.bytes()}));
  CHECK(events.size() == 1);
  CHECK(report.unreadable == 1);
  CHECK(report.problems.at(0).text.find("the record is too complex") != std::string::npos);
}

TEST_CASE("a template that is its own value is stopped", "[windows][evtx]") {
  EvtxChunk chunk;
  const std::size_t at = chunk.next_content();
  std::map<std::string, std::size_t> names;
  BinXmlWriter definition{EvtxChunk::template_content(at), names, true};
  definition.raw(std::string{"\x0c\x01", 2} + evtx_number(at + 10, 4) + evtx_number(at + 10, 4));
  definition.eof();
  chunk.add_record(1, 0, chunk.instance(at, definition.bytes(), 0, {}));
  const auto report = read(evtx_file({chunk.bytes()})).report;
  CHECK(report.unreadable == 1);
  CHECK(report.problems.at(0).text.find("token 0x0c is out of place") != std::string::npos);
}

std::string rich_file() {
  EvtxChunk chunk;
  chunk.add(logon(1));
  chunk.add(service(2));
  chunk.add(plain_logon(), EvtxStyle::plain);
  chunk.add(process_end(4), EvtxStyle::single);
  chunk.begin_slack();
  chunk.add(service(5));
  return evtx_file({chunk.bytes()});
}

TEST_CASE("a file cut at any byte is read up to there and accounted for", "[windows][evtx]") {
  const std::string file = rich_file();
  const std::size_t interesting = kEvtxFileHeader + kEvtxFirstRecord + 6000;
  for (std::size_t end = 0; end < interesting; ++end) {
    if (end > 8 && end < kEvtxFileHeader - 8)
      continue;  // nothing but the header's padding
    const auto [events, report] = read(std::string_view{file}.substr(0, end), {.recovered = true});
    if (!report.adds_up() || report.bytes != end)
      FAIL("cut at " << end);
  }
  CHECK(read(file, {.recovered = true}).events.size() == 4);
}

TEST_CASE("pieces of any size give the same events", "[windows][evtx]") {
  const std::string file = rich_file();
  const auto piece = static_cast<std::size_t>(GENERATE(1, 7, 4095, 4096, 65536, 1'000'000));
  const auto [events, report] = read_all(read_evtx, file, {.recovered = true}, piece);
  CHECK(events.size() == 4);
  CHECK(report.problems_in_all == 0);
  CHECK(report.adds_up());
}

TEST_CASE("any damage is survived and accounted for", "[windows][evtx]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const std::string file = rich_file();
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = file;
    const std::size_t changes = 1 + random() % 8;
    for (std::size_t i = 0; i < changes; ++i) {
      const std::size_t at = kEvtxFileHeader + random() % 5000;
      bytes[at] = static_cast<char>(random() % 4 == 0 ? 0xFF : random());
    }
    const auto report = read(bytes, {.recovered = true}).report;
    REQUIRE(report.adds_up());
    REQUIRE(report.bytes == bytes.size());
  }
}

}  // namespace
}  // namespace krbtrail::windows
