// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/file_source.h"

#include <array>
#include <csignal>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compressed.h"
#include "krbtrail/input/pipe_source.h"
#include "support/catch.h"
#include "support/memory_source.h"
#include "support/temporary_tree.h"

using namespace krbtrail;

TEST_CASE("a file is read whole, in whatever pieces", "[input][file_source]") {
  const test::TemporaryTree tree;
  const std::string text = test::log_text(5000);
  const std::string path = tree.file("audit.log", text);
  const std::size_t buffer = GENERATE(1UL, 4096UL, 1UL << 20U);
  const auto source = input::open_file(path, "audit.log");
  REQUIRE(source.has_value());
  CHECK((*source)->name() == "audit.log");
  const test::Drained got = test::drain(**source, buffer);
  CHECK(got.error.empty());
  CHECK(got.bytes == text);
}

TEST_CASE("a link that was named is followed", "[input][file_source]") {
  const test::TemporaryTree tree;
  tree.file("audit.log", "record\n");
  const auto source = input::open_file(tree.link("latest", "audit.log"), "latest");
  REQUIRE(source.has_value());
  CHECK(test::drain(**source).bytes == "record\n");
}

TEST_CASE("what cannot be opened is named with the reason", "[input][file_source]") {
  const test::TemporaryTree tree;
  tree.file("plain", "");
  tree.link("loop", "loop");
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"absent", "x: cannot open: No such file or directory"},
      {"plain/below", "x: cannot open: Not a directory"},
      {"loop", "x: cannot open: Too many levels of symbolic links"},
      {"", "x: cannot open: Is a directory"},
      {"/dev/null", "x: cannot open: is a device"},
      {std::string(300, 'a'), "x: cannot open: File name too long"},
  }));
  const std::string path = tree.path(name);
  CAPTURE(path);
  const auto source = input::open_file(path, "x");
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().message == expected);
}

TEST_CASE("a file that may not be read is named with the reason", "[input][file_source]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log.2", "record\n");
  REQUIRE(::chmod(tree.path().c_str(), 0755) == 0);
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  const test::Unprivileged nobody;
  const auto source = input::open_file(path, "audit.log.2");
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().message == "audit.log.2: cannot open: Permission denied");
}

TEST_CASE("a file that vanishes while it is read is read to its end", "[input][file_source]") {
  const test::TemporaryTree tree;
  const std::string text = test::log_text(5000);
  const std::string path = tree.file("audit.log", text);
  const auto source = input::open_file(path, "audit.log");
  REQUIRE(source.has_value());
  std::array<char, 100> first{};
  REQUIRE((*source)->read(first).has_value());
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(test::drain(**source).bytes == text.substr(100));
}

TEST_CASE("a file that shrinks while it is read ends early", "[input][file_source]") {
  const test::TemporaryTree tree;
  const std::string path = tree.file("audit.log", test::log_text(5000));
  const auto source = input::open_file(path, "audit.log");
  REQUIRE(source.has_value());
  std::array<char, 100> first{};
  REQUIRE((*source)->read(first).has_value());
  REQUIRE(::truncate(path.c_str(), 50) == 0);  // copytruncate
  const test::Drained got = test::drain(**source);
  CHECK(got.error.empty());
  CHECK(got.bytes.empty());
}

TEST_CASE("an error while reading is named with its offset", "[input][file_source]") {
  const test::TemporaryTree tree;
  const int directory = ::open(tree.path().c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(directory >= 0);
  const auto source = input::open_pipe(directory, "-");
  CHECK(test::drain(*source).error == "-: cannot read at offset 0: Is a directory");
  ::close(directory);
}

TEST_CASE("a pipe is read until its writer closes it", "[input][pipe_source]") {
  const bool blocking = GENERATE(true, false);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), blocking ? 0 : O_NONBLOCK) == 0);
  const std::string text = test::log_text(3000);
  std::thread writer{[&] {
    const int writing = ::fcntl(ends[1], F_SETFL, 0);
    for (std::size_t at = 0; writing == 0 && at < text.size(); at += 1000) {
      const std::string piece = text.substr(at, 1000);
      if (::write(ends[1], piece.data(), piece.size()) != static_cast<ssize_t>(piece.size()))
        break;
    }
    ::close(ends[1]);
  }};
  const auto source = input::open_pipe(ends[0], "-");
  const test::Drained got = test::drain(*source);
  writer.join();
  CHECK(source->name() == "-");
  CHECK(got.error.empty());
  CHECK(got.bytes == text);
  // The descriptor is the caller's still.
  CHECK(::close(ends[0]) == 0);
}

// Without SA_RESTART read() answers EINTR, and the timer of a pipe's reader comes again and again.
class AlarmStorm {
 public:
  AlarmStorm() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    ::sigaction(SIGALRM, &action, &before_);
    every({.tv_sec = 0, .tv_usec = 200});
  }
  ~AlarmStorm() {
    every({});
    ::sigaction(SIGALRM, &before_, nullptr);
  }
  AlarmStorm(const AlarmStorm&) = delete;
  AlarmStorm& operator=(const AlarmStorm&) = delete;
  AlarmStorm(AlarmStorm&&) = delete;
  AlarmStorm& operator=(AlarmStorm&&) = delete;

 private:
  static void every(timeval interval) {
    const itimerval timer{.it_interval = interval, .it_value = interval};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
  struct sigaction before_ {};
};

TEST_CASE("a storm of signals loses nothing of a pipe", "[input][pipe_source]") {
  const bool blocking = GENERATE(true, false);
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  REQUIRE(::fcntl(ends[0], F_SETFL, blocking ? 0 : O_NONBLOCK) == 0);
  const std::string text = test::log_text(3000);
  const pid_t writer = ::fork();
  if (writer == 0) {
    for (std::size_t at = 0; at < text.size(); at += 777) {
      const std::string piece = text.substr(at, 777);
      ::usleep(1000);  // so that the reader waits, and is interrupted in it
      if (::write(ends[1], piece.data(), piece.size()) != static_cast<ssize_t>(piece.size()))
        ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  test::Drained got;
  {
    const AlarmStorm storm;
    const auto source = input::open_pipe(ends[0], "-");
    got = test::drain(*source);
  }
  int status = -1;
  REQUIRE(::waitpid(writer, &status, 0) == writer);
  ::close(ends[0]);
  CHECK(status == 0);
  CHECK(got.error.empty());
  CHECK(got.bytes == text);
}
