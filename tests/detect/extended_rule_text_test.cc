// SPDX-License-Identifier: Apache-2.0
#include "detect/extended_rule_text.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::detect::RuleInfo;
using krbtrail::detect::extended::kRules;
using krbtrail::model::RuleSet;
using krbtrail::model::Severity;

// With every run of white space as one blank, so that line ends do not matter.
std::string in_one_line(std::istream& text) {
  std::string line;
  for (std::string word; text >> word;)
    line.append(line.empty() ? "" : " ").append(word);
  return line;
}

std::string manual() {
  std::ifstream file{KRBTRAIL_TESTDATA "/../docs/RULES.md"};
  REQUIRE(file);
  return in_one_line(file);
}

std::string section_of(const std::string& manual, std::string_view id) {
  const std::size_t begin = manual.find("### " + std::string{id} + " ");
  REQUIRE(begin != std::string::npos);
  return manual.substr(begin, manual.find("### ", begin + 4) - begin);
}

std::vector<std::string_view> explanations(const RuleInfo& rule) {
  std::vector<std::string_view> all = {rule.logic};
  for (const auto list : {rule.needs, rule.cannot_see, rule.false_alarms, rule.tuning})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

TEST_CASE("each extended rule has the id and the own severity that people rely on",
          "[detect][extended_rule_text]") {
  using Row = std::pair<std::string_view, Severity>;
  std::vector<Row> rules;
  for (const RuleInfo* rule : kRules)
    rules.emplace_back(rule->id, rule->severity);
  // The points are those of the object and of what the rule is named after.
  const std::vector<Row> expected = {
      {"ticket-access", Severity::low},             // a ticket: 20
      {"ticket-on-command-line", Severity::info},   // a command line alone: 5
      {"ticket-owner-mismatch", Severity::medium},  // a ticket and another's rights: 20 + 35
      {"ticket-planted", Severity::low},            // a ticket: 20
      {"own-ticket-read", Severity::low},           // a ticket and a mover: 20 + 15
      {"ticket-copied", Severity::medium},          // a ticket and its copy: 20 + 20
      {"copy-used", Severity::medium},              // a copy and its use: 30 + 30
      {"client-at-odd-path", Severity::low},        // a ticket: 20
      {"ticket-tool", Severity::medium},            // a name that is a ticket tool's: 50
      {"ticket-discovery", Severity::low},          // a search alone: 20
      {"keytab-access", Severity::medium},          // a keytab: 45
      {"ticket-store-access", Severity::medium},    // a store: 45
      {"keyring-read", Severity::low},              // a key that was read: 30
      {"process-memory-read", Severity::medium},    // another uid's memory: 50
      {"ticket-sent", Severity::medium},            // a ticket and the network: 20 + 20
      {"ticket-renamed", Severity::low},            // a ticket and its new name: 20 + 15
      {"foreign-namespace", Severity::low},         // a ticket: 20
  };
  CHECK(rules == expected);
}

TEST_CASE("extended rules are ours: no query's name, technique T1558.005 first",
          "[detect][extended_rule_text]") {
  std::set<std::string_view> titles;
  for (const RuleInfo* rule : kRules) {
    CAPTURE(rule->id);
    CHECK(rule->rule_set == RuleSet::extended);
    CHECK(rule->detection_type.empty());
    REQUIRE_FALSE(rule->attack.empty());
    CHECK(rule->attack.front() == "T1558.005");
    CHECK(rule->source.starts_with("krbtrail, E"));
    CHECK(titles.insert(rule->title).second);
  }
}

TEST_CASE("each of E01 to E16 has a rule, and E17 has none", "[detect][extended_rule_text]") {
  std::set<std::string> covered;
  for (const RuleInfo* rule : kRules)
    covered.insert(std::string{rule->source.substr(std::string_view{"krbtrail, "}.size(), 3)});
  CHECK(covered == std::set<std::string>{"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08",
                                         "E09", "E10", "E11", "E12", "E13", "E14", "E15", "E16"});
}

TEST_CASE("every extended rule says what it needs, what it misses and what sets it off",
          "[detect][extended_rule_text]") {
  for (const RuleInfo* rule : kRules) {
    CAPTURE(rule->id);
    CHECK_FALSE(rule->title.empty());
    CHECK_FALSE(rule->needs.empty());
    CHECK_FALSE(rule->cannot_see.empty());
    CHECK_FALSE(rule->false_alarms.empty());
    CHECK_FALSE(rule->tuning.empty());
    for (const std::string_view sentence : explanations(*rule)) {
      CAPTURE(sentence);
      REQUIRE_FALSE(sentence.empty());
      CHECK(sentence.back() == '.');
      CHECK(sentence.find('\n') == std::string_view::npos);
      CHECK(sentence.find("  ") == std::string_view::npos);
    }
    CHECK(std::ranges::any_of(rule->cannot_see, [](std::string_view sentence) {
      return sentence.starts_with("macOS: out of scope");
    }));
  }
}

TEST_CASE("the manual of the rules says of the extended rules what the program says",
          "[detect][extended_rule_text]") {
  const std::string text = manual();
  for (const RuleInfo* rule : kRules) {
    const std::string section = section_of(text, rule->id);
    CAPTURE(rule->id);
    CHECK(section.find("*" + std::string{rule->title} + "*") != std::string::npos);
    CHECK(section.find("| severity | " + std::string{to_string(rule->severity)} + ",") !=
          std::string::npos);
    for (const std::string_view technique : rule->attack)
      CHECK(section.find(technique) != std::string::npos);
    CHECK(section.find("| source | " + std::string{rule->source} + " |") != std::string::npos);
    for (const std::string_view sentence : explanations(*rule)) {
      CAPTURE(sentence);
      CHECK(section.find(sentence) != std::string::npos);
    }
  }
}

TEST_CASE("the manual presents the extended rules in the program's order",
          "[detect][extended_rule_text]") {
  const std::string text = manual();
  std::size_t last = 0;
  for (const RuleInfo* rule : kRules) {
    CAPTURE(rule->id);
    const std::size_t here = text.find("### " + std::string{rule->id} + " ");
    REQUIRE(here != std::string::npos);
    CHECK(here > last);
    last = here;
  }
}

}  // namespace
