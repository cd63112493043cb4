// SPDX-License-Identifier: Apache-2.0
#include "audit/event_queue.h"

#include <iterator>
#include <map>
#include <random>

#include "support/catch.h"

using krbtrail::audit::EventQueue;

TEST_CASE("events leave a queue in order, wherever they were put", "[audit][event_queue]") {
  EventQueue queue;
  EventQueue::Slot slot = 0;
  for (const std::int64_t milliseconds : {50, 20, 90, 10, 30})
    queue.insert({.milliseconds = milliseconds, .serial = 1}, slot++);
  queue.insert({.milliseconds = 50, .serial = 0}, slot++);  // the serial decides among equals
  std::vector<EventQueue::Slot> order;
  for (; !queue.empty(); queue.pop_front())
    order.push_back(queue.front());
  CHECK(order == std::vector<EventQueue::Slot>{3, 1, 4, 5, 0, 2});
}

TEST_CASE("a queue finds what is in it and nothing else", "[audit][event_queue]") {
  EventQueue queue;
  CHECK(queue.find({.milliseconds = 1, .serial = 1}) == EventQueue::kNone);
  queue.insert({.milliseconds = 1, .serial = 1}, 7);
  CHECK(queue.find({.milliseconds = 1, .serial = 1}) == 7);
  CHECK(queue.find({.milliseconds = 1, .serial = 2}) == EventQueue::kNone);
  CHECK(queue.find({.milliseconds = 2, .serial = 0}) == EventQueue::kNone);
  queue.pop_front();
  CHECK(queue.find({.milliseconds = 1, .serial = 1}) == EventQueue::kNone);
  CHECK(queue.empty());
}

TEST_CASE("a queue does what a sorted map does", "[audit][event_queue]") {
  const auto seed = GENERATE(take(20, random(1U, 1'000'000U)));
  CAPTURE(seed);
  std::mt19937 random{seed};
  EventQueue queue;
  std::map<EventQueue::Place, EventQueue::Slot> plain;
  std::int64_t now = 0;
  for (EventQueue::Slot step = 0; step < 3'000; ++step) {
    // Mostly forwards, some a little back, a few far back: beyond what a ring is shifted for.
    now += static_cast<std::int64_t>(random() % 3);
    const std::int64_t back = random() % 4 == 0 ? random() % 20 : random() % 16 == 0 ? 2'000 : 0;
    const EventQueue::Place place{.milliseconds = now - back,
                                  .serial = static_cast<std::uint32_t>(random() % 4)};
    const auto known = plain.find(place);
    REQUIRE(queue.find(place) == (known == plain.end() ? EventQueue::kNone : known->second));
    if (known == plain.end()) {
      queue.insert(place, step);
      plain.emplace(place, step);
    }
    while (plain.size() > 500 || (!plain.empty() && random() % 3 == 0)) {
      REQUIRE(queue.front() == plain.begin()->second);
      REQUIRE(queue.front_place() == plain.begin()->first);
      queue.pop_front();
      plain.erase(plain.begin());
    }
    if (!plain.empty() && random() % 3 == 0) {
      const auto gone = std::next(plain.begin(), random() % static_cast<unsigned>(plain.size()));
      queue.erase(gone->first);
      plain.erase(gone);
    }
    REQUIRE(queue.empty() == plain.empty());
  }
}
