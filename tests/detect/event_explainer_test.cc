// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/event_explainer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/activity_builders.h"
#include "support/catch.h"

namespace {

using krbtrail::activity::ActivitySink;
using krbtrail::activity::CallEvent;
using krbtrail::activity::FileAction;
using krbtrail::activity::FileEvent;
using krbtrail::activity::KeyringAccess;
using krbtrail::activity::ProcessEvent;
using krbtrail::audit::EventKey;
using krbtrail::detect::EventExplainer;
using krbtrail::detect::EventName;
using krbtrail::detect::ExplainedActivity;
using krbtrail::detect::Explanation;
using krbtrail::detect::RuleInfo;
using krbtrail::model::HostNames;
using krbtrail::test::act;
using krbtrail::test::actor;
using krbtrail::test::exec_line;
using krbtrail::test::file;

constexpr EventName kAsked{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 42};

// The rules behind the explainer: they get every event, and hand in one explanation for each.
class Rules final : public ActivitySink {
 public:
  void push(const ProcessEvent& event) override { judge(event.key); }
  void push(const FileEvent& event) override { judge(event.key); }
  void push(const CallEvent& event) override { judge(event.key); }

  static constexpr RuleInfo kRule{.id = "behind"};
  EventExplainer* explainer = nullptr;
  std::vector<std::uint32_t> serials;

 private:
  void judge(const EventKey& key) {
    serials.push_back(key.serial);
    if (explainer->is_asked_for(key))
      explainer->take({{.rule = &kRule, .holds = true, .required = {}, .alternatives = {}}});
  }
};

class Bench {
 public:
  explicit Bench(EventName asked = kAsked, bool strict_kql = false)
      : web1(hosts.intern("web1")),
        db1(hosts.intern("db1")),
        explainer(std::move(asked), hosts, strict_kql,
                  [this](ExplainedActivity activity) { told.push_back(std::move(activity)); }) {
    rules.explainer = &explainer;
    explainer.stand_before(rules);
  }

  template <class Event>
  void push(Event event, std::uint32_t serial = 42) {
    event.key = {.host = web1, .seconds = 1'700'000'000, .milliseconds = 123, .serial = serial};
    explainer.push(event);
  }

  HostNames hosts;
  krbtrail::model::HostId web1, db1;
  std::vector<ExplainedActivity> told;
  Rules rules;
  EventExplainer explainer;
};

// "seed-file-access+": of each rule whether it held.
std::vector<std::string> verdicts(const ExplainedActivity& activity) {
  std::vector<std::string> verdicts;
  for (const Explanation& rule : activity.rules)
    verdicts.push_back(std::string{rule.rule->id} + (rule.holds ? "+" : "-"));
  return verdicts;
}

TEST_CASE("only the event that was asked for is explained, and the rules get all of them",
          "[detect][event_explainer]") {
  Bench bench;
  for (const std::uint32_t serial : {41U, 42U, 43U})
    bench.push(act(FileAction::read, "/tmp/krb5cc_1000", actor("/usr/bin/base64")), serial);
  CHECK(bench.rules.serials == std::vector<std::uint32_t>{41, 42, 43});
  REQUIRE(bench.told.size() == 1);
  CHECK(bench.told[0].host == "web1");
  CHECK(bench.told[0].event == "1700000000.123:42");
  CHECK(bench.told[0].act == "base64: read /tmp/krb5cc_1000");
}

TEST_CASE("an event is asked for by its whole name, and by its host where one is named",
          "[detect][event_explainer]") {
  const auto [asked, is_it] = GENERATE(table<EventName, bool>({
      {{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 42}, true},
      {{.seconds = 1'700'000'001, .milliseconds = 123, .serial = 42}, false},  // serials repeat
      {{.seconds = 1'700'000'000, .milliseconds = 124, .serial = 42}, false},
      {{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 43}, false},
      {{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 42, .host = "web1"}, true},
      {{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 42, .host = "db1"}, false},
      {{.seconds = 1'700'000'000, .milliseconds = 123, .serial = 42, .host = ""}, false},
  }));
  CAPTURE(asked.seconds, asked.milliseconds, asked.serial, asked.host.value_or("any"));
  const Bench bench{asked};
  const EventKey key{
      .host = bench.web1, .seconds = 1'700'000'000, .milliseconds = 123, .serial = 42};
  CHECK(bench.explainer.is_asked_for(key) == is_it);
}

TEST_CASE("the query's branches come first, then what the rules behind hand in",
          "[detect][event_explainer]") {
  Bench bench;
  SECTION("of a file that is opened") {
    bench.push(act(FileAction::read, "/tmp/krb5cc_1000", actor("/usr/bin/base64")));
    CHECK(verdicts(bench.told.at(0)) == std::vector<std::string>{"seed-file-access+", "behind+"});
  }
  SECTION("of a program that is started") {
    bench.push(exec_line("/usr/bin/base64", "base64 /tmp/krb5cc_1000"));
    CHECK(bench.told.at(0).act == "base64 was executed");
    CHECK(verdicts(bench.told.at(0)) ==
          std::vector<std::string>{"seed-impacket-tool-", "seed-copy-exfil+", "behind+"});
  }
  SECTION("the query has no rule for other calls") {
    CallEvent call;
    call.lineage.process = actor("/usr/bin/keyctl");
    call.act = KeyringAccess{};
    bench.push(call);
    CHECK(bench.told.at(0).act == "keyctl: an access to a keyring");
    CHECK(verdicts(bench.told.at(0)) == std::vector<std::string>{"behind+"});
  }
}

TEST_CASE("to the letter a read is no file event", "[detect][event_explainer]") {
  Bench bench{kAsked, true};
  bench.push(act(FileAction::read, "/tmp/krb5cc_1000", actor("/usr/bin/base64")));
  CHECK(verdicts(bench.told.at(0)) == std::vector<std::string>{"seed-file-access-", "behind+"});
}

TEST_CASE("each act of an event is explained by itself, with nothing of the one before",
          "[detect][event_explainer]") {
  Bench bench;
  bench.push(act(FileAction::renamed, "/tmp/x", actor("/usr/bin/mv")));
  bench.push(act(FileAction::deleted, file(""), actor("/usr/bin/mv")));
  REQUIRE(bench.told.size() == 2);
  CHECK(bench.told[0].act == "mv: renamed /tmp/x");
  CHECK(bench.told[1].act == "mv: deleted a file without a name");
  CHECK(bench.told[1].rules.size() == 2);
}

}  // namespace
