// SPDX-License-Identifier: Apache-2.0
//
// Every case enters the sandbox in a child of its own, since nobody can leave one.
#include "cli/sandbox.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

namespace fs = std::filesystem;

// A folder with evidence to read, an output folder, and something that is none of our business.
class Scene {
 public:
  Scene() {
    std::string pattern = (fs::temp_directory_path() / "krbtrail-sandbox-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
    for (const char* folder : {"evidence", "output", "elsewhere"})
      fs::create_directory(root_ / folder);
    std::ofstream{root_ / "evidence/audit.log"} << "evidence";
    std::ofstream{root_ / "elsewhere/secret"} << "secret";
    fs::create_symlink(root_ / "elsewhere/secret", root_ / "evidence/way_out");
  }
  ~Scene() { fs::remove_all(root_); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  Scene(Scene&&) = delete;
  Scene& operator=(Scene&&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  [[nodiscard]] SandboxPaths paths() const {
    return {.readable = {path("evidence")},
            .writable_directories = {path("output")},
            .writable_files = {"/dev/null"}};
  }

 private:
  fs::path root_;
};

// What `act` returns inside the sandbox: 0 or an errno.
int inside(const SandboxPaths& paths, const std::function<int()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    (void)enter_sandbox(paths);
    _exit(act());
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int open_errno(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return errno;
  close(descriptor);
  return 0;
}

int errno_unless(bool succeeded) {
  return succeeded ? 0 : errno;
}

bool kernel_has_landlock() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0UL, 1U) > 0;
}

TEST_CASE("both layers say that they are on", "[cli][sandbox]") {
  const std::string landlock = kernel_has_landlock() ? "landlock: on, ABI " : "landlock: off: ";
  const Scene scene;
  const pid_t child = fork();
  if (child == 0) {
    const std::vector<std::string> layers = enter_sandbox(scene.paths());
    _exit(layers.size() == 2 && layers[0].starts_with(landlock) &&
                  layers[1] == "seccomp: on, system calls by list"
              ? 0
              : 1);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("a layer that cannot be had says why", "[cli][sandbox]") {
  const Scene scene;
  // Inside, the calls that build Landlock's walls are forbidden like all others: it looks like an
  // old kernel.
  CHECK(inside(scene.paths(), [&] {
          return enter_sandbox(scene.paths()).front() ==
                         "landlock: off: this kernel has none (Linux 5.13 or later)"
                     ? 0
                     : 1;
        }) == 0);
}

TEST_CASE("only the evidence can be read", "[cli][sandbox]") {
  if (!kernel_has_landlock())
    WARN("this kernel has no Landlock: paths are not restricted here");
  const int refused = kernel_has_landlock() ? EACCES : 0;
  const Scene scene;
  const auto [name, expected] = GENERATE_REF(table<std::string, int>({
      {"evidence/audit.log", 0},
      {"elsewhere/secret", refused},
      {"evidence/way_out", refused},  // a link that leads out
      {"evidence/../elsewhere/secret", refused},
      {"evidence/absent", ENOENT},  // what does not exist is said to be absent
      {"elsewhere/absent", ENOENT},
  }));
  CAPTURE(name);
  const std::string path = scene.path(name);
  CHECK(inside(scene.paths(), [&] { return open_errno(path, O_RDONLY); }) == expected);
}

TEST_CASE("evidence cannot be written, the output folder can", "[cli][sandbox]") {
  const int refused = kernel_has_landlock() ? EACCES : 0;
  const Scene scene;
  const auto [name, flags, expected] = GENERATE_REF(table<std::string, int, int>({
      {"evidence/audit.log", O_WRONLY, refused},
      {"evidence/audit.log", O_RDWR, refused},
      {"evidence/new", O_WRONLY | O_CREAT, refused},
      {"elsewhere/new", O_WRONLY | O_CREAT, refused},
      {"output/new", O_WRONLY | O_CREAT | O_TRUNC, 0},
      {"output", O_RDWR | O_TMPFILE, 0},  // what a spill is kept in
  }));
  CAPTURE(name, flags);
  const std::string path = scene.path(name);
  CHECK(inside(scene.paths(), [&, flags = flags] { return open_errno(path, flags); }) == expected);
}

TEST_CASE("a file in the output folder can be renamed and removed", "[cli][sandbox]") {
  const Scene scene;
  std::ofstream{scene.path("output/part")} << "whole";
  const std::string part = scene.path("output/part");
  const std::string whole = scene.path("output/whole");
  CHECK(inside(scene.paths(),
               [&] { return errno_unless(rename(part.c_str(), whole.c_str()) == 0); }) == 0);
  CHECK(inside(scene.paths(), [&] { return errno_unless(unlink(whole.c_str()) == 0); }) == 0);
}

TEST_CASE("a device named as output can be written", "[cli][sandbox]") {
  const Scene scene;
  CHECK(inside(scene.paths(), [] { return open_errno("/dev/null", O_WRONLY); }) == 0);
}

TEST_CASE("no program, no network, no other process", "[cli][sandbox]") {
  const Scene scene;
  CHECK(inside(scene.paths(), [] {
          char name[] = "/bin/true";
          char* const arguments[] = {name, nullptr};
          return errno_unless(execve(name, arguments, nullptr) == 0);
        }) == ENOSYS);
  CHECK(inside(scene.paths(), [] { return errno_unless(socket(AF_UNIX, SOCK_STREAM, 0) >= 0); }) ==
        ENOSYS);
  CHECK(inside(scene.paths(), [] { return errno_unless(socket(AF_INET, SOCK_STREAM, 0) >= 0); }) ==
        ENOSYS);
  CHECK(inside(scene.paths(), [] { return errno_unless(fork() >= 0); }) == ENOSYS);
  CHECK(inside(scene.paths(), [] { return errno_unless(kill(getppid(), 0) == 0); }) == ENOSYS);
  CHECK(inside(scene.paths(), [] {
          return errno_unless(ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0);
        }) == ENOSYS);
  // Sockets opened through a ring would pass a filter that only knows socket().
  CHECK(inside(scene.paths(), [] {
          return errno_unless(syscall(SYS_io_uring_setup, 8, nullptr) >= 0);
        }) == ENOSYS);
}

TEST_CASE("evidence cannot be removed, moved or emptied", "[cli][sandbox]") {
  const int refused = kernel_has_landlock() ? EACCES : 0;
  const Scene scene;
  const std::string log = scene.path("evidence/audit.log");
  const std::string away = scene.path("output/audit.log");
  CHECK(inside(scene.paths(), [&] { return open_errno(log, O_RDWR | O_TRUNC); }) == refused);
  CHECK(inside(scene.paths(), [&] { return errno_unless(unlink(log.c_str()) == 0); }) == refused);
  if (kernel_has_landlock())
    CHECK(inside(scene.paths(), [&] {
            return errno_unless(rename(log.c_str(), away.c_str()) == 0);
          }) != 0);  // EXDEV or EACCES, as the kernel's ABI has it
  CHECK(inside(scene.paths(), [&] { return errno_unless(truncate(log.c_str(), 0) == 0); }) ==
        ENOSYS);
}

// By number: some have no function in every C library. The path is that of nothing: a call that
// came through would say ENOENT.
TEST_CASE("no call that nobody needs to read a log", "[cli][sandbox]") {
  constexpr const char* kNothing = "/krbtrail-nowhere/made";
  const Scene scene;
  const auto [what, call] = GENERATE(table<std::string, std::function<long()>>({
      {"a folder", [] { return syscall(SYS_mkdirat, AT_FDCWD, kNothing, 0700); }},
      {"a link", [] { return syscall(SYS_symlinkat, "/etc/shadow", AT_FDCWD, kNothing); }},
      {"a device", [] { return syscall(SYS_mknodat, AT_FDCWD, kNothing, 020600, 0x103); }},
      {"another mode", [] { return syscall(SYS_fchmodat, AT_FDCWD, kNothing, 04755); }},
      {"keys typed into the caller's shell",
       [] { return syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI, "x"); }},
      {"tickets of the keyring", [] { return syscall(SYS_keyctl, 0, -3, 0); }},
      {"another process's memory",
       [] { return syscall(SYS_process_vm_readv, getppid(), nullptr, 0, nullptr, 0, 0); }},
      {"a mount", [] { return syscall(SYS_mount, "none", kNothing, "tmpfs", 0, nullptr); }},
      {"a namespace", [] { return syscall(SYS_unshare, CLONE_NEWUSER); }},
      {"another user", [] { return syscall(SYS_setuid, 0); }},
      {"a program of the kernel", [] { return syscall(SYS_bpf, 0, nullptr, 0); }},
      {"another root", [] { return syscall(SYS_chroot, kNothing); }},
  }));
  CAPTURE(what);
  CHECK(inside(scene.paths(), [act = call] { return errno_unless(act() >= 0); }) == ENOSYS);
}

TEST_CASE("a thread of our own can be started inside", "[cli][sandbox]") {
  const Scene scene;
  CHECK(inside(scene.paths(), [] {
          int seen = 1;
          std::thread{[&] { seen = 0; }}.join();
          return seen;
        }) == 0);
}

TEST_CASE("where unix sockets are allowed, no other socket is", "[cli][sandbox]") {
  const Scene scene;
  SandboxPaths paths = scene.paths();
  paths.unix_sockets = true;
  const auto [family, expected] = GENERATE(table<int, int>({
      {AF_UNIX, 0},
      {AF_INET, ENOSYS},
      {AF_INET6, ENOSYS},
      {AF_NETLINK, ENOSYS},  // the audit system's own
      {AF_PACKET, ENOSYS},
      {AF_VSOCK, ENOSYS},
  }));
  CAPTURE(family);
  const int wanted = family;
  CHECK(inside(paths, [&] { return errno_unless(socket(wanted, SOCK_DGRAM, 0) >= 0); }) ==
        expected);
}

TEST_CASE("a path that does not exist does not keep the others out", "[cli][sandbox]") {
  const Scene scene;
  SandboxPaths paths = scene.paths();
  paths.readable.insert(paths.readable.begin(), {scene.path("absent"), ""});
  const std::string log = scene.path("evidence/audit.log");
  CHECK(inside(paths, [&] { return open_errno(log, O_RDONLY); }) == 0);
}

}  // namespace
}  // namespace krbtrail::cli
