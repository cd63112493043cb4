// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_filter.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr model::Timestamp kNoon{seconds{1'700'000'000}};

model::Finding finding_at(model::Timestamp time) {
  model::Finding finding;
  finding.time = time;
  finding.host = "web1";
  finding.severity = model::Severity::medium;
  finding.score = 50;
  return finding;
}

TEST_CASE("since is inclusive and until is exclusive", "[cli][finding_filter]") {
  const FindingFilter filter{.since = kNoon, .until = kNoon + seconds{10}};
  const auto [offset, admitted] = GENERATE(table<milliseconds, bool>({
      {milliseconds{-1}, false},
      {milliseconds{0}, true},
      {milliseconds{9'999}, true},
      {milliseconds{10'000}, false},
  }));
  CAPTURE(offset.count());
  model::Summary summary;
  CHECK(filter.admits(finding_at(kNoon + offset), summary) == admitted);
  CHECK(summary.findings == (admitted ? 1U : 0U));
  CHECK(summary.filtered == (admitted ? 0U : 1U));
}

TEST_CASE("a host is one of those asked for, letter case aside", "[cli][finding_filter]") {
  const FindingFilter filter{.hosts = {"db1", "WEB1"}};
  model::Summary summary;
  model::Finding finding = finding_at(kNoon);
  CHECK(filter.admits(finding, summary));
  finding.host = "web10";
  CHECK_FALSE(filter.admits(finding, summary));
  CHECK(summary.findings == 1);
  CHECK(summary.filtered == 1);
}

TEST_CASE("what is less severe is hidden and counted as hidden", "[cli][finding_filter]") {
  const FindingFilter filter{.min_severity = model::Severity::high};
  model::Summary summary;
  model::Finding finding = finding_at(kNoon);
  CHECK_FALSE(filter.admits(finding, summary));
  finding.severity = model::Severity::high;
  CHECK(filter.admits(finding, summary));
  CHECK(summary.hidden == 1);
  CHECK(summary.filtered == 0);
  CHECK(summary.findings_by_severity == std::array<std::uint64_t, 5>{0, 0, 0, 1, 0});
}

TEST_CASE("the query's own findings are spared where they do not score", "[cli][finding_filter]") {
  const FindingFilter filter{.min_severity = model::Severity::critical};
  model::Summary summary;
  model::Finding finding = finding_at(kNoon);
  finding.score.reset();
  CHECK(filter.admits(finding, summary));
  finding.rule_set = model::RuleSet::windows;
  CHECK_FALSE(filter.admits(finding, summary));
  CHECK(summary.findings == 1);
  CHECK(summary.hidden == 1);
}

TEST_CASE("a near miss and what was not decided are no findings, and no severity hides them",
          "[cli][finding_filter]") {
  const FindingFilter filter{.hosts = {"web1"}, .min_severity = model::Severity::critical};
  model::Summary summary;
  model::Finding finding = finding_at(kNoon);
  finding.verdict = model::Verdict::near_miss;
  CHECK(filter.admits(finding, summary));
  finding.verdict = model::Verdict::indeterminate;
  CHECK(filter.admits(finding, summary));
  finding.host = "db1";
  CHECK_FALSE(filter.admits(finding, summary));
  CHECK(summary.near_misses == 1);
  CHECK(summary.indeterminate == 1);
  CHECK(summary.filtered == 1);
  CHECK(summary.findings == 0);
  CHECK(summary.findings_by_severity == std::array<std::uint64_t, 5>{});
}

TEST_CASE("a window holds back no finding whose time is not known", "[cli][finding_filter]") {
  const FindingFilter filter{.since = kNoon};
  model::Summary summary;
  model::Finding finding = finding_at({});
  finding.windows.emplace();
  CHECK(filter.admits(finding, summary));
  finding.windows->service.time = finding.time;
  CHECK_FALSE(filter.admits(finding, summary));
}

TEST_CASE("what an exception suppresses counts as that alone", "[cli][finding_filter]") {
  model::Finding finding;
  finding.suppressed_by = "nightly";
  model::Summary summary;
  CHECK_FALSE(FindingFilter{}.admits(finding, summary));
  CHECK(FindingFilter{.shows_suppressed = true}.admits(finding, summary));
  CHECK(summary.suppressed == 2);
  CHECK(summary.findings == 0);
  CHECK(summary.hidden == 0);
  CHECK_FALSE(FindingFilter{.hosts = {"other"}, .shows_suppressed = true}.admits(finding, summary));
  CHECK(summary.filtered == 1);  // it was not asked for, so no exception had to judge it
  CHECK(summary.suppressed == 2);
}

TEST_CASE("an incident is judged by what it says itself", "[cli][finding_filter]") {
  const FindingFilter filter{.since = kNoon,
                             .until = kNoon + seconds{10},
                             .hosts = {"web1"},
                             .min_severity = model::Severity::medium};
  const auto [first, last, host, severity, admitted, why] =
      GENERATE(table<int, int, std::string, model::Severity, bool, std::string>({
          {2, 3, "WEB1", model::Severity::medium, true, "all is asked for"},
          {-9, 0, "web1", model::Severity::medium, true, "it ends when the window begins"},
          {-9, -1, "web1", model::Severity::medium, false, "it ended before"},
          {9, 99, "web1", model::Severity::medium, true, "it begins before the window ends"},
          {10, 99, "web1", model::Severity::medium, false, "it begins when the window ends"},
          {2, 3, "db1", model::Severity::medium, false, "another host"},
          {2, 3, "web1", model::Severity::low, false, "less severe"},
      }));
  CAPTURE(why);
  model::Incident incident;
  incident.first = kNoon + seconds{first};
  incident.last = kNoon + seconds{last};
  incident.host = host;
  incident.severity = severity;
  model::Summary summary;
  CHECK(filter.admits(incident, summary) == admitted);
  CHECK(summary.incidents == (admitted ? 1U : 0U));
}

}  // namespace
}  // namespace krbtrail::cli
