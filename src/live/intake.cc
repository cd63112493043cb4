// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/intake.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace krbtrail::live {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10U;
constexpr std::size_t kLongestLine = std::size_t{128} << 10U;  // twice what the scan lane takes
constexpr std::size_t kMostNotices = 16;
constexpr std::uint32_t kHeaderSize = 16;
// auditd writes record by record. To be woken for each costs more than the record does, so after
// little was read some more is let come: the socket holds what comes in that time.
constexpr std::size_t kLittle = std::size_t{16} << 10U;
constexpr std::chrono::microseconds kToGather{500};

// struct audit_dispatcher_header of libaudit.h: version, header length, type, size; version 0 is
// the kernel's text, 1 a finished line.
bool is_binary_frame(std::string_view bytes) {
  std::array<std::uint32_t, 2> head{};
  if (bytes.size() < sizeof head)
    return false;
  std::memcpy(head.data(), bytes.data(), sizeof head);
  return head[0] <= 1 && head[1] == kHeaderSize;
}

}  // namespace

Intake::Intake(IntakeOptions options, Feed& feed, const Signals& signals, LineQueue& queue)
    : options_(options),
      feed_(feed),
      signals_(signals),
      queue_(queue),
      parent_(::getppid()),
      buffer_(kBuffer) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
    stop_read_ = input::FileDescriptor{ends[0]};
    stop_write_ = input::FileDescriptor{ends[1]};
  }
  thread_ = std::thread{[this] { run(); }};
}

Intake::~Intake() {
  stop();
}

void Intake::stop() {
  if (!thread_.joinable())
    return;
  const ssize_t written = ::write(stop_write_.get(), "", 1);
  static_cast<void>(written);  // a full pipe says it as well
  thread_.join();
}

std::optional<LineQueue::Instant> Intake::stopped_at() const {
  const std::scoped_lock lock{mutex_};
  return stopped_at_;
}

std::vector<model::Error> Intake::take_notices() {
  const std::scoped_lock lock{mutex_};
  return std::exchange(notices_, {});
}

std::optional<model::Error> Intake::failure() const {
  const std::scoped_lock lock{mutex_};
  return failure_;
}

void Intake::note(model::Error error, bool is_the_end) {
  const std::scoped_lock lock{mutex_};
  if (is_the_end)
    failure_ = error;
  if (notices_.size() < kMostNotices)
    notices_.push_back(std::move(error));
}

void Intake::run() {
  while (goes_on(std::chrono::steady_clock::now())) {
    wait(std::chrono::steady_clock::now());
    char byte = 0;
    if (::read(stop_read_.get(), &byte, 1) == 1)
      break;
    listen_to_signals(std::chrono::steady_clock::now());
    if (!read_feed())
      break;
    if (got_ != 0 && got_ < kLittle)
      std::this_thread::sleep_for(kToGather);
  }
  if (!half_line_.empty())
    queue_.push(half_line_);
  queue_.close();
}

// What only grows has no end to wait for: it is drained when nothing more is there.
bool Intake::goes_on(Instant now) {
  if (!drain_until_)
    return true;
  return now < *drain_until_ && (options_.is_plugin || got_ != 0);
}

void Intake::wait(Instant now) {
  std::array<pollfd, 3> waiting{{{.fd = signals_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = stop_read_.get(), .events = POLLIN, .revents = 0},
                                 {.fd = feed_.descriptor(), .events = POLLIN, .revents = 0}}};
  std::chrono::milliseconds patience = feed_.patience();
  if (drain_until_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*drain_until_ - now);
    patience = options_.is_plugin ? std::max(left, std::chrono::milliseconds{0})
                                  : std::chrono::milliseconds{0};
  }
  ::poll(waiting.data(), waiting.size(), static_cast<int>(patience.count()));
}

void Intake::listen_to_signals(Instant now) {
  while (const std::optional<ReceivedSignal> received = signals_.next()) {
    if (received->number == SIGHUP) {
      reload_ = true;
      queue_.wake();
    } else if (counts_as_stop(*received) && !drain_until_) {
      drain_until_ = now + options_.drain;
      got_ = 1;  // to look at least once more
      const std::scoped_lock lock{mutex_};
      stopped_at_ = now;
    }
  }
}

bool Intake::counts_as_stop(const ReceivedSignal& received) const {
  return received.number == SIGINT || !options_.is_plugin || received.sender == parent_;
}

bool Intake::read_feed() {
  if (feed_.descriptor() >= 0) {  // a silent descriptor would make read() wait
    pollfd readable{.fd = feed_.descriptor(), .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, 0) <= 0) {
      got_ = 0;
      return true;
    }
  }
  FeedReading got = feed_.read(buffer_);
  got_ = got.bytes;
  if (got.problem)
    note(*std::exchange(got.problem, std::nullopt), got.ended);
  if (got.begins_anew)
    drop_half_line();
  if (got.bytes != 0)
    take({buffer_.data(), got.bytes});
  if (!refused_ && !got.ended)
    return true;
  return false;
}

// Only whole lines go into the queue, so that dropping some never joins two halves.
void Intake::take(std::string_view bytes) {
  if (is_first_ && options_.is_plugin && is_binary_frame(bytes)) {
    refused_ = true;
    return;
  }
  is_first_ = false;
  const std::size_t last = bytes.rfind('\n');
  if (last == std::string_view::npos) {
    keep(bytes);
    return;
  }
  std::string_view lines = bytes.substr(0, last + 1);
  if (is_skipping_) {
    const std::size_t end = lines.find('\n') + 1;
    queue_.count_dropped(1, end);
    lines.remove_prefix(end);
    is_skipping_ = false;
  }
  if (half_line_.empty()) {
    queue_.push(lines);
  } else {
    half_line_ += lines;
    queue_.push(half_line_);
    half_line_.clear();
  }
  keep(bytes.substr(last + 1));
}

void Intake::keep(std::string_view part) {
  if (is_skipping_) {
    queue_.count_dropped(0, part.size());
    return;
  }
  half_line_ += part;
  if (half_line_.size() <= kLongestLine)
    return;
  queue_.count_dropped(0, half_line_.size());
  half_line_.clear();
  is_skipping_ = true;
}

void Intake::drop_half_line() {
  if (!half_line_.empty())
    queue_.count_dropped(1, half_line_.size());
  half_line_.clear();
  is_skipping_ = false;
}

}  // namespace krbtrail::live
