// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/seed_ccache.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/seed_findings.h"
#include "support/activity_builders.h"
#include "support/catch.h"

namespace {

using krbtrail::activity::CommandLineSource;
using krbtrail::activity::FileAction;
using krbtrail::activity::FileEvent;
using krbtrail::activity::FileObject;
using krbtrail::activity::PathConfidence;
using krbtrail::activity::Process;
using krbtrail::activity::ProcessEvent;
using krbtrail::audit::DecodedEvent;
using krbtrail::audit::DecodedRecord;
using krbtrail::detect::SeedOptions;
using krbtrail::model::Finding;
using krbtrail::model::InputId;
using krbtrail::model::Severity;
using krbtrail::test::act;
using krbtrail::test::actor;
using krbtrail::test::branches;
using krbtrail::test::Event;
using krbtrail::test::exec;
using krbtrail::test::exec_line;
using krbtrail::test::file;
using krbtrail::test::findings;
using krbtrail::test::kDirectory;
using krbtrail::test::kGenerous;
using krbtrail::test::kRegularFile;
using krbtrail::test::kStrict;
using krbtrail::test::kSymbolicLink;

constexpr std::string_view kTicket = "/tmp/krb5cc_1000";

Event read(const std::string& path, const std::string& exe) {
  return act(FileAction::read, path, actor(exe));
}

// The four attack tests that the query names. Each line of a body is one audit event.

TEST_CASE(
    "discover and copy: the copy is seen by its command line, the read in the generous reading",
    "[detect][seed][atomic]") {
  const std::vector<Event> attack = {
      exec_line("/usr/bin/find", "find /tmp -name krb5cc_* -type f"),
      exec_line("/usr/bin/klist", "klist -c /tmp/krb5cc_1000"),
      read("/tmp/krb5cc_1000", "/usr/bin/klist"),
      read("/tmp/krb5cc_1000", "/usr/bin/klist"),
      exec_line("/usr/bin/cp", "cp /tmp/krb5cc_1000 /tmp/.svc_cache_bak"),
      read("/tmp/krb5cc_1000", "/usr/bin/cp"),
      act(FileAction::created, "/tmp/.svc_cache_bak", actor("/usr/bin/cp")),
  };
  CHECK(branches(attack, kGenerous) == "31");
  CHECK(branches(attack, kStrict) == "3");
}

TEST_CASE("base64 and xxd: each is seen by its command line and by its read",
          "[detect][seed][atomic]") {
  const std::vector<Event> attack = {
      exec_line("/usr/bin/base64", "base64 /tmp/krb5cc_1000"),
      read("/tmp/krb5cc_1000", "/usr/bin/base64"),
      exec_line("/usr/bin/xxd", "xxd /tmp/krb5cc_1000"),
      read("/tmp/krb5cc_1000", "/usr/bin/xxd"),
  };
  CHECK(branches(attack, kGenerous) == "3131");
  CHECK(branches(attack, kStrict) == "33");
}

TEST_CASE("Impacket's library in python3: invisible where python3.11 is not python3",
          "[detect][seed][atomic]") {
  const Process python = krbtrail::test::process(
      "/usr/bin/python3.11",
      {"python3", "-c",
       "from impacket.krb5.ccache import CCache; CCache.loadFile('/tmp/krb5cc_1000')"});
  const std::vector<Event> attack = {exec(python),
                                     act(FileAction::read, std::string{kTicket}, python)};
  CHECK(branches(attack, kGenerous) == "21");
  CHECK(branches(attack, kStrict).empty());
}

TEST_CASE("use of the stolen copy: the seed sees how it was made, never its use",
          "[detect][seed][atomic]") {
  const std::vector<Event> attack = {
      exec_line("/usr/bin/cp", "cp /tmp/krb5cc_1000 /tmp/attacker_krb5cc"),
      read("/tmp/krb5cc_1000", "/usr/bin/cp"),
      act(FileAction::created, "/tmp/attacker_krb5cc", actor("/usr/bin/cp")),
      exec_line("/usr/bin/klist", "klist -c /tmp/attacker_krb5cc"),
      read("/tmp/attacker_krb5cc", "/usr/bin/klist"),
      read("/tmp/attacker_krb5cc", "/usr/bin/klist"),
  };
  CHECK(branches(attack, kGenerous) == "31");
  CHECK(branches(attack, kStrict) == "3");
}

// Branch 1.

TEST_CASE("branch 1 wants a path of one of three forms", "[detect][seed]") {
  const auto [path, generous] = GENERATE(table<std::string, bool>({
      {"/tmp/krb5cc_1000", true},
      {"/tmp/krb5cc_0", true},
      {"/TMP/krb5cc_1000", true},          // startswith ignores case
      {"/tmp/a/b/krb5cc_1", true},         // depth is free
      {"/tmp/KRB5CC_1000", false},         // matches regex does not ignore case
      {"/tmp/krb5cc_1000_Ab3xYz", false},  // sshd's and pam_krb5's names
      {"/tmp/krb5cc_pam_Ab3xYz", false},
      {"/tmp/krb5cc_p1234", false},
      {"/tmp/krb5cc_", false},
      {"/tmp/krb5cc_1000\n", false},  // '$' is the end of the text
      {"/tmp/xkrb5cc_1000", false},
      {"/tmp/krb5cc_1000/tkt", false},  // a DIR: cache: the name is tkt
      {"/var/tmp/krb5cc_1000", false},
      {"/run/user/1000/krb5cc_1000", false},
      {"/private/tmp/krb5cc_1000", false},
      {"/tmpkrb5cc_1000", false},
      {"/tmp/.svc_cache_bak", false},
      {"/home/alice/krb5.ccache", true},  // wherever it lies
      {"/home/alice/KRB5.CCACHE", true},
      {"/home/alice/mykrb5.ccache", false},  // =~ compares the whole name
      {"/home/alice/krb5.ccache.bak", false},
      {"/home/alice/krb5/alice.ccache", true},
      {"/home/alice/KRB5/ALICE.CCACHE", true},
      {"/var/lib/krb5kdc/x.ccache", true},  // contains wants no whole term
      {"/tmp/krb5x.ccache", true},          // FolderPath is the full path
      {"/opt/mykrb5/alice.ccache", false},  // no slash before krb5
      {"/home/alice/krb5/alice.ccache.bak", false},
      {"/home/alice/alice.ccache", false},
      {"/home/alice/krb5/ccache", false},  // no point
      {"", false},
  }));
  CAPTURE(path);
  CHECK(branches({read(path, "/usr/bin/cat")}, kGenerous) == (generous ? "1" : ""));
  CHECK(branches({act(FileAction::modified, path, actor("/usr/bin/cat"))}, kStrict) ==
        (generous ? "1" : ""));
}

TEST_CASE("branch 1 sees what was done to the file, and reads in the generous reading only",
          "[detect][seed]") {
  const auto [action, generous, strict, action_type] =
      GENERATE(table<FileAction, bool, bool, std::string>({
          {FileAction::read, true, false, "FileRead"},  // the query's own data source has no reads
          {FileAction::created, true, true, "FileCreated"},
          {FileAction::modified, true, true, "FileModified"},
          {FileAction::renamed, true, true, "FileRenamed"},
          {FileAction::deleted, true, true, "FileDeleted"},
          {FileAction::linked, true, true, "FileCreated"},
          {FileAction::symlinked, true, true, "FileCreated"},
          {FileAction::attributes, false, false, ""},  // chmod, chown, xattr
          {FileAction::attempted, false, false, ""},   // failed calls never count
      }));
  const Event event = act(action, std::string{kTicket}, actor("/usr/bin/cat"));
  CAPTURE(action_type);
  CHECK(branches({event}, kGenerous) == (generous ? "1" : ""));
  CHECK(branches({event}, kStrict) == (strict ? "1" : ""));
  for (const Finding& finding : findings({event}, kGenerous))
    CHECK(finding.action_type == action_type);
}

TEST_CASE("a call that failed does not count, whatever it would have done", "[detect][seed]") {
  FileEvent event = act(FileAction::created, std::string{kTicket}, actor("/usr/bin/cp"));
  event.success = false;
  CHECK(branches({event}, kGenerous).empty());
  CHECK(branches({event}, kStrict).empty());
}

TEST_CASE("only regular files count, and symbolic links when they are made", "[detect][seed]") {
  const auto [action, mode, counts] =
      GENERATE(table<FileAction, std::optional<std::uint32_t>, bool>({
          {FileAction::deleted, kRegularFile, true},
          {FileAction::deleted, std::nullopt, true},    // io_uring's records have no mode
          {FileAction::deleted, kDirectory, false},     // rmdir of a DIR: cache
          {FileAction::deleted, kSymbolicLink, false},  // the link goes, not the ticket
          {FileAction::created, 0010600, false},        // mkfifo
          {FileAction::created, 0140755, false},        // a socket that was bound
          {FileAction::renamed, kSymbolicLink, false},
          {FileAction::symlinked, kSymbolicLink, true},  // counts as a file created
          {FileAction::symlinked, std::nullopt, true},
      }));
  FileObject object = file(std::string{kTicket});
  object.mode = mode;
  const Event event = act(action, object, actor("/usr/bin/cat"));
  CAPTURE(mode.value_or(0));
  CHECK(branches({event}, kGenerous) == (counts ? "1" : ""));
  CHECK(branches({event}, kStrict) == (counts ? "1" : ""));
}

TEST_CASE("an open whose flags are unknown counts as a read", "[detect][seed]") {
  FileEvent event = act(FileAction::read, std::string{kTicket}, actor("/usr/bin/cat"));
  event.flags_known = false;
  const auto found = findings({event}, kGenerous);
  REQUIRE(found.size() == 1);
  CHECK(found[0].action_type == "FileRead");
  REQUIRE_FALSE(found[0].reasons.empty());
  CHECK(found[0].reasons[0].text == "the file was opened, with flags that are not on record");
  CHECK(branches({event}, kStrict).empty());
}

TEST_CASE("a rename or link counts by its new name alone", "[detect][seed]") {
  const FileAction action =
      GENERATE(FileAction::renamed, FileAction::linked, FileAction::symlinked);
  FileEvent away = act(action, "/tmp/.x", actor("/usr/bin/mv"));
  away.previous = file(std::string{kTicket});
  FileEvent into = act(action, std::string{kTicket}, actor("/usr/bin/mv"));
  into.previous = file("/tmp/.x");
  for (const SeedOptions options : {kGenerous, kStrict}) {
    CHECK(branches({away}, options).empty());
    CHECK(branches({into}, options) == "1");
  }
}

TEST_CASE("the exemption is held against the name of the running file", "[detect][seed]") {
  const auto [exe, comm, reported] = GENERATE(table<std::string, std::string, bool>({
      {"/usr/bin/klist", "klist", false},
      {"/usr/sbin/sshd", "sshd", false},
      {"/usr/bin/su", "su", false},
      {"/tmp/SSHD", "x", false},               // any case, any directory: the query's gap
      {"/tmp/.x/klist", "cat", false},         // a copy of cat named klist: the same gap
      {"/tmp/klist (deleted)", "cat", false},  // the name without " (deleted)"
      {"/usr/bin/cat", "klist", true},         // comm is set at will
      {"/usr/bin/cat (deleted)", "klist", true},
      {"/usr/bin/heimtools", "klist", true},      // Heimdal's klist
      {"/usr/bin/kinit.heimdal", "kinit", true},  // exempt by no alias
      {"/usr/sbin/sshd-session", "sshd-session", true},
      {"/usr/libexec/sssd/krb5_child", "krb5_child", true},
      {"/usr/bin/kvno", "kvno", true},  // a Kerberos client that is not listed
      {"/klist/cat", "cat", true},      // the directory is not the name
      {"/usr/bin/klist2", "klist2", true},
      {"", "klist", false},  // comm, because exe is absent
      {"", "cat", true},
      {"", "", true},  // `"" !in~ (…)` is true
  }));
  Process who = krbtrail::test::process(exe, {"cat", std::string{kTicket}});
  who.comm = comm;
  CAPTURE(exe, comm);
  CHECK(branches({act(FileAction::read, std::string{kTicket}, who)}, kGenerous) ==
        (reported ? "1" : ""));
  CHECK(branches({act(FileAction::modified, std::string{kTicket}, who)}, kStrict) ==
        (reported ? "1" : ""));
}

TEST_CASE("argv[0] exempts nobody", "[detect][seed]") {
  const Process masked = krbtrail::test::process("/usr/bin/cat", {"klist", std::string{kTicket}});
  CHECK(branches({act(FileAction::read, std::string{kTicket}, masked)}) == "1");
}

TEST_CASE("a path that nobody recorded is judged by its base name, or not at all",
          "[detect][seed]") {
  const auto [path, confidence, generous, strict] =
      GENERATE(table<std::string, PathConfidence, bool, bool>({
          {"/tmp/krb5cc_1000", PathConfidence::absolute, true, true},
          {"/tmp/krb5cc_1000", PathConfidence::joined, true, true},
          {"/tmp/krb5cc_1000", PathConfidence::known_inode, true, true},
          {"/home/a/krb5cc_1000", PathConfidence::joined, false, false},
          {"krb5cc_1000", PathConfidence::unresolved, true, false},  // /tmp/ is waived
          {"backup/krb5cc_1000", PathConfidence::unresolved, true, false},
          {"krb5cc_1000_Ab3", PathConfidence::unresolved, false, false},
          {"krb5.ccache", PathConfidence::unresolved, true, false},
          {"alice.ccache", PathConfidence::unresolved, false, false},  // its directory may be any
          {"mykrb5.ccache", PathConfidence::unresolved, false, false},
          {"krb5x.ccache", PathConfidence::unresolved, true, false},  // any directory gives "/krb5"
          {"", PathConfidence::null, false, false},
      }));
  const Event event = act(FileAction::modified, file(path, confidence), actor("/usr/bin/tar"));
  CAPTURE(path);
  CHECK(branches({event}, kGenerous) == (generous ? "1" : ""));
  CHECK(branches({event}, kStrict) == (strict ? "1" : ""));
}

TEST_CASE("several items of one audit event give one finding, the first", "[detect][seed]") {
  const Process mover = actor("/usr/bin/mv");
  FileEvent first = act(FileAction::renamed, std::string{kTicket}, mover);
  FileEvent second = act(FileAction::renamed, "/tmp/krb5cc_1001", mover);
  second.key = first.key;  // RENAME_EXCHANGE names two
  FileEvent other = act(FileAction::renamed, "/tmp/x", mover);
  other.key = first.key;
  const auto found = findings({other, first, second});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].file);
  CHECK(found[0].file->path == kTicket);
}

TEST_CASE("two audit events give two findings, however alike", "[detect][seed]") {
  const FileEvent first = act(FileAction::read, std::string{kTicket}, actor("/usr/bin/kvno"));
  FileEvent second = first;
  second.key.serial += 1;
  CHECK(branches({first, second}) == "11");
  FileEvent on_beta = first;
  on_beta.key.host = krbtrail::model::HostId{1};
  CHECK(branches({first, on_beta}) == "11");
}

// Branches 2 and 3.

TEST_CASE("an exec is judged by its name and its command line", "[detect][seed]") {
  const auto [exe, line, generous,
              strict] = GENERATE(table<std::string, std::string, std::string, std::string>({
      // Branch 2, tools: in any process's command line.
      {"/usr/bin/python3.11", "python3 /opt/getST.py -k", "2", "2"},
      {"/usr/bin/python3.11", "/usr/bin/python3 ./GETST.PY", "2", "2"},  // case
      {"/usr/bin/python3.11", "python3 GetUserSPNs.py", "2", "2"},
      {"/usr/bin/python3.11", "python3 mygetST.py", "", ""},  // y continues the term
      {"/usr/bin/python3.11", "python3 my_ticketer.py", "2", "2"},
      {"/usr/bin/python3.11", "python3 getST.pyc", "", ""},
      {"/usr/bin/dash", "sh -c ticketer.py", "2", "2"},       // whoever names it
      {"/usr/bin/grep", "grep -r getTGT.py /opt", "2", "2"},  // a false alarm by design
      {"/usr/bin/python3.11", "python3 -m impacket.examples.getST -k", "", ""},  // no .py
      {"/usr/bin/dash", "/usr/bin/impacket-getST -k", "", ""},
      {"/usr/bin/python3.11", "python3 secretsdump.py", "", ""},  // not listed
      // Branch 2, Python: the name and the word, both.
      {"/usr/bin/python3.11", "python3 x.py /tmp/krb5cc_1000", "2", ""},  // by argv[0]
      {"/usr/bin/python3.11", "/opt/venv/bin/python x.py ccache", "2", ""},
      {"/usr/bin/python3.11", "python3.11 x.py ccache", "2", ""},  // by alias
      {"/usr/bin/python2.7", "python2.7 x.py ccache", "2", ""},
      {"/usr/bin/python2", "python2 x.py ccache", "2", "2"},
      {"/usr/bin/python", "x ccache", "2", "2"},
      {"/usr/bin/PYTHON3", "x ccache", "2", "2"},                     // in~ ignores case
      {"/usr/bin/python3.11", "python3 waf --with-ccache", "2", ""},  // the compiler's cache
      {"/usr/bin/python3.11", "python3 x.py KRB5CCNAME=FILE:/tmp/x", "2", ""},
      {"/usr/bin/python3.11", "python3 x.py KRB5CCNAME2=/x", "", ""},
      {"/usr/bin/python3.11", "python3 x.py sccache", "", ""},
      {"/usr/bin/python3.11", "python3 x.py /tmp/krb5cc1000", "", ""},
      {"/usr/bin/perl", "perl -e krb5cc", "", ""},
      {"/usr/bin/pypy3", "pypy3 x.py ccache", "", ""},
      {"/usr/bin/python3-config", "python3-config ccache", "", ""},
      {"/usr/bin/python3.x", "python3.x ccache", "", ""},  // no minor version
      // Branch 3: the name and the path, both.
      {"/usr/bin/cp", "cp /tmp/krb5cc_1000 /tmp/x", "3", "3"},
      {"/usr/bin/CP", "CP /tmp/krb5cc_1000 /tmp/x", "3", "3"},
      {"/usr/bin/cp", "cp /tmp/krb5cc_1000_Ab3 /tmp/x", "3", "3"},  // unanchored
      {"/usr/bin/cp", "cp xkrb5cc_1 y", "3", "3"},
      {"/usr/bin/cp", "cp /tmp/KRB5CC_1000 y", "", ""},  // case matters here
      {"/usr/bin/cp", "cp /tmp/krb5cc_* y", "", ""},
      {"/usr/bin/cp", "cp /tmp/krb5cc_pam_Ab3 y", "", ""},
      {"/usr/bin/cp", "cp /home/a/krb5cc/tkt y", "", ""},
      {"/usr/bin/cp", "cp /home/a/KRB5.ccache y", "3", "3"},  // has ignores it
      {"/usr/bin/cp", "cp /home/a/mykrb5.ccache y", "", ""},
      {"/usr/bin/cp", "cp /etc/passwd y", "", ""},
      {"/usr/bin/nc.openbsd", "nc -N host 80 krb5cc_1000", "3", ""},  // by argv[0]
      {"/usr/bin/nc.openbsd", "nc.openbsd krb5cc_1000", "3", ""},     // by alias
      {"/usr/bin/nc.traditional", "x krb5cc_1000", "3", ""},
      {"/usr/bin/ncat", "ncat krb5cc_1000", "3", "3"},
      {"/usr/bin/busybox", "cat /tmp/krb5cc_1000", "3", ""},          // by argv[0]
      {"/usr/bin/busybox", "busybox cat /tmp/krb5cc_1000", "3", ""},  // by applet
      {"/usr/bin/busybox", "busybox ls /tmp/krb5cc_1000", "", ""},
      {"/usr/bin/toybox", "toybox dd if=/tmp/krb5cc_1000", "3", ""},
      {"/usr/bin/coreutils", "coreutils --coreutils-prog-shebang=cp /usr/bin/cp krb5cc_1", "3", ""},
      {"/usr/bin/coreutils", "coreutils --coreutils-prog=ls krb5cc_1", "", ""},
      {"/tmp/x", "cp /tmp/krb5cc_1000 y", "3", ""},  // argv[0] says so
      {"/tmp/cp (deleted)", "x /tmp/krb5cc_1000 y", "3", "3"},
      {"/usr/bin/install", "install /tmp/krb5cc_1000 y", "", ""},  // not listed
      {"/usr/bin/dash", "sh -c cp,/tmp/krb5cc_1000,y", "", ""},    // a shell is in no list
      {"/usr/bin/klist", "klist -c /tmp/krb5cc_1000", "", ""},
      // Both.
      {"/usr/bin/cp", "cp getST.py /tmp/krb5cc_1000", "23", "23"},
  }));
  CAPTURE(exe, line);
  const Event event = exec_line(exe, line);
  CHECK(branches({event}, kGenerous) == generous);
  CHECK(branches({event}, kStrict) == strict);
}

TEST_CASE("env and then python3 are two events and two findings", "[detect][seed]") {
  const std::vector<Event> script = {
      exec_line("/usr/bin/env", "/usr/bin/env python3 /opt/getST.py -k"),
      exec_line("/usr/bin/python3.11", "python3 /opt/getST.py -k"),
  };
  CHECK(branches(script, kGenerous) == "22");
  CHECK(branches(script, kStrict) == "22");
}

TEST_CASE("a script run by its name is Python by exe, whatever comm says", "[detect][seed]") {
  Process script = krbtrail::test::process("/usr/bin/python3.11",
                                           {"/usr/bin/python3", "./dump.py", "/tmp/krb5cc_1000"});
  script.comm = "dump.py";
  const auto found = findings({exec(script)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].matched_name == "python3");
}

TEST_CASE("where exe is absent, comm is the name in both readings", "[detect][seed]") {
  Process image = krbtrail::test::process("", {"x", "/tmp/krb5cc_1000"});
  image.comm = "cp";
  CHECK(branches({exec(image)}, kGenerous) == "3");
  CHECK(branches({exec(image)}, kStrict) == "3");
}

TEST_CASE("bytes of any encoding in a command line hide nothing", "[detect][seed]") {
  CHECK(branches({exec("/usr/bin/cp", {"cp", "/tmp/\xff\xfe/krb5cc_1000", "\x80"})}) == "3");
  CHECK(branches({exec("/usr/bin/cp", {"cp", "\xc3\xa9krb5.ccache"})}) == "3");
}

TEST_CASE("an exec without arguments is judged by what stands in for its command line",
          "[detect][seed]") {
  Process image = actor("/usr/bin/cp");
  image.argv.clear();
  image.command_line = "cp /tmp/krb5cc_1000 /tmp/x";
  image.command_line_source = CommandLineSource::proctitle;
  const auto found = findings({exec(image)});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].reasons.size() == 2);
  CHECK(found[0].reasons[1].text ==
        "its command line names a user's ticket cache (known from PROCTITLE alone, which may be "
        "stale or cut)");
}

// What a finding says.

TEST_CASE("a file finding tells who did what to which file, and why it counts", "[detect][seed]") {
  Process copier = krbtrail::test::process("/usr/bin/cp", {"cp", "/tmp/krb5cc_1000", "/tmp/x"});
  copier.identity.account_name = "root";
  FileEvent event = act(FileAction::read, std::string{kTicket}, copier);
  event.key = {.host = {}, .seconds = 1'700'000'000, .milliseconds = 123, .serial = 42};
  event.keys = {"kerberos_ccache"};
  event.lineage.ancestry = std::vector{krbtrail::test::process("/usr/bin/bash", {"-bash"}),
                                       krbtrail::test::process("/usr/bin/sudo", {"sudo", "-i"})};
  const auto found = findings({event});
  REQUIRE(found.size() == 1);
  const Finding& finding = found[0];
  CHECK(finding.id == "5add2e0de4925816");
  CHECK(finding.time == event.key.time());
  CHECK(finding.rule == "seed-file-access");
  CHECK(finding.rules == std::vector<std::string>{"seed-file-access"});
  CHECK(finding.rule_set == krbtrail::model::RuleSet::seed);
  CHECK(finding.detection_type == "UnexpectedCcacheFileAccess");
  CHECK(finding.title == "Unexpected process accessed a Kerberos ticket cache");
  CHECK(finding.severity == Severity::medium);
  CHECK_FALSE(finding.score);
  CHECK(finding.attack == std::vector<std::string>{"T1558.005"});
  CHECK(finding.host == "alpha");
  CHECK(finding.account.name == "root");
  CHECK(finding.account.uid == 0U);
  CHECK(finding.account.auid == 1001U);
  CHECK(finding.account.session == 7U);
  REQUIRE(finding.process);
  CHECK(finding.process->pid == 4242U);
  CHECK(finding.process->name == "cp");
  CHECK(finding.process->exe == "/usr/bin/cp");
  CHECK(finding.process->command_line == "cp /tmp/krb5cc_1000 /tmp/x");
  CHECK(finding.process->command_line_source == "execve");
  CHECK(finding.process->source == "exec");
  REQUIRE(finding.parent);
  CHECK(finding.parent->name == "bash");
  REQUIRE(finding.ancestry.size() == 2);
  CHECK(finding.ancestry[0].name == "bash");
  CHECK(finding.ancestry[1].command_line == "sudo -i");
  CHECK(finding.matched_name.empty());  // the exemption list did not match
  CHECK(finding.action_type == "FileRead");
  REQUIRE(finding.file);
  CHECK(finding.file->path == "/tmp/krb5cc_1000");
  CHECK(finding.file->old_path.empty());
  CHECK(finding.file->action == "read");
  CHECK(finding.file->path_confidence == "absolute");
  CHECK(finding.file->owner_uid == 1000U);
  CHECK(finding.file->device == "fd:01");
  CHECK(finding.file->inode == 131U);
  REQUIRE(finding.reasons.size() == 4);
  CHECK(finding.reasons[0].text == "the file was read");
  CHECK(finding.reasons[1].text ==
        "cp is not on the list of programs that may open a ticket cache");
  CHECK(finding.reasons[2].text == "/tmp/krb5cc_1000 is below /tmp/");
  CHECK(finding.reasons[3].text == "krb5cc_1000 is the name of a user's ticket cache");
  for (const auto& reason : finding.reasons)
    CHECK_FALSE(reason.points);
  CHECK(finding.audit_keys == std::vector<std::string>{"kerberos_ccache"});
  REQUIRE(finding.evidence.size() == 1);
  CHECK(finding.evidence[0].event == "1700000000.123:42");
  CHECK(finding.evidence[0].node.empty());  // there is no record that names one
}

TEST_CASE("a finding's id depends on host, event and branch alone", "[detect][seed]") {
  const ProcessEvent both = exec_line("/usr/bin/cp", "cp getST.py /tmp/krb5cc_1000");
  const auto found = findings({both});
  REQUIRE(found.size() == 2);
  CHECK(found[0].id != found[1].id);
  ProcessEvent otherwise = both;
  otherwise.lineage.process.pid = 1;
  CHECK(findings({otherwise})[0].id == found[0].id);
  CHECK(findings({both}, kStrict)[1].id == found[1].id);
}

TEST_CASE("a file finding keeps both names of a rename and of a link", "[detect][seed]") {
  const auto [action, old_path] = GENERATE(table<FileAction, std::string>({
      {FileAction::renamed, "/tmp/.x"},
      {FileAction::linked, "/tmp/.x"},
      {FileAction::symlinked, ""},  // a target is no old name
  }));
  FileEvent event = act(action, std::string{kTicket}, actor("/usr/bin/mv"));
  event.previous = file("/tmp/.x");
  const auto found = findings({event});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].file);
  CHECK(found[0].file->old_path == old_path);
}

TEST_CASE("every clause of a branch that held gives its reasons", "[detect][seed]") {
  const auto found = findings({read("/tmp/krb5.ccache", "/usr/bin/cat")});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].reasons.size() == 5);
  CHECK(found[0].reasons[2].text == "its name is krb5.ccache");
  CHECK(found[0].reasons[3].text == "its path contains /krb5");
  CHECK(found[0].reasons[4].text == "its name, krb5.ccache, ends with .ccache");
}

TEST_CASE("an exec finding says which name and which word matched", "[detect][seed]") {
  const auto python = findings({exec_line("/usr/bin/python3.11", "python3.11 x.py krb5cc")});
  REQUIRE(python.size() == 1);
  CHECK(python[0].detection_type == "ImpacketKerberosTool");
  CHECK(python[0].title == "Impacket tool or Python script run on Kerberos tickets");
  CHECK(python[0].action_type == "ProcessExecution");
  CHECK(python[0].matched_name == "python3");
  CHECK_FALSE(python[0].file);
  REQUIRE(python[0].process);
  CHECK(python[0].process->name == "python3.11");  // TriggerProcess stays the running file
  REQUIRE(python[0].reasons.size() == 2);
  CHECK(python[0].reasons[0].text == "python3, by its alias, is a Python interpreter");
  CHECK(python[0].reasons[1].text == "its command line contains the word krb5cc");

  const auto tool = findings({exec_line("/usr/bin/python3.11", "python3 /opt/getST.py")});
  REQUIRE(tool.size() == 1);
  CHECK(tool[0].matched_name.empty());  // no list of names was needed
  REQUIRE(tool[0].reasons.size() == 1);
  CHECK(tool[0].reasons[0].text ==
        "its command line names getST.py, a tool that forges or requests tickets");

  const auto copy = findings({exec_line("/usr/bin/nc.openbsd", "nc host 80 krb5.ccache")});
  REQUIRE(copy.size() == 1);
  CHECK(copy[0].detection_type == "CcacheFileCopyOrExfiltration");
  CHECK(copy[0].title == "Copying program run on a Kerberos ticket cache");
  CHECK(copy[0].matched_name == "nc");
  REQUIRE(copy[0].reasons.size() == 2);
  CHECK(copy[0].reasons[0].text ==
        "nc, by its argv[0], is a program that copies, encodes or sends files");
  CHECK(copy[0].reasons[1].text == "its command line names krb5.ccache");
}

DecodedRecord record(std::uint32_t input, std::uint64_t line, std::string_view text) {
  DecodedRecord made;
  made.origin = {.input = InputId{input}, .line = line, .offset = 0};
  made.has_node = input == 1;
  made.text = text;
  return made;
}

TEST_CASE("evidence names each input that has records of the event, and its first line there",
          "[detect][seed]") {
  DecodedEvent source;
  source.records = {record(1, 901, "type=SYSCALL 1"), record(1, 900, "type=CWD 2"),
                    record(0, 1, "type=PATH 3")};
  FileEvent event = act(FileAction::read, std::string{kTicket}, actor("/usr/bin/cat"));
  event.source = &source;

  const auto found = findings({event});
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].evidence.size() == 2);
  CHECK(found[0].evidence[0].input == "audit.log.1");
  CHECK(found[0].evidence[0].line == 900);
  CHECK(found[0].evidence[0].event == event.key.to_string());
  CHECK(found[0].evidence[0].node == "alpha");
  CHECK(found[0].evidence[0].records.empty());
  CHECK(found[0].evidence[1].input == "audit.log");
  CHECK(found[0].evidence[1].line == 1);
  CHECK(found[0].evidence[1].node.empty());  // its record has no node=

  const auto kept = findings({event}, {.strict_kql = false, .keep_records = true});
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].evidence[0].records == std::vector<std::string>{"type=SYSCALL 1", "type=CWD 2"});
  CHECK(kept[0].evidence[1].records == std::vector<std::string>{"type=PATH 3"});
}

}  // namespace
