// SPDX-License-Identifier: Apache-2.0
//
// What the findings of one incident add to its picture: the ticket's way, who acted when, and the
// tree of the processes. Kept while the incident is open, since findings come before it.
//
// Bounds, beside those of the graph: kMostMoments, kMostProcesses, kMostPrograms, texts cut to
// TrailGraph::kLongest bytes. Some 24 KiB at worst.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/timestamp.h"
#include "report/trail_graph.h"

namespace krbtrail::report {

// One finding as a point on the timeline.
struct Moment {
  std::string event;  // of its evidence
  std::string actor;  // "cp (pid 4242)"
  model::Severity severity = model::Severity::info;
};

// A process of the tree; its parent stands before it.
struct TreeProcess {
  std::optional<std::size_t> parent;  // position in the list; unset for a root
  std::optional<std::uint32_t> pid;
  std::string name;
  std::string command_line;
  std::string known_by;  // how it came to be known, in words
  std::uint64_t findings = 0;
  model::Severity worst = model::Severity::info;
};

struct IncidentSketch {
  static constexpr std::size_t kMostMoments = 64;
  static constexpr std::size_t kMostProcesses = 32;
  static constexpr std::size_t kMostPrograms = 8;

  TrailGraph graph;
  std::vector<Moment> moments;
  std::vector<TreeProcess> processes;
  std::uint64_t processes_left_out = 0;
  std::vector<std::string> programs;    // names of the acting processes, in order of appearance
  std::uint64_t programs_left_out = 0;  // findings whose program is not listed
  std::array<std::uint64_t, 4> confidences{};  // findings of high, medium, low, no confidence
  std::optional<int> best_score;

  void add(const model::Finding& finding);

 private:
  void add_moment(const model::Finding& finding);
  void add_processes(const model::Finding& finding);
  void add_program(const model::Finding& finding);
  std::optional<std::size_t> process(std::optional<std::size_t> parent,
                                     const model::ProcessFacts& facts);
};

}  // namespace krbtrail::report
