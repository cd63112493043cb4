// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/proc_snapshot.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

namespace krbtrail::live {
namespace {

using namespace std::string_literals;
using activity::RunningProcess;

namespace fs = std::filesystem;

constexpr const char* kStatus =
    "Name:\tbash\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t20\nPid:\t20\nPPid:\t10\n"
    "TracerPid:\t0\nUid:\t1001\t0\t1001\t1002\nGid:\t1001\t1001\t1001\t1001\n";

// A folder that looks like /proc.
class FakeProc {
 public:
  void add(const std::string& pid, const std::string& status = kStatus) {
    fs::create_directory(tree_.path(pid));
    put(pid + "/status", status);
    put(pid + "/comm", "bash\n");
    put(pid + "/cmdline", "-bash\0-l\0"s);
    put(pid + "/loginuid", "1001");
    put(pid + "/sessionid", "3");
    fs::create_symlink("/bin/bash", tree_.path(pid + "/exe"));
    fs::create_symlink("/home/alice", tree_.path(pid + "/cwd"));
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream{tree_.path(name), std::ios::binary} << text;
  }
  void remove(const std::string& name) const { fs::remove_all(tree_.path(name)); }
  [[nodiscard]] std::string path(const std::string& name = {}) const { return tree_.path(name); }
  [[nodiscard]] ProcSnapshot read(ProcLimits limits = {}) const {
    return read_proc(tree_.path(), limits);
  }

 private:
  test::TemporaryTree tree_;
};

TEST_CASE("a process is read with who it is, what it runs and where", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 1);
  const RunningProcess& bash = snapshot.processes.front();
  CHECK(bash.pid == 20);
  CHECK(bash.ppid == 10);
  CHECK(bash.uid == 1001);
  CHECK(bash.euid == 0);
  CHECK(bash.fsuid == 1002);
  CHECK(bash.auid == 1001);
  CHECK(bash.ses == 3);
  CHECK(bash.exe == "/bin/bash");
  CHECK(bash.comm == "bash");
  CHECK(bash.arguments == "-bash\0-l\0"s);
  CHECK_FALSE(bash.truncated);
  CHECK(bash.cwd == "/home/alice");
}

TEST_CASE("only folders of processes are read, by number", "[live][proc_snapshot]") {
  FakeProc proc;
  for (const char* pid : {"300", "20", "4294967296", "-1", "0", "self", "1x"})
    proc.add(pid);
  proc.put("77", "a file");
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 2);
  CHECK(snapshot.processes[0].pid == 20);
  CHECK(snapshot.processes[1].pid == 300);
  CHECK(snapshot.left_out == 0);
}

TEST_CASE("nobody's login is nobody's", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  proc.put("20/loginuid", "4294967295");
  proc.put("20/sessionid", "4294967295\n");
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK_FALSE(snapshot.processes[0].auid);
  CHECK_FALSE(snapshot.processes[0].ses);
}

TEST_CASE("a process that ends while it is read is left out", "[live][proc_snapshot]") {
  const auto* gone = GENERATE("20/status", "20");
  CAPTURE(gone);
  FakeProc proc;
  proc.add("20");
  proc.add("21");
  proc.remove(gone);
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].pid == 21);
}

TEST_CASE("a kernel thread is no process", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  proc.remove("20/exe");  // cannot be read: no such file
  proc.put("20/cmdline", "");
  CHECK(proc.read().processes.empty());
}

TEST_CASE("what may not be read of a process is left empty", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  for (const char* name : {"20/exe", "20/cwd", "20/loginuid", "20/sessionid", "20/comm"})
    proc.remove(name);
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].exe.empty());
  CHECK(snapshot.processes[0].cwd.empty());
  CHECK(snapshot.processes[0].comm.empty());
  CHECK(snapshot.processes[0].arguments == "-bash\0-l\0"s);
}

TEST_CASE("a status that is no status is no process", "[live][proc_snapshot]") {
  const auto* status =
      GENERATE("", "PPid:\t10\n", "Uid:\t0\t0\t0\t0\n", "PPid:\tten\nUid:\t0\t0\t0\t0\n",
               "PPid:\t10\nUid:\t0\t0\t0\n", "Name:\tPPid:\t10\nUid:\t0\t0\t0\t0\n",
               "PPid:\t99999999999\nUid:\t0\t0\t0\t0\n");
  CAPTURE(status);
  FakeProc proc;
  proc.add("20", status);
  CHECK(proc.read().processes.empty());
}

TEST_CASE("a process cannot write itself another parent", "[live][proc_snapshot]") {
  FakeProc proc;
  // The kernel writes a line end in a name as two characters.
  proc.add("20", "Name:\tx\\nPPid:\t1\nPPid:\t10\nUid:\t0\t0\t0\t0\n");
  proc.put("20/comm", "x\nPPid:\t1\n");
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 1);
  CHECK(snapshot.processes[0].ppid == 10);
  CHECK(snapshot.processes[0].comm == "x\nPPid:\t1");
}

TEST_CASE("huge arguments are cut, and that is said", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  proc.add("21");
  proc.put("20/cmdline", std::string(2'000'000, 'x'));
  proc.put("21/cmdline", std::string(4'096, 'x'));
  const ProcSnapshot snapshot = proc.read();
  REQUIRE(snapshot.processes.size() == 2);
  CHECK(snapshot.processes[0].arguments.size() == 4'096);
  CHECK(snapshot.processes[0].truncated);
  CHECK(snapshot.processes[1].arguments.size() == 4'096);
  CHECK_FALSE(snapshot.processes[1].truncated);
}

TEST_CASE("a pipe in the place of a file is not waited for", "[live][proc_snapshot]") {
  FakeProc proc;
  proc.add("20");
  proc.remove("20/cmdline");
  REQUIRE(mkfifo(proc.path("20/cmdline").c_str(), 0600) == 0);
  CHECK(proc.read().processes.size() == 1);
}

TEST_CASE("processes beyond the bounds are counted", "[live][proc_snapshot]") {
  FakeProc proc;
  for (int pid = 100; pid < 110; ++pid)
    proc.add(std::to_string(pid));
  const ProcSnapshot few = proc.read({.processes = 3});
  CHECK(few.processes.size() == 3);
  CHECK(few.left_out == 7);
  const ProcSnapshot small = proc.read({.bytes = 1});
  CHECK(small.processes.size() == 1);
  CHECK(small.left_out == 9);
}

TEST_CASE("without a /proc nothing ran", "[live][proc_snapshot]") {
  CHECK(read_proc("/nonexistent/proc").processes.empty());
}

TEST_CASE("the true /proc knows us", "[live][proc_snapshot]") {
  const ProcSnapshot snapshot = read_proc();
  const auto us = std::ranges::find(snapshot.processes, static_cast<std::uint32_t>(getpid()),
                                    &RunningProcess::pid);
  REQUIRE(us != snapshot.processes.end());
  CHECK(us->ppid == static_cast<std::uint32_t>(getppid()));
  CHECK(us->uid == getuid());
  CHECK(us->exe == fs::read_symlink("/proc/self/exe").string());
  CHECK(us->cwd == fs::current_path().string());
  CHECK(us->arguments.find("test_live") != std::string::npos);
}

}  // namespace
}  // namespace krbtrail::live
