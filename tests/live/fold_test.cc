// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/fold.h"

#include <string>

#include "support/catch.h"

using namespace krbtrail;
using live::Fold;
using namespace std::chrono_literals;

namespace {

constexpr Fold::Instant kStart{};

model::Finding finding(const std::string& id, const std::string& path = "/tmp/krb5cc_1000") {
  model::Finding made;
  made.id = id;
  made.rule = "ticket-owner-mismatch";
  made.severity = model::Severity::high;
  made.host = "web1";
  made.account.uid = 0;
  made.process.emplace().exe = "/usr/bin/cat";
  made.file.emplace().path = path;
  return made;
}

}  // namespace

TEST_CASE("the first of several repeats leaves at once, the others as its count", "[live][fold]") {
  Fold fold{{.window = 60s}};
  CHECK(fold.admits(finding("a"), kStart));
  CHECK_FALSE(fold.admits(finding("b"), kStart + 1s));
  CHECK_FALSE(fold.admits(finding("c"), kStart + 59s));
  CHECK(fold.due(kStart + 59s).empty());
  const auto due = fold.due(kStart + 60s);
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == "a");
  CHECK(due[0].count == 3);
  CHECK(fold.folded() == 2);
  CHECK(fold.admits(finding("d"), kStart + 61s));  // another window
}

TEST_CASE("a finding that nobody repeats is told once", "[live][fold]") {
  Fold fold{{.window = 60s}};
  CHECK(fold.admits(finding("a"), kStart));
  CHECK(fold.due(kStart + 60s).empty());
  CHECK(fold.all().empty());
}

TEST_CASE("what differs in what was done, by whom or where is no repeat", "[live][fold]") {
  Fold fold{{.window = 60s}};
  REQUIRE(fold.admits(finding("a"), kStart));
  CHECK(fold.admits(finding("b", "/tmp/krb5cc_1001"), kStart));
  model::Finding other = finding("c");
  other.rule = "ticket-copied";
  CHECK(fold.admits(other, kStart));
  other = finding("d");
  other.account.uid = 1000;
  CHECK(fold.admits(other, kStart));
  other = finding("e");
  other.host = "web2";
  CHECK(fold.admits(other, kStart));
  other = finding("f");
  other.process->command_line = "cat -A /tmp/krb5cc_1000";
  CHECK(fold.admits(other, kStart));
  other = finding("g");
  other.severity = model::Severity::critical;
  CHECK(fold.admits(other, kStart));
}

TEST_CASE("a flood is limited by severity, so that noise cannot silence what is worse",
          "[live][fold]") {
  Fold fold{{.window = 60s, .per_minute = 2}};
  CHECK(fold.admits(finding("a", "/tmp/krb5cc_1"), kStart));
  CHECK(fold.admits(finding("b", "/tmp/krb5cc_2"), kStart));
  CHECK_FALSE(fold.admits(finding("c", "/tmp/krb5cc_3"), kStart));
  CHECK(fold.limited() == 1);
  model::Finding worse = finding("d", "/tmp/krb5cc_4");
  worse.severity = model::Severity::critical;
  CHECK(fold.admits(worse, kStart));
  CHECK(fold.admits(finding("e", "/tmp/krb5cc_5"), kStart + 60s));  // the next minute
}

TEST_CASE("beyond the bound of different findings the oldest is told", "[live][fold]") {
  Fold fold{{.window = 60s, .keys = 2}};
  REQUIRE(fold.admits(finding("a", "/tmp/krb5cc_1"), kStart));
  REQUIRE_FALSE(fold.admits(finding("b", "/tmp/krb5cc_1"), kStart));
  REQUIRE(fold.admits(finding("c", "/tmp/krb5cc_2"), kStart));
  REQUIRE(fold.admits(finding("d", "/tmp/krb5cc_3"), kStart));
  const auto due = fold.due(kStart);
  REQUIRE(due.size() == 1);
  CHECK(due[0].id == "a");
  CHECK(due[0].count == 2);
}

TEST_CASE("at the end every count is told", "[live][fold]") {
  Fold fold{{.window = 60s}};
  REQUIRE(fold.admits(finding("a"), kStart));
  REQUIRE_FALSE(fold.admits(finding("b"), kStart));
  const auto all = fold.all();
  REQUIRE(all.size() == 1);
  CHECK(all[0].count == 2);
}

TEST_CASE("without a window nothing is folded, without a limit nothing is dropped",
          "[live][fold]") {
  Fold fold{{.window = 0s, .per_minute = 0}};
  for (int i = 0; i < 2'000; ++i)
    REQUIRE(fold.admits(finding("a"), kStart));
  CHECK(fold.all().empty());
}
