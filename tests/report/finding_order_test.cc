// SPDX-License-Identifier: Apache-2.0
#include "report/finding_order.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "support/catch.h"

namespace {

using krbtrail::model::Finding;
using krbtrail::model::Incident;
using krbtrail::model::Severity;
using krbtrail::model::Timestamp;
using krbtrail::model::Verdict;
using krbtrail::report::most_severe_first;
using krbtrail::report::newest_first;

Finding finding(std::int64_t seconds, std::string event = {}) {
  Finding finding;
  finding.time = Timestamp{std::chrono::seconds{seconds}};
  finding.host = "b";
  finding.rule = "b";
  finding.id = "b";
  finding.evidence.emplace_back().event = std::move(event);
  return finding;
}

template <class Change>
Finding changed(Finding finding, Change change) {
  change(finding);
  return finding;
}

TEST_CASE("the newer finding comes first, then by serial, host, rule and id",
          "[report][finding_order]") {
  const Finding reference = finding(1'700'000'000, "1700000000.000:100");
  const Finding first = GENERATE_COPY(
      finding(1'700'000'001, "1700000001.000:1"), finding(1'700'000'000, "1700000000.000:101"),
      finding(1'700'000'000, "1700000000.000:1000"),  // numbers, not text
      changed(reference, [](Finding& f) { f.host = "a"; }),
      changed(reference, [](Finding& f) { f.rule = "a"; }),
      changed(reference, [](Finding& f) { f.id = "a"; }),
      changed(reference, [](Finding& f) { f.evidence.front().record_id = 101; }));
  CHECK(newest_first(first) < newest_first(reference));
  CHECK(most_severe_first(first) < most_severe_first(reference));
}

TEST_CASE("times before 1970 are older than those after", "[report][finding_order]") {
  CHECK(newest_first(finding(1)) < newest_first(finding(0)));
  CHECK(newest_first(finding(0)) < newest_first(finding(-1)));
  CHECK(newest_first(finding(-1)) < newest_first(finding(-1'000'000'000)));
}

TEST_CASE("an old critical finding comes before a new low one", "[report][finding_order]") {
  Finding critical = finding(1);
  critical.severity = Severity::critical;
  Finding low = finding(2);
  low.severity = Severity::low;
  CHECK(most_severe_first(critical) < most_severe_first(low));
  CHECK(newest_first(low) < newest_first(critical));
}

TEST_CASE("sections come in the order of the report, whatever the severity",
          "[report][finding_order]") {
  Incident incident;
  incident.severity = Severity::info;
  Finding held = finding(1);
  held.severity = Severity::info;
  Finding missed = finding(2);
  missed.verdict = Verdict::near_miss;
  missed.severity = Severity::high;
  Finding unclear = finding(3);
  unclear.verdict = Verdict::indeterminate;
  unclear.severity = Severity::critical;
  CHECK(most_severe_first(incident) < most_severe_first(held));
  CHECK(most_severe_first(held) < most_severe_first(missed));
  CHECK(most_severe_first(missed) < most_severe_first(unclear));
}

TEST_CASE("the incident that ended last comes first among equals", "[report][finding_order]") {
  Incident older;
  older.last = Timestamp{std::chrono::seconds{1}};
  Incident newer;
  newer.last = Timestamp{std::chrono::seconds{2}};
  CHECK(most_severe_first(newer) < most_severe_first(older));
  older.severity = Severity::high;
  CHECK(most_severe_first(older) < most_severe_first(newer));
}

}  // namespace
