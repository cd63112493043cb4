// SPDX-License-Identifier: Apache-2.0
//
// The system log at the other end of a socket of our own; tests/live/outputs_test.py has the other
// outlets, in a running program.
#include "krbtrail/report/outlet.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

namespace krbtrail::report {
namespace {

using model::Severity;

constexpr int kAuthpriv = 10;  // LOG_AUTHPRIV >> 3

// What listens on a socket like /dev/log.
class SystemLog {
 public:
  explicit SystemLog(const std::string& path) : socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path, std::begin(address.sun_path));
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~SystemLog() { close(socket_); }
  SystemLog(const SystemLog&) = delete;
  SystemLog& operator=(const SystemLog&) = delete;
  SystemLog(SystemLog&&) = delete;
  SystemLog& operator=(SystemLog&&) = delete;

  // The messages that have come.
  [[nodiscard]] std::vector<std::string> messages() const {
    std::vector<std::string> all;
    std::array<char, 65'536> buffer{};
    while (true) {
      const ssize_t size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0)
        return all;
      all.emplace_back(buffer.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
};

std::string message(int priority, const std::string& text) {
  return "<" + std::to_string(priority) + ">krbtrail[" + std::to_string(getpid()) + "]: " + text;
}

TEST_CASE("the system log gets a line a message, with a level for its severity",
          "[report][outlet]") {
  const auto [severity, level] = GENERATE(table<std::optional<Severity>, int>({
      {Severity::critical, 1},  // LOG_ALERT of syslog(3), whose numbers these are
      {Severity::high, 2},
      {Severity::medium, 4},
      {Severity::low, 5},
      {Severity::info, 6},
      {std::nullopt, 6},  // a heartbeat
  }));
  const test::TemporaryTree tree;
  const SystemLog log{tree.path("log")};
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  outlet->push({.text = "{}", .severity = severity, .is_status = !severity});
  CHECK(log.messages() == std::vector{message(kAuthpriv * 8 + level, "{}")});
  CHECK(outlet->counts().written == 1);
  CHECK(outlet->counts().lost == 0);
  CHECK(outlet->take_problems().empty());
}

TEST_CASE("what comes while nobody listens is kept for the system log", "[report][outlet]") {
  const test::TemporaryTree tree;
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  outlet->push({.text = "one", .severity = Severity::low});
  outlet->push({.text = "two", .severity = Severity::low});
  outlet->pump();
  const std::vector<model::Error> problems = outlet->take_problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().message == "syslog:authpriv: cannot write: No such file or directory");
  CHECK(outlet->counts().waiting == 2);
  const SystemLog log{tree.path("log")};
  outlet->pump();
  CHECK(log.messages() == std::vector{message(85, "one"), message(85, "two")});
  CHECK(outlet->is_idle());
  CHECK(outlet->counts().lost == 0);
}

TEST_CASE("a system log that starts again gets the rest", "[report][outlet]") {
  const test::TemporaryTree tree;
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  {
    const SystemLog log{tree.path("log")};
    outlet->push({.text = "one", .severity = Severity::low});
    CHECK(log.messages().size() == 1);
  }
  unlink(tree.path("log").c_str());
  const SystemLog log{tree.path("log")};
  outlet->push({.text = "two", .severity = Severity::low});
  outlet->pump();
  outlet->pump();
  CHECK(log.messages() == std::vector{message(85, "two")});
  CHECK(outlet->counts().written == 2);
}

TEST_CASE("half a line that a death left in a file does not swallow the next one",
          "[report][outlet]") {
  const auto [left, whole] = GENERATE(table<std::string, std::string>({
      {"", "{}\n"},
      {"one\n", "one\n{}\n"},
      {"one\ntw", "one\ntw\n{}\n"},
  }));
  const test::TemporaryTree tree;
  const std::string path = tree.file("found.ndjson", left);
  const auto outlet = outlet_to_file(path);
  outlet->push({.text = "{}"});
  std::ifstream file{path};
  CHECK(std::string{std::istreambuf_iterator<char>{file}, {}} == whole);
  CHECK(outlet->counts().written == 1);
  CHECK(outlet->take_problems().empty());
}

TEST_CASE("a system log that does not read is not waited for", "[report][outlet]") {
  const test::TemporaryTree tree;
  const SystemLog log{tree.path("log")};
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  constexpr std::size_t kMany = 2'000;  // net.unix.max_dgram_qlen is some hundred
  for (std::size_t i = 0; i < kMany; ++i)
    outlet->push({.text = std::to_string(i), .severity = Severity::low});
  CHECK(outlet->counts().waiting > 0);
  std::vector<std::string> all;
  while (!outlet->is_idle()) {
    for (std::string& text : log.messages())
      all.push_back(std::move(text));
    outlet->pump();
  }
  for (std::string& text : log.messages())
    all.push_back(std::move(text));
  REQUIRE(all.size() == kMany);
  for (std::size_t i = 0; i < kMany; ++i)
    CHECK(all[i] == message(85, std::to_string(i)));
  CHECK(outlet->counts().lost == 0);
}

TEST_CASE("a message that no datagram holds is lost, counted and said", "[report][outlet]") {
  const test::TemporaryTree tree;
  const SystemLog log{tree.path("log")};
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  outlet->push({.text = std::string(4U << 20U, 'x'), .severity = Severity::low});
  outlet->push({.text = "next", .severity = Severity::low});
  CHECK(log.messages() == std::vector{message(85, "next")});
  CHECK(outlet->counts().lost == 1);
  const std::vector<model::Error> problems = outlet->take_problems();
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].message == "syslog:authpriv: cannot write: Message too long");
  CHECK(problems[1].message == "syslog:authpriv: has lost what it could not take");
}

TEST_CASE("what is given up is lost, a heartbeat is not", "[report][outlet]") {
  const test::TemporaryTree tree;
  const auto outlet = outlet_to_syslog(kAuthpriv, "syslog:authpriv", tree.path("log"));
  outlet->push({.text = "finding", .severity = Severity::low});
  outlet->push({.text = "beat", .is_status = true});
  outlet->give_up();
  CHECK(outlet->counts().lost == 1);
  CHECK(outlet->counts().waiting == 0);
}

}  // namespace
}  // namespace krbtrail::report
