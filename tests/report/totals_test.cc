// SPDX-License-Identifier: Apache-2.0
#include "report/totals.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "report/samples.h"
#include "support/catch.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::Rejection;
using krbtrail::model::Summary;
using krbtrail::report::counted;
using krbtrail::report::findings_in_words;
using krbtrail::report::grouped;
using krbtrail::report::losses;
using krbtrail::report::summary_sentence;

TEST_CASE("digits are grouped by three", "[report][totals]") {
  const auto [number, expected] = GENERATE(table<std::uint64_t, std::string>({
      {0, "0"},
      {999, "999"},
      {1'000, "1,000"},
      {123'456, "123,456"},
      {1'234'567, "1,234,567"},
      {std::numeric_limits<std::uint64_t>::max(), "18,446,744,073,709,551,615"},
  }));
  CHECK(grouped(number) == expected);
}

TEST_CASE("one is singular, none and many are plural", "[report][totals]") {
  CHECK(counted(0, "byte", "bytes") == "0 bytes");
  CHECK(counted(1, "byte", "bytes") == "1 byte");
  CHECK(counted(1'000, "byte", "bytes") == "1,000 bytes");
}

TEST_CASE("severities are named from the worst down, and only those that occur",
          "[report][totals]") {
  Summary summary;
  CHECK(findings_in_words(summary) == "0 findings");
  summary.findings = 3;
  summary.findings_by_severity = {0, 1, 0, 0, 2};
  CHECK(findings_in_words(summary) == "3 findings (2 critical, 1 low)");
}

TEST_CASE("every cause of incompleteness is named, and nothing else", "[report][totals]") {
  CHECK(losses(Coverage{}).empty());
  Coverage harmless;
  harmless.reject(Rejection::blank, 1, 1);
  harmless.reject(Rejection::nul, 1, 1);
  harmless.reject(Rejection::duplicate, 1, 1);
  CHECK(losses(harmless).empty());
  CHECK(losses(krbtrail::test::full_coverage()) ==
        std::vector<std::string>{"1 input not read, or not to the end",
                                 "lines without a record's head: 12 (4,564 bytes)",
                                 "1 host of which not everything could be seen, as COVERAGE says",
                                 "2 records that libauparse refused"});
}

TEST_CASE("there are losses exactly where the coverage is incomplete", "[report][totals]") {
  for (std::size_t i = 0; i < krbtrail::model::kRejections; ++i) {
    Coverage coverage;
    coverage.reject(static_cast<Rejection>(i), 1, 1);
    CAPTURE(to_string(static_cast<Rejection>(i)));
    CHECK(losses(coverage).empty() != coverage.incomplete());
  }
}

TEST_CASE("the summary is one sentence with everything that was held back", "[report][totals]") {
  CHECK(summary_sentence(krbtrail::test::full_coverage(), krbtrail::test::full_summary()) ==
        "2 findings (1 critical, 1 medium); 4 hidden; 1 suppressed; 5 filtered; 1 near miss; "
        "1 indeterminate; 1,234,567 bytes read; INCOMPLETE: 1 input not read, or not to the end; "
        "lines without a record's head: 12 (4,564 bytes); 1 host of which not everything could be "
        "seen, as COVERAGE says; 2 records that libauparse refused");
  CHECK(summary_sentence(Coverage{}, Summary{}) ==
        "0 findings; 0 hidden; 0 suppressed; 0 filtered; 0 near misses; 0 indeterminate; "
        "0 bytes read");
}

}  // namespace
