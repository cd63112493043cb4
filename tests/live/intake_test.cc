// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/intake.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.h"

using namespace krbtrail;
using namespace krbtrail::live;

namespace {

// Gives what it was told to, one reading a call; its descriptor is always readable.
class Script final : public Feed {
 public:
  struct Part {
    std::string text;
    bool begins_anew = false;
  };

  explicit Script(std::vector<Part> parts) : parts_(std::move(parts)) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) == 0);
    ::close(ends_[1]);
  }
  ~Script() override { ::close(ends_[0]); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  Script(Script&&) = delete;
  Script& operator=(Script&&) = delete;

  [[nodiscard]] int descriptor() const override { return ends_[0]; }
  [[nodiscard]] std::chrono::milliseconds patience() const override {
    return std::chrono::milliseconds{-1};
  }
  [[nodiscard]] std::string_view name() const override { return "script"; }
  [[nodiscard]] FeedReading read(std::span<char> buffer) override {
    if (next_ == parts_.size())
      return {.ended = true};
    const Part& part = parts_[next_++];
    std::copy(part.text.begin(), part.text.end(), buffer.begin());
    return {.bytes = part.text.size(), .begins_anew = part.begins_anew};
  }

 private:
  std::vector<Part> parts_;
  std::size_t next_ = 0;
  std::array<int, 2> ends_{};
};

struct Outcome {
  std::string text;
  LineQueue::Counts counts;
  bool refused = false;
};

Outcome take_in(std::vector<Script::Part> parts, std::size_t capacity = 1'000'000) {
  const Signals signals;
  Script script{std::move(parts)};
  LineQueue queue{capacity};
  Intake intake{{.is_plugin = true}, script, signals, queue};
  Outcome outcome;
  std::array<char, 4096> buffer{};
  while (true) {
    const LineQueue::Taken taken =
        queue.pop(buffer, std::chrono::steady_clock::now() + std::chrono::seconds{60});
    if (taken.ended)
      break;
    outcome.text.append(buffer.data(), taken.bytes);
  }
  intake.stop();
  outcome.counts = queue.counts();
  outcome.refused = intake.refused();
  return outcome;
}

std::string binary_head(std::uint32_t version) {
  const std::array<std::uint32_t, 4> head{version, 16, 1300, 8};
  std::string bytes(sizeof head, '\0');
  std::copy_n(reinterpret_cast<const char*>(head.data()), sizeof head, bytes.begin());
  return bytes + "audit(1.";
}

}  // namespace

TEST_CASE("lines come whole, however they were cut", "[live][intake]") {
  CHECK(take_in({{.text = "ab"}, {.text = "c\nd"}, {.text = "e\nf\n"}}).text == "abc\nde\nf\n");
}

TEST_CASE("a last line without an end is taken as it is", "[live][intake]") {
  CHECK(take_in({{.text = "a\nb"}}).text == "a\nb");
}

TEST_CASE("half a line is dropped where the stream was cut, and counted", "[live][intake]") {
  const Outcome outcome = take_in({{.text = "a\nhal"}, {.text = "b\n", .begins_anew = true}});
  CHECK(outcome.text == "a\nb\n");
  CHECK(outcome.counts.dropped_lines == 1);
  CHECK(outcome.counts.dropped_bytes == 3);
}

TEST_CASE("a line without an end is not kept for ever", "[live][intake]") {
  std::vector<Script::Part> parts(100, {.text = std::string(4'000, 'x')});
  parts.push_back({.text = "x\nb\n"});
  const Outcome outcome = take_in(std::move(parts));
  CHECK(outcome.text == "b\n");
  CHECK(outcome.counts.dropped_lines == 1);
  CHECK(outcome.counts.dropped_bytes == 400'002);
}

TEST_CASE("the binary format is refused, whatever its version", "[live][intake]") {
  const auto version = GENERATE(0U, 1U);
  const Outcome outcome = take_in({{.text = binary_head(version)}, {.text = "a\n"}});
  CHECK(outcome.refused);
  CHECK(outcome.text.empty());
}

TEST_CASE("text is not taken for the binary format", "[live][intake]") {
  const Outcome outcome = take_in({{.text = "type=EOE msg=audit(1.000:1): \n"}});
  CHECK_FALSE(outcome.refused);
  CHECK(outcome.counts.lines == 1);
}
