// SPDX-License-Identifier: Apache-2.0
//
// What every reader of Windows exports promises of any bytes: it accounts for each of them, counts
// what it hands on, and does not care in what pieces they come.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "fuzz/require.h"
#include "krbtrail/windows/event.h"
#include "krbtrail/windows/event_xml.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::fuzz {

using Reader = windows::ReadReport (*)(const windows::ReadBytes&, const windows::InputName&,
                                       const windows::ReadOptions&, windows::EventSink&);

// Asks each event for all that it can be asked for.
class Questions final : public windows::EventSink {
 public:
  void push(windows::WindowsEvent&& event) override {
    ++events;
    for (std::size_t i = 0; i < event.field_count(); ++i)
      static_cast<void>(event.number(event.field_at(i).field));
    static_cast<void>(event.logon_type());
    static_cast<void>(event.elevated_token());
    require(as_xml(event).starts_with("<Event>"), "an event has XML");
  }

  std::uint64_t events = 0;
};

inline windows::ReadBytes in_pieces(std::string_view bytes, std::size_t piece) {
  return [bytes, piece](std::span<char> buffer) mutable -> model::Result<std::size_t> {
    const std::size_t size = std::min({buffer.size(), bytes.size(), piece});
    std::memcpy(buffer.data(), bytes.data(), size);
    bytes.remove_prefix(size);
    return size;
  };
}

inline windows::ReadReport read_once(Reader reader, std::string_view bytes, std::size_t piece) {
  Questions questions;
  windows::ReadReport report =
      reader(in_pieces(bytes, piece), {model::InputId{0}, "input"}, {.recovered = true}, questions);
  require(report.adds_up(), "the bytes add up");
  require(report.bytes == bytes.size(), "every byte is accounted for");
  require(report.handed_on == questions.events, "what was handed on is counted");
  require(report.records >= report.handed_on, "what was handed on was read");
  return report;
}

inline int read_hostile(Reader reader, const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kOddPiece = 7;
  constexpr std::size_t kReadTwice = 4096;  // larger inputs once, for more inputs a second
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const windows::ReadReport whole = read_once(reader, bytes, size + 1);
  if (size > kReadTwice)
    return 0;
  const windows::ReadReport pieces = read_once(reader, bytes, kOddPiece);
  require(whole.records == pieces.records && whole.handed_on == pieces.handed_on &&
              whole.unreadable == pieces.unreadable &&
              whole.problems_in_all == pieces.problems_in_all,
          "pieces of any size give the same");
  return 0;
}

}  // namespace krbtrail::fuzz
