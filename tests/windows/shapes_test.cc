// SPDX-License-Identifier: Apache-2.0
//
// One scenario in every shape gives the same events.
#include "windows/shapes.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "support/catch.h"
#include "windows/reading.h"

namespace krbtrail::windows {
namespace {

// The instant lies in the interval, as far as it is known which day half and which zone.
bool may_be(const EventTime& time, model::Timestamp instant) {
  const auto within = [&](model::Timestamp earliest) {
    return earliest <= instant && instant < earliest + time.resolution;
  };
  return within(time.earliest) ||
         (time.zone == Zone::half_day && within(time.earliest + std::chrono::hours{12}));
}

// As a number where the spelling is the writer's choice.
void check_field(const WindowsEvent& event, Field field, const std::string& expected) {
  CAPTURE(raw_name(field));
  switch (field) {
    case Field::target_logon_id:
    case Field::subject_logon_id:
    case Field::process_id:
    case Field::ip_port:
    case Field::service_type:
      CHECK(value_or<std::uint64_t>(event.number(field), 99) == *parse_number(expected));
      return;
    case Field::logon_type:
      CHECK(value_or<std::uint32_t>(event.logon_type(), 99) == 3);
      return;
    case Field::elevated_token:
      CHECK(value_or<bool>(event.elevated_token(), true) == false);
      return;
    default:
      CHECK(shown(event, field) == expected);
  }
}

void check_event(const WindowsEvent& event, const Shaped& shaped, std::uint64_t record_id,
                 model::Timestamp time, const FieldTexts& fields) {
  CAPTURE(event.event_id);
  CHECK(event.shape == shaped.shape);
  CHECK(shown(event.computer) == (shaped.lacks.computer ? "~" : kHost));
  CHECK(value_or<std::uint64_t>(event.record_id, 0) == (shaped.lacks.record_id ? 0 : record_id));
  REQUIRE(value_of(event.time) != nullptr);
  CHECK(may_be(*value_of(event.time), time));
  CHECK(value_of(event.time)->resolution == shaped.resolution);
  CHECK(value_of(event.time)->zone == shaped.zone);
  for (const auto& [field, value] : fields) {
    if (shaped.lacks.fields.contains(field))
      CHECK(shown(event, field) == "~");
    else
      check_field(event, field, value);
  }
}

const WindowsEvent& the(const std::vector<WindowsEvent>& events, std::uint32_t id) {
  return *std::ranges::find(events, id, &WindowsEvent::event_id);
}

TEST_CASE("one scenario gives the same events in every shape", "[windows][shapes]") {
  for (const Shaped& shaped : all_shapes()) {
    CAPTURE(shaped.writer);
    for (const std::size_t piece : {std::size_t{1'000'000}, std::size_t{3}}) {
      CAPTURE(piece);
      const auto [events, report] = read_all(shaped.reader, shaped.bytes, {}, piece);
      CHECK(texts(report.problems) == std::vector<std::string>{});
      CHECK(report.adds_up());
      CHECK(report.bytes == shaped.bytes.size());
      REQUIRE(events.size() == 2);
      REQUIRE(events[0].event_id + events[1].event_id == 4624 + 4697);
      check_event(the(events, 4624), shaped, 72742, kLogonTime, logon_fields());
      check_event(the(events, 4697), shaped, 72745, kServiceTime, service_fields());
    }
  }
}

TEST_CASE("every text shape is read in UTF-16 and with a mark too", "[windows][shapes]") {
  for (const Shaped& shaped : all_shapes()) {
    if (shaped.reader == read_evtx || shaped.bytes.starts_with("\xEF\xBB\xBF"))
      continue;
    CAPTURE(shaped.writer);
    std::string little = "\xFF\xFE";
    std::string big = "\xFE\xFF";
    for (const char c : shaped.bytes) {
      little.append({c, '\0'});
      big.append({'\0', c});
    }
    for (const std::string& bytes :
         {little, little.substr(2), big, "\xEF\xBB\xBF" + shaped.bytes}) {
      const auto [events, report] = read_all(shaped.reader, bytes);
      REQUIRE(events.size() == 2);
      CHECK(
          shown(the(events, 4697), Field::subject_logon_id) ==
          shown(the(read_all(shaped.reader, shaped.bytes).events, 4697), Field::subject_logon_id));
      CHECK(report.adds_up());
      CHECK(report.bytes == bytes.size());
    }
  }
}

TEST_CASE("every shape cut or damaged anywhere is survived and accounted for",
          "[windows][shapes]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (const Shaped& shaped : all_shapes()) {
    CAPTURE(shaped.writer);
    if (shaped.reader == read_evtx)
      continue;  // has a test of its own
    for (int round = 0; round < 100; ++round) {
      std::string bytes = shaped.bytes;
      for (std::size_t i = 0; i <= random() % 4; ++i)
        bytes[random() % bytes.size()] = "{}[]\",:\\\n\0\xFF<>"[random() % 13];
      if (round % 2 == 0)
        bytes.resize(random() % bytes.size());
      const auto report = read_all(shaped.reader, bytes).report;
      REQUIRE(report.adds_up());
      REQUIRE(report.bytes == bytes.size());
    }
  }
}

}  // namespace
}  // namespace krbtrail::windows
