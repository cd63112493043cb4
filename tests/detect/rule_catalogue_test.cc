// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/rule_catalogue.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::detect::find_rule;
using krbtrail::detect::NamedList;
using krbtrail::detect::rule_catalogue;
using krbtrail::detect::RuleInfo;

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

// All that a rule says in sentences.
std::vector<std::string_view> sentences(const RuleInfo& rule) {
  std::vector<std::string_view> all = {rule.title, rule.source, rule.logic};
  for (const auto list : {rule.needs, rule.cannot_see, rule.false_alarms, rule.tuning})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

TEST_CASE("the catalogue holds the seed's three branches in the query's order, and Windows last",
          "[detect][rule_catalogue]") {
  const auto rules = rule_catalogue();
  std::vector<std::string_view> ids;
  std::vector<std::string_view> detection_types;
  for (const RuleInfo* rule : rules.first(3)) {
    ids.push_back(rule->id);
    detection_types.push_back(rule->detection_type);
  }
  CHECK(ids ==
        std::vector<std::string_view>{"seed-file-access", "seed-impacket-tool", "seed-copy-exfil"});
  CHECK(detection_types == std::vector<std::string_view>{"UnexpectedCcacheFileAccess",
                                                         "ImpacketKerberosTool",
                                                         "CcacheFileCopyOrExfiltration"});
  CHECK(rules.back()->id == "service-creation-local-kerberos");
  for (const RuleInfo* rule : rules.subspan(3))
    CHECK(rule->detection_type.empty());
}

TEST_CASE("a rule is found by its id and by nothing else", "[detect][rule_catalogue]") {
  const RuleInfo* rule = find_rule("seed-copy-exfil");
  REQUIRE(rule != nullptr);
  CHECK(rule->id == "seed-copy-exfil");
  CHECK(find_rule("seed-copy") == nullptr);
  CHECK(find_rule("SEED-COPY-EXFIL") == nullptr);
  CHECK(find_rule("") == nullptr);
}

TEST_CASE("every rule says what it needs, what it misses and what sets it off",
          "[detect][rule_catalogue]") {
  for (const RuleInfo* rule : rule_catalogue()) {
    CAPTURE(rule->id);
    CHECK_FALSE(rule->needs.empty());
    CHECK_FALSE(rule->cannot_see.empty());
    CHECK_FALSE(rule->false_alarms.empty());
    CHECK_FALSE(rule->tuning.empty());
    for (const std::string_view sentence : sentences(*rule)) {
      CAPTURE(sentence);
      CHECK_FALSE(sentence.empty());
      CHECK(sentence.find('\n') == std::string_view::npos);
    }
  }
}

TEST_CASE("the seed's branches are medium, T1558.005, and silent about macOS",
          "[detect][rule_catalogue]") {
  for (const RuleInfo* rule : rule_catalogue()) {
    if (rule->rule_set != krbtrail::model::RuleSet::seed)
      continue;
    CAPTURE(rule->id);
    CHECK(std::ranges::equal(rule->attack, std::vector<std::string_view>{"T1558.005"}));
    CHECK(rule->severity == krbtrail::model::Severity::medium);
    CHECK(std::ranges::any_of(rule->cannot_see, [](std::string_view sentence) {
      return sentence.find("macOS: out of scope") == 0;
    }));
  }
}

TEST_CASE("the Windows rule has the severity and the techniques of its source",
          "[detect][rule_catalogue]") {
  const RuleInfo* rule = find_rule("service-creation-local-kerberos");
  REQUIRE(rule != nullptr);
  CHECK(rule->severity == krbtrail::model::Severity::high);
  CHECK(rule->rule_set == krbtrail::model::RuleSet::windows);
  CHECK(rule->title == "Service Creation via Local Kerberos Authentication");
  CHECK(std::ranges::equal(rule->attack,
                           std::vector<std::string_view>{"T1543.003", "T1557", "T1558"}));
}

TEST_CASE("each of the seed's lists is shown with the rule that it steers",
          "[detect][rule_catalogue]") {
  const auto sizes = [](const char* id) {
    std::vector<std::string> shown;
    for (const NamedList& list : find_rule(id)->lists)
      shown.push_back(std::string{list.name} + " " + std::to_string(list.entries.size()));
    return shown;
  };
  CHECK(sizes("seed-file-access") == std::vector<std::string>{"LegitKerbProcesses 15"});
  CHECK(sizes("seed-impacket-tool") ==
        std::vector<std::string>{"ImpacketKerbTools 8", "python 3", "ccache words 5"});
  CHECK(sizes("seed-copy-exfil") == std::vector<std::string>{"ExfilCommands 13"});
}

TEST_CASE("the manual of the rules says what the program says", "[detect][rule_catalogue]") {
  const std::string text = manual();
  for (const RuleInfo* rule : rule_catalogue()) {
    const auto begin = text.find("### " + std::string{rule->id} + " ");
    REQUIRE(begin != std::string::npos);
    const std::string section = text.substr(begin, text.find("### ", begin + 4) - begin);
    for (const std::string_view sentence : sentences(*rule)) {
      CAPTURE(rule->id, sentence);
      CHECK(section.find(sentence) != std::string::npos);
    }
    CHECK(section.find(rule->detection_type) != std::string::npos);
    for (const NamedList& list : rule->lists) {
      std::string spelled = "`" + std::string{list.name} + "`, " + std::string{list.meaning} + ":";
      for (std::size_t i = 0; i < list.entries.size(); ++i)
        spelled += (i == 0 ? " `" : ", `") + std::string{list.entries[i]} + "`";
      CAPTURE(spelled);
      CHECK(section.find(spelled) != std::string::npos);
    }
  }
}

}  // namespace
