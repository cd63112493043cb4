// SPDX-License-Identifier: Apache-2.0
//
// The Windows side from bytes to findings:
//
//   ByteSource → reader of the file's kind → WindowsEvaluator (spool, sequence, investigation)
//
//   WindowsPipeline pipeline{{.spill_directory = "/tmp"}, coverage};
//   for (const input::LogFile& file : evidence.windows)
//     pipeline.scan(file);
//   if (Status whole = pipeline.finish([&](model::Finding finding) { … }); !whole) …
//
// One evaluator sees all files, since a service may stand in another export than its logon.
// Findings come at the end, in the order of their services. Memory does not grow with the input:
// the reader's block, the evaluator's tables, and 8 MiB of events, beyond which they wait in an
// unlinked file in `spill_directory`. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/event_explainer.h"
#include "krbtrail/detect/local_kerberos_service.h"
#include "krbtrail/input/files.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"

namespace krbtrail::cli {

struct WindowsPipelineOptions {
  detect::RuleVariant variant = detect::RuleVariant::v214;
  std::optional<std::chrono::minutes> input_zone;  // of stamps that name none
  std::string host_name = {};  // of events whose export names no computer; empty for none
  bool recovered = false;      // the slack of EVTX chunks too
  unsigned jobs = 1;           // threads that decode an EVTX file; the findings are the same
  bool keep_records = false;   // --evidence: findings carry their events as XML
  std::string spill_directory = "/tmp";
  // Called with the bytes read so far in all, every block; may be empty.
  std::function<void(std::uint64_t)> on_progress;
  // Asked before each block; true stops the reading.
  std::function<bool()> stop;
};

class WindowsPipeline {
 public:
  // `coverage` must outlive it.
  WindowsPipeline(WindowsPipelineOptions options, model::Coverage& coverage);
  ~WindowsPipeline();
  WindowsPipeline(const WindowsPipeline&) = delete;
  WindowsPipeline& operator=(const WindowsPipeline&) = delete;
  WindowsPipeline(WindowsPipeline&&) = delete;
  WindowsPipeline& operator=(WindowsPipeline&&) = delete;

  // Each file gets one InputCoverage; what in it could not be read is its problem or a note.
  void scan(const input::LogFile& file);

  // Adds to coverage.hosts. Nothing may be scanned after it. An Error means that events were lost
  // on their way through the temporary file, and findings may be lacking.
  [[nodiscard]] model::Status finish(const std::function<void(model::Finding)>& on_finding);

  // In place of finish(): detect::WindowsEvaluator::explain().
  [[nodiscard]] model::Result<std::vector<detect::ExplainedActivity>> explain(
      std::string_view computer, std::uint64_t record_id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace krbtrail::cli
