// SPDX-License-Identifier: Apache-2.0
//
// Runs a command and says what it cost. A program of its own, because the peak memory that wait4(2)
// tells of a child begins with that of the process which forked it: from Python it would never be
// below ten megabytes.
//
//   run_measured REPORT COMMAND [ARGUMENT]...
//
// Standard input is /dev/null (ausearch reads a pipe in place of its file), standard output is read
// through a pipe and counted (grep stops early if it is /dev/null). REPORT gets one line of JSON:
// wall, user and system time in seconds, peak memory in kibibytes, exit status, bytes of output.
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kCannotRun = 127;

int fail(const char* what) {
  static_cast<void>(
      std::fprintf(stderr, "run_measured: error: %s: %s\n", what, std::strerror(errno)));
  return 2;
}

[[noreturn]] void become(char** command, int output) {
  const int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (empty >= 0 && dup2(empty, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0)
    execvp(command[0], command);
  static_cast<void>(fail(command[0]));
  _exit(kCannotRun);
}

std::uint64_t drain(int pipe) {
  std::array<char, 65'536> buffer{};
  std::uint64_t bytes = 0;
  ssize_t got = 0;
  while ((got = read(pipe, buffer.data(), buffer.size())) > 0 || (got < 0 && errno == EINTR))
    bytes += got > 0 ? static_cast<std::uint64_t>(got) : 0;
  return bytes;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    static_cast<void>(std::fputs("Usage: run_measured REPORT COMMAND [ARGUMENT]...\n", stderr));
    return 2;
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail("pipe");
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0)
    return fail("fork");
  if (child == 0)
    become(argv + 2, ends[1]);
  static_cast<void>(close(ends[1]));
  const std::uint64_t output = drain(ends[0]);
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child)
    return fail("wait4");
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  std::FILE* report = std::fopen(argv[1], "w");
  if (report == nullptr)
    return fail(argv[1]);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  static_cast<void>(
      std::fprintf(report,
                   "{\"wall\":%.6f,\"user\":%.6f,\"system\":%.6f,\"peak_kib\":%ld,\"status\":%d,"
                   "\"output_bytes\":%llu}\n",
                   wall.count(), seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss,
                   code, static_cast<unsigned long long>(output)));
  return std::fclose(report) == 0 ? 0 : fail(argv[1]);
}
