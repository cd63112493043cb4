// SPDX-License-Identifier: Apache-2.0
//
// What many runs said about themselves (coverage, summary, inputs) as one coverage and one summary.
//
//   MergedRuns runs;
//   runs.begin("web1.ndjson");
//   runs.saw(finding); … runs.add(host_coverage); … runs.add(run_summary);
//   runs.reject(17, "'time' is no text");       // a line that was not read
//   runs.end(Status{});                         // or why the file could not be read to its end
//   runs.coverage(); runs.summary();
//
// Hosts of one name become one: the earliest first and the latest last time, statements once each,
// with their reason where the runs agree on it; counts are sums, so a log that was scanned twice
// counts twice. An input is called
// "FILE: INPUT". A findings file that is not whole (lines that cannot be read, no summary at its
// end) is an unread input, so that the merged report says INCOMPLETE.
//
// Of the texts at most 16 MiB are kept, and 256 statements a host; what comes later is left out,
// and that is an unread input, too. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/report/ndjson_reader.h"

namespace krbtrail::cli {

class MergedRuns {
 public:
  void begin(std::string file);
  void saw(const model::Finding& finding);
  void saw(const model::Incident& incident);
  void add(const model::HostCoverage& host);
  void add(const model::Coverage& coverage);
  void add(const report::RunSummary& run);
  void reject(std::uint64_t line, std::string_view why);
  // What was rejected is all there is: the file is something else.
  void give_up();
  void end(const model::Status& read);

  // What is to be said of the merging itself.
  [[nodiscard]] std::vector<std::string> notes() const;
  // Of all files together; the summary has the counts of what the runs held back.
  [[nodiscard]] model::Coverage coverage() const;
  [[nodiscard]] model::Summary summary() const;

 private:
  // Of the file that is being read.
  struct File {
    std::string name;
    std::uint64_t suppressed = 0;  // findings that are in it all the same
    std::uint64_t rejected = 0;    // lines
    std::string first_rejected;
    bool whole = false;  // its last object is a summary
    bool empty = true;
    bool nameless = false;
  };

  void go_on() { file_.empty = file_.whole = false; }
  void add(model::HostCoverage& sum, const model::Statement& statement);
  [[nodiscard]] bool afford(std::size_t bytes);
  void add_input(model::InputCoverage input);
  void add_problem(std::string problem);

  File file_;
  std::size_t bytes_ = 0;
  bool too_much_ = false;
  model::Coverage coverage_;
  std::map<std::string, model::HostCoverage> hosts_;
  std::set<std::string> rule_sets_;
  std::set<std::string> windows_rules_;
  model::Summary held_back_;
  std::uint64_t nameless_ = 0;  // files with findings of hosts without a name
};

}  // namespace krbtrail::cli
