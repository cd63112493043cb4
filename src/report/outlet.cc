// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/outlet.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "report/descriptor.h"

namespace krbtrail::report {
namespace {

constexpr std::size_t kMostLines = 10'000;
constexpr std::size_t kMostBytes = std::size_t{8} << 20U;

[[nodiscard]] bool is_ready(int descriptor) {
  pollfd waiting{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&waiting, 1, 0) == 1;
}

// Writes what is taken without waiting, a line end behind the text. A pipe that is ready takes
// PIPE_BUF bytes at once, so a larger piece could wait.
[[nodiscard]] int write_some(int descriptor, std::string_view text, std::size_t& done) {
  while (done < text.size() + 1) {
    if (!is_ready(descriptor))
      return 0;
    const std::string_view rest = done < text.size() ? text.substr(done, PIPE_BUF) : "\n";
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno == EAGAIN ? 0 : errno;
    if (written == 0)
      return EIO;
    done += static_cast<std::size_t>(written);
  }
  return 0;
}

class DescriptorOutlet final : public Outlet {
 public:
  DescriptorOutlet(int descriptor, std::string name)
      : Outlet(std::move(name)), descriptor_(descriptor) {}

 private:
  [[nodiscard]] int try_line(const OutletLine& line, std::size_t& done) override {
    return write_some(descriptor_, line.text, done);
  }

  int descriptor_;
};

class FileOutlet final : public Outlet {
 public:
  explicit FileOutlet(const std::string& path) : Outlet("ndjson:" + path), path_(path) {
    static_cast<void>(open());  // the first line says what is wrong
  }

 private:
  [[nodiscard]] int try_line(const OutletLine& line, std::size_t& done) override {
    if (done == 0 || !file_.is_open()) {
      if (const int code = open(); code != 0)
        return code;
    }
    return write_some(file_.number(), line.text, done);
  }

  // Opens the file, unless the one that is open has still that name.
  [[nodiscard]] int open() {
    struct stat named {};
    const bool is_there = ::stat(path_.c_str(), &named) == 0;
    if (file_.is_open() && is_there && named.st_dev == device_ && named.st_ino == inode_)
      return 0;
    Descriptor file{::open(path_.c_str(),
                           O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                           S_IRUSR | S_IWUSR)};
    if (!file.is_open())
      return errno;
    if (::fstat(file.number(), &named) != 0)
      return errno;
    if (has_half_line(named) && ::write(file.number(), "\n", 1) != 1)
      return errno;
    file_ = std::move(file);
    device_ = named.st_dev;
    inode_ = named.st_ino;
    return 0;
  }

  // What a death or a full disk left there would make the next line senseless.
  [[nodiscard]] bool has_half_line(const struct stat& facts) const {
    if (!S_ISREG(facts.st_mode) || facts.st_size == 0)
      return false;
    const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    char last = '\n';
    return file.is_open() && ::pread(file.number(), &last, 1, facts.st_size - 1) == 1 &&
           last != '\n';
  }

  std::string path_;
  Descriptor file_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// A socket that is connected where it is needed.
class Connection {
 public:
  explicit Connection(std::string path) : path_(std::move(path)) {}

  // 0 or errno.
  [[nodiscard]] int connect(std::initializer_list<int> types) {
    if (socket_.is_open())
      return 0;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path)
      return ENAMETOOLONG;
    std::ranges::copy(path_, std::begin(address.sun_path));
    int code = 0;
    for (const int type : types) {
      Descriptor made{::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
      if (!made.is_open())
        return errno;
      // NOLINTNEXTLINE(*-reinterpret-cast): what the call takes
      if (::connect(made.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
          0) {
        socket_ = std::move(made);
        is_stream_ = type == SOCK_STREAM;
        return 0;
      }
      code = errno;
    }
    return code == EAGAIN ? EBUSY : code;
  }

  // 0 if nothing more is taken now, or errno. A lost connection begins the line anew.
  [[nodiscard]] int send(std::string_view text, std::size_t& done) {
    while (done < text.size()) {
      const ssize_t sent = ::send(socket_.number(), text.data() + done, text.size() - done,
                                  MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS))
        return 0;
      if (sent < 0) {
        const int code = errno;
        socket_ = Descriptor{};
        done = 0;
        return code;
      }
      done += static_cast<std::size_t>(sent);
    }
    return 0;
  }

  [[nodiscard]] bool is_stream() const { return is_stream_; }

 private:
  std::string path_;
  Descriptor socket_;
  bool is_stream_ = false;
};

class SyslogOutlet final : public Outlet {
 public:
  SyslogOutlet(int facility, std::string name, const std::string& socket)
      : Outlet(std::move(name)), facility_(facility), connection_(socket) {}

 private:
  [[nodiscard]] int try_line(const OutletLine& line, std::size_t& done) override {
    if (const int code = connection_.connect({SOCK_DGRAM}); code != 0)
      return code;
    const std::string message = "<" + std::to_string(facility_ * 8 + level_of(line)) +
                                ">krbtrail[" + std::to_string(::getpid()) + "]: " + line.text;
    std::size_t sent = 0;
    const int code = connection_.send(message, sent);
    if (sent == message.size())
      done = line.text.size() + 1;
    return code;
  }

  [[nodiscard]] static int level_of(const OutletLine& line) {
    if (!line.severity)
      return LOG_INFO;
    switch (*line.severity) {
      case model::Severity::info:
        return LOG_INFO;
      case model::Severity::low:
        return LOG_NOTICE;
      case model::Severity::medium:
        return LOG_WARNING;
      case model::Severity::high:
        return LOG_CRIT;
      case model::Severity::critical:
        return LOG_ALERT;
    }
    return LOG_NOTICE;
  }

  int facility_;
  Connection connection_;
};

class SocketOutlet final : public Outlet {
 public:
  explicit SocketOutlet(const std::string& path) : Outlet("unix:" + path), connection_(path) {}

 private:
  [[nodiscard]] int try_line(const OutletLine& line, std::size_t& done) override {
    if (const int code = connection_.connect({SOCK_STREAM, SOCK_DGRAM}); code != 0)
      return code;
    const int code = connection_.send(connection_.is_stream() ? line.text + "\n" : line.text, done);
    if (code == 0 && !connection_.is_stream() && done == line.text.size())
      ++done;  // a datagram needs no line end
    return code;
  }

  Connection connection_;
};

class CommandOutlet final : public Outlet {
 public:
  explicit CommandOutlet(const std::string& program)
      : Outlet("exec:" + program), program_(program) {}

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kAtOnce = 4;
  static constexpr std::chrono::seconds kLongestRun{30};

  struct Running {
    pid_t pid = 0;
    Clock::time_point since;
  };

  [[nodiscard]] bool is_busy() const override { return !running_.empty(); }
  [[nodiscard]] bool takes_status() const override { return false; }

  [[nodiscard]] int try_line(const OutletLine& line, std::size_t& done) override {
    if (running_.size() == kAtOnce)
      return 0;
    Descriptor input{::memfd_create("finding", MFD_CLOEXEC)};
    if (!input.is_open())
      return errno;
    if (const int code = write_all(input.number(), line.text + "\n"); code != 0)
      return code;
    ::lseek(input.number(), 0, SEEK_SET);
    pid_t pid = 0;
    if (const int code = start(input.number(), pid); code != 0)
      return code;
    running_.push_back({.pid = pid, .since = Clock::now()});
    done = line.text.size() + 1;
    return 0;
  }

  // The child gets the line and nothing of ours: no signal that is blocked here, no environment.
  [[nodiscard]] int start(int input, pid_t& pid) const {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string path = program_;
    std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string locale = "LC_ALL=C";
    const std::array<char*, 2> arguments{path.data(), nullptr};
    const std::array<char*, 3> environment{search.data(), locale.data(), nullptr};
    const int code =
        posix_spawn(&pid, path.c_str(), &files, &attributes, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return code;
  }

  void tend() override {
    const Clock::time_point now = Clock::now();
    std::erase_if(running_, [&](const Running& child) {
      int status = 0;
      if (::waitpid(child.pid, &status, WNOHANG) == 0) {
        if (now - child.since > kLongestRun)
          ::kill(child.pid, SIGKILL);
        return false;
      }
      if (status != 0) {
        count_lost();
        say(WIFEXITED(status) ? "ended with status " + std::to_string(WEXITSTATUS(status))
                              : "was ended by signal " + std::to_string(WTERMSIG(status)));
      }
      return true;
    });
  }

  std::string program_;
  std::vector<Running> running_;
};

}  // namespace

Outlet::Outlet(std::string name) {
  counts_.name = std::move(name);
}

void Outlet::push(OutletLine line) {
  if (line.is_status && (!takes_status() || !waiting_.empty()))
    return;
  if (waiting_.size() >= kMostLines || waiting_bytes_ + line.text.size() > kMostBytes) {
    drop(line);
    return;
  }
  waiting_bytes_ += line.text.size();
  waiting_.push_back(std::move(line));
  counts_.waiting = waiting_.size();
  if (waiting_.size() == 1)
    pump();
}

void Outlet::pump() {
  tend();
  while (!waiting_.empty()) {
    const int code = try_line(waiting_.front(), done_);
    if (code != 0)
      say("cannot write: " + std::generic_category().message(code));
    if (code == EMSGSIZE)
      drop(waiting_.front());
    else if (done_ <= waiting_.front().text.size())
      return;
    else {
      ++counts_.written;
      said_.clear();
    }
    done_ = 0;
    waiting_bytes_ -= waiting_.front().text.size();
    waiting_.pop_front();
    counts_.waiting = waiting_.size();
  }
}

void Outlet::give_up() {
  for (const OutletLine& line : waiting_)
    drop(line);
  waiting_.clear();
  waiting_bytes_ = 0;
  counts_.waiting = 0;
}

void Outlet::drop(const OutletLine& line) {
  if (line.is_status)
    return;
  ++counts_.lost;
  say("has lost what it could not take");
}

void Outlet::say(const std::string& what) {
  if (std::exchange(said_, what) != what)
    problems_.push_back({.message = counts_.name + ": " + what, .hint = {}});
}

std::vector<model::Error> Outlet::take_problems() {
  return std::exchange(problems_, {});
}

std::unique_ptr<Outlet> outlet_to_descriptor(int descriptor, std::string name) {
  return std::make_unique<DescriptorOutlet>(descriptor, std::move(name));
}

std::unique_ptr<Outlet> outlet_to_file(const std::string& path) {
  return std::make_unique<FileOutlet>(path);
}

std::unique_ptr<Outlet> outlet_to_syslog(int facility, std::string name,
                                         const std::string& socket) {
  return std::make_unique<SyslogOutlet>(facility, std::move(name), socket);
}

std::unique_ptr<Outlet> outlet_to_socket(const std::string& path) {
  return std::make_unique<SocketOutlet>(path);
}

std::unique_ptr<Outlet> outlet_to_command(const std::string& program) {
  return std::make_unique<CommandOutlet>(program);
}

}  // namespace krbtrail::report
