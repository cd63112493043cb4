// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/gathering.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "report/json_objects.h"
#include "report/samples.h"
#include "support/catch.h"

namespace {

namespace model = krbtrail::model;
using krbtrail::report::Gathering;
using krbtrail::report::GatheringReceivers;
using model::Finding;
using model::Incident;
using model::Status;

Finding finding(const std::string& id, int second) {
  Finding finding = krbtrail::test::theft();
  finding.id = id;
  finding.time = model::Timestamp{std::chrono::seconds{1'700'000'000 + second}};
  return finding;
}

Incident incident(const std::string& id, int second, std::vector<std::string> findings) {
  Incident incident = krbtrail::test::full_incident();
  incident.id = id;
  incident.first = model::Timestamp{std::chrono::seconds{1'700'000'000 + second}};
  incident.findings = std::move(findings);
  return incident;
}

const std::string kA(16, 'a');
const std::string kB(16, 'b');
const std::string kC(16, 'c');

void push(Gathering& gathering, const Finding& finding) {
  std::string line;
  krbtrail::report::append_finding(line, finding);
  REQUIRE(gathering.push(finding, line));
}

void push(Gathering& gathering, const Incident& incident) {
  std::string line;
  krbtrail::report::append_incident(line, incident);
  REQUIRE(gathering.push(incident, line));
}

struct Gathered {
  std::vector<Finding> findings;
  std::vector<Incident> incidents;
  std::string order;  // "f" and "i" as they came
};

GatheringReceivers into(Gathered& gathered) {
  return {.on_finding = [&](Finding finding) -> Status {
            gathered.findings.push_back(std::move(finding));
            gathered.order += 'f';
            return {};
          },
          .on_incident = [&](Incident incident) -> Status {
            gathered.incidents.push_back(std::move(incident));
            gathered.order += 'i';
            return {};
          }};
}

Gathered drained(Gathering& gathering) {
  Gathered once;
  REQUIRE(gathering.drop_copies(into(once)));
  Gathered gathered;
  REQUIRE(gathering.drain(into(gathered)));
  CHECK(once.findings.size() == gathered.findings.size());
  CHECK(once.incidents.size() == gathered.incidents.size());
  return gathered;
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> ids;
  for (const Finding& finding : findings)
    ids.push_back(finding.id);
  return ids;
}

TEST_CASE("findings leave in the order of time, incidents after them", "[report][gathering]") {
  Gathering gathering{{}};
  push(gathering, incident(kA, 1, {kB}));
  push(gathering, finding(kB, 9));
  push(gathering, finding(kA, 3));
  push(gathering, finding(kC, 5));
  const Gathered gathered = drained(gathering);
  CHECK(ids(gathered.findings) == std::vector{kA, kC, kB});
  CHECK(gathered.order == "fffi");
  CHECK(gathering.copies() == 0);
}

TEST_CASE("of findings with one id the first stays", "[report][gathering]") {
  Gathering gathering{{}};
  Finding first = finding(kA, 3);
  first.title = "first";
  Finding second = finding(kA, 3);
  second.title = "second";
  push(gathering, first);
  push(gathering, second);
  push(gathering, second);
  const Gathered gathered = drained(gathering);
  REQUIRE(gathered.findings.size() == 1);
  CHECK(gathered.findings.front().title == "first");
  CHECK(gathering.copies() == 2);
}

TEST_CASE("of findings with one id that one stays which says more", "[report][gathering]") {
  Finding poor = finding(kA, 3);
  Finding rich = poor;
  std::string why;
  SECTION("a near miss of one run is a finding of the run with the other rule") {
    why = "verdict";
    poor.verdict = model::Verdict::near_miss;
  }
  SECTION("one run was without the exceptions: nothing is hidden by merging") {
    why = "suppressed_by";
    poor.suppressed_by = "nightly-backup";
  }
  SECTION("live counted on") {
    why = "count";
    rich.count = 300;  // more than a byte holds
    poor.count = 2;
  }
  SECTION("one run was with --evidence") {
    why = "records";
    rich.evidence.front().records = {"type=SYSCALL …"};
  }
  rich.title = "rich";
  CAPTURE(why);
  Gathering gathering{{}};
  push(gathering, poor);
  push(gathering, rich);
  push(gathering, poor);
  const Gathered gathered = drained(gathering);
  REQUIRE(gathered.findings.size() == 1);
  CHECK(gathered.findings.front().title == "rich");
}

TEST_CASE("of incidents with one id that one stays which has more findings",
          "[report][gathering]") {
  Gathering gathering{{}};
  push(gathering, incident(kA, 3, {kA}));
  push(gathering, incident(kA, 3, {kA, kB}));
  push(gathering, finding(kA, 4));  // a finding may have an incident's id
  const Gathered gathered = drained(gathering);
  REQUIRE(gathered.incidents.size() == 1);
  CHECK(gathered.incidents.front().findings == std::vector{kA, kB});
  CHECK(gathered.findings.size() == 1);
  CHECK(gathering.copies() == 1);
}

TEST_CASE("what does not fit into memory comes out the same", "[report][gathering]") {
  Gathering gathering{{.max_entries = 10}};
  constexpr int kFindings = 1'000;
  for (int i = 0; i < 3 * kFindings; ++i) {
    std::string id = std::to_string(1'000'000 + i % kFindings);
    id.insert(0, 16 - id.size(), '0');
    push(gathering, finding(id, (i % kFindings * 7) % kFindings));
  }
  const Gathered gathered = drained(gathering);
  REQUIRE(gathered.findings.size() == kFindings);
  CHECK(gathering.copies() == 2 * kFindings);
  for (std::size_t i = 1; i < gathered.findings.size(); ++i)
    CHECK(gathered.findings[i - 1].time < gathered.findings[i].time);
}

TEST_CASE("a receiver that fails ends the walk", "[report][gathering]") {
  Gathering gathering{{}};
  push(gathering, finding(kA, 3));
  push(gathering, finding(kB, 3));
  int calls = 0;
  const GatheringReceivers full{.on_finding = [&](const Finding& /*finding*/) -> Status {
                                  ++calls;
                                  return model::Error{.message = "disk full", .hint = ""};
                                },
                                .on_incident = [](const Incident& /*i*/) { return Status{}; }};
  const Status done = gathering.drop_copies(full);
  REQUIRE_FALSE(done);
  CHECK(done.error().message == "disk full");
  CHECK(calls == 1);
}

}  // namespace
