// SPDX-License-Identifier: Apache-2.0
//
// What a rule is: what people are told about it, and the predicates it decides with.
//
// A rule holds if all its `required` predicates hold and all predicates of at least one of its
// `alternatives` (or if it has none). Deciding, explaining, giving reasons and telling what bytes
// an event must contain all read the same table, so they cannot disagree:
//
//   constexpr Predicate<Subject> kName[] = {{.name = "name_listed", .wanted = "…", .holds = …}};
//   constexpr Clause<Subject> kAlternatives[] = {kName};
//   constexpr Rule<Subject> kRule{.info = &kInfo, .required = {}, .alternatives = kAlternatives};
//   if (decide(kRule, subject))
//     finding.reasons = reasons(kRule, subject);
//
// A Subject is whatever a rule set judges: a ProcessEvent or FileEvent with what that set knows
// about it. Deciding builds no string. Tables are constant and outlive everything; nothing here has
// state.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/finding.h"

namespace krbtrail::detect {

// A list in force, as `krbtrail rules` prints it.
struct NamedList {
  std::string_view name;     // "LegitKerbProcesses"
  std::string_view meaning;  // "never reported by this rule: …"
  std::span<const std::string_view> entries;
};

// What people are told about a rule: `krbtrail rules`, docs/RULES.md. Sentences without line ends.
struct RuleInfo {
  std::string_view id = {};                            // an interface, as is `detection_type`
  std::string_view title = {};                         // of its findings
  model::Severity severity = model::Severity::medium;  // where the rule does not score
  model::RuleSet rule_set = model::RuleSet::seed;
  std::string_view detection_type = {};  // the query's own name; empty for rules of ours
  std::span<const std::string_view> attack = {};
  std::string_view source = {};                         // where the rule comes from
  std::string_view logic = {};                          // what it fires on
  std::span<const std::string_view> needs = {};         // what must be audited
  std::span<const std::string_view> cannot_see = {};    // thefts that it misses
  std::span<const std::string_view> false_alarms = {};  // what is known to fire it without a theft
  std::span<const std::string_view> tuning = {};
  std::span<const NamedList> lists = {};
};

template <class Subject>
struct Predicate {
  std::string_view name;    // "path_in_tmp": what `explain` calls it
  std::string_view wanted;  // in the words of its source: FolderPath startswith "/tmp/"
  bool (*holds)(const Subject&) = nullptr;
  std::string (*value)(const Subject&) = nullptr;   // what it looked at
  std::string (*reason)(const Subject&) = nullptr;  // plain words, asked where it held; null: none
  // The name that matched a list, asked where it held; null for predicates without a list of names.
  std::string_view (*matched_name)(const Subject&) = nullptr;
  // Where it holds, at least one of these stands in one record of the event, in any case, plain or
  // in hexadecimal. Empty: it promises nothing.
  std::span<const std::string_view> literals = {};
};

template <class Subject>
using Clause = std::span<const Predicate<Subject>>;

template <class Subject>
struct Rule {
  const RuleInfo* info = nullptr;
  Clause<Subject> required;
  std::span<const Clause<Subject>> alternatives;
};

// One rule against one event, predicate by predicate.
struct Explanation {
  const RuleInfo* rule = nullptr;
  bool holds = false;
  std::vector<model::Predicate> required;                   // all of these
  std::vector<std::vector<model::Predicate>> alternatives;  // and all of one of these
};

template <class Subject>
[[nodiscard]] bool all_hold(Clause<Subject> clause, const Subject& subject) {
  return std::ranges::all_of(
      clause, [&](const Predicate<Subject>& predicate) { return predicate.holds(subject); });
}

template <class Subject>
[[nodiscard]] bool decide(const Rule<Subject>& rule, const Subject& subject) {
  return all_hold(rule.required, subject) &&
         (rule.alternatives.empty() ||
          std::ranges::any_of(rule.alternatives, [&](const Clause<Subject>& clause) {
            return all_hold(clause, subject);
          }));
}

// Calls `use` with each predicate that made the rule hold, in the table's order. Only for a subject
// for which decide() said yes.
template <class Subject, class Use>
void for_each_that_held(const Rule<Subject>& rule, const Subject& subject, Use use) {
  std::ranges::for_each(rule.required, use);
  for (const Clause<Subject>& clause : rule.alternatives) {
    if (all_hold(clause, subject))
      std::ranges::for_each(clause, use);
  }
}

template <class Subject>
[[nodiscard]] std::vector<model::Reason> reasons(const Rule<Subject>& rule,
                                                 const Subject& subject) {
  std::vector<model::Reason> given;
  for_each_that_held(rule, subject, [&](const Predicate<Subject>& predicate) {
    if (predicate.reason != nullptr)
      given.push_back({predicate.reason(subject), std::nullopt});
  });
  return given;
}

// The name that matched the first of the lists which held; empty if no list of names did. Views
// into the subject.
template <class Subject>
[[nodiscard]] std::string_view matched_name(const Rule<Subject>& rule, const Subject& subject) {
  std::string_view matched;
  for_each_that_held(rule, subject, [&](const Predicate<Subject>& predicate) {
    if (matched.empty() && predicate.matched_name != nullptr)
      matched = predicate.matched_name(subject);
  });
  return matched;
}

template <class Subject>
[[nodiscard]] std::vector<model::Predicate> explain(Clause<Subject> clause,
                                                    const Subject& subject) {
  std::vector<model::Predicate> explained;
  for (const Predicate<Subject>& predicate : clause) {
    explained.push_back({std::string{predicate.name}, predicate.holds(subject),
                         predicate.value(subject), std::string{predicate.wanted}});
  }
  return explained;
}

template <class Subject>
[[nodiscard]] Explanation explain(const Rule<Subject>& rule, const Subject& subject) {
  Explanation explanation;
  explanation.rule = rule.info;
  explanation.holds = decide(rule, subject);
  explanation.required = explain(rule.required, subject);
  for (const Clause<Subject>& clause : rule.alternatives)
    explanation.alternatives.push_back(explain(clause, subject));
  return explanation;
}

// Literals of which every event that the clause holds for contains at least one; unset if none of
// its predicates promises any.
template <class Subject>
[[nodiscard]] std::optional<std::span<const std::string_view>> literals(Clause<Subject> clause) {
  const auto promising = std::ranges::find_if(
      clause, [](const Predicate<Subject>& predicate) { return !predicate.literals.empty(); });
  if (promising == clause.end())
    return std::nullopt;
  return promising->literals;
}

// Literals of which every event that the rule holds for contains at least one; unset if the rule
// can hold for an event that contains none, so that every event is relevant to it.
template <class Subject>
[[nodiscard]] std::optional<std::vector<std::string_view>> literals(const Rule<Subject>& rule) {
  if (const auto required = literals(rule.required))
    return std::vector<std::string_view>(required->begin(), required->end());
  std::vector<std::string_view> all;
  for (const Clause<Subject>& clause : rule.alternatives) {
    const auto some = literals(clause);
    if (!some)
      return std::nullopt;
    all.insert(all.end(), some->begin(), some->end());
  }
  if (all.empty())
    return std::nullopt;
  return all;
}

}  // namespace krbtrail::detect
