// SPDX-License-Identifier: Apache-2.0
//
// An export of a Windows event log becomes events: one function a form, all of one shape.
//
//   const ReadReport report = read_evtx(
//       [&](std::span<char> buffer) { return source.read(buffer); },
//       {.input = id, .name = "Security.evtx"}, {}, sink);
//
// A reader pulls decompressed bytes until there are no more, pushes every wanted event
// (kWantedEventIds) into the sink in the order of the file, and counts all others. It never fails
// as a whole: what could not be read is in the report, and what came before is good.
//
// Text is UTF-8, UTF-16 of either order, or Windows-1252; windows/text_encoding says how it is
// told.
//
// Bounded: memory does not grow with the input (an EVTX chunk of 64 KiB, or one element of at most
// kElementLimit, and tables whose limits are below). The bytes may be hostile. Reading and pushing
// happen on the caller's thread, whatever ReadOptions::jobs says; two readers share nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

// Fills a part of `buffer` from its start and returns how much: 0 at the end, otherwise at least 1.
using ReadBytes = std::function<model::Result<std::size_t>(std::span<char> buffer)>;

// Takes events in the order of the input. It may move from them.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  EventSink(EventSink&&) = delete;
  EventSink& operator=(EventSink&&) = delete;
  virtual ~EventSink() = default;

  virtual void push(WindowsEvent&& event) = 0;
};

struct InputName {
  model::InputId input{};
  std::string name;  // as the user should see it, in problems
};

struct ReadOptions {
  bool recovered = false;  // also the records in the slack of EVTX chunks, flagged as recovered
  unsigned jobs = 1;       // threads that decode the chunks of EVTX, the caller's among them
};
inline constexpr unsigned kMostJobs = 16;  // more are taken for so many

// One XML or JSON element, CSV row or rendered event may have so many bytes; a longer one is
// rejected and counted.
inline constexpr std::size_t kElementLimit = std::size_t{16} << 20U;
inline constexpr std::size_t kProblemsKept = 100;  // the others are only counted
inline constexpr std::size_t kLogsKept = 1024;     // logs told apart in one input
inline constexpr std::size_t kEventIdsKept = 4096;

// Something that was not read as it should have been; the rest was.
struct Problem {
  std::uint64_t line = 0;    // from 1; 0 in binary files
  std::uint64_t offset = 0;  // in the decompressed content
  std::string text;          // "chunk 3: checksum is wrong"; without the input's name
};

// What one log of one computer looks like in this input. All records count, wanted or not.
struct LogFacts {
  std::string computer;  // empty if the shape has none
  std::string channel;
  std::uint64_t records = 0;
  std::optional<std::uint64_t> lowest_record_id;
  std::optional<std::uint64_t> highest_record_id;
  std::uint64_t repeated_record_ids =
      0;                             // neighbours with the same id; more may hide further apart
  std::uint64_t record_id_gaps = 0;  // neighbours whose ids differ by more than 1
  std::optional<EventTime> first;    // earliest and latest stamp
  std::optional<EventTime> last;
};

// How the stamps or record ids of an input run, told by its records.
enum class FileOrder : std::uint8_t {
  unknown,       // fewer than two records that can be compared
  oldest_first,  // each at or after the one before
  newest_first,  // each at or before the one before
  mixed,
};

struct ReadReport {
  std::uint64_t records = 0;              // whose event id could be read
  std::uint64_t handed_on = 0;            // of these, pushed into the sink
  std::uint64_t unreadable = 0;           // records or elements that could not be decoded
  std::uint64_t recovered = 0;            // handed on with WindowsEvent::recovered
  std::uint64_t localised = 0;            // handed on with WindowsEvent::localised
  std::uint64_t repaired = 0;             // decoded only after bytes had been replaced
  std::uint64_t slack_records = 0;        // EVTX: found in slack; `recovered` are those decoded
  std::uint64_t checksum_errors = 0;      // EVTX: headers and chunks whose CRC32 is wrong
  std::uint64_t assumed_dates = 0;        // "4/5/2022": taken as month, day, year
  std::map<Shape, std::uint64_t> shapes;  // of the records read
  std::map<std::uint32_t, std::uint64_t> by_event_id;  // of the records read, kEventIdsKept of them
  // Fields of the rule that events 4624 and 4697 lack in this input: how many of them lack it.
  std::map<Field, std::uint64_t> missing_of_logons;
  std::map<Field, std::uint64_t> missing_of_services;
  std::vector<LogFacts> logs;  // in order of first sight
  FileOrder order = FileOrder::unknown;

  std::uint64_t bytes = 0;  // of decompressed content
  model::Count used;        // records that were handed on
  model::Count not_needed;  // other records, and the frame around them
  std::array<model::Count, model::kRejections> rejected{};

  std::vector<Problem> problems;  // the first kProblemsKept
  std::uint64_t problems_in_all = 0;
  std::optional<model::Error> failure;  // of the source: nothing behind it was read

  // bytes == used + not_needed + rejected.
  [[nodiscard]] bool adds_up() const;
};

// EVTX: a file, or chunks without a file header. Problems name chunk, offset, need and have.
[[nodiscard]] ReadReport read_evtx(const ReadBytes& read, const InputName& name,
                                   const ReadOptions& options, EventSink& sink);
// <Event> elements with any root, declaration and text between them, or none.
[[nodiscard]] ReadReport read_xml(const ReadBytes& read, const InputName& name,
                                  const ReadOptions& options, EventSink& sink);
// JSON objects, one a line, in arrays or in documents around them.
[[nodiscard]] ReadReport read_json(const ReadBytes& read, const InputName& name,
                                   const ReadOptions& options, EventSink& sink);
// A table with a header line; comma, semicolon or tab.
[[nodiscard]] ReadReport read_csv(const ReadBytes& read, const InputName& name,
                                  const ReadOptions& options, EventSink& sink);
// Events rendered for people.
[[nodiscard]] ReadReport read_text(const ReadBytes& read, const InputName& name,
                                   const ReadOptions& options, EventSink& sink);

}  // namespace krbtrail::windows
