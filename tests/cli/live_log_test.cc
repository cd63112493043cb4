// SPDX-License-Identifier: Apache-2.0
#include "cli/live_log.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

using namespace krbtrail;
using cli::LiveLog;

namespace {

// As auditd leaves standard error, while this lives.
class ErrorsNowhere {
 public:
  ErrorsNowhere() {
    const int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    REQUIRE(::dup2(null, STDERR_FILENO) == STDERR_FILENO);
    ::close(null);
  }
  ErrorsNowhere(const ErrorsNowhere&) = delete;
  ErrorsNowhere& operator=(const ErrorsNowhere&) = delete;
  ErrorsNowhere(ErrorsNowhere&&) = delete;
  ErrorsNowhere& operator=(ErrorsNowhere&&) = delete;
  ~ErrorsNowhere() {
    ::dup2(was_, STDERR_FILENO);
    ::close(was_);
  }

 private:
  int was_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
};

int system_log_at(const std::string& path) {
  const int made = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, std::begin(address.sun_path));
  REQUIRE(::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return made;
}

// The texts behind "<PRI>krbtrail[PID]: ".
std::vector<std::string> messages_at(int socket) {
  std::vector<std::string> all;
  std::array<char, 4'096> buffer{};
  while (true) {
    const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0)
      return all;
    const std::string message{buffer.data(), static_cast<std::size_t>(size)};
    all.push_back(message.substr(message.find(": ") + 2));
  }
}

}  // namespace

TEST_CASE("a system log that begins after us is told what was said before, in order",
          "[cli][live_log]") {
  const test::TemporaryTree tree;
  const ErrorsNowhere nowhere;
  LiveLog log{false, tree.path("log")};
  log.note("started");
  log.warning("one thing");
  const int socket = system_log_at(tree.path("log"));
  log.error({.message = "another", .hint = "do it"});
  log.pump();
  CHECK(messages_at(socket) ==
        std::vector<std::string>{"started", "warning: one thing", "error: another", "hint: do it"});
  ::close(socket);
}

TEST_CASE("what waits for the system log does not wait for the next message", "[cli][live_log]") {
  const test::TemporaryTree tree;
  const ErrorsNowhere nowhere;
  LiveLog log{false, tree.path("log")};
  log.note("started");
  const int socket = system_log_at(tree.path("log"));
  log.pump();
  CHECK(messages_at(socket) == std::vector<std::string>{"started"});
  log.note("ended");
  CHECK(messages_at(socket) == std::vector<std::string>{"ended"});
  ::close(socket);
}
