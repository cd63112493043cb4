// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_spool.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detect/windows_events.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using windows::Field;
using windows::WindowsEvent;

constexpr std::size_t kNoLimit = std::size_t{1} << 30U;

// A file in memory that fails once it would hold more than `room` bytes, or on its first read.
struct Disk {
  std::string bytes;
  std::size_t room = kNoLimit;
  bool is_readable = true;
  int made = 0;
};

class FileOnDisk final : public SpoolFile {
 public:
  explicit FileOnDisk(Disk& disk) : disk_(disk) {}

  model::Status append(std::string_view bytes) override {
    if (disk_.bytes.size() + bytes.size() > disk_.room)
      return model::Error{"disk: cannot write: No space left on device", ""};
    disk_.bytes += bytes;
    return {};
  }
  model::Status read(std::uint64_t offset, std::span<char> bytes) override {
    if (!disk_.is_readable)
      return model::Error{"disk: cannot read: Input/output error", ""};
    REQUIRE(offset + bytes.size() <= disk_.bytes.size());
    std::memcpy(bytes.data(), disk_.bytes.data() + offset, bytes.size());
    return {};
  }

 private:
  Disk& disk_;
};

WindowsSpool spool_on(Disk& disk, std::size_t memory_limit, bool all_fields = false) {
  return WindowsSpool{{.memory_limit = memory_limit,
                       .all_fields = all_fields,
                       .make_file = [&disk]() -> model::Result<std::unique_ptr<SpoolFile>> {
                         ++disk.made;
                         return std::unique_ptr<SpoolFile>{std::make_unique<FileOnDisk>(disk)};
                       }}};
}

// One event with every member away from its default.
WindowsEvent odd_event() {
  WindowsEvent event = test::logon_event(7, 3);
  event.os_type = std::string{"windows"};
  event.outcome = windows::Unreadable{"?", "is no outcome"};
  event.shape = windows::Shape::json_nxlog;
  event.origin = {.input = model::InputId{3}, .line = 9, .offset = 77};
  event.position = 12;
  event.header_record_id = 1;
  event.collector = "wec";
  event.recovered = event.from_message = event.localised = event.repaired = true;
  event.sids_as_names = true;
  event.time = windows::EventTime{.earliest = test::windows_time(5),
                                  .resolution = model::Ticks{10'000},
                                  .zone = windows::Zone::half_day};
  event.set(Field::key_length, std::string{"0"});  // no question asks for it
  event.set(Field::workstation_name, windows::Missing{});
  event.set(Field::service_type, windows::Unreadable{"x", "is not a number"});
  return event;
}

void check_same(const WindowsEvent& read, const WindowsEvent& event) {
  CHECK(read.event_id == event.event_id);
  CHECK(read.provider == event.provider);
  CHECK(read.channel == event.channel);
  CHECK(read.version == event.version);
  CHECK(read.record_id == event.record_id);
  CHECK(read.time == event.time);
  CHECK(read.computer == event.computer);
  CHECK(read.os_type == event.os_type);
  CHECK(read.outcome == event.outcome);
  CHECK(read.shape == event.shape);
  CHECK(read.origin == event.origin);
  CHECK(read.position == event.position);
  CHECK(read.header_record_id == event.header_record_id);
  CHECK(read.collector == event.collector);
  CHECK(read.recovered == event.recovered);
  CHECK(read.from_message == event.from_message);
  CHECK(read.localised == event.localised);
  CHECK(read.repaired == event.repaired);
  CHECK(read.sids_as_names == event.sids_as_names);
}

void check_same_fields(const WindowsEvent& read, const WindowsEvent& event) {
  REQUIRE(read.field_count() == event.field_count());
  for (std::size_t i = 0; i < event.field_count(); ++i) {
    CAPTURE(raw_name(event.field_at(i).field));
    CHECK(read.field_at(i) == event.field_at(i));
  }
}

}  // namespace

TEST_CASE("an event comes back as it went in", "[detect][windows_spool]") {
  const std::size_t memory_limit = GENERATE(std::size_t{0}, kNoLimit);  // outside memory, and in it
  CAPTURE(memory_limit);
  Disk disk;
  WindowsSpool spool = spool_on(disk, memory_limit, true);
  const auto reference = spool.append(odd_event());
  REQUIRE(reference);
  const auto read = spool.read(reference.value());
  REQUIRE(read);
  check_same(read.value(), odd_event());
  check_same_fields(read.value(), odd_event());
  CHECK(disk.made == (memory_limit == 0 ? 1 : 0));
}

TEST_CASE("what no question asks for is left out, unless the whole event is wanted",
          "[detect][windows_spool]") {
  Disk disk;
  WindowsSpool spool = spool_on(disk, kNoLimit);
  const auto reference = spool.append(odd_event());
  REQUIRE(reference);
  const WindowsEvent read = spool.read(reference.value()).value();
  CHECK(!read.find(Field::key_length));
  CHECK(*read.find(Field::ip_address) == "127.0.0.1");
}

TEST_CASE("events come back in order, over the edge of memory and of the window",
          "[detect][windows_spool]") {
  Disk disk;
  WindowsSpool spool = spool_on(disk, 100'000);
  std::vector<std::uint64_t> references;
  const std::string padding(2000, 'x');
  for (std::uint64_t i = 0; i < 500; ++i) {  // 1 MB: some in memory, several windows of the file
    const auto reference =
        spool.append(test::service_event(i, 0, {{Field::service_file_name, padding}}));
    REQUIRE(reference);
    references.push_back(reference.value());
  }
  CHECK(disk.made == 1);
  std::vector<std::uint64_t> met;
  std::uint64_t next = 0;
  const model::Status whole = spool.for_each([&](std::uint64_t reference, WindowsEvent&& event) {
    met.push_back(reference);
    CHECK(windows::value_of(event.record_id) != nullptr);
    CHECK(*windows::value_of(event.record_id) == next++);
  });
  REQUIRE(whole);
  CHECK(met == references);
  for (const std::size_t index : {std::size_t{499}, std::size_t{0}, std::size_t{250}}) {
    const auto read = spool.read(references[index]);
    REQUIRE(read);
    CHECK(*windows::value_of(read.value().record_id) == index);
  }
}

TEST_CASE("a field is kept up to 32 KiB", "[detect][windows_spool]") {
  Disk disk;
  WindowsSpool spool = spool_on(disk, kNoLimit);
  const auto reference = spool.append(
      test::service_event(1, 0, {{Field::service_file_name, std::string(40'000, 'x')}}));
  REQUIRE(reference);
  CHECK(spool.read(reference.value()).value().find(Field::service_file_name)->size() == 32'768);
}

TEST_CASE("a full or failing disk is said, not passed over", "[detect][windows_spool]") {
  Disk disk;
  WindowsSpool spool = spool_on(disk, 0);
  SECTION("on the way in") {
    disk.room = 0;
    const auto reference = spool.append(odd_event());  // waits for a block
    REQUIRE(reference);
    const model::Status whole = spool.for_each([](std::uint64_t, WindowsEvent&&) {});
    REQUIRE_FALSE(whole);
    CHECK(whole.error().message == "disk: cannot write: No space left on device");
  }
  SECTION("on the way out") {
    const auto reference = spool.append(odd_event());
    REQUIRE(reference);
    disk.is_readable = false;
    REQUIRE_FALSE(spool.read(reference.value()));
    CHECK(spool.read(reference.value()).error().message == "disk: cannot read: Input/output error");
    CHECK_FALSE(spool.for_each([](std::uint64_t, WindowsEvent&&) {}));
  }
}

}  // namespace krbtrail::detect
