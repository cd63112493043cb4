// SPDX-License-Identifier: Apache-2.0
//
// The skip in front of the decoder rests on ccache_literals(): no event that a rule holds for may
// be skipped. Shown on every captured log with all of its events decoded.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/actors.h"
#include "krbtrail/detect/ccache_rules.h"
#include "support/catch.h"
#include "support/judged_log.h"

namespace krbtrail::detect {
namespace {

using test::Decoding;
using test::Judged;

std::vector<std::filesystem::path> captured_logs() {
  const std::filesystem::path folder = std::filesystem::path{KRBTRAIL_TESTDATA} / "captured/raw";
  std::vector<std::filesystem::path> logs;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    logs.push_back(entry.path());
  std::ranges::sort(logs);
  return logs;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST_CASE("no event of a captured log that a rule holds for is skipped", "[detect][relevance]") {
  const std::vector<std::filesystem::path> logs = captured_logs();
  REQUIRE(logs.size() >= 100);
  std::size_t findings = 0;
  std::size_t events = 0;
  std::size_t relevant = 0;
  for (const std::filesystem::path& log : logs) {
    CAPTURE(log.filename().string());
    const Judged judged = test::judge(content_of(log), Decoding::every);
    for (const model::Finding& finding : judged.findings) {
      CAPTURE(finding.rule, finding.evidence.front().event);
      CHECK(judged.relevant.contains(finding.evidence.front().event));
    }
    findings += judged.findings.size();
    events += judged.events;
    relevant += judged.relevant.size();
  }
  CHECK(findings > 500);
  CHECK(relevant < events);  // the rule says no to something
}

TEST_CASE("each path of a Kerberos client has a literal", "[detect][relevance]") {
  const Settings settings;
  const std::vector<std::string_view> literals = ccache_literals(settings).anywhere;
  for (const std::string_view path : actor_list(ActorKind::kerberos_client)) {
    CAPTURE(path);
    CHECK(std::ranges::any_of(literals,
                              [&](std::string_view literal) { return contains(path, literal); }));
  }
}

TEST_CASE("no literal of the full rule set contains another of its place", "[detect][relevance]") {
  Settings settings;
  settings.tool_names = {"stealer", "krb5cc_stealer"};  // the second has krb5cc
  const auto [anywhere, in_execs] = ccache_literals(settings);
  CHECK(std::ranges::find(in_execs, "stealer") != in_execs.end());
  const auto parts_of = [](std::string_view literal, const std::vector<std::string_view>& list) {
    return std::ranges::count_if(list,
                                 [&](std::string_view other) { return contains(literal, other); });
  };
  for (const std::string_view one : anywhere) {
    CAPTURE(one);
    CHECK(parts_of(one, anywhere) == 1);
  }
  for (const std::string_view one : in_execs) {
    CAPTURE(one);
    CHECK(parts_of(one, anywhere) == 0);
    CHECK(parts_of(one, in_execs) == 1);
  }
}

}  // namespace
}  // namespace krbtrail::detect
