// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/incident_linker.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

namespace {

namespace model = krbtrail::model;
using krbtrail::activity::Accounts;
using krbtrail::detect::IncidentLinker;
using model::Finding;
using model::Incident;

constexpr std::uint32_t kAlice = 1'000;
constexpr std::uint32_t kMallory = 1'001;
constexpr std::uint32_t kBob = 1'002;

model::Timestamp at(std::chrono::minutes minute) {
  return model::Timestamp{std::chrono::seconds{1'700'000'000}} + minute;
}

std::string id_of(char digit) {
  return std::string(16, digit);
}

struct Theft {
  char id = '1';
  std::string host = "web1";
  std::chrono::minutes from{0};
  std::optional<std::uint32_t> owner = kAlice;
  std::optional<std::uint32_t> actor = kMallory;
  std::optional<std::string> actor_name = {};
};

Incident incident(const Theft& theft) {
  Incident incident;
  incident.id = id_of(theft.id);
  incident.host = theft.host;
  incident.first = at(theft.from);
  incident.last = at(theft.from) + std::chrono::minutes{5};
  incident.owner_uid = theft.owner;
  incident.actor.uid = theft.actor;
  incident.actor.auid = theft.actor;
  incident.actor.name = theft.actor_name;
  return incident;
}

struct Logon {
  char id = '9';
  std::string host = "ws1.example.test";
  std::chrono::minutes when{60};
  std::string user = "alice";
  std::string sid = "S-1-5-21-1-2-3-1104";
};

Finding windows_finding(const Logon& logon) {
  Finding finding;
  finding.id = id_of(logon.id);
  finding.host = logon.host;
  finding.time = at(logon.when);
  finding.windows.emplace();
  finding.windows->logon.emplace();
  finding.windows->logon->time = at(logon.when);
  finding.windows->logon->target_user_name = logon.user;
  finding.windows->logon->target_user_sid = logon.sid;
  return finding;
}

// A finding of the same host that says what a uid is called there.
Finding naming(const std::string& host, std::uint32_t uid, const std::string& name) {
  Finding finding;
  finding.host = host;
  finding.account.uid = uid;
  finding.account.name = name;
  return finding;
}

const Accounts& nobody_known() {
  static const Accounts none;
  return none;
}

struct Linked {
  std::vector<Incident> incidents;
  std::vector<Finding> findings;
  std::uint64_t links = 0;
};

Linked linked(std::vector<Incident> incidents, std::vector<Finding> findings = {},
              const Accounts& accounts = nobody_known(), IncidentLinker::Limits limits = {}) {
  IncidentLinker linker{limits, accounts};
  for (const Incident& incident : incidents)
    linker.add(incident);
  for (const Finding& finding : findings)
    linker.add(finding);
  linker.link();
  for (Incident& incident : incidents)
    linker.annotate(incident);
  for (Finding& finding : findings)
    linker.annotate(finding);
  return {std::move(incidents), std::move(findings), linker.links()};
}

// The only step of its timeline that tells of another host.
model::IncidentStep step_of(const Incident& incident) {
  REQUIRE(incident.timeline.size() == 1);
  return incident.timeline.front();
}

const Accounts kPasswd{"alice:x:1000:1000::/home/alice:/bin/sh\n"};

TEST_CASE("a ticket stolen on one host and a logon of its owner on another are one story",
          "[detect][incident_linker]") {
  const Linked story =
      linked({incident({})}, {windows_finding({}), naming("web1", kAlice, "EXAMPLE\\Alice")});
  CHECK(story.links == 1);
  const model::IncidentStep step = step_of(story.incidents[0]);
  CHECK(step.text ==
        "alice, whose ticket this is, logs on at ws1.example.test: finding 9999999999999999");
  CHECK(step.time == at(std::chrono::minutes{60}));
  CHECK(step.confidence == "medium");
  CHECK(story.incidents[0].linked.empty());  // a finding is no incident

  const auto& related = story.findings[0].windows->related;
  REQUIRE(related.size() == 1);
  CHECK(related[0].id == id_of('1'));
  CHECK(related[0].text ==
        "alice, whose ticket was taken before on web1: incident 1111111111111111");
}

TEST_CASE("the owner's name may come from a passwd file", "[detect][incident_linker]") {
  CHECK(linked({incident({})}, {windows_finding({})}, kPasswd).links == 1);
  CHECK(linked({incident({})}, {windows_finding({})}).links == 0);
}

TEST_CASE("what makes two incidents on different hosts one story", "[detect][incident_linker]") {
  const auto [second, of_first, of_second] = GENERATE(table<Theft, std::string, std::string>({
      {Theft{.owner = kBob, .actor = kAlice}, "uid 1000, whose ticket this is, acts on db1",
       "uid 1000, whose ticket was taken before on web1"},
      {Theft{.owner = kAlice, .actor = kBob}, "uid 1000, whose ticket this is, loses one on db1",
       "uid 1000, whose ticket was taken before on web1"},
      {Theft{.owner = kBob, .actor = kMallory}, "uid 1001, who acts here, goes on acting on db1",
       "uid 1001, who acted before on web1"},
      {Theft{.owner = std::nullopt, .actor = kMallory},
       "uid 1001, who acts here, goes on acting on db1", "uid 1001, who acted before on web1"},
      // the ticket's way is told before the thief's
      {Theft{.owner = kAlice, .actor = kMallory},
       "uid 1000, whose ticket this is, loses one on db1",
       "uid 1000, whose ticket was taken before on web1"},
  }));
  Theft other = second;
  other.id = '2';
  other.host = "db1";
  other.from = std::chrono::minutes{30};
  // The order in which they come makes no difference.
  const bool backwards = GENERATE(false, true);
  const Linked story =
      backwards ? linked({incident(other), incident({})}) : linked({incident({}), incident(other)});
  const Incident& earlier = story.incidents[backwards ? 1 : 0];
  const Incident& later = story.incidents[backwards ? 0 : 1];
  CHECK(story.links == 1);
  CHECK(earlier.linked == std::vector{id_of('2')});
  CHECK(later.linked == std::vector{id_of('1')});
  CHECK(step_of(earlier).text == of_first + ": incident 2222222222222222");
  CHECK(step_of(later).text == of_second + ": incident 1111111111111111");
  CHECK(step_of(earlier).confidence == "low");
}

TEST_CASE("what is no link", "[detect][incident_linker]") {
  const auto [one, other, why] = GENERATE(table<Theft, Theft, std::string>({
      {{}, {.host = "web1"}, "the same host"},
      {{}, {.host = "WEB1.example.test"}, "the same host by its whole name"},
      {{.host = ""}, {.host = ""}, "hosts without a name"},
      {{}, {.host = "db1", .owner = kBob, .actor = kBob}, "nobody in common"},
      {{}, {.host = "db1", .from = std::chrono::hours{49}}, "two days later"},
      {{.owner = 0, .actor = 0}, {.host = "db1", .owner = 0, .actor = 0}, "root is on every host"},
      {{.owner = 33, .actor = 65534},
       {.host = "db1", .owner = 33, .actor = 65534},
       "system accounts and nobody"},
      {{.owner = std::nullopt, .actor = std::nullopt},
       {.host = "db1", .owner = std::nullopt, .actor = std::nullopt},
       "nobody known"},
      {{.owner = kBob, .actor = kMallory},
       {.host = "db1", .owner = kMallory, .actor = kAlice},
       "the thief's own ticket is taken later"},
      {{.owner = kAlice, .actor = kAlice},
       {.host = "db1", .owner = kAlice, .actor = kBob},
       "one's own use takes a ticket from nobody"},
  }));
  CAPTURE(why);
  Theft second = other;
  second.id = '2';
  second.from += std::chrono::minutes{30};
  const Linked story = linked({incident(one), incident(second)});
  CHECK(story.links == 0);
  CHECK(story.incidents[0].linked.empty());
  CHECK(story.incidents[0].timeline.empty());
}

TEST_CASE("equal uids with different names are two accounts", "[detect][incident_linker]") {
  const Incident one = incident({});
  const Incident other = incident({.id = '2', .host = "db1", .from = std::chrono::minutes{30}});
  const auto names = [](const std::string& there) {
    return std::vector{naming("web1", kAlice, "alice"), naming("db1", kAlice, there),
                       naming("web1", kMallory, "mallory"), naming("db1", kMallory, "mike")};
  };
  CHECK(linked({one, other}, names("anna")).links == 0);
  const Linked same = linked({one, other}, names("alice@example.test"));
  CHECK(same.links == 1);
  CHECK(step_of(same.incidents[0]).text ==
        "alice, whose ticket this is, loses one on db1: incident 2222222222222222");
  CHECK(step_of(same.incidents[0]).confidence == "medium");
}

TEST_CASE("a logon before the theft has nothing to do with it, and may itself be the beginning",
          "[detect][incident_linker]") {
  const Finding before = windows_finding({.when = std::chrono::minutes{-60}});
  CHECK(linked({incident({})}, {before}, kPasswd).links == 0);
  const Linked story = linked({incident({.owner = kBob, .actor = kAlice})}, {before}, kPasswd);
  CHECK(story.links == 1);
  CHECK(step_of(story.incidents[0]).text ==
        "alice, who logged on before at ws1.example.test: finding 9999999999999999");
}

TEST_CASE("Windows findings are linked by SID, and names count where one is lacking",
          "[detect][incident_linker]") {
  const auto [sid, name, expected, why] =
      GENERATE(table<std::string, std::string, std::uint64_t, std::string>({
          {"S-1-5-21-1-2-3-1104", "renamed", 1, "the SID is the account"},
          {"S-1-5-21-9-9-9-1104", "alice", 0, "alice of another domain"},
          {"", "ALICE", 1, "a SID is lacking, the name is the same"},
          {"S-1-5-18", "SYSTEM", 0, "on every computer"},
      }));
  CAPTURE(why);
  CHECK(linked({}, {windows_finding({}), windows_finding({.id = '8',
                                                          .host = "ws2.example.test",
                                                          .when = std::chrono::minutes{90},
                                                          .user = name,
                                                          .sid = sid})})
            .links == expected);
  // The built-in account against itself.
  CHECK(linked({}, {windows_finding({.user = "SYSTEM", .sid = "S-1-5-18"}),
                    windows_finding({.id = '8', .host = "ws2", .user = "WS2$", .sid = "S-1-5-18"})})
            .links == 0);
}

TEST_CASE("the timeline stays in order of time", "[detect][incident_linker]") {
  Incident one = incident({});
  one.timeline.push_back(
      {.time = at(std::chrono::minutes{0}), .text = "first", .event = "", .confidence = ""});
  one.timeline.push_back(
      {.time = at(std::chrono::minutes{90}), .text = "last", .event = "", .confidence = ""});
  const Linked story =
      linked({one, incident({.id = '2', .host = "db1", .from = std::chrono::minutes{30}})});
  const auto& timeline = story.incidents[0].timeline;
  REQUIRE(timeline.size() == 3);
  CHECK(timeline[0].text == "first");
  CHECK(timeline[2].text == "last");
}

TEST_CASE("links are bounded, and what is left out is said", "[detect][incident_linker]") {
  std::vector<Incident> incidents;
  for (const char id : std::string{"123456"})
    incidents.push_back(incident({.id = id,
                                  .host = std::string{"host"} + id,
                                  .from = std::chrono::minutes{id - '0'},
                                  .actor = std::nullopt}));
  const Linked story = linked(incidents, {}, nobody_known(), {.links = 2});
  CHECK(story.incidents[0].linked == std::vector{id_of('2'), id_of('3')});
  CHECK(story.incidents[0].not_visible ==
        std::vector<std::string>{"more links to other hosts are left out"});
}

TEST_CASE("many stories of one account on as many hosts take no quadratic time",
          "[detect][incident_linker]") {
  IncidentLinker linker{{}, nobody_known()};
  constexpr int kStories = 30'000;
  for (int i = 0; i < kStories; ++i) {
    Incident made = incident({.host = "host" + std::to_string(i)});
    made.id = std::to_string(1'000'000'000'000'000 + i);
    linker.add(made);
  }
  linker.link();
  // Each links to those behind it until one of the two has its 32.
  CHECK(linker.links() < std::uint64_t{33} * kStories);
}

TEST_CASE("stories beyond the bound are counted", "[detect][incident_linker]") {
  IncidentLinker linker{{.stories = 2}, nobody_known()};
  for (const char id : std::string{"1234"})
    linker.add(incident({.id = id, .host = std::string{"host"} + id}));
  CHECK(linker.left_out() == 2);
}

}  // namespace
