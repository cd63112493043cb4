// SPDX-License-Identifier: Apache-2.0
//
// One scenario, KrbRelayUp's logon and service, as each tool of docs/FORMATS.md exports it: the
// tests of the readers, the runs of the command and the seeds of the fuzz targets share it. What a
// shape cannot carry is said beside it and nowhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "krbtrail/windows/reader.h"
#include "windows/reading.h"

namespace krbtrail::windows {

// What a shape lacks, beside the data.
struct Lacks {
  bool computer = false;
  bool record_id = false;
  std::set<Field> fields = {};
};

struct Shaped {
  std::string writer;
  Reader reader;
  Shape shape;
  std::string bytes;
  model::Ticks resolution{1};
  Zone zone = Zone::utc;
  Lacks lacks = {};
  // What the rule can say of it: "finding", or why it is left open.
  std::string verdict = "finding";
};

using FieldTexts = std::vector<std::pair<Field, std::string>>;

// 2022-04-25T22:17:47.0581723Z and, 854 ms later, .9123456Z.
inline constexpr model::Timestamp kLogonTime{model::Ticks{16'509'250'670'581'723}};
inline constexpr model::Timestamp kServiceTime{model::Ticks{16'509'250'679'123'456}};

inline const std::string kHost = "ws1.example.test";

// What the events say, by raw name, in the spelling of the log.
[[nodiscard]] const FieldTexts& logon_fields();
[[nodiscard]] const FieldTexts& service_fields();

[[nodiscard]] std::vector<Shaped> all_shapes();

// The logon is live; the service was deleted and lies behind the free-space offset.
[[nodiscard]] std::string evtx_with_service_in_slack();

}  // namespace krbtrail::windows
