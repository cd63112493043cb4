// SPDX-License-Identifier: Apache-2.0
//
// Reads back what report/ndjson wrote: the objects of docs/SCHEMA.md, one line each.
//
//   NdjsonReader reader;
//   Result<NdjsonObject> object = reader.read(line);
//   if (const auto* finding = std::get_if<model::Finding>(&object.value())) …
//
// Written again, an object is the same line to the byte, but for what is newer than this reader:
// keys it does not know are ignored, as the schema asks, and an object of an unknown type is
// UnknownObject. The line may be hostile: it is refused with an Error that says what is wrong
// ("'time' is no text"), without the file and the line, which the caller knows. Text comes back as
// the evidence's bytes.
//
// Bounds: a line has at most kLineLimit bytes and is nested at most 32 deep; the parser keeps some
// 15 bytes of memory for each byte of the longest line it has seen. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::report {

// The `summary` of a run: its own words about itself, and its inputs.
struct RunSummary {
  model::Summary summary;
  std::vector<model::InputCoverage> inputs;
};

// An object whose `type` this version does not know.
struct UnknownObject {
  std::string type;
};

using NdjsonObject = std::variant<model::Finding, model::Incident, model::HostCoverage,
                                  model::Coverage, RunSummary, UnknownObject>;

class NdjsonReader {
 public:
  static constexpr std::size_t kLineLimit = std::size_t{2} << 20U;

  NdjsonReader();
  ~NdjsonReader();
  NdjsonReader(const NdjsonReader&) = delete;
  NdjsonReader& operator=(const NdjsonReader&) = delete;
  NdjsonReader(NdjsonReader&&) = delete;
  NdjsonReader& operator=(NdjsonReader&&) = delete;

  [[nodiscard]] model::Result<NdjsonObject> read(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace krbtrail::report
