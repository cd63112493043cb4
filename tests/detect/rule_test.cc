// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/rule.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::detect::Clause;
using krbtrail::detect::decide;
using krbtrail::detect::explain;
using krbtrail::detect::Explanation;
using krbtrail::detect::literals;
using krbtrail::detect::matched_name;
using krbtrail::detect::Predicate;
using krbtrail::detect::reasons;
using krbtrail::detect::Rule;
using krbtrail::detect::RuleInfo;

// A subject that says of each letter whether the predicate of that letter holds.
using Letters = std::string;

template <char kLetter>
bool holds(const Letters& letters) {
  return letters.find(kLetter) != Letters::npos;
}
std::string value(const Letters& letters) {
  return letters;
}

template <char kLetter>
std::string reason(const Letters& /*letters*/) {
  return std::string{"because of "} + kLetter;
}
std::string_view name(const Letters& letters) {
  return std::string_view{letters}.substr(0, 1);
}

constexpr std::array<std::string_view, 2> kTwoWords = {"one", "two"};
constexpr std::array<std::string_view, 1> kThirdWord = {"three"};

constexpr std::array kRequired = {
    Predicate<Letters>{.name = "r", .wanted = "an r", .holds = holds<'r'>, .value = value}};
constexpr std::array kAAndB = {
    Predicate<Letters>{
        .name = "a", .wanted = "an a", .holds = holds<'a'>, .value = value, .reason = reason<'a'>},
    Predicate<Letters>{.name = "b",
                       .wanted = "a b",
                       .holds = holds<'b'>,
                       .value = value,
                       .reason = reason<'b'>,
                       .matched_name = name,
                       .literals = kTwoWords}};
constexpr std::array kC = {Predicate<Letters>{.name = "c",
                                              .wanted = "a c",
                                              .holds = holds<'c'>,
                                              .value = value,
                                              .reason = reason<'c'>,
                                              .literals = kThirdWord}};
constexpr std::array<Clause<Letters>, 2> kAlternatives = {kAAndB, kC};
constexpr RuleInfo kInfo{.id = "letters"};
constexpr Rule<Letters> kRule{.info = &kInfo, .required = kRequired, .alternatives = kAlternatives};

TEST_CASE("a rule holds if all it requires holds and all of one alternative", "[detect][rule]") {
  const auto [letters, expected] = GENERATE(table<std::string, bool>({
      {"rab", true},
      {"rc", true},
      {"rabc", true},
      {"ra", false},  // half an alternative
      {"rb", false},
      {"r", false},    // no alternative
      {"abc", false},  // what is required is missing
      {"", false},
  }));
  CAPTURE(letters);
  CHECK(decide(kRule, letters) == expected);
}

TEST_CASE("a rule without alternatives holds if all it requires holds", "[detect][rule]") {
  const Rule<Letters> bare{.info = &kInfo, .required = kRequired, .alternatives = {}};
  CHECK(decide(bare, Letters{"r"}));
  CHECK_FALSE(decide(bare, Letters{"a"}));
}

TEST_CASE("reasons are those of the predicates that made the rule hold", "[detect][rule]") {
  const auto [letters, texts] = GENERATE(table<std::string, std::vector<std::string>>({
      {"rab", {"because of a", "because of b"}},  // r gives none
      {"rc", {"because of c"}},
      {"rac", {"because of c"}},  // a alone decided nothing
      {"rabc", {"because of a", "because of b", "because of c"}},
  }));
  CAPTURE(letters);
  std::vector<std::string> given;
  for (const auto& one : reasons(kRule, letters))
    given.push_back(one.text);
  CHECK(given == texts);
}

TEST_CASE("a matched name is one that helped the rule to hold", "[detect][rule]") {
  CHECK(matched_name(kRule, Letters{"rab"}) == "r");
  CHECK(matched_name(kRule, Letters{"rbc"}).empty());  // b held, its alternative did not
}

TEST_CASE("an explanation shows every predicate, held or not", "[detect][rule]") {
  const Letters subject = "ra";
  const Explanation explanation = explain(kRule, subject);
  CHECK(explanation.rule == &kInfo);
  CHECK_FALSE(explanation.holds);
  REQUIRE(explanation.required.size() == 1);
  CHECK(explanation.required[0].name == "r");
  CHECK(explanation.required[0].wanted == "an r");
  CHECK(explanation.required[0].value == "ra");
  CHECK(explanation.required[0].held == true);
  REQUIRE(explanation.alternatives.size() == 2);
  REQUIRE(explanation.alternatives[0].size() == 2);
  CHECK(explanation.alternatives[0][0].held == true);
  CHECK(explanation.alternatives[0][1].held == false);
  REQUIRE(explanation.alternatives[1].size() == 1);
  CHECK(explanation.alternatives[1][0].held == false);
}

TEST_CASE("a rule's literals cover each of its alternatives", "[detect][rule]") {
  CHECK(literals(kRule) == std::vector<std::string_view>{"one", "two", "three"});
}

TEST_CASE("a rule with an alternative that promises nothing has no literals", "[detect][rule]") {
  constexpr std::array<Clause<Letters>, 2> kOneSilent = {kC, kRequired};
  const Rule<Letters> silent{.info = &kInfo, .required = {}, .alternatives = kOneSilent};
  CHECK(literals(silent) == std::nullopt);
  const Rule<Letters> empty{.info = &kInfo, .required = {}, .alternatives = {}};
  CHECK(literals(empty) == std::nullopt);
}

TEST_CASE("literals of what is required cover the whole rule", "[detect][rule]") {
  constexpr std::array<Clause<Letters>, 1> kOne = {kRequired};
  const Rule<Letters> promising{.info = &kInfo, .required = kC, .alternatives = kOne};
  CHECK(literals(promising) == std::vector<std::string_view>{"three"});
}

}  // namespace
