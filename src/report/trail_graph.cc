// SPDX-License-Identifier: Apache-2.0
#include "report/trail_graph.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "report/finding_words.h"

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Incident;

[[nodiscard]] std::string cut(std::string_view text) {
  return std::string{text.substr(0, TrailGraph::kLongest)};
}

// What a file is called after: the ticket itself has another name then.
[[nodiscard]] bool gives_a_name(std::string_view action) {
  constexpr std::array<std::string_view, 3> kActions = {"renamed", "linked", "symlinked"};
  return std::ranges::find(kActions, action) != kActions.end();
}

[[nodiscard]] bool takes_content(std::string_view action) {
  return action == "read" || action == "attempted";
}

[[nodiscard]] bool puts_content(std::string_view action) {
  return action == "created" || action == "modified";
}

// Nothing goes from the process to the file: its way ends there, or it is only handled.
[[nodiscard]] bool leaves_content(std::string_view action) {
  return action == "deleted" || action == "attributes";
}

[[nodiscard]] std::string ids_in_words(const Finding& finding) {
  std::vector<std::string> parts;
  if (finding.process && finding.process->pid)
    parts.push_back(fmt::format("pid {}", *finding.process->pid));
  if (finding.account.uid)
    parts.push_back(fmt::format("uid {}", *finding.account.uid));
  if (finding.account.auid && finding.account.auid != finding.account.uid)
    parts.push_back(fmt::format("login {}", *finding.account.auid));
  return fmt::format("{}", fmt::join(parts, ", "));
}

[[nodiscard]] std::string owner_in_words(const std::optional<std::uint32_t>& uid) {
  return uid ? fmt::format("owner uid {}", *uid) : "";
}

}  // namespace

void TrailGraph::add(const Finding& finding) {
  Walk walk;
  for (const model::Hop& hop : finding.trail)
    walk_act(walk, {.action = hop.action,
                    .path = hop.path,
                    .old_path = {},
                    .process = hop.process,
                    .pid = hop.pid,
                    .detail = hop.pid ? fmt::format("pid {}", *hop.pid) : "",
                    .file_detail = {},
                    .confidence = hop.confidence,
                    .time = hop.time});
  if (!finding.process)
    return;
  const std::string process = process_name(*finding.process);
  Act act{.action = {},
          .path = {},
          .old_path = {},
          .process = process,
          .pid = finding.process->pid,
          .detail = ids_in_words(finding),
          .file_detail = {},
          .confidence = finding.confidence,
          .time = finding.time};
  if (finding.contact)
    return walk_contact(walk, act, *finding.contact);
  if (finding.file) {
    act.action = finding.file->action;
    act.path = finding.file->path;
    act.old_path = finding.file->old_path;
    act.file_detail = owner_in_words(finding.file->owner_uid);
    return walk_act(walk, act);
  }
  const auto actor = node(TrailNodeKind::process, act.process, act.pid, act.detail);
  hand_on(walk, actor, act);
}

void TrailGraph::complete(const Incident& incident) {
  const Act unseen{.action = {},
                   .path = {},
                   .old_path = {},
                   .process = {},
                   .pid = {},
                   .detail = {},
                   .file_detail = {},
                   .confidence = "low",
                   .time = {}};
  std::optional<std::size_t> ticket;
  if (!incident.ticket.empty())
    ticket = node(TrailNodeKind::file, incident.ticket, {}, owner_in_words(incident.owner_uid));
  if (ticket)
    nodes_[*ticket].kind = TrailNodeKind::ticket;
  for (const std::string& path : incident.copies) {
    const auto copy = node(TrailNodeKind::file, path, {}, "");
    if (!copy || copy == ticket)
      continue;
    nodes_[*copy].kind = TrailNodeKind::copy;
    if (std::ranges::none_of(edges_, [&](const TrailEdge& made) { return made.to == *copy; }))
      edge(ticket, copy, "copied, by what is not on record", unseen);
  }
  for (const TrailEdge& made : edges_) {
    TrailNode& reached = nodes_[made.to];
    if (reached.kind == TrailNodeKind::file && nodes_[made.from].kind == TrailNodeKind::process)
      reached.kind = TrailNodeKind::copy;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const bool alone = std::ranges::none_of(
        edges_, [&](const TrailEdge& made) { return made.from == i || made.to == i; });
    if (alone && nodes_[i].kind == TrailNodeKind::process)
      edge(ticket, i, "named as an argument", unseen);
  }
  mark_back_edges();
}

std::vector<unsigned> TrailGraph::rows() const {
  std::vector<unsigned> rows(nodes_.size(), 0);
  for (std::size_t pass = 0; pass < nodes_.size(); ++pass) {
    for (const TrailEdge& edge : edges_) {
      if (!edge.back)
        rows[edge.to] = std::max(rows[edge.to], rows[edge.from] + 1);
    }
  }
  return rows;
}

std::optional<std::size_t> TrailGraph::node(TrailNodeKind kind, std::string_view name,
                                            std::optional<std::uint32_t> pid,
                                            std::string_view detail) {
  const std::string cut_name = cut(name);
  const auto is_file = [](TrailNodeKind of) {
    return of != TrailNodeKind::process && of != TrailNodeKind::address;
  };
  const auto known = std::ranges::find_if(nodes_, [&](const TrailNode& other) {
    return (other.kind == kind || (is_file(other.kind) && is_file(kind))) &&
           other.name == cut_name && other.pid == pid;
  });
  if (known != nodes_.end()) {
    if (known->detail.size() < detail.size())
      known->detail = cut(detail);
    return static_cast<std::size_t>(known - nodes_.begin());
  }
  if (nodes_.size() == kMostNodes)
    return std::nullopt;
  nodes_.push_back({.kind = kind, .name = cut_name, .detail = cut(detail), .pid = pid});
  return nodes_.size() - 1;
}

void TrailGraph::edge(std::optional<std::size_t> from, std::optional<std::size_t> to,
                      std::string_view action, const Act& act) {
  if (!from || !to) {
    ++left_out_;
    return;
  }
  if (from == to)
    return;
  const auto known = std::ranges::find_if(edges_, [&](const TrailEdge& other) {
    return other.from == *from && other.to == *to && other.action == action;
  });
  if (known != edges_.end()) {
    known->count += known->time == act.time ? 0 : 1;
    return;
  }
  if (edges_.size() == kMostEdges) {
    ++left_out_;
    return;
  }
  const bool is_dated = act.time != model::Timestamp{};
  edges_.push_back({.from = *from,
                    .to = *to,
                    .action = cut(action),
                    .time = is_dated ? std::optional{act.time} : std::nullopt,
                    .confidence = std::string{act.confidence}});
}

// A child, a neighbour in a pipe, or what the process became by an exec.
void TrailGraph::hand_on(const Walk& walk, std::optional<std::size_t> process, const Act& act) {
  if (walk.holder && process && walk.holder != process)
    edge(walk.holder, process, "hands on", act);
}

void TrailGraph::walk_act(Walk& walk, const Act& act) {
  const std::string name = act.process.empty() ? "an unknown process" : std::string{act.process};
  const auto process = node(TrailNodeKind::process, name, act.pid, act.detail);
  const auto file = node(TrailNodeKind::file, act.path, {}, act.file_detail);
  if (takes_content(act.action)) {
    edge(file, process, act.action, act);
    walk = {.file = file, .holder = process};
    return;
  }
  if (leaves_content(act.action)) {
    edge(file, process, act.action, act);
    walk = {.file = file, .holder = {}};
    return;
  }
  const auto before =
      act.old_path.empty() ? walk.file : node(TrailNodeKind::file, act.old_path, {}, "");
  if (gives_a_name(act.action) && before && before != file) {
    edge(before, process, act.action, act);
    edge(process, file, "to", act);
  } else {
    if (puts_content(act.action))
      hand_on(walk, process, act);
    edge(process, file, act.action, act);
  }
  walk = {.file = file, .holder = {}};
}

void TrailGraph::walk_contact(const Walk& walk, const Act& act,
                              const model::NetworkContact& contact) {
  const auto process = node(TrailNodeKind::process, act.process, act.pid, act.detail);
  hand_on(walk, process, act);
  const std::string port = contact.port ? fmt::format("port {}", *contact.port) : "local socket";
  const std::string name = contact.port && contact.address.find(':') == std::string::npos
                               ? fmt::format("{}:{}", contact.address, *contact.port)
                               : contact.address;
  edge(process, node(TrailNodeKind::address, name, {}, port), "connects", act);
}

// In the order of the acts: what would lead back to where a way began leads up.
void TrailGraph::mark_back_edges() {
  for (TrailEdge& edge : edges_)
    edge.back = true;
  for (TrailEdge& edge : edges_)
    edge.back = leads(edge.to, edge.from);
}

bool TrailGraph::leads(std::size_t from, std::size_t to) const {
  std::vector<bool> reached(nodes_.size(), false);
  reached[from] = true;
  for (bool grows = true; grows;) {
    grows = false;
    for (const TrailEdge& edge : edges_) {
      if (!edge.back && reached[edge.from] && !reached[edge.to]) {
        reached[edge.to] = true;
        grows = true;
      }
    }
  }
  return reached[to];
}

}  // namespace krbtrail::report
