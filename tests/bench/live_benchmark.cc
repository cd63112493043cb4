// SPDX-License-Identifier: Apache-2.0
//
// Feeds `krbtrail live` a generated stream at a steady rate, as auditd does: a socketpair for its
// standard input, one write a record, an EOE behind each event. Says what that cost and how long a
// finding took.
//
//   live_benchmark KRBTRAIL RECORDS_PER_SECOND SECONDS THEFTS_PER_MILLION_EVENTS
//
// Prints one line of JSON. Latency is the time from the write of an event's EOE to the arrival of
// its finding at the other end of krbtrail's standard output, the wait in every queue included.
// Beyond ten seconds the memory in use is said on standard error every ten.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/generated_log.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;
using krbtrail::bench::LogShape;

// When each event's EOE was written, by serial. The serials of a generated log rise by one; a
// finding that comes more than this many events later is not measured.
class SendTimes {
 public:
  SendTimes() : times_(kEvents) {}

  void put(std::uint64_t serial, Instant when) {
    times_[serial % kEvents].store(when.time_since_epoch().count(), std::memory_order_relaxed);
  }
  [[nodiscard]] Instant get(std::uint64_t serial) const {
    return Instant{Clock::duration{times_[serial % kEvents].load(std::memory_order_relaxed)}};
  }

 private:
  static constexpr std::size_t kEvents = std::size_t{1} << 20U;

  std::vector<std::atomic<Clock::rep>> times_;
};

std::uint64_t number_at(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The number behind the last `key` in a line of JSON, 0 if it is not there.
std::uint64_t value_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.rfind(key);
  return at == std::string_view::npos ? 0 : number_at(line.substr(at + key.size()));
}

// What krbtrail writes: the latency of each finding, the counters of the last heartbeat.
class Listener {
 public:
  explicit Listener(const SendTimes& sent) : sent_(sent) {}

  void listen(int descriptor) {
    std::string text;
    std::array<char, 65'536> buffer{};
    ssize_t got = 0;
    while ((got = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
      const Instant now = Clock::now();
      text.append(buffer.data(), static_cast<std::size_t>(got));
      std::size_t from = 0;
      for (std::size_t end = text.find('\n'); end != std::string::npos;
           end = text.find('\n', from)) {
        take(std::string_view{text}.substr(from, end - from), now);
        from = end + 1;
      }
      text.erase(0, from);
    }
  }

  [[nodiscard]] std::vector<std::int64_t> sorted_microseconds() const {
    std::vector<std::int64_t> sorted = microseconds_;
    std::ranges::sort(sorted);
    return sorted;
  }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void take(std::string_view line, Instant now) {
    if (line.starts_with(R"({"type":"heartbeat")")) {
      lines_ = value_of(line, R"("lines":)");
      dropped_ = value_of(line, R"("dropped_lines":)");
    } else if (line.starts_with(R"({"type":"finding")")) {
      const Instant sent = newest_of_evidence(line);
      microseconds_.push_back(
          std::chrono::duration_cast<std::chrono::microseconds>(now - sent).count());
    }
  }

  // The finding's own event is the newest of those that it rests on.
  [[nodiscard]] Instant newest_of_evidence(std::string_view line) const {
    constexpr std::string_view kKey = R"("event":")";
    Instant newest{};
    for (std::size_t at = line.find(kKey); at != std::string_view::npos;
         at = line.find(kKey, at + 1)) {
      const std::string_view stamp = line.substr(at, line.find('"', at + kKey.size()) - at);
      newest = std::max(newest, sent_.get(number_at(stamp.substr(stamp.rfind(':') + 1))));
    }
    return newest;
  }

  const SendTimes& sent_;
  std::vector<std::int64_t> microseconds_;
  std::uint64_t lines_ = 0;
  std::uint64_t dropped_ = 0;
};

struct Child {
  pid_t pid = -1;
  int input = -1;   // ours of its standard input
  int output = -1;  // and of its standard output
};

// With nothing folded and nothing limited, so that every theft is a line.
std::string settings_file() {
  std::string path = "/tmp/krbtrail-live-benchmark-XXXXXX";
  const int descriptor = mkstemp(path.data());
  constexpr std::string_view kSettings =
      "[live]\nfold = 0\nlimit = 0\nheartbeat = 10\nuser = root\n";
  if (descriptor < 0 || ::write(descriptor, kSettings.data(), kSettings.size()) < 0)
    return {};
  close(descriptor);
  return path;
}

Child start(const char* krbtrail, const std::string& settings) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0 ||
      pipe2(output.data(), O_CLOEXEC) != 0)
    return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(input[1], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execl(krbtrail, krbtrail, "live", "--config", settings.c_str(), nullptr);
    _exit(127);
  }
  close(input[1]);
  close(output[1]);
  return {.pid = pid, .input = input[0], .output = output[0]};
}

std::uint64_t resident_kibibytes(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:"))
      return number_at(std::string_view{line}.substr(line.find_first_of("0123456789")));
  }
  return 0;
}

// Sends records when they are due, each event with its EOE.
class Sender {
 public:
  Sender(const Child& child, std::uint64_t rate, std::chrono::seconds length, SendTimes& sent)
      : child_(child), rate_(rate), began_(Clock::now()), until_(began_ + length), sent_(sent) {}

  // False when the time is over or nobody listens any more.
  [[nodiscard]] bool send(std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n') + 1;
      if (!send_record(lines.substr(0, end)))
        return false;
      lines.remove_prefix(end);
    }
    return true;
  }

  [[nodiscard]] std::uint64_t records() const { return records_; }
  [[nodiscard]] std::uint64_t lines() const { return records_ + events_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - began_).count();
  }
  // The first ten seconds, in which tables fill, are not counted.
  [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> resident_range() const {
    return {resident_low_, resident_high_};
  }

 private:
  [[nodiscard]] bool send_record(std::string_view line) {
    const std::size_t open = line.find("audit(") + 6;
    const std::string_view key = line.substr(open, line.find(')', open) - open);
    if (key != key_) {
      if (!key_.empty() && !end_event())
        return false;
      key_ = key;
      wait();
    }
    ++records_;
    return write(line);
  }

  [[nodiscard]] bool end_event() {
    ++events_;
    sent_.put(number_at(std::string_view{key_}.substr(key_.find(':') + 1)), Clock::now());
    return write("node=bench type=EOE msg=audit(" + key_ + "): \n") && Clock::now() < until_;
  }

  [[nodiscard]] bool write(std::string_view line) const {
    return ::send(child_.input, line.data(), line.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(line.size());
  }

  void wait() {
    const Instant due = began_ + std::chrono::nanoseconds{records_ * 1'000'000'000 / rate_};
    const Instant now = Clock::now();
    if (due - now > 100us)
      std::this_thread::sleep_until(due);
    if (now >= look_at_memory_)
      look_at_memory(now);
  }

  void look_at_memory(Instant now) {
    look_at_memory_ = now + 10s;
    if (now - began_ < 9s)
      return;
    const std::uint64_t resident = resident_kibibytes(child_.pid);
    resident_low_ = std::min(resident_low_, resident);
    resident_high_ = std::max(resident_high_, resident);
    static_cast<void>(std::fprintf(stderr, "%4.0f s: %llu records, %.1f MiB resident\n", seconds(),
                                   static_cast<unsigned long long>(records_),
                                   static_cast<double>(resident) / 1024));
  }

  Child child_;
  std::uint64_t rate_;
  Instant began_, until_;
  Instant look_at_memory_;
  SendTimes& sent_;
  std::string key_;  // of the event under way
  std::uint64_t records_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t resident_low_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t resident_high_ = 0;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t hundredths) {
  return sorted.empty() ? 0 : sorted[(sorted.size() - 1) * hundredths / 100];
}

void report(const Sender& sender, double took, const Listener& listener, const rusage& usage,
            int status) {
  const std::vector<std::int64_t> latency = listener.sorted_microseconds();
  const auto [low, high] = sender.resident_range();
  std::printf(
      "{\"records\":%llu,\"events\":%llu,\"seconds\":%.3f,\"lines\":%llu,\"lines_taken\":%llu,"
      "\"lines_dropped\":%llu,\"user\":%.3f,\"system\":%.3f,\"peak_kib\":%ld,"
      "\"resident_kib\":[%llu,%llu],\"findings\":%zu,\"p50_us\":%lld,\"p99_us\":%lld,"
      "\"max_us\":%lld,\"status\":%d}\n",
      static_cast<unsigned long long>(sender.records()),
      static_cast<unsigned long long>(sender.events()), took,
      static_cast<unsigned long long>(sender.lines()),
      static_cast<unsigned long long>(listener.lines()),
      static_cast<unsigned long long>(listener.dropped()), seconds(usage.ru_utime),
      seconds(usage.ru_stime), usage.ru_maxrss,
      static_cast<unsigned long long>(std::min(low, high)), static_cast<unsigned long long>(high),
      latency.size(), static_cast<long long>(percentile(latency, 50)),
      static_cast<long long>(percentile(latency, 99)),
      static_cast<long long>(percentile(latency, 100)),
      WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 || number_at(argv[2]) == 0) {
    static_cast<void>(
        std::fputs("Usage: live_benchmark KRBTRAIL RECORDS_PER_SECOND SECONDS "
                   "THEFTS_PER_MILLION_EVENTS\n",
                   stderr));
    return 2;
  }
  const std::uint64_t rate = number_at(argv[2]);
  const std::string settings = settings_file();
  const Child child = start(argv[1], settings);
  if (settings.empty() || child.pid < 0) {
    static_cast<void>(std::fprintf(stderr, "live_benchmark: error: %s\n", std::strerror(errno)));
    return 1;
  }
  SendTimes sent;
  Listener listener{sent};
  std::thread listening{[&] { listener.listen(child.output); }};
  Sender sender{child, rate, std::chrono::seconds{number_at(argv[3])}, sent};
  // About five records make an event; log time runs as the clock does.
  const LogShape shape{.bytes = std::numeric_limits<std::uint64_t>::max(),
                       .density = static_cast<std::uint32_t>(rate / 5 + 1),
                       .interleave_percent = 0,
                       .theft_ppm = static_cast<std::uint32_t>(number_at(argv[4])),
                       .node = "bench"};
  static_cast<void>(krbtrail::bench::write_log(
      shape, [&](std::string_view lines) { return sender.send(lines); }, nullptr));
  const double took = sender.seconds();
  close(child.input);
  listening.join();
  int status = 0;
  rusage usage{};
  wait4(child.pid, &status, 0, &usage);
  unlink(settings.c_str());
  report(sender, took, listener, usage, status);
  return 0;
}
