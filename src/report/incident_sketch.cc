// SPDX-License-Identifier: Apache-2.0
#include "report/incident_sketch.h"

#include <algorithm>
#include <string_view>

#include "report/finding_words.h"

namespace krbtrail::report {
namespace {

using model::Finding;

// Of the ancestors of one process, the nearest.
constexpr std::size_t kMostAncestors = 10;

[[nodiscard]] std::string cut(std::string_view text) {
  return std::string{text.substr(0, TrailGraph::kLongest)};
}

[[nodiscard]] std::size_t index_of_confidence(std::string_view word) {
  constexpr std::array<std::string_view, 3> kWords = {"high", "medium", "low"};
  return static_cast<std::size_t>(std::ranges::find(kWords, word) - kWords.begin());
}

}  // namespace

void IncidentSketch::add(const Finding& finding) {
  graph.add(finding);
  add_moment(finding);
  add_processes(finding);
  add_program(finding);
  ++confidences[index_of_confidence(finding.confidence)];
  if (finding.score)
    best_score = std::max(best_score.value_or(*finding.score), *finding.score);
}

void IncidentSketch::add_moment(const Finding& finding) {
  if (moments.size() == kMostMoments || finding.evidence.empty())
    return;
  moments.push_back({.event = cut(finding.evidence.front().event),
                     .actor = finding.process ? cut(process_and_pid(*finding.process)) : "",
                     .severity = finding.severity});
}

void IncidentSketch::add_processes(const Finding& finding) {
  if (!finding.process)
    return;
  std::optional<std::size_t> parent;
  const std::size_t ancestors = std::min(finding.ancestry.size(), kMostAncestors);
  for (std::size_t i = ancestors; i-- > 0;) {
    parent = process(parent, finding.ancestry[i]);
    if (!parent)
      return;
  }
  const auto actor = process(parent, *finding.process);
  if (!actor)
    return;
  TreeProcess& acted = processes[*actor];
  ++acted.findings;
  acted.worst = std::max(acted.worst, finding.severity);
}

std::optional<std::size_t> IncidentSketch::process(std::optional<std::size_t> parent,
                                                   const model::ProcessFacts& facts) {
  const std::string name = cut(process_name(facts));
  const std::string command_line = cut(facts.command_line);
  const auto known = std::ranges::find_if(processes, [&](const TreeProcess& other) {
    return other.parent == parent && other.pid == facts.pid && other.name == name &&
           other.command_line == command_line;
  });
  if (known != processes.end())
    return static_cast<std::size_t>(known - processes.begin());
  if (processes.size() == kMostProcesses) {
    ++processes_left_out;
    return std::nullopt;
  }
  processes.push_back({.parent = parent,
                       .pid = facts.pid,
                       .name = name,
                       .command_line = command_line,
                       .known_by = std::string{source_in_words(facts)}});
  return processes.size() - 1;
}

void IncidentSketch::add_program(const Finding& finding) {
  if (!finding.process)
    return;
  const std::string name = cut(process_name(*finding.process));
  if (std::ranges::find(programs, name) != programs.end())
    return;
  if (programs.size() == kMostPrograms)
    ++programs_left_out;
  else
    programs.push_back(name);
}

}  // namespace krbtrail::report
