// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/windows/event.h"

#include <cstdint>
#include <optional>
#include <string>

#include "support/catch.h"

namespace krbtrail::windows {
namespace {

WindowsEvent with(Field field, const std::string& value) {
  WindowsEvent event;
  event.set(field, value);
  return event;
}

TEST_CASE("one logon id has many spellings", "[windows][event]") {
  const auto [text, expected] = GENERATE(table<std::string, std::optional<std::uint64_t>>({
      {"0x8a38de", 0x8a38de},                      // as Windows writes it
      {"0x8A38DE", 0x8a38de},                      // rendered messages, EvtxECmd
      {"0X8A38DE", 0x8a38de},                      // an upper case prefix
      {"0x00000000008a38de", 0x8a38de},            // libevtx, python-evtx
      {"9058526", 0x8a38de},                       // Velociraptor, Get-WinEvent
      {"0x308fd3169", 0x308fd3169},                // more than 32 bits
      {"0xffffffffffffffff", 0xffffffffffffffff},  // the largest
      {"0x0", 0},                                  //
      {"0x00000000000000000000001", 1},            // padding is no overflow
      {"0x1ffffffffffffffff", std::nullopt},       // 65 bits
      {"18446744073709551616", std::nullopt},      // 65 bits
      {"-", std::nullopt},                         // no value
      {"", std::nullopt},                          //
      {"0x", std::nullopt},                        //
      {"-1", std::nullopt},                        //
      {"0x-1", std::nullopt},                      //
      {"8a38de", std::nullopt},                    // hex needs its prefix
      {"12 ", std::nullopt},                       // readers trim, numbers do not
  }));
  CAPTURE(text);
  CHECK(parse_number(text) == expected);
}

TEST_CASE("a logon type is a number whatever the exporter calls it", "[windows][event]") {
  const auto [text, expected] = GENERATE(table<std::string, std::optional<std::uint32_t>>({
      {"3", 3},                   // raw
      {"0x3", 3},                 //
      {"3 - Network", 3},         // Log Analytics
      {"Network", 3},             // ECS
      {"NetworkCleartext", 8},    // begins like Network
      {"8", 8},                   //
      {"network", std::nullopt},  // Elasticsearch compares the case
      {"Netzwerk", std::nullopt},
      {"-", std::nullopt},
      {"4294967296", std::nullopt},
  }));
  CAPTURE(text);
  const auto reading = with(Field::logon_type, text).logon_type();
  const std::uint32_t* value = value_of(reading);
  REQUIRE((value != nullptr) == expected.has_value());
  if (expected)
    CHECK(*value == *expected);
  else
    CHECK(std::get<Unreadable>(reading) == Unreadable{text, "is not a logon type"});
}

TEST_CASE("an elevated token is read in English and as a message number", "[windows][event]") {
  const auto [text, expected] = GENERATE(table<std::string, std::optional<bool>>({
      {"%%1842", true},
      {"Yes", true},
      {"YES", true},  // hayabusa
      {"%%1843", false},
      {"No", false},
      {"NO", false},
      {"Nein", std::nullopt},
      {"%%1844", std::nullopt},
      {"-", std::nullopt},
  }));
  CAPTURE(text);
  const auto reading = with(Field::elevated_token, text).elevated_token();
  const bool* value = value_of(reading);
  REQUIRE((value != nullptr) == expected.has_value());
  if (expected)
    CHECK(*value == *expected);
  else
    CHECK(std::get<Unreadable>(reading) ==
          Unreadable{text, "is neither %%1842 (Yes) nor %%1843 (No)"});
}

TEST_CASE("a field that is not there is missing, not empty", "[windows][event]") {
  WindowsEvent event;
  event.set(Field::ip_address, std::string{"-"});
  event.set(Field::ip_port, std::string{});
  event.set(Field::process_id, Unreadable{"{…}", "is an object"});
  CHECK(std::holds_alternative<Missing>(event.text(Field::elevated_token)));
  CHECK(std::holds_alternative<Missing>(event.elevated_token()));
  CHECK(std::get<std::string>(event.text(Field::ip_address)) == "-");
  CHECK(std::get<std::string>(event.text(Field::ip_port)).empty());
  CHECK(!event.find(Field::process_id));
  CHECK(std::get<Unreadable>(event.number(Field::process_id)) == Unreadable{"{…}", "is an object"});
}

TEST_CASE("the first value of a field stays", "[windows][event]") {
  WindowsEvent event = with(Field::ip_address, "127.0.0.1");
  event.set(Field::ip_address, std::string{"10.0.0.1"});
  CHECK(*event.find(Field::ip_address) == "127.0.0.1");
  CHECK(event.field_count() == 1);
}

TEST_CASE("every field has the raw name it is found by", "[windows][event]") {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    CAPTURE(raw_name(field));
    CHECK(field_of(raw_name(field)) == field);
  }
  CHECK(raw_name(Field::status) == "Status");
  CHECK(raw_name(Field::elevated_token) == "ElevatedToken");
  CHECK(raw_name(Field::service_start_type) == "ServiceStartType");
  CHECK_FALSE(field_of("ProcessID").has_value());
  CHECK_FALSE(field_of("").has_value());
}

TEST_CASE("fields keep their order, and an event that is cleared has none", "[windows][event]") {
  WindowsEvent event = with(Field::ip_port, "0");
  event.set(Field::process_id, Missing{});
  event.set(Field::service_type, Unreadable{"x", "is not a number"});
  event.set(Field::ip_address, "::1");
  event.set(Field::process_id, "0x0");  // the first answer stays
  event.computer = "ws1";
  REQUIRE(event.field_count() == 4);
  CHECK(event.field_at(0) == FieldText{Field::ip_port, Answer::value, "0", ""});
  CHECK(event.field_at(1) == FieldText{Field::process_id, Answer::missing, "", ""});
  CHECK(event.field_at(2) ==
        FieldText{Field::service_type, Answer::unreadable, "x", "is not a number"});
  CHECK(event.field_at(3) == FieldText{Field::ip_address, Answer::value, "::1", ""});
  CHECK(event.carries(Field::service_type));
  CHECK_FALSE(event.carries(Field::process_id));
  const WindowsEvent copy = event;
  event.clear();
  CHECK(event.field_count() == 0);
  CHECK_FALSE(event.find(Field::ip_port));
  CHECK(event.computer == Reading<std::string>{Missing{}});
  event.set(Field::ip_port, "1");
  CHECK(*event.find(Field::ip_port) == "1");
  CHECK(*copy.find(Field::ip_port) == "0");
}

TEST_CASE("exactly the events of the rule and its story are wanted", "[windows][event]") {
  for (const std::uint32_t id : kWantedEventIds)
    CHECK(is_wanted(id));
  CHECK_FALSE(is_wanted(4625));
  CHECK_FALSE(is_wanted(0));
  CHECK_FALSE(is_wanted(4696));
}

}  // namespace
}  // namespace krbtrail::windows
