// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/feed.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::live {
namespace {

using input::FileDescriptor;
using input::system_reason;
using std::chrono::milliseconds;

model::Error problem(const std::string& name, std::string_view what, int code) {
  return {.message = name + ": " + std::string{what} + ": " + system_reason(code), .hint = {}};
}

class DescriptorFeed final : public Feed {
 public:
  DescriptorFeed(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}

  [[nodiscard]] int descriptor() const override { return descriptor_; }
  [[nodiscard]] milliseconds patience() const override { return milliseconds{-1}; }
  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] FeedReading read(std::span<char> buffer) override {
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got > 0)
      return {.bytes = static_cast<std::size_t>(got)};
    if (got == 0)
      return {.ended = true};
    if (errno == EINTR || errno == EAGAIN)
      return {};
    return {.ended = true, .problem = problem(name_, "cannot read", errno)};
  }

 private:
  int descriptor_;
  std::string name_;
};

class SocketFeed final : public Feed {
 public:
  explicit SocketFeed(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] int descriptor() const override { return socket_.get(); }
  [[nodiscard]] milliseconds patience() const override {
    return socket_.is_open() ? milliseconds{-1} : pause_;
  }
  [[nodiscard]] std::string_view name() const override { return path_; }

  [[nodiscard]] FeedReading read(std::span<char> buffer) override {
    if (!socket_.is_open())
      return connect();
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0)
      return {.bytes = static_cast<std::size_t>(got)};
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
      return {};
    socket_ = FileDescriptor{};
    pause_ = kShortestPause;
    return {.begins_anew = true,
            .problem = model::Error{.message = path_ + ": the other side is gone; connecting again",
                                    .hint = {}}};
  }

 private:
  static constexpr milliseconds kShortestPause{200};
  static constexpr milliseconds kLongestPause{5'000};

  [[nodiscard]] FeedReading connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path)
      return {.ended = true, .problem = problem(path_, "cannot connect", ENAMETOOLONG)};
    std::ranges::copy(path_, std::begin(address.sun_path));
    FileDescriptor made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (made.is_open() &&
        // NOLINTNEXTLINE(*-reinterpret-cast): what the call takes
        ::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      socket_ = std::move(made);
      said_ = false;
      pause_ = kShortestPause;
      return {};
    }
    const int code = errno;
    pause_ = std::min(pause_ * 2, kLongestPause);
    if (std::exchange(said_, true))
      return {};
    return {.problem = problem(path_, "cannot connect, will try again", code)};
  }

  std::string path_;
  FileDescriptor socket_;
  milliseconds pause_{0};  // at first there is nothing to wait for
  bool said_ = false;
};

class FileFeed final : public Feed {
 public:
  explicit FileFeed(std::string path) : path_(std::move(path)) { open_at(SEEK_END); }

  [[nodiscard]] int descriptor() const override { return -1; }
  [[nodiscard]] milliseconds patience() const override { return milliseconds{has_more_ ? 0 : 100}; }
  [[nodiscard]] std::string_view name() const override { return path_; }

  [[nodiscard]] FeedReading read(std::span<char> buffer) override {
    if (!file_.is_open() && !open_at(SEEK_SET))
      return say_once(errno);
    const ssize_t got = ::read(file_.get(), buffer.data(), buffer.size());
    has_more_ = got > 0;
    if (got < 0)
      return say_once(errno);
    said_ = false;
    if (got > 0)
      return {.bytes = static_cast<std::size_t>(got)};
    return follow_name();
  }

 private:
  bool open_at(int whence) {
    file_ = FileDescriptor{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat facts {};
    if (!file_.is_open() || ::fstat(file_.get(), &facts) != 0)
      return false;
    if (S_ISDIR(facts.st_mode)) {  // which opens like a file
      file_ = FileDescriptor{};
      errno = EISDIR;
      return false;
    }
    ::lseek(file_.get(), 0, whence);
    return true;
  }

  // At the end of the open file: has the name gone to another one, or the content?
  [[nodiscard]] FeedReading follow_name() {
    struct stat ours {};
    struct stat named {};
    ::fstat(file_.get(), &ours);
    if (::stat(path_.c_str(), &named) == 0 &&
        (named.st_dev != ours.st_dev || named.st_ino != ours.st_ino)) {
      // What was written between our last read and the renaming is read first.
      if (!std::exchange(is_last_look_, true)) {
        has_more_ = true;
        return {};
      }
      is_last_look_ = false;
      has_more_ = open_at(SEEK_SET);
      return {.begins_anew = true};  // an event goes on in the new file, a line does not
    }
    if (ours.st_size < ::lseek(file_.get(), 0, SEEK_CUR)) {
      ::lseek(file_.get(), 0, SEEK_SET);
      has_more_ = true;
      return {.begins_anew = true,
              .problem = model::Error{.message = path_ + ": became shorter; reading it from its "
                                                         "beginning",
                                      .hint = {}}};
    }
    return {};
  }

  [[nodiscard]] FeedReading say_once(int code) {
    if (std::exchange(said_, true))
      return {};
    return {.problem = problem(path_, "cannot read, will try again", code)};
  }

  std::string path_;
  FileDescriptor file_;
  bool has_more_ = false;
  bool is_last_look_ = false;
  bool said_ = false;
};

}  // namespace

std::unique_ptr<Feed> feed_from_descriptor(int descriptor, std::string name) {
  return std::make_unique<DescriptorFeed>(descriptor, std::move(name));
}

std::unique_ptr<Feed> feed_from_socket(std::string path) {
  return std::make_unique<SocketFeed>(std::move(path));
}

std::unique_ptr<Feed> feed_from_file(std::string path) {
  return std::make_unique<FileFeed>(std::move(path));
}

}  // namespace krbtrail::live
