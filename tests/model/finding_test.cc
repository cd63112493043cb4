// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/finding.h"

#include <array>
#include <optional>
#include <set>
#include <string>

#include "support/catch.h"

namespace {

using krbtrail::model::finding_id;
using krbtrail::model::parse_severity;
using krbtrail::model::RuleSet;
using krbtrail::model::Severity;
using krbtrail::model::to_string;
using krbtrail::model::Verdict;

TEST_CASE("a severity is the word that is printed, and only that word is read",
          "[model][finding]") {
  const auto [severity, word] = GENERATE(table<Severity, std::string>({
      {Severity::info, "info"},
      {Severity::low, "low"},
      {Severity::medium, "medium"},
      {Severity::high, "high"},
      {Severity::critical, "critical"},
  }));
  CHECK(to_string(severity) == word);
  CHECK(parse_severity(word) == severity);
  CHECK(parse_severity(word + " ") == std::nullopt);
  CHECK(parse_severity(word.substr(1)) == std::nullopt);
}

TEST_CASE("severities are ordered from info to critical", "[model][finding]") {
  CHECK(Severity::info < Severity::low);
  CHECK(Severity::low < Severity::medium);
  CHECK(Severity::medium < Severity::high);
  CHECK(Severity::high < Severity::critical);
}

TEST_CASE("a severity in capitals or none at all is no severity", "[model][finding]") {
  CHECK(parse_severity("High") == std::nullopt);
  CHECK(parse_severity("") == std::nullopt);
}

TEST_CASE("rule sets and verdicts are printed under the schema's words", "[model][finding]") {
  CHECK(to_string(RuleSet::seed) == "seed");
  CHECK(to_string(RuleSet::extended) == "extended");
  CHECK(to_string(RuleSet::windows) == "windows");
  CHECK(to_string(Verdict::finding) == "finding");
  CHECK(to_string(Verdict::near_miss) == "near_miss");
  CHECK(to_string(Verdict::indeterminate) == "indeterminate");
}

// The value is part of the interface: scripts remember ids from one release to the next. Worked out
// apart from the code, as FNV-1a over the four parts with a byte 0xFF behind each.
TEST_CASE("an id is the same in every run and every release", "[model][finding]") {
  CHECK(finding_id("host", "1700000000.123:42", "seed-file-access", "") == "471f35c2d2fdfe62");
}

TEST_CASE("every part of an id counts, and so does where it ends", "[model][finding]") {
  std::set<std::string> ids;
  const std::array parts = {
      std::array{"h", "e", "r", "o"}, std::array{"x", "e", "r", "o"},
      std::array{"h", "x", "r", "o"}, std::array{"h", "e", "x", "o"},
      std::array{"h", "e", "r", "x"}, std::array{"h", "e", "r", ""},
      std::array{"he", "", "r", "o"}, std::array{"", "he", "r", "o"},
      std::array{"h", "er", "", "o"}, std::array{"h", "e", "", "ro"},
  };
  for (const auto& [host, event, rule, object] : parts)
    ids.insert(finding_id(host, event, rule, object));
  CHECK(ids.size() == parts.size());
  for (const std::string& id : ids) {
    CAPTURE(id);
    CHECK(id.size() == 16);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  }
}

}  // namespace
