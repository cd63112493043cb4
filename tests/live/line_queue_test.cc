// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/line_queue.h"

#include <array>
#include <random>
#include <string>
#include <thread>

#include "support/catch.h"

using krbtrail::live::LineQueue;

namespace {

constexpr auto kLong = std::chrono::seconds{60};

std::string take(LineQueue& queue, std::size_t at_most) {
  std::string buffer(at_most, '?');
  buffer.resize(queue.pop(buffer, std::chrono::steady_clock::now()).bytes);
  return buffer;
}

}  // namespace

TEST_CASE("a queue gives back what was put in, in any pieces", "[live][line_queue]") {
  const auto seed = GENERATE(take(5, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  LineQueue queue{97};  // a prime, so that every wrap is at another place
  std::string in;
  std::string out;
  for (int step = 0; step < 5'000; ++step) {
    const std::string line(random() % 20, static_cast<char>('a' + random() % 26));
    if (in.size() - out.size() + line.size() + 1 <= 97) {
      queue.push(line + "\n");
      in += line + "\n";
    }
    if (random() % 2 == 0)
      out += take(queue, 1 + random() % 60);
  }
  out += take(queue, 97);
  CHECK(out == in);
  CHECK(queue.counts().bytes == in.size());
  CHECK(queue.counts().dropped_bytes == 0);
}

TEST_CASE("what does not fit is dropped whole and counted", "[live][line_queue]") {
  LineQueue queue{10};
  queue.push("12345\n");
  queue.push("ab\ncd\n");  // 6 bytes, 4 are free
  queue.push("xyz\n");
  CHECK(take(queue, 100) == "12345\nxyz\n");
  const LineQueue::Counts counts = queue.counts();
  CHECK(counts.lines == 2);
  CHECK(counts.bytes == 10);
  CHECK(counts.dropped_lines == 2);
  CHECK(counts.dropped_bytes == 6);
  CHECK(counts.high_water == 10);
}

TEST_CASE("a closed queue ends behind its last byte", "[live][line_queue]") {
  LineQueue queue{10};
  queue.push("a\n");
  queue.close();
  std::array<char, 10> buffer{};
  const LineQueue::Taken first = queue.pop(buffer, {});
  CHECK(first.bytes == 2);
  CHECK_FALSE(first.ended);
  const LineQueue::Taken second = queue.pop(buffer, {});
  CHECK(second.bytes == 0);
  CHECK(second.ended);
}

TEST_CASE("an empty queue says at the deadline that nothing came", "[live][line_queue]") {
  LineQueue queue{10};
  std::array<char, 10> buffer{};
  const LineQueue::Taken taken = queue.pop(buffer, std::chrono::steady_clock::now());
  CHECK(taken.bytes == 0);
  CHECK_FALSE(taken.ended);
}

TEST_CASE("a worker that waits is woken by bytes, by wake() and by the end", "[live][line_queue]") {
  LineQueue queue{10};
  std::array<char, 10> buffer{};
  std::thread reader{[&] { queue.wake(); }};
  LineQueue::Taken taken = queue.pop(buffer, std::chrono::steady_clock::now() + kLong);
  CHECK((taken.bytes == 0 && !taken.ended));
  reader.join();
  reader = std::thread{[&] { queue.push("a\n"); }};
  taken = queue.pop(buffer, std::chrono::steady_clock::now() + kLong);
  CHECK(taken.bytes == 2);
  reader.join();
  reader = std::thread{[&] { queue.close(); }};
  taken = queue.pop(buffer, std::chrono::steady_clock::now() + kLong);
  CHECK(taken.ended);
  reader.join();
}

TEST_CASE("what nobody takes any more is counted as dropped", "[live][line_queue]") {
  LineQueue queue{10};
  queue.push("123456\n");
  CHECK(take(queue, 5) == "12345");
  queue.push("a\nb\n");  // lies around the ring's end
  queue.drop_rest();
  CHECK(queue.counts().dropped_lines == 3);
  CHECK(queue.counts().dropped_bytes == 6);
  CHECK(take(queue, 10).empty());
}
