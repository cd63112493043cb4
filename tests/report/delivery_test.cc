// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/delivery.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

namespace {

using krbtrail::model::Status;
using krbtrail::report::deliver_to_descriptor;
using krbtrail::report::deliver_to_file;
using krbtrail::report::directory_of_delivery;
using krbtrail::test::TemporaryTree;

using Names = std::set<std::string>;

std::set<std::string> names_in(const TemporaryTree& directory) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{directory.path()})
    names.insert(entry.path().filename().string());
  return names;
}

std::string content(const std::string& path) {
  const std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void put(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
}

unsigned mode_of(const std::string& path) {
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

// As the program does: a signal must not end it before it can say what happened.
class IgnoredSignal {
 public:
  explicit IgnoredSignal(int number) : number_(number), before_(std::signal(number, SIG_IGN)) {}
  ~IgnoredSignal() { std::signal(number_, before_); }
  IgnoredSignal(const IgnoredSignal&) = delete;
  IgnoredSignal& operator=(const IgnoredSignal&) = delete;
  IgnoredSignal(IgnoredSignal&&) = delete;
  IgnoredSignal& operator=(IgnoredSignal&&) = delete;

 private:
  int number_;
  void (*before_)(int);
};

class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  FileSizeLimit(FileSizeLimit&&) = delete;
  FileSizeLimit& operator=(FileSizeLimit&&) = delete;

 private:
  rlimit before_{};
};

TEST_CASE("a file appears whole, under its own name only", "[report][delivery]") {
  const TemporaryTree directory;
  const std::string path = directory.path("out.csv");
  auto delivery = deliver_to_file(path);
  REQUIRE(delivery);
  REQUIRE((*delivery)->write("one\n"));
  REQUIRE((*delivery)->flush());
  CHECK_FALSE(std::filesystem::exists(path));  // not before it is whole
  REQUIRE((*delivery)->write("two\n"));
  REQUIRE((*delivery)->finish());
  CHECK(content(path) == "one\ntwo\n");
  CHECK(names_in(directory) == Names{"out.csv"});
  CHECK(mode_of(path) == 0600);  // command lines are in it
}

// What `act` returns in a process of its own, which it may end otherwise.
template <class Act>
int status_of_child(const Act& act) {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(act());
  REQUIRE(child > 0);
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// For good: open() with O_TMPFILE answers what a file system answers that has no such files.
void refuse_unnamed_files() {
  constexpr unsigned kUnnamed = O_TMPFILE & ~O_DIRECTORY;
  std::array filter{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kUnnamed, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

bool has_unnamed_files(const TemporaryTree& directory) {
  const int file = ::open(directory.path().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  return file >= 0 && ::close(file) == 0;
}

TEST_CASE("a process that is killed while it writes leaves nothing behind", "[report][delivery]") {
  const TemporaryTree directory;
  if (!has_unnamed_files(directory))
    WARN("this file system has no files without a name: a temporary one is left here");
  put(directory.path("out"), "old");
  const int status = status_of_child([&] {
    auto delivery = deliver_to_file(directory.path("out"));
    return delivery && (*delivery)->write("new") && (*delivery)->flush() ? ::raise(SIGKILL) : 1;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(content(directory.path("out")) == "old");
  if (has_unnamed_files(directory))
    CHECK(names_in(directory) == Names{"out"});
}

TEST_CASE("a file system without nameless files gets a temporary name", "[report][delivery]") {
  const TemporaryTree directory;
  const int status = status_of_child([&] {
    refuse_unnamed_files();
    auto delivery = deliver_to_file(directory.path("out"));
    const std::string name = names_in(directory).begin()->substr(0, 10);
    const bool written = (*delivery)->write("new") && (*delivery)->finish();
    return written && name == ".krbtrail-" ? 0 : 1;
  });
  CHECK(status == 0);
  CHECK(content(directory.path("out")) == "new");
  CHECK(names_in(directory) == Names{"out"});
}

TEST_CASE("the name for the moment of the rename is never somebody else's", "[report][delivery]") {
  const TemporaryTree directory;
  const std::string taken = ".krbtrail-" + std::to_string(::getpid()) + "-0";
  put(directory.path(taken), "another's");
  auto delivery = deliver_to_file(directory.path("out"));
  REQUIRE(delivery);
  REQUIRE((*delivery)->write("new"));
  REQUIRE((*delivery)->finish());
  CHECK(content(directory.path("out")) == "new");
  CHECK(content(directory.path(taken)) == "another's");
  CHECK(names_in(directory) == Names{taken, "out"});
}

TEST_CASE("more than the buffer holds arrives in order", "[report][delivery]") {
  const TemporaryTree directory;
  const std::string path = directory.path("out");
  auto delivery = deliver_to_file(path);
  REQUIRE(delivery);
  std::string expected;
  for (int i = 0; i < 50'000; ++i) {
    const std::string line = std::to_string(i) + "\n";
    REQUIRE((*delivery)->write(line));
    expected += line;
  }
  REQUIRE((*delivery)->finish());
  CHECK(content(path) == expected);
}

TEST_CASE("an old file stands until the new one is whole", "[report][delivery]") {
  const TemporaryTree directory;
  const std::string path = directory.path("out");
  put(path, "old");
  ::chmod(path.c_str(), 0644);
  {
    auto delivery = deliver_to_file(path);
    REQUIRE(delivery);
    REQUIRE((*delivery)->write("new"));
    SECTION("replaced when finished, its mode kept") {
      REQUIRE((*delivery)->finish());
      CHECK(content(path) == "new");
      CHECK(mode_of(path) == 0644);
    }
    SECTION("untouched when abandoned") {
      delivery->reset();
      CHECK(content(path) == "old");
    }
  }
  CHECK(names_in(directory) == Names{"out"});
}

TEST_CASE("a disk that takes no more is an error, leaves the old file and no temporary",
          "[report][delivery]") {
  const TemporaryTree directory;
  const std::string path = directory.path("out");
  put(path, "old");
  const IgnoredSignal ignored{SIGXFSZ};
  const FileSizeLimit limit{10};
  auto delivery = deliver_to_file(path);
  REQUIRE(delivery);
  REQUIRE((*delivery)->write(std::string(11, 'x')));
  const Status status = (*delivery)->finish();
  REQUIRE_FALSE(status);
  CHECK(status.error().message == path + ": cannot write: File too large");
  CHECK(content(path) == "old");
  CHECK(names_in(directory) == Names{"out"});
  // What failed once has failed: a caller that goes on is told the same.
  CHECK((*delivery)->write("more").error().message == path + ": cannot write: File too large");
  CHECK((*delivery)->finish().error().message == path + ": cannot write: File too large");
  CHECK(content(path) == "old");
}

TEST_CASE("a symbolic link is followed, not replaced", "[report][delivery]") {
  const TemporaryTree directory;
  const std::string real = directory.path("real");
  const std::string link = directory.path("link");
  put(real, "old");
  std::filesystem::create_symlink("real", link);
  auto delivery = deliver_to_file(link);
  REQUIRE(delivery);
  REQUIRE((*delivery)->write("new"));
  REQUIRE((*delivery)->finish());
  CHECK(std::filesystem::is_symlink(link));
  CHECK(content(real) == "new");
  CHECK(names_in(directory) == Names{"link", "real"});
  CHECK(directory_of_delivery(link) == std::filesystem::canonical(directory.path()).string());
}

TEST_CASE("a device is written to, never replaced", "[report][delivery]") {
  auto delivery = deliver_to_file("/dev/null");
  REQUIRE(delivery);
  REQUIRE((*delivery)->write("gone"));
  REQUIRE((*delivery)->finish());
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a full device is an error", "[report][delivery]") {
  auto delivery = deliver_to_file("/dev/full");
  REQUIRE(delivery);
  REQUIRE((*delivery)->write("x"));
  const Status status = (*delivery)->finish();
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "/dev/full: cannot write: No space left on device");
}

// Each holds for root too, whom permissions do not stop.
TEST_CASE("what cannot be written is named before any work is done", "[report][delivery]") {
  const TemporaryTree directory;
  put(directory.path("file"), "");
  const std::string directory_itself = directory.path();
  const std::string nowhere = directory.path("absent/out");
  const std::string below_a_file = directory.path("file/out");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {directory_itself, ": cannot write: Is a directory"},
      {nowhere, ": cannot write: No such file or directory"},
      {below_a_file, ": cannot write: Not a directory"},
      // procfs takes no new files from anybody: a directory that is read-only for root as well
      {"/proc/out.csv", ": cannot create a temporary file beside it: No such file or directory"},
  };
  for (const auto& [path, complaint] : cases) {
    CAPTURE(path);
    const auto delivery = deliver_to_file(path);
    REQUIRE_FALSE(delivery);
    CHECK(delivery.error().message == path + complaint);
  }
}

TEST_CASE("a closed pipe is an error", "[report][delivery]") {
  const IgnoredSignal ignored{SIGPIPE};
  std::array<int, 2> ends = {};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::close(ends[0]);
  const auto delivery = deliver_to_descriptor(ends[1], "standard output");
  REQUIRE(delivery->write("x"));
  const Status status = delivery->finish();
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "standard output: cannot write: Broken pipe");
  ::close(ends[1]);
}

TEST_CASE("a descriptor stays open and gets everything, flushed or finished",
          "[report][delivery]") {
  const TemporaryTree directory;
  const std::string path = directory.path("out");
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  const auto delivery = deliver_to_descriptor(file, "standard output");
  REQUIRE(delivery->write("one\n"));
  CHECK(content(path).empty());  // kept back
  REQUIRE(delivery->flush());
  CHECK(content(path) == "one\n");
  REQUIRE(delivery->write("two\n"));
  REQUIRE(delivery->finish());
  CHECK(content(path) == "one\ntwo\n");
  CHECK(::close(file) == 0);
}

TEST_CASE("a descriptor that was closed before we started is an error", "[report][delivery]") {
  const int free_number = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 700);
  ::close(free_number);
  const auto delivery = deliver_to_descriptor(free_number, "standard output");
  const Status status = delivery->finish();  // not a byte was written, and yet
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "standard output: cannot close: Bad file descriptor");
}

TEST_CASE("a signal in the middle of a write loses nothing", "[report][delivery]") {
  // A pipe of one page that is drained slowly makes writes short; the reader's signals interrupt
  // them.
  struct sigaction before = {};
  struct sigaction interrupting = {};  // without SA_RESTART, so that write() returns EINTR
  interrupting.sa_handler = [](int) {};
  REQUIRE(::sigaction(SIGUSR1, &interrupting, &before) == 0);
  std::array<int, 2> ends = {};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
  const std::string expected(300'000, 'x');
  const pid_t reader = ::fork();
  if (reader == 0) {
    ::close(ends[1]);
    std::array<char, 1000> block = {};
    std::size_t total = 0;
    for (ssize_t got = 1; got > 0;) {
      ::kill(::getppid(), SIGUSR1);
      got = ::read(ends[0], block.data(), block.size());
      total += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    ::_exit(total == expected.size() ? 0 : 1);
  }
  ::close(ends[0]);
  const auto delivery = deliver_to_descriptor(ends[1], "standard output");
  const Status written = delivery->write(expected);
  const Status finished = delivery->finish();
  ::close(ends[1]);
  int status = -1;
  while (::waitpid(reader, &status, 0) < 0 && errno == EINTR) {
  }
  ::sigaction(SIGUSR1, &before, nullptr);
  CHECK(written.has_value());
  CHECK(finished.has_value());
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
