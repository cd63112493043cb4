// SPDX-License-Identifier: Apache-2.0
//
// One event as a JSON object, in the shape of any of a dozen writers (Shape's json_… values).
//
// The shape is told by the object's own members, so that one file may hold several. Members may be
// nested or have dotted names ("winlog.computer_name", as Logstash leaves them); a value may be
// wrapped in an array of one, in {"#text": …} or in {"Value": …}.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

struct JsonOutcome {
  bool read = false;
  bool assumed_date = false;
  std::string problem;  // why not: "is no Windows event of a known shape"
};

// Keeps its buffers from one event to the next. At most kElementLimit bytes an object.
class JsonEventReader {
 public:
  JsonEventReader();
  JsonEventReader(const JsonEventReader&) = delete;
  JsonEventReader& operator=(const JsonEventReader&) = delete;
  JsonEventReader(JsonEventReader&&) = delete;
  JsonEventReader& operator=(JsonEventReader&&) = delete;
  ~JsonEventReader();

  // Fills `event`. What is not valid JSON only because of control characters, bad UTF-8 or lone
  // surrogates is repaired and read; `event.repaired` says so. `behind` says how many bytes behind
  // the text may be read: without them the text is copied.
  [[nodiscard]] JsonOutcome read(std::string_view text, WindowsEvent& event,
                                 std::size_t behind = 0);

  // A row of a table: Splunk's {"fields", "rows"}, Log Analytics' {"columns", "rows"}. `names` is
  // the text of the array that names the columns, as strings or as {"name": …}.
  [[nodiscard]] JsonOutcome read_row(std::string_view names, std::string_view row,
                                     WindowsEvent& event);

  // EvtxECmd's Payload: fields as {"EventData":{"Data":[{"@Name":…,"#text":…}]}}.
  void read_payload(const std::string& payload, WindowsEvent& event);

 private:
  struct Parsers;
  std::unique_ptr<Parsers> parsers_;
};

}  // namespace krbtrail::windows
