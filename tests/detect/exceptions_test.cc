// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/exceptions.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using namespace std::chrono_literals;

const model::Timestamp kNoon{std::chrono::seconds{1'700'000'000}};

model::Finding read_of_a_ticket() {
  model::Finding finding;
  finding.rule = "seed-file-access";
  finding.time = kNoon;
  finding.host = "web1";
  finding.account.uid = 0;
  finding.account.auid = 1001;
  finding.process = model::ProcessFacts{.pid = 7,
                                        .name = "base64",
                                        .exe = "/usr/bin/base64",
                                        .command_line = "base64 /tmp/krb5cc_1000",
                                        .command_line_source = "execve",
                                        .source = "exec"};
  finding.file = model::FileFacts{.path = "/tmp/krb5cc_1000",
                                  .old_path = "",
                                  .action = "read",
                                  .path_confidence = "absolute",
                                  .owner_uid = 1000,
                                  .device = "fe:00",
                                  .inode = 5};
  return finding;
}

model::Finding service_from_a_local_logon() {
  model::Finding finding;
  finding.rule = "service-creation-local-kerberos";
  finding.rule_set = model::RuleSet::windows;
  finding.time = kNoon;
  finding.windows.emplace();
  finding.windows->computer = "DC01.example.com";
  finding.windows->logon.emplace().target_user_sid = "S-1-5-21-1-2-3-500";
  finding.windows->service.time = kNoon;
  finding.windows->service.name = "Deploy";
  finding.windows->service.file_name = R"(C:\Deploy\agent.exe)";
  finding.windows->service.account = "LocalSystem";
  return finding;
}

Exception exception_for(const model::Finding& finding) {
  const auto pins = pins_for(finding);
  REQUIRE(pins.has_value());
  return {.name = "one",
          .pins = pins.value(),
          .from = std::nullopt,
          .expires = kNoon + 24h,
          .reason = "asked for"};
}

Pin& pin(Exception& exception, const std::string& path) {
  const auto found = std::ranges::find(exception.pins, path, &Pin::path);
  REQUIRE(found != exception.pins.end());
  return *found;
}

std::vector<std::string> messages(const Exception& exception) {
  std::vector<std::string> all;
  for (const Refusal& refusal : refusals(exception))
    all.push_back(refusal.error.message);
  return all;
}

std::vector<std::string> paths(const Exception& exception) {
  std::vector<std::string> all;
  for (const Pin& pinned : exception.pins)
    all.push_back(pinned.path);
  return all;
}

TEST_CASE("a proposal pins what the specification names, and nothing else",
          "[detect][exceptions]") {
  CHECK(paths(exception_for(read_of_a_ticket())) ==
        std::vector<std::string>{"rule", "host", "account.uid", "account.auid", "process.exe",
                                 "file.path"});
  CHECK(paths(exception_for(service_from_a_local_logon())) ==
        std::vector<std::string>{"computer", "logon.target_user_sid", "service.name",
                                 "service.file_name", "service.account"});
  model::Finding run = read_of_a_ticket();
  run.file.reset();  // the target of a program start is in its command line
  CHECK(paths(exception_for(run)) == std::vector<std::string>{"rule", "host", "account.uid",
                                                              "account.auid", "process.exe",
                                                              "process.command_line"});
  model::Finding script = read_of_a_ticket();
  script.process->exe = "/usr/bin/python3.11";  // runs what it is told
  CHECK(paths(exception_for(script)) ==
        std::vector<std::string>{"rule", "host", "account.uid", "account.auid", "process.exe",
                                 "process.command_line", "file.path"});
}

TEST_CASE("an exception fits its finding, and no other in any pinned field",
          "[detect][exceptions]") {
  for (const model::Finding& finding : {read_of_a_ticket(), service_from_a_local_logon()}) {
    const Exception exception = exception_for(finding);
    CHECK(messages(exception).empty());
    CHECK(fits(exception, finding));
    for (std::size_t i = 0; i < exception.pins.size(); ++i) {
      Exception changed = exception;
      changed.pins[i].value += "0";
      CAPTURE(changed.pins[i].path);
      CHECK_FALSE(fits(changed, finding));
    }
  }
  CHECK_FALSE(fits(exception_for(read_of_a_ticket()), service_from_a_local_logon()));
}

TEST_CASE("what a finding lacks is not what an exception leaves out", "[detect][exceptions]") {
  model::Finding run = read_of_a_ticket();
  run.file.reset();
  Exception exception = exception_for(run);
  CHECK(fits(exception, run));
  CHECK_FALSE(fits(exception, read_of_a_ticket()));  // it has a file, which would be anybody's
  model::Finding nobody = read_of_a_ticket();
  nobody.account.auid.reset();  // a service: NDJSON has null
  CHECK(fits(exception_for(nobody), nobody));
  CHECK_FALSE(fits(exception_for(nobody), read_of_a_ticket()));
}

TEST_CASE("names of hosts are compared as DNS does", "[detect][exceptions]") {
  Exception exception = exception_for(read_of_a_ticket());
  pin(exception, "host").value = "WEB1";
  CHECK(fits(exception, read_of_a_ticket()));
  pin(exception, "process.exe").value = "/usr/bin/BASE64";
  CHECK_FALSE(fits(exception, read_of_a_ticket()));
}

TEST_CASE("a path that ends in '*' is the beginning of one", "[detect][exceptions]") {
  Exception exception = exception_for(read_of_a_ticket());
  model::Finding finding = read_of_a_ticket();
  finding.file->path = "/var/backups/host/krb5cc_1000";
  pin(exception, "file.path") = {
      .path = "file.path", .value = "/var/backups/host/", .is_beginning = true};
  CHECK(messages(exception).empty());
  CHECK(fits(exception, finding));
  finding.file->path = "/var/backups/other/krb5cc_1000";
  CHECK_FALSE(fits(exception, finding));
}

TEST_CASE("an exception that is too broad is refused with the reason", "[detect][exceptions]") {
  const auto [path, value, is_beginning, message] =
      GENERATE(table<std::string, std::string, bool, std::string>({
          {"rule", "seed-copy", false, "there is no rule 'seed-copy'"},
          {"process.exe", "", false, "too broad: process.exe is empty"},
          {"process.exe", "/usr/bin/", true, "too broad: process.exe cannot end in '*'"},
          {"process.exe", "", true, "too broad: process.exe cannot end in '*'"},
          {"host", "web", true, "too broad: host cannot end in '*'"},
          {"account.uid", "root", false, "'root' is no user id: a number or null is wanted"},
          {"account.auid", "", false, "too broad: account.auid is empty"},
          {"file.path", "", true, "too broad: '*' is not an absolute path"},
          {"file.path", "/", true,
           "too broad: '/*' takes in all of /tmp/krb5cc_*, where the tickets of many lie"},
          {"file.path", "/tmp/", true,
           "too broad: '/tmp/*' takes in all of /tmp/krb5cc_*, where the tickets of many lie"},
          {"file.path", "/run/user/", true,
           "too broad: '/run/user/*' takes in all of /run/user/*, where the tickets of many lie"},
          {"file.path", "/home", true,
           "too broad: '/home*' takes in all of /home/*, where the tickets of many lie"},
          {"file.path", "/tmp/krb5cc_1", true,  // 1000, 1001, …
           "too broad: '/tmp/krb5cc_1*' fits the tickets of other users"},
          {"file.path", "/backup", true, "too broad: '/backup*' names no folder"},
      }));
  CAPTURE(path, value);
  Exception exception = exception_for(read_of_a_ticket());
  pin(exception, path) = {.path = path, .value = value, .is_beginning = is_beginning};
  CHECK(messages(exception) == std::vector<std::string>{message});
}

TEST_CASE("an exception pins all of its side's fields", "[detect][exceptions]") {
  const Exception nothing{.name = "none", .expires = kNoon, .reason = "because"};
  CHECK(messages(nothing) ==
        std::vector<std::string>{
            "too broad: it does not pin rule, host, account.uid, account.auid, process.exe",
            "too broad: it pins neither file.path nor process.command_line"});
  Exception windows = exception_for(service_from_a_local_logon());
  std::erase_if(windows.pins, [](const Pin& pinned) { return pinned.path != "computer"; });
  CHECK(messages(windows) ==
        std::vector<std::string>{"too broad: it does not pin logon.target_user_sid, service.name, "
                                 "service.file_name, service.account"});
  Exception both = exception_for(service_from_a_local_logon());
  both.pins.push_back({.path = "process.exe", .value = "/usr/bin/cp"});
  CHECK(messages(both) ==
        std::vector<std::string>{
            "process.exe is of Linux and the others are of Windows: no finding has both"});
  Exception unknown = exception_for(read_of_a_ticket());
  unknown.pins.push_back({.path = "severity", .value = "medium"});
  CHECK(messages(unknown) == std::vector<std::string>{"'severity' cannot be pinned"});
}

TEST_CASE("a program that runs what it is told is pinned with its command line",
          "[detect][exceptions]") {
  for (const std::string exe : {"/usr/bin/python3.11", "/bin/sh", "/usr/bin/perl5.36.0"}) {
    Exception exception = exception_for(read_of_a_ticket());
    pin(exception, "process.exe").value = exe;
    CHECK(messages(exception) ==
          std::vector<std::string>{"too broad: " + exe +
                                   " runs whatever it is told: process.command_line has to be "
                                   "pinned, too"});
  }
  Exception other = exception_for(read_of_a_ticket());
  pin(other, "process.exe").value = "/usr/bin/shred";  // begins like sh, and is none
  CHECK(messages(other).empty());
}

TEST_CASE("an exception ends, and somebody has decided it", "[detect][exceptions]") {
  Exception exception = exception_for(read_of_a_ticket());
  exception.expires.reset();
  exception.reason.clear();
  CHECK(messages(exception) == std::vector<std::string>{"it has no expires", "it has no reason"});
  exception = exception_for(read_of_a_ticket());
  exception.from = exception.expires;
  CHECK(messages(exception) == std::vector<std::string>{"it expires before it begins"});
}

TEST_CASE("expiry is held against the finding's own time", "[detect][exceptions]") {
  Exception exception = exception_for(read_of_a_ticket());
  exception.from = kNoon - 1h;
  exception.expires = kNoon + 1h;
  Exceptions exceptions{{exception}};
  const auto judged_at = [&](model::Timestamp time) {
    model::Finding finding = read_of_a_ticket();
    finding.time = time;
    return exceptions.judge(finding).value_or("");
  };
  CHECK(judged_at(kNoon) == "one");
  CHECK(judged_at(kNoon - 1h) == "one");       // from is inclusive
  CHECK(judged_at(kNoon - 1h - 1ms).empty());  // not yet
  CHECK(judged_at(kNoon + 1h - 1ms) == "one");
  CHECK(judged_at(kNoon + 1h).empty());  // expires is exclusive
  CHECK(judged_at(kNoon + 2h).empty());
  CHECK(exceptions.notes(kNoon) ==
        std::vector<std::string>{
            "exception one: suppressed 3 findings",
            "exception one: expired at 2023-11-14T23:13:20.000Z; 2 findings that it would have "
            "suppressed are reported",
            "exception one: begins at 2023-11-14T21:13:20.000Z; 1 finding before that is "
            "reported"});
}

TEST_CASE("an exception that is over is told even where it fits nothing", "[detect][exceptions]") {
  const Exceptions exceptions{{exception_for(read_of_a_ticket())}};
  CHECK(exceptions.notes(kNoon).empty());
  CHECK(exceptions.notes(std::nullopt).empty());
  CHECK(exceptions.notes(kNoon + 24h) ==
        std::vector<std::string>{"exception one: expired at 2023-11-15T22:13:20.000Z; 0 findings "
                                 "that it would have suppressed are reported"});
}

TEST_CASE("near misses and what is undecided are never suppressed", "[detect][exceptions]") {
  model::Finding pair = service_from_a_local_logon();
  Exceptions exceptions{{exception_for(pair)}};
  CHECK(exceptions.judge(pair) == "one");
  pair.windows->service.time.reset();  // nothing to hold the expiry against
  CHECK(exceptions.judge(pair) == std::nullopt);
  pair = service_from_a_local_logon();
  for (const model::Verdict verdict : {model::Verdict::near_miss, model::Verdict::indeterminate}) {
    pair.verdict = verdict;
    CHECK(exceptions.judge(pair) == std::nullopt);
    CHECK(pins_for(pair).error().message ==
          "no exception can be proposed: this is no finding but a near miss or undecided, which "
          "none suppresses");
  }
}

TEST_CASE("what happens once, or is not all known, gets no proposal", "[detect][exceptions]") {
  model::Finding test = service_from_a_local_logon();
  test.windows->service.name = "krbscm";
  CHECK(pins_for(test).error().message ==
        "no exception can be proposed: krbscm is the service of a public attack tool: a test of "
        "it happens once");
  model::Finding blind = service_from_a_local_logon();
  blind.windows->logon->target_user_sid.reset();
  CHECK(pins_for(blind).error().message ==
        "no exception can be proposed: the evidence does not tell logon.target_user_sid");
  model::Finding worker = read_of_a_ticket();
  worker.process->exe.clear();  // a worker of io_uring
  CHECK(pins_for(worker).error().message ==
        "no exception can be proposed: the evidence does not tell process.exe");
}

}  // namespace
}  // namespace krbtrail::detect
