// SPDX-License-Identifier: Apache-2.0
#include "cli/merged_runs.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

using model::Status;

model::Timestamp at(int second) {
  return model::Timestamp{std::chrono::seconds{1'700'000'000 + second}};
}

model::HostCoverage host(std::string name, int first, int last, std::string reason) {
  return {.host = std::move(name),
          .first = at(first),
          .last = at(last),
          .events = 10,
          .records = 30,
          .statements = {{.key = "no_execve",
                          .text = "no EXECVE records",
                          .reason = std::move(reason),
                          .count = 2,
                          .limits = true}}};
}

report::RunSummary run_with_input(const std::string& input) {
  report::RunSummary run;
  run.summary.rule_set = "full";
  run.inputs.push_back(
      {.name = input, .kind = "audit", .bytes = 100, .problem = "", .unread = false, .sha256 = ""});
  return run;
}

std::vector<std::string> problems_of(const model::Coverage& coverage) {
  std::vector<std::string> problems;
  for (const model::InputCoverage& input : coverage.inputs) {
    CHECK(input.unread == !input.problem.empty());
    if (input.unread)
      problems.push_back(input.name + ": " + input.problem);
  }
  return problems;
}

TEST_CASE("hosts of one name become one, and their counts are added", "[cli][merged_runs]") {
  MergedRuns runs;
  for (const auto& [file, seen] : {std::pair{"a.ndjson", host("web1", 5, 9, "of 30 records")},
                                   std::pair{"b.ndjson", host("web1", 2, 7, "of 60 records")},
                                   std::pair{"c.ndjson", host("db1", 0, 1, "of 30 records")}}) {
    runs.begin(file);
    runs.add(seen);
    runs.add(run_with_input("audit.log"));
    runs.end(Status{});
  }
  const model::Coverage coverage = runs.coverage();
  REQUIRE(coverage.hosts.size() == 2);
  CHECK(coverage.hosts[0].host == "db1");
  CHECK(coverage.hosts[0].statements[0].reason == "of 30 records");
  const model::HostCoverage& web1 = coverage.hosts[1];
  CHECK(web1.first == at(2));
  CHECK(web1.last == at(9));
  CHECK(web1.events == 20);
  CHECK(web1.records == 60);
  REQUIRE(web1.statements.size() == 1);
  CHECK(web1.statements[0].count == 4);
  CHECK(web1.statements[0].reason.empty());  // the runs do not agree on it
  CHECK(coverage.inputs[0].name == "a.ndjson: audit.log");
  CHECK(coverage.inputs.size() == 3);
  CHECK(problems_of(coverage).empty());
  CHECK(coverage.incomplete());  // a run was blind for program starts
}

TEST_CASE("the accounting of the runs is added and still adds up", "[cli][merged_runs]") {
  MergedRuns runs;
  model::Coverage one;
  one.bytes_read = 100;
  one.used = {.lines = 1, .bytes = 60};
  one.reject(model::Rejection::malformed, 2, 40);
  one.evictions = {{"processes", 3}};
  one.notes = {"empty.log: is empty"};
  for (const std::string file : {"a.ndjson", "b.ndjson"}) {
    runs.begin(file);
    runs.add(one);
    runs.add(report::RunSummary{});
    runs.end(Status{});
  }
  const model::Coverage coverage = runs.coverage();
  CHECK(coverage.bytes_read == 200);
  CHECK(coverage.rejections(model::Rejection::malformed).lines == 4);
  CHECK(coverage.adds_up());
  CHECK(coverage.evictions.at("processes") == 6);
  CHECK(coverage.notes ==
        std::vector<std::string>{"a.ndjson: empty.log: is empty", "b.ndjson: empty.log: is empty"});
}

TEST_CASE("a findings file that is not whole is an unread input", "[cli][merged_runs]") {
  MergedRuns runs;
  runs.begin("f.ndjson");
  std::string problem;
  SECTION("nothing was written") {
    problem = "is empty: the run that was to write it did not end";
    runs.end(Status{});
  }
  SECTION("cut behind the findings") {
    problem = "has no summary at its end: the run did not end, or the file is cut";
    runs.saw(model::Finding{});
    runs.end(Status{});
  }
  SECTION("of two runs in one file the second is cut") {
    problem = "has no summary at its end: the run did not end, or the file is cut";
    runs.add(report::RunSummary{});
    runs.saw(model::Incident{});
    runs.end(Status{});
  }
  SECTION("a line that is none") {
    problem = "line 7 is not valid JSON";
    runs.reject(7, "is not valid JSON");
    runs.add(report::RunSummary{});
    runs.end(Status{});
  }
  SECTION("many of them") {
    problem = "line 7 is not valid JSON, nor can 2 more lines be read";
    for (const std::uint64_t line : {7U, 8U, 11U})
      runs.reject(line, "is not valid JSON");
    runs.add(report::RunSummary{});
    runs.end(Status{});
  }
  SECTION("something else") {
    problem = "is not what krbtrail scan --format ndjson writes: line 1 is not valid JSON";
    runs.reject(1, "is not valid JSON");
    runs.reject(2, "is not valid JSON");
    runs.give_up();
  }
  SECTION("it could not be opened") {
    problem = "cannot open: Permission denied";
    runs.end(model::Error{.message = "f.ndjson: cannot open: Permission denied", .hint = ""});
  }
  CHECK(problems_of(runs.coverage()) == std::vector{"f.ndjson: " + problem});
  CHECK(runs.coverage().incomplete());
}

TEST_CASE("what the runs held back is added, and nothing counts twice", "[cli][merged_runs]") {
  MergedRuns runs;
  runs.begin("a.ndjson");
  model::Finding suppressed;
  suppressed.suppressed_by = "nightly-backup";
  runs.saw(suppressed);  // the run had --show-suppressed
  report::RunSummary run;
  run.summary.suppressed = 3;
  run.summary.hidden = 5;
  run.summary.filtered = 7;
  run.summary.findings = 11;
  run.summary.rule_set = "full";
  run.summary.windows_rule = "v214";
  runs.add(run);
  runs.end(Status{});
  runs.begin("b.ndjson");
  run.summary.rule_set = "seed";
  run.summary.windows_rule = "pre2025";
  runs.add(run);
  runs.end(Status{});
  const model::Summary summary = runs.summary();
  CHECK(summary.suppressed == 5);  // the one in the file is counted when it is told
  CHECK(summary.hidden == 10);
  CHECK(summary.filtered == 14);
  CHECK(summary.findings == 0);
  CHECK(summary.rule_set == "full; seed");
  CHECK(summary.windows_rule.empty());
  CHECK(runs.notes() == std::vector<std::string>{"the runs held different versions of the Windows "
                                                 "rule against their events: pre2025; v214"});
}

TEST_CASE("without any summary the rules are unknown", "[cli][merged_runs]") {
  CHECK(MergedRuns{}.summary().rule_set == "unknown");
}

TEST_CASE("hosts without a name in several files are pointed out", "[cli][merged_runs]") {
  MergedRuns runs;
  for (const std::string file : {"a.ndjson", "b.ndjson"}) {
    CHECK(runs.notes().empty());
    runs.begin(file);
    runs.saw(model::Finding{});
    runs.add(report::RunSummary{});
    runs.end(Status{});
  }
  CHECK(runs.notes() ==
        std::vector<std::string>{"2 files have findings of a host without a name, which cannot be "
                                 "told apart: krbtrail scan --hostname NAME names it"});
}

TEST_CASE("the texts of a hostile file are bounded, and that is said", "[cli][merged_runs]") {
  MergedRuns runs;
  runs.begin("f.ndjson");
  SECTION("one host after the other") {
    for (int i = 0; i < 40; ++i)
      runs.add(host(std::to_string(i) + std::string(1U << 20U, 'x'), 0, 1, ""));
    CHECK(runs.coverage().hosts.size() == 15);  // 16 MiB, but for the bytes beside the names
  }
  SECTION("one statement after the other") {
    model::HostCoverage seen = host("web1", 0, 1, "");
    for (int i = 0; i < 1'000; ++i) {
      seen.statements[0].key = std::to_string(i);
      runs.add(seen);
    }
    CHECK(runs.coverage().hosts[0].statements.size() == 256);
  }
  runs.add(report::RunSummary{});
  runs.end(Status{});
  CHECK(
      problems_of(runs.coverage()) ==
      std::vector<std::string>{"merge: what the runs say about their coverage is more than can be "
                               "kept; the rest is left out"});
}

}  // namespace
}  // namespace krbtrail::cli
