// SPDX-License-Identifier: Apache-2.0
//
// What a reader counts while it reads, and the report it makes of that.
//
//   Tally tally{name, sink};
//   tally.record(event);                                 // every record whose id is known
//   if (is_wanted(event.event_id)) tally.hand_on(std::move(event), bytes);
//   else tally.pass(bytes);
//   return tally.finish();
//
// Keeps at most the tables of ReadReport, within their limits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/windows/reader.h"

namespace krbtrail::windows {

class Tally {
 public:
  Tally(InputName name, EventSink& sink) : name_(std::move(name)), sink_(sink) {}

  // Takes note of a record: its log, its id, its time, its shape.
  void record(const WindowsEvent& event);
  // Pushes a recorded event; `bytes` of the input were its.
  void hand_on(WindowsEvent&& event, std::uint64_t bytes);
  // Records an event, and hands it on if it is wanted.
  void settle(WindowsEvent&& event, std::uint64_t bytes);
  // A record that is not wanted.
  void pass(std::uint64_t bytes);
  // What stands around records.
  void frame(std::uint64_t bytes) { report_.not_needed.bytes += bytes; }
  // A record or element that could not be decoded, and why.
  void unreadable(std::uint64_t line, std::uint64_t offset, std::uint64_t bytes, std::string why);
  void reject(model::Rejection why, std::uint64_t lines, std::uint64_t bytes);
  void problem(std::uint64_t line, std::uint64_t offset, std::string text);
  void fail(model::Error error) { report_.failure = std::move(error); }

  [[nodiscard]] ReadReport& report() { return report_; }
  [[nodiscard]] const InputName& name() const { return name_; }
  [[nodiscard]] ReadReport finish();

 private:
  struct Neighbour {
    std::optional<std::uint64_t> record_id;
    std::optional<EventTime> time;
  };

  std::size_t log_of(const WindowsEvent& event);
  void follow_order(const Neighbour& before, const Neighbour& now);
  static void follow_ids(LogFacts& log, const Neighbour& before, std::uint64_t record_id);
  void count_missing(const WindowsEvent& event);

  InputName name_;
  EventSink& sink_;
  ReadReport report_;
  std::vector<Neighbour> last_of_log_;  // beside ReadReport::logs
  std::size_t last_log_ = 0;
  std::uint64_t rises_ = 0;
  std::uint64_t falls_ = 0;
};

}  // namespace krbtrail::windows
