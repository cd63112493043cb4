// SPDX-License-Identifier: Apache-2.0
#include "report/trail_graph.h"

#include <chrono>
#include <string>
#include <vector>

#include "support/catch.h"

namespace {

using krbtrail::model::Finding;
using krbtrail::model::Hop;
using krbtrail::model::Incident;
using krbtrail::report::TrailEdge;
using krbtrail::report::TrailGraph;

constexpr const char* kTicket = "/tmp/krb5cc_1000";

krbtrail::model::Timestamp at(int second) {
  return krbtrail::model::Timestamp{std::chrono::seconds{1'700'000'000 + second}};
}

Hop hop(int second, const std::string& process, std::uint32_t pid, const std::string& action,
        const std::string& path) {
  return {.number = 0,
          .time = at(second),
          .action = action,
          .path = path,
          .process = process,
          .pid = pid,
          .confidence = "high",
          .evidence = {}};
}

Finding act(int second, const std::string& process, std::uint32_t pid, const std::string& action,
            const std::string& path, std::vector<Hop> trail = {}) {
  Finding finding;
  finding.time = at(second);
  finding.confidence = "high";
  finding.process.emplace();
  finding.process->name = process;
  finding.process->pid = pid;
  finding.file.emplace();
  finding.file->action = action;
  finding.file->path = path;
  finding.trail = std::move(trail);
  return finding;
}

// "from -action-> to" of each, in the order of the acts.
std::vector<std::string> arrows(TrailGraph& graph, const Incident& incident = {}) {
  graph.complete(incident);
  std::vector<std::string> arrows;
  for (const TrailEdge& edge : graph.edges())
    arrows.push_back(graph.nodes()[edge.from].name + " -" + edge.action + "-> " +
                     graph.nodes()[edge.to].name);
  return arrows;
}

TEST_CASE("a copy and its use are one way down", "[report][trail_graph]") {
  TrailGraph graph;
  const Hop read = hop(0, "cp", 7, "read", kTicket);
  const Hop created = hop(1, "cp", 7, "created", "/tmp/copy");
  graph.add(act(0, "cp", 7, "read", kTicket));
  graph.add(act(1, "cp", 7, "created", "/tmp/copy", {read}));
  graph.add(act(2, "klist", 9, "read", "/tmp/copy", {read, created}));
  CHECK(arrows(graph) == std::vector<std::string>{"/tmp/krb5cc_1000 -read-> cp",
                                                  "cp -created-> /tmp/copy",
                                                  "/tmp/copy -read-> klist"});
  CHECK(graph.rows() == std::vector<unsigned>{1, 0, 2, 3});  // cp, the ticket, the copy, klist
}

TEST_CASE("what one process reads and another writes is handed on", "[report][trail_graph]") {
  TrailGraph graph;
  graph.add(act(1, "dd", 8, "created", "/tmp/copy", {hop(0, "cat", 7, "read", kTicket)}));
  CHECK(arrows(graph) == std::vector<std::string>{"/tmp/krb5cc_1000 -read-> cat",
                                                  "cat -hands on-> dd", "dd -created-> /tmp/copy"});
}

TEST_CASE("a new name leads through the process that gave it", "[report][trail_graph]") {
  TrailGraph graph;
  Finding renamed = act(1, "mv", 7, "renamed", "/tmp/.x");
  renamed.file->old_path = kTicket;
  graph.add(renamed);
  CHECK(arrows(graph) ==
        std::vector<std::string>{"/tmp/krb5cc_1000 -renamed-> mv", "mv -to-> /tmp/.x"});
}

TEST_CASE("a way ends at the process that removed the file, and that makes no copy of the ticket",
          "[report][trail_graph]") {
  TrailGraph graph;
  const Hop read = hop(0, "cp", 7, "read", kTicket);
  const Hop created = hop(1, "cp", 7, "created", "/tmp/copy");
  graph.add(act(1, "cp", 7, "created", "/tmp/copy", {read}));
  graph.add(act(2, "rm", 9, "deleted", "/tmp/copy", {read, created}));
  graph.add(act(3, "rm", 9, "deleted", "/tmp/other"));
  CHECK(arrows(graph) ==
        std::vector<std::string>{"/tmp/krb5cc_1000 -read-> cp", "cp -created-> /tmp/copy",
                                 "/tmp/copy -deleted-> rm", "/tmp/other -deleted-> rm"});
  CHECK(graph.nodes().back().name == "/tmp/other");
  CHECK(graph.nodes().back().kind == krbtrail::report::TrailNodeKind::file);
  CHECK(graph.rows() == std::vector<unsigned>{1, 0, 2, 3, 0});  // cp, ticket, copy, rm, the other
}

TEST_CASE("a connection leads to its address", "[report][trail_graph]") {
  TrailGraph graph;
  Finding connected = act(1, "curl", 7, "", "", {hop(0, "curl", 7, "read", kTicket)});
  connected.file.reset();
  connected.contact = {.address = "192.0.2.7", .port = 443};
  graph.add(connected);
  CHECK(arrows(graph) == std::vector<std::string>{"/tmp/krb5cc_1000 -read-> curl",
                                                  "curl -connects-> 192.0.2.7:443"});
}

TEST_CASE("what the incident names and no finding shows is drawn as unsure",
          "[report][trail_graph]") {
  TrailGraph graph;
  Finding started = act(0, "cp", 7, "", "");
  started.file.reset();
  graph.add(started);
  Incident incident;
  incident.ticket = kTicket;
  incident.copies = {"/tmp/copy"};
  CHECK(arrows(graph, incident) ==
        std::vector<std::string>{"/tmp/krb5cc_1000 -copied, by what is not on record-> /tmp/copy",
                                 "/tmp/krb5cc_1000 -named as an argument-> cp"});
  for (const TrailEdge& edge : graph.edges())
    CHECK(edge.confidence == "low");
}

TEST_CASE("a client that writes its copy anew makes a circle, and the rows end",
          "[report][trail_graph]") {
  TrailGraph graph;
  graph.add(act(0, "kvno", 7, "read", kTicket));
  graph.add(act(1, "kvno", 7, "modified", kTicket));
  graph.add(act(2, "kvno", 7, "read", kTicket));
  graph.complete({});
  REQUIRE(graph.edges().size() == 2);
  CHECK(graph.edges()[0].count == 2);  // both reads
  CHECK(!graph.edges()[0].back);
  CHECK(graph.edges()[1].back);
  CHECK(graph.rows() == std::vector<unsigned>{1, 0});
}

TEST_CASE("a graph has 24 nodes and 48 arrows at most, and counts the rest",
          "[report][trail_graph]") {
  TrailGraph graph;
  for (unsigned i = 0; i < 100; ++i)
    graph.add(act(0, "cp", i, "read", kTicket));
  graph.complete({});
  CHECK(graph.nodes().size() == 24);
  CHECK(graph.edges().size() == 23);
  CHECK(graph.left_out() == 100 - 23);
}

TEST_CASE("a name of a megabyte is cut", "[report][trail_graph]") {
  TrailGraph graph;
  graph.add(act(0, "cp", 7, "read", std::string(1'000'000, 'a')));
  for (const auto& node : graph.nodes())
    CHECK(node.name.size() <= 256);
}

}  // namespace
