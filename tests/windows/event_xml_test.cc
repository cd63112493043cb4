// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/windows/event_xml.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "krbtrail/windows/reader.h"
#include "support/catch.h"
#include "windows/reading.h"
#include "windows/shapes.h"

namespace krbtrail::windows {
namespace {

// What as_xml() promises to keep.
void check_same(const WindowsEvent& read_back, const WindowsEvent& event) {
  CHECK(read_back.event_id == event.event_id);
  CHECK(read_back.provider == event.provider);
  CHECK(read_back.channel == event.channel);
  CHECK(read_back.version == event.version);
  CHECK(read_back.record_id == event.record_id);
  CHECK(read_back.computer == event.computer);
  CHECK(read_back.outcome == event.outcome);
  for (std::size_t i = 0; i < event.field_count(); ++i) {
    const Field field = event.field_at(i).field;
    CAPTURE(raw_name(field));
    CHECK(shown(read_back, field) == shown(event, field));
  }
}

}  // namespace

TEST_CASE("an event of any export reads back from its XML", "[windows][event_xml]") {
  for (const Shaped& shaped : all_shapes()) {
    CAPTURE(shaped.writer);
    for (const WindowsEvent& event : read_all(shaped.reader, shaped.bytes).events) {
      const std::string xml = as_xml(event);
      CAPTURE(xml);
      const auto [events, report] = read_all(read_xml, xml);
      REQUIRE(events.size() == 1);
      CHECK(texts(report.problems) == std::vector<std::string>{});
      check_same(events[0], event);
    }
  }
}

TEST_CASE("a stamp keeps its digits, and its missing zone", "[windows][event_xml]") {
  WindowsEvent event;
  event.event_id = 4624;
  const auto stamp = [&](model::Ticks resolution, Zone zone) {
    event.time = EventTime{kLogonTime, resolution, zone};
    const std::string xml = as_xml(event);
    const std::size_t begin = xml.find("SystemTime='") + 12;
    return xml.substr(begin, xml.find('\'', begin) - begin);
  };
  CHECK(stamp(model::Ticks{1}, Zone::utc) == "2022-04-25T22:17:47.0581723Z");
  CHECK(stamp(model::Ticks{10}, Zone::utc) == "2022-04-25T22:17:47.058172Z");
  CHECK(stamp(model::Ticks{10'000}, Zone::utc) == "2022-04-25T22:17:47.058Z");
  CHECK(stamp(std::chrono::seconds{1}, Zone::utc) == "2022-04-25T22:17:47Z");
  CHECK(stamp(std::chrono::seconds{1}, Zone::local) == "2022-04-25T22:17:47");
}

TEST_CASE("no value can break out of its element", "[windows][event_xml]") {
  WindowsEvent event;
  event.event_id = 4697;
  event.set(Field::service_name, std::string{"</Data><Data Name='ServiceName'>x & \"y\"\r\n"});
  event.set(Field::service_type, Unreadable{"<0x10>", "is not a number"});
  CHECK(as_xml(event) ==
        "<Event><System><EventID>4697</EventID></System><EventData><Data Name='ServiceName'>"
        "&lt;/Data&gt;&lt;Data Name=&apos;ServiceName&apos;&gt;x &amp; &quot;y&quot;&#13;&#10;"
        "</Data><Data Name='ServiceType'>&lt;0x10&gt;</Data></EventData></Event>");
  const auto events = read_all(read_xml, as_xml(event)).events;
  REQUIRE(events.size() == 1);
  CHECK(shown(events[0], Field::service_name) == shown(event, Field::service_name));
}

}  // namespace krbtrail::windows
