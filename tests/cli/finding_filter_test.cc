// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_filter.h"

#include <chrono>
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

}  // namespace
}  // namespace krbtrail::cli
