// SPDX-License-Identifier: Apache-2.0
//
// That the chunks of an EVTX file give the same whatever the number of threads that decode them.
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/windows/event_xml.h"
#include "krbtrail/windows/reader.h"
#include "reading.h"
#include "support/catch.h"
#include "support/evtx_writer.h"
#include "windows/chunk_notes.h"
#include "windows/evtx_chunk.h"

namespace krbtrail::windows {
namespace {

using namespace test;

constexpr std::size_t kLongName = 8000;
constexpr std::size_t kLongNames = 200;

EvtxEvent logon(std::uint64_t record_id) {
  return {.event_id = 4624,
          .version = 2,
          .record_id = record_id,
          .data = {{"TargetLogonId", evtx_hex64(record_id)}, {"LogonType", evtx_u32(3)}}};
}

EvtxEvent process_end(std::uint64_t record_id) {
  return {.event_id = 4689, .record_id = record_id, .data = {{"ProcessName", evtx_text("x")}}};
}

// A chunk of 64 KiB whose events take 1.6 MB: all are instances of one template, and the name of
// the account stands in there.
std::string swelling_chunk() {
  EvtxChunk chunk;
  std::map<std::string, std::size_t> names;
  const std::size_t at = chunk.next_content() + 4;
  BinXmlWriter definition{EvtxChunk::template_content(at), names, true};
  definition.header();
  definition.open("Event");
  definition.content();
  definition.open("System");
  definition.content();
  definition.open("EventID");
  definition.content();
  definition.text("4624");
  definition.close();
  definition.close();
  definition.open("EventData");
  definition.content();
  definition.open("Data", true);
  definition.attribute("Name");
  definition.text("TargetUserName");
  definition.content();
  definition.text(std::string(kLongName, 'a'));
  definition.close();
  definition.close();
  definition.close();
  definition.eof();
  for (std::size_t i = 0; i < kLongNames; ++i)
    chunk.add_record(i, 0,
                     std::string{"\x0f\x01\x01\x00", 4} +
                         chunk.instance(at, definition.bytes(), i == 0 ? 0 : at + 10, {}) + '\0');
  return chunk.bytes();
}

// Chunks of every sort: whole, damaged, without their magic, unused, swelling, and a cut one last.
std::string file_of_all_sorts(std::mt19937& random) {
  std::vector<std::string> chunks;
  std::uint64_t id = 1;
  for (int i = 0; i < 24; ++i) {
    EvtxChunk chunk;
    const std::size_t records = 1 + random() % 60;
    for (std::size_t record = 0; record < records; ++record, id += 1 + random() % 2)
      chunk.add(random() % 3 == 0 ? process_end(id) : logon(id),
                random() % 2 == 0 ? EvtxStyle::single : EvtxStyle::embedded);
    chunk.begin_slack();
    chunk.add(logon(id));
    std::string bytes = chunk.bytes();
    const auto damage = random() % 8;
    if (damage == 0)
      bytes[0] = 'X';
    if (damage == 1)
      bytes[kEvtxFirstRecord + random() % 3000] = '\xff';
    if (damage == 2)
      bytes[60] = '\xff';
    chunks.push_back(damage == 3 ? std::string(kEvtxChunkSize, '\0') : bytes);
  }
  chunks.push_back(swelling_chunk());
  chunks.push_back(chunks.front().substr(0, 20'000));
  return evtx_file(chunks);
}

std::string in_full(const ReadAll& all) {
  std::string text;
  for (const WindowsEvent& event : all.events)
    text += std::to_string(event.position) + " at " + std::to_string(event.origin.offset) +
            (event.recovered ? " recovered " : " ") + as_xml(event) + "\n";
  const ReadReport& report = all.report;
  for (const Problem& problem : report.problems)
    text += problem.text + "\n";
  for (const std::uint64_t number :
       {report.records, report.handed_on, report.unreadable, report.recovered, report.slack_records,
        report.checksum_errors, report.problems_in_all, report.bytes, report.used.bytes,
        report.not_needed.bytes, static_cast<std::uint64_t>(report.order)})
    text += std::to_string(number) + " ";
  for (const model::Count& count : report.rejected)
    text += std::to_string(count.lines) + "/" + std::to_string(count.bytes) + " ";
  for (const LogFacts& log : report.logs)
    text += log.computer + " " + std::to_string(log.records) + " " +
            std::to_string(log.record_id_gaps) + " " + std::to_string(log.repeated_record_ids) +
            " " + std::to_string(log.lowest_record_id.value_or(0)) + "-" +
            std::to_string(log.highest_record_id.value_or(0)) + "\n";
  return text;
}

TEST_CASE("any number of jobs gives the same events, counts and problems", "[windows][evtx]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 5; ++round) {
    const std::string file = file_of_all_sorts(random);
    const bool recovered = round % 2 == 1;
    const ReadAll alone = read_all(read_evtx, file, {.recovered = recovered});
    REQUIRE(alone.report.adds_up());
    REQUIRE(alone.events.size() > kLongNames);
    const std::string expected = in_full(alone);
    for (const unsigned jobs : {0U, 2U, 3U, 8U, 1000U}) {
      CAPTURE(round, jobs);
      const ReadAll together = read_all(read_evtx, file, {.recovered = recovered, .jobs = jobs});
      REQUIRE(together.report.adds_up());
      REQUIRE((in_full(together) == expected));
    }
  }
}

TEST_CASE("a source that fails while threads decode is a failure, and what came before is good",
          "[windows][evtx]") {
  EvtxChunk chunk;
  chunk.add(logon(1));
  const std::string file = evtx_file(std::vector(9, chunk.bytes()));
  const auto [events, report] =
      read_all(read_evtx, file, {.jobs = 3}, 10'000, kEvtxFileHeader + 7 * kEvtxChunkSize);
  CHECK(events.size() == 7);
  REQUIRE(report.failure.has_value());
  CHECK(report.failure->message == "input: cannot read: Input/output error");
  CHECK(report.adds_up());
}

TEST_CASE("notes are delivered before they outgrow their limit", "[windows][evtx]") {
  std::size_t events = 0;
  std::size_t batches = 0;
  ChunkNotes notes{kNotesLimit, [&](const std::vector<ChunkNote>& batch) {
                     std::size_t text = 0;
                     for (const ChunkNote& note : batch) {
                       if (const auto* settled = std::get_if<SettledNote>(&note)) {
                         ++events;
                         text += settled->event.find(Field::target_user_name)->size();
                       }
                     }
                     CHECK(text <= kNotesLimit + kLongName);
                     ++batches;
                   }};
  read_chunk(swelling_chunk(), {}, ChunkPart::whole, {}, notes);
  notes.deliver();
  CHECK(events == kLongNames);
  CHECK(batches > kLongNames * kLongName / kNotesLimit);
}

}  // namespace
}  // namespace krbtrail::windows
