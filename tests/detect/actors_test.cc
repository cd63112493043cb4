// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/actors.h"

#include <string>
#include <string_view>
#include <vector>

#include "support/activity_builders.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using Words = std::vector<std::string>;

// "mover cat, moves, at an odd place": the kind and what matched, then what else is said.
std::string words(const Actor& actor) {
  std::string text{to_string(actor.kind)};
  if (!actor.matched.empty())
    text.append(" ").append(actor.matched);
  return text + (actor.is_mover ? ", moves" : "") + (actor.sends ? ", sends" : "") +
         (actor.at_odd_place ? ", at an odd place" : "");
}

std::string who(const std::string& exe, const Words& argv = {}) {
  const Words called = argv.empty() ? Words{exe.substr(exe.rfind('/') + 1)} : argv;
  return words(actor_of(test::process(exe, called), Settings{}));
}

TEST_CASE("what excuses a process is the full path of its exe", "[detect][actors]") {
  const auto [exe, expected] = GENERATE(table<std::string, std::string>({
      {"/usr/bin/klist", "kerberos_client /usr/bin/klist"},
      {"/bin/klist", "kerberos_client /usr/bin/klist"},  // before /usr was merged
      {"/usr/bin/kinit.heimdal", "kerberos_client /usr/bin/kinit.heimdal"},
      {"/usr/bin/heimtools", "kerberos_client /usr/bin/heimtools"},
      {"/usr/sbin/sshd", "ticket_keeper /usr/sbin/sshd"},
      {"/usr/bin/sshd", "ticket_keeper /usr/sbin/sshd"},  // where sbin is merged too
      {"/sbin/rpc.gssd", "ticket_keeper /usr/sbin/rpc.gssd"},
      {"/usr/libexec/sssd/krb5_child", "ticket_keeper /usr/libexec/sssd/"},
      {"/lib/systemd/systemd", "ticket_keeper /usr/lib/systemd/systemd"},
      {"/usr/bin/k5start", "ticket_keeper /usr/bin/k5start"},
      {"/usr/sbin/tmpreaper", "cleaner /usr/sbin/tmpreaper"},
      {"/usr/bin/psql", "network_client /usr/bin/psql"},
      {"/usr/lib/postgresql/15/bin/psql", "network_client /usr/lib/postgresql/"},
      {"/usr/bin/curl", "network_client /usr/bin/curl, moves, sends"},
      {"/usr/sbin/sshd (deleted)", "ticket_keeper /usr/sbin/sshd"},  // upgraded while it runs
      // elsewhere the same name is nothing
      {"/usr/local/bin/klist", "other"},
      {"/opt/usr/bin/klist", "other"},
      {"/usr/bin/klist2", "other"},
      {"/usr/lib/klist", "other"},
      {"/usr/libexec/sssdx/krb5_child", "other"},
      {"/tmp/sshd", "other, at an odd place"},
      {"/home/mallory/bin/klist", "other, at an odd place"},
      {"/home/mallory/usr/bin/klist", "other, at an odd place"},
      {"/tmp/curl", "network_tool curl, moves, sends, at an odd place"},
      {"klist", "other"},
      {"", "other"},
  }));
  CAPTURE(exe);
  CHECK(who(exe) == expected);
}

TEST_CASE("neither argv nor comm excuses a process", "[detect][actors]") {
  CHECK(who("/usr/bin/cat", {"kinit", "/tmp/krb5cc_1000"}) == "mover cat, moves");
  activity::Process perl = test::process("/usr/bin/perl", {"perl", "-e", "x"});
  perl.comm = "kinit";
  CHECK(words(actor_of(perl, Settings{})) == "interpreter perl, moves");
  activity::Process nameless = test::process("", {"klist"});
  nameless.comm = "klist";
  CHECK(words(actor_of(nameless, Settings{})) == "other");
}

TEST_CASE("any of its names speaks against a process", "[detect][actors]") {
  const auto [exe, argv, expected] = GENERATE(table<std::string, Words, std::string>({
      {"/usr/bin/cp", Words{"cp"}, "mover cp, moves"},
      {"/usr/bin/busybox", Words{"busybox", "cat", "x"}, "mover busybox, moves"},
      {"/busybox", Words{"/busybox", "cp", "x"}, "mover busybox, moves"},
      {"/usr/bin/busybox", Words{"busybox", "nc", "h"}, "network_tool nc, moves, sends"},
      {"/usr/bin/nc.openbsd", Words{"nc"}, "network_tool nc, moves, sends"},
      {"/usr/bin/x86_64-linux-gnu-strings", Words{"strings"}, "mover strings, moves"},
      {"/usr/bin/vim.basic", Words{"vim"}, "mover vim, moves"},
      {"/usr/bin/mawk", Words{"awk"}, "mover mawk, moves"},
      {"/usr/bin/python3.11", Words{"python3"}, "interpreter python, moves"},
      {"/usr/bin/php8.2", Words{"php"}, "interpreter php, moves"},
      {"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", Words{"/usr/bin/cat"},
       "interpreter ld-linux, moves"},  // the loader runs whatever it is told
      {"/usr/lib/x86_64-linux-gnu/ld-2.31.so", Words{"x"}, "interpreter ld-2, moves"},
      {"/usr/bin/bash", Words{"-bash"}, "shell bash, moves"},
      {"/usr/bin/dash", Words{"sh"}, "shell dash, moves"},
      {"/usr/bin/gdb", Words{"gdb"}, "debugger gdb"},
      {"/opt/x", Words{"cp"}, "mover cp, moves"},
      {"/usr/bin/node_exporter", Words{"node_exporter"}, "other"},  // no version of node
      {"/usr/bin/prometheus", Words{"prometheus"}, "other"},
  }));
  CAPTURE(exe, argv);
  CHECK(who(exe, argv) == expected);
}

TEST_CASE("rsync sends only where a name is remote", "[detect][actors]") {
  const auto [argv, sends] = GENERATE(table<Words, bool>({
      {Words{"rsync", "-a", "/tmp/", "/srv/mirror/"}, false},
      {Words{"rsync", "-a", "/tmp/", "host:/srv/"}, true},
      {Words{"rsync", "-a", "/tmp/", "bob@host:/srv/"}, true},
      {Words{"rsync", "-a", "/tmp/", "rsync://host/m"}, true},
      {Words{"rsync", "-a", "/tmp/a:b", "/srv/"}, false},        // a colon in a local path
      {Words{"rsync", "--rsh=ssh:x", "/tmp/", "/srv/"}, false},  // in an option
  }));
  CAPTURE(argv);
  CHECK(actor_of(test::process("/usr/bin/rsync", argv), Settings{}).sends == sends);
}

TEST_CASE("a place where one user or anyone may write is odd", "[detect][actors]") {
  const auto [exe, odd] = GENERATE(table<std::string, bool>({
      {"/tmp/x", true},
      {"/var/tmp/x", true},
      {"/dev/shm/x", true},
      {"/home/alice/.cache/upd/updater", true},
      {"/run/user/1000/x", true},
      {"/memfd:kworker (deleted)", true},
      {"/opt/x (deleted)", true},
      {"/usr/bin/klist (deleted)", false},  // an upgrade removes it under a running process
      {"/tmp/klist (deleted)", true},
      {"/opt/x", false},
      {"/usr/bin/x", false},
      {"/tmpx/x", false},
      {"/srv/home/x", false},
      {"", false},
  }));
  CAPTURE(exe);
  CHECK(is_odd_place(exe) == odd);
}

TEST_CASE("a program that others may change is not excused", "[detect][actors]") {
  activity::Process klist = test::process("/usr/bin/klist", {"klist"});
  const auto kind = [&] { return actor_of(klist, Settings{}).kind; };
  CHECK(kind() == ActorKind::kerberos_client);  // its exec was not seen
  klist.file_owner = 0;
  klist.file_mode = 0100755;
  CHECK(kind() == ActorKind::kerberos_client);
  klist.file_mode = 0100775;
  CHECK(kind() == ActorKind::other);
  klist.file_mode = 0100757;
  CHECK(kind() == ActorKind::other);
  klist.file_mode = 0100755;
  klist.file_owner = 1001;
  CHECK(kind() == ActorKind::other);
  CHECK_FALSE(is_roots_file(klist));
}

TEST_CASE("a site's groups are off until it says so", "[detect][actors]") {
  struct Row {
    const char* exe;
    Words argv;
    bool ExemptGroups::*group;
    ActorKind kind;
  };
  const std::vector<Row> rows = {
      {"/usr/bin/restic", {"restic"}, &ExemptGroups::backup, ActorKind::backup},
      // borg is a script: the interpreter's first word is what runs
      {"/usr/bin/python3.11",
       {"/usr/bin/python3", "/usr/bin/borg", "create"},
       &ExemptGroups::backup,
       ActorKind::backup},
      {"/opt/veeam/transport/veeamtransport", {"v"}, &ExemptGroups::backup, ActorKind::backup},
      {"/usr/bin/aide", {"aide"}, &ExemptGroups::scanner, ActorKind::scanner},
      {"/var/ossec/bin/wazuh-syscheckd", {"w"}, &ExemptGroups::scanner, ActorKind::scanner},
      {"/usr/lib/jvm/java-17/bin/java",
       {"java"},
       &ExemptGroups::data_platform,
       ActorKind::data_platform},
      {"/usr/bin/gitlab-runner",
       {"g"},
       &ExemptGroups::continuous_integration,
       ActorKind::continuous_integration},
      {"/opt/puppetlabs/puppet/bin/ruby",
       {"puppet"},
       &ExemptGroups::configuration_management,
       ActorKind::configuration_management},
  };
  for (const Row& row : rows) {
    CAPTURE(row.exe);
    const activity::Process process = test::process(row.exe, row.argv);
    CHECK(actor_of(process, Settings{}).kind != row.kind);
    Settings settings;
    settings.exempt.*row.group = true;
    CHECK(actor_of(process, settings).kind == row.kind);
    // One group does not stand for another.
    settings.exempt = {.backup = true,
                       .scanner = true,
                       .data_platform = true,
                       .continuous_integration = true,
                       .configuration_management = true};
    settings.exempt.*row.group = false;
    CHECK(actor_of(process, settings).kind != row.kind);
  }
}

TEST_CASE("another interpreter's script is not a group's", "[detect][actors]") {
  Settings settings;
  settings.exempt.backup = true;
  const auto kind = [&](const std::string& exe, const Words& argv) {
    return actor_of(test::process(exe, argv), settings).kind;
  };
  CHECK(kind("/tmp/python3", {"python3", "/usr/bin/borg"}) == ActorKind::interpreter);
  CHECK(kind("/usr/bin/python3.11", {"/usr/bin/borg", "-c"}) == ActorKind::interpreter);
  CHECK(kind("/usr/bin/python3.11", {"python3", "-c", "/usr/bin/borg"}) == ActorKind::interpreter);
  CHECK(kind("/usr/bin/cat", {"cat", "/usr/bin/borg"}) == ActorKind::mover);
}

TEST_CASE("every kind but other has a list, and every list its kind", "[detect][actors]") {
  Settings all;
  all.exempt = {.backup = true,
                .scanner = true,
                .data_platform = true,
                .continuous_integration = true,
                .configuration_management = true};
  for (int i = 0; i <= static_cast<int>(ActorKind::other); ++i) {
    const auto kind = static_cast<ActorKind>(i);
    CAPTURE(to_string(kind));
    CHECK(actor_list(kind).empty() == (kind == ActorKind::other));
    for (const std::string_view entry : actor_list(kind)) {
      CAPTURE(entry);
      const std::string exe = entry.starts_with('/')
                                  ? std::string{entry} + (entry.ends_with('/') ? "bin/program" : "")
                                  : "/opt/" + std::string{entry};
      const Actor actor = actor_of(test::process(exe, {"x"}), all);
      CHECK(actor.kind == kind);
      CHECK(actor.matched == entry);
    }
  }
}

TEST_CASE("two paths are one program where the system's folders are merged", "[detect][actors]") {
  CHECK(is_program("/bin/cp", "/usr/bin/cp"));
  CHECK(is_program("/usr/bin/cp", "/bin/cp"));
  CHECK(is_program("/sbin/sshd", "/usr/bin/sshd"));
  CHECK(is_program("/usr/bin/cp (deleted)", "/usr/bin/cp"));
  CHECK_FALSE(is_program("/usr/local/bin/cp", "/usr/bin/cp"));
  CHECK_FALSE(is_program("/lib/cp", "/usr/bin/cp"));
  CHECK_FALSE(is_program("/opt/cp (deleted)", "/opt/cp"));
  CHECK_FALSE(is_program("/opt/veeam/x", "/opt/veeam/"));
}

}  // namespace
}  // namespace krbtrail::detect
