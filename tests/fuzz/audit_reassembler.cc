// SPDX-License-Identifier: Apache-2.0
//
// The reassembler under limits that a few records fill, with records in the order that the bytes
// choose: four bytes a record, its host and second, its serial, its type, its body. Whatever comes,
// each record is in one event or counted as one rejection, and the events of a host leave in order
// unless a bound was reached.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "audit/reassembler.h"
#include "fuzz/require.h"

namespace krbtrail::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBytesOfRecord = 4;
constexpr std::array kTypes = {audit::RecordType::syscall, audit::RecordType::path,
                               audit::RecordType::execve, audit::RecordType::eoe};

class Bench {
 public:
  explicit Bench(std::uint8_t size)
      : reassembler_(
            {.window = 5s,
             .lines = 4U + (size & 0x0FU),
             .silent_lines = 64,
             .open_events = 1U + (size >> 4U),
             .held_bytes = 16U << 10U,
             .event_records = 6,
             .event_bytes = 400},
            pool_, coverage_,
            [this](audit::Event& event, const audit::EventBlocks& /*blocks*/) { take(event); }) {}

  void push(std::span<const std::uint8_t, kBytesOfRecord> chosen) {
    const audit::EventKey key{.host = static_cast<model::HostId>(chosen[0] & 1U),
                              .seconds = 1'000 + (chosen[0] >> 1U),
                              .milliseconds = static_cast<std::uint16_t>(chosen[1] >> 4U),
                              .serial = chosen[1]};
    const audit::RecordType type = kTypes.at(chosen[2] % kTypes.size());
    const std::string text = "type=X msg=audit(1.000:1): a=" + std::to_string(chosen[3] % 16) +
                             std::string(chosen[3], 'x');
    audit::Block* block = pool_.take();
    std::memcpy(block->bytes.get(), text.data(), text.size());
    const audit::Record record{.type = type,
                               .body = 27,
                               .has_node = (chosen[2] & 0x80U) != 0,
                               .text = {block->bytes.get(), text.size()},
                               .origin = {}};
    const bool is_same =
        pushed_ != 0 && key == last_ && reassembler_.push_same(record, block, text.size(), false);
    if (!is_same)
      static_cast<void>(reassembler_.push(key, record, block, text.size(), false));
    pool_.let_go(block);
    last_ = key;
    ++pushed_;
    bytes_ += text.size();
  }

  void finish() {
    reassembler_.flush();
    // The end of an event that has left is no loss.
    std::uint64_t lines = lines_out_ + coverage_.not_needed.lines;
    std::uint64_t bytes = bytes_out_ + coverage_.not_needed.bytes;
    for (const model::Count& count : coverage_.rejected) {
      lines += count.lines;
      bytes += count.bytes;
    }
    require(lines == pushed_, "each record is in one event or rejected once");
    require(bytes == bytes_, "and so is each byte");
    require(pool_.bytes_held() == 0, "nothing is held when all has left");
  }

 private:
  void take(const audit::Event& event) {
    require(event.lines >= event.records.size(), "an event's records are lines");
    require(event.records.size() <= 6, "an event is bounded");
    std::set<std::pair<audit::RecordType, std::string_view>> bodies;
    for (const audit::Record& record : event.records) {
      require(record.type != audit::RecordType::eoe, "the end of an event is no record of it");
      require(bodies.insert({record.type, record.body_text()}).second,
              "a record is in its event once");
    }
    const auto newest = newest_.find(event.key.host);
    if (newest != newest_.end() && coverage_.events_displaced == 0 && !is_late(event.key))
      require(newest->second < event.key, "the events of a host leave in order");
    newest_[event.key.host] = event.key;
    lines_out_ += event.lines;
    bytes_out_ += event.bytes;
  }

  // What begins behind an event that has left follows it.
  [[nodiscard]] bool is_late(const audit::EventKey& key) { return key < newest_[key.host]; }

  model::Coverage coverage_;
  audit::BlockPool pool_{1024};
  audit::Reassembler reassembler_;
  std::map<model::HostId, audit::EventKey> newest_;
  audit::EventKey last_;
  std::uint64_t pushed_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_out_ = 0;
  std::uint64_t bytes_out_ = 0;
};

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using krbtrail::fuzz::kBytesOfRecord;
  if (size == 0)
    return 0;
  krbtrail::fuzz::Bench bench{data[0]};
  std::span<const std::uint8_t> rest{data + 1, size - 1};
  for (; rest.size() >= kBytesOfRecord; rest = rest.subspan(kBytesOfRecord))
    bench.push(rest.first<kBytesOfRecord>());
  bench.finish();
  return 0;
}
