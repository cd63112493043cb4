// SPDX-License-Identifier: Apache-2.0
//
// Where a ticket went, as a graph: files, processes and addresses, and the acts that lead from one
// to the next. Built of the findings of one incident as they come, laid out in rows from the ticket
// down.
//
//   TrailGraph graph;
//   for (const Finding& finding : of_the_incident) graph.add(finding);
//   graph.complete(incident);      // what it names and no finding showed
//   const std::vector<unsigned> rows = graph.rows();
//
// Bounds: kMostNodes and kMostEdges, a text cut to kLongest bytes; what is left out is counted.
// Repeats of one act between the same two nodes are one edge, with a count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::report {

enum class TrailNodeKind : std::uint8_t { file, ticket, copy, process, address };

struct TrailNode {
  TrailNodeKind kind = TrailNodeKind::file;
  std::string name;    // path, process name or address
  std::string detail;  // "owner uid 1000", "pid 4242, uid 0"
  std::optional<std::uint32_t> pid;
};

struct TrailEdge {
  std::size_t from = 0, to = 0;  // positions in nodes()
  std::string action;            // "read", "created", "hands on"
  std::optional<model::Timestamp> time;
  std::string confidence;  // "high", "medium", "low"; empty if it is not graded
  std::uint64_t count = 1;
  bool back = false;  // closes a circle: it leads up, not down
};

class TrailGraph {
 public:
  static constexpr std::size_t kMostNodes = 24;
  static constexpr std::size_t kMostEdges = 48;
  static constexpr std::size_t kLongest = 256;

  void add(const model::Finding& finding);
  void complete(const model::Incident& incident);

  [[nodiscard]] const std::vector<TrailNode>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<TrailEdge>& edges() const { return edges_; }
  // Acts that found no room.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  // The row of each node: one below the lowest that leads to it.
  [[nodiscard]] std::vector<unsigned> rows() const;

 private:
  // Where the ticket is while the acts of one finding are walked.
  struct Walk {
    std::optional<std::size_t> file;    // that holds it
    std::optional<std::size_t> holder;  // the process that read it
  };
  struct Act {
    std::string_view action;
    std::string_view path;
    std::string_view old_path;  // of a rename or link, if known
    std::string_view process;
    std::optional<std::uint32_t> pid;
    std::string detail;  // of the process
    std::string file_detail;
    std::string_view confidence;
    model::Timestamp time;
  };

  std::optional<std::size_t> node(TrailNodeKind kind, std::string_view name,
                                  std::optional<std::uint32_t> pid, std::string_view detail);
  void edge(std::optional<std::size_t> from, std::optional<std::size_t> to, std::string_view action,
            const Act& act);
  void hand_on(const Walk& walk, std::optional<std::size_t> process, const Act& act);
  void walk_act(Walk& walk, const Act& act);
  void walk_contact(const Walk& walk, const Act& act, const model::NetworkContact& contact);
  void mark_back_edges();
  [[nodiscard]] bool leads(std::size_t from, std::size_t to) const;

  std::vector<TrailNode> nodes_;
  std::vector<TrailEdge> edges_;
  std::uint64_t left_out_ = 0;
};

}  // namespace krbtrail::report
