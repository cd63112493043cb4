// SPDX-License-Identifier: Apache-2.0
//
// Every case becomes somebody else in a child of its own, since nobody can come back. That takes
// root: where the tests do not run as root, CTest shows each as skipped.
#include "krbtrail/live/privileges.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"

namespace krbtrail::live {
namespace {

namespace fs = std::filesystem;

constexpr AccountIds kNobody{.uid = 65'534, .gid = 65'534};
constexpr AccountIds kRoot{};

// What Catch2 2.13 cannot say; CTest takes the status for a test that was skipped.
void skip_unless_root() {
  if (is_root())
    return;
  std::puts("skipped: only root can give up root");
  std::exit(77);
}

// A folder that only root can enter, with a log, beside one that belongs to nobody.
class Scene {
 public:
  Scene() {
    std::string pattern = (fs::temp_directory_path() / "krbtrail-root-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
    REQUIRE(chmod(pattern.c_str(), 0755) == 0);
    for (const char* folder : {"roots", "nobodys"})
      fs::create_directory(root_ / folder);
    std::ofstream{root_ / "roots/audit.log"} << "log";
    REQUIRE(chmod(path("roots").c_str(), 0700) == 0);
    REQUIRE(chmod(path("roots/audit.log").c_str(), 0600) == 0);
    REQUIRE(chown(path("nobodys").c_str(), kNobody.uid, kNobody.gid) == 0);
    REQUIRE(chmod(path("nobodys").c_str(), 0700) == 0);
  }
  ~Scene() { fs::remove_all(root_); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  Scene(Scene&&) = delete;
  Scene& operator=(Scene&&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }

 private:
  fs::path root_;
};

// What `act` returns once root is given up: 0 or an errno; 200 where it could not be.
int as(const AccountIds& account, const NeededFiles& files, const std::function<int()>& act) {
  const pid_t child = fork();
  if (child == 0)
    _exit(become(account, files) ? act() : 200);
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

KeptCapabilities kept_by(const AccountIds& account, const NeededFiles& files) {
  const pid_t child = fork();
  if (child == 0) {
    const auto kept = become(account, files);
    _exit(!kept ? 200 : (kept->read_search ? 1 : 0) + (kept->override ? 2 : 0));
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WEXITSTATUS(status) < 4);
  return {.read_search = (WEXITSTATUS(status) & 1) != 0,
          .override = (WEXITSTATUS(status) & 2) != 0};
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

TEST_CASE("whoever gave up root cannot come back", "[live][privileges]") {
  skip_unless_root();
  CHECK(as(kNobody, {}, [] { return geteuid() == 65'534 && getegid() == 65'534 ? 0 : 1; }) == 0);
  CHECK(as(kNobody, {}, [] { return getgroups(0, nullptr); }) == 0);
  CHECK(as(kNobody, {}, [] { return errno_unless(setuid(0) == 0); }) == EPERM);
  CHECK(as(kNobody, {}, [] { return errno_unless(seteuid(0) == 0); }) == EPERM);
  CHECK(as(kNobody, {}, [] { return errno_unless(setgid(0) == 0); }) == EPERM);
}

TEST_CASE("root without capabilities is refused what only capabilities allow",
          "[live][privileges]") {
  skip_unless_root();
  const Scene scene;
  const std::string nobodys = scene.path("nobodys/new");
  CHECK(as(kRoot, {}, [] { return geteuid() == 0 ? 0 : 1; }) == 0);
  CHECK(as(kRoot, {}, [&] { return open_errno(nobodys, O_WRONLY | O_CREAT); }) == EACCES);
  CHECK(as(kRoot, {}, [] { return errno_unless(setuid(1) == 0); }) == EPERM);
  CHECK(as(kRoot, {}, [] { return errno_unless(chroot("/") == 0); }) == EPERM);
  CHECK(as(kRoot, {}, [&] { return open_errno(scene.path("roots/audit.log"), O_RDONLY); }) == 0);
}

TEST_CASE("a program that root without capabilities starts gets none back", "[live][privileges]") {
  skip_unless_root();
  const Scene scene;
  const std::string act = "touch " + scene.path("nobodys/new") + " 2>/dev/null";
  CHECK(as(kRoot, {}, [&] { return WEXITSTATUS(std::system(act.c_str())); }) == 1);
  CHECK_FALSE(fs::exists(scene.path("nobodys/new")));
}

TEST_CASE("only what is named and out of reach keeps a capability", "[live][privileges]") {
  skip_unless_root();
  const Scene scene;
  const KeptCapabilities none{};
  const KeptCapabilities reads{.read_search = true};
  const KeptCapabilities overrides{.override = true};
  const auto [account, named, expected] =
      GENERATE_REF(table<AccountIds, NeededFiles, KeptCapabilities>({
          {kNobody, {}, none},
          {kNobody, {.read = {"roots/audit.log"}}, reads},
          {kNobody, {.read = {"/etc/passwd"}}, none},           // everybody may
          {kNobody, {.read = {"/etc/krbtrail-absent"}}, none},  // not there: no matter of rights
          {kNobody, {.written = {"nobodys/a"}}, none},
          {kNobody, {.written = {"roots/a"}}, overrides},
          {kNobody, {.written = {"/dev/null"}}, none},      // only opened, never replaced
          {kNobody, {.connected = {"absent"}}, overrides},  // auditd makes it as root's
          {kRoot, {.read = {"roots/audit.log"}}, none},     // as its owner
          {kRoot, {.written = {"roots/a"}}, none},
          {kRoot, {.written = {"nobodys/a"}}, overrides},
      }));
  NeededFiles files = named;
  for (auto* paths : {&files.read, &files.written, &files.connected}) {
    for (std::string& path : *paths)
      path = path.starts_with('/') ? path : scene.path(path);
  }
  CAPTURE(account.uid, files.read, files.written, files.connected);
  CHECK(kept_by(account, files) == expected);
}

TEST_CASE("what keeps a capability can be opened, and what needs another cannot",
          "[live][privileges]") {
  skip_unless_root();
  const Scene scene;
  const std::string log = scene.path("roots/audit.log");
  CHECK(as(kNobody, {.read = {log}}, [&] { return open_errno(log, O_RDONLY); }) == 0);
  CHECK(as(kNobody, {.read = {log}}, [&] { return open_errno(log, O_WRONLY); }) == EACCES);
  CHECK(as(kNobody, {}, [&] { return open_errno(log, O_RDONLY); }) == EACCES);
  CHECK(as(kNobody, {.written = {scene.path("roots/a")}},
           [&] { return open_errno(scene.path("roots/a"), O_WRONLY | O_CREAT); }) == 0);
  CHECK(as(kNobody, {.written = {scene.path("roots/a")}},
           [&] { return errno_unless(chown(log.c_str(), 65'534, 65'534) == 0); }) == EPERM);
}

}  // namespace
}  // namespace krbtrail::live
