// SPDX-License-Identifier: Apache-2.0
#include "report/sorted_spill.h"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

namespace {

using krbtrail::model::Error;
using krbtrail::model::Status;
using krbtrail::report::SortedSpill;
using krbtrail::test::TemporaryTree;

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries drained(SortedSpill& spill) {
  Entries entries;
  const Status status = spill.drain([&](std::string_view key, std::string_view body) -> Status {
    entries.emplace_back(key, body);
    return {};
  });
  REQUIRE(status.has_value());
  return entries;
}

Entries random_entries(std::size_t count, std::mt19937& random) {
  std::uniform_int_distribution<int> byte{0, 255};
  std::uniform_int_distribution<std::size_t> key_length{0, 3};
  std::uniform_int_distribution<std::size_t> body_length{0, 40};
  Entries entries;
  for (std::size_t i = 0; i < count; ++i) {
    std::string key(key_length(random), ' ');
    std::string body = std::to_string(i) + std::string(body_length(random), '\n');
    std::ranges::generate(key, [&] { return static_cast<char>(byte(random)); });
    entries.emplace_back(std::move(key), std::move(body));
  }
  return entries;
}

TEST_CASE("entries leave in the order of their keys' bytes", "[report][sorted_spill]") {
  SortedSpill spill{{.directory = "/nonexistent"}};  // nothing is created before a bound is met
  REQUIRE(spill.push("b", "2"));
  REQUIRE(spill.push("\xff", "4"));  // bytes compare as unsigned
  REQUIRE(spill.push("a", "1"));
  REQUIRE(spill.push("b", "3"));  // equal keys keep their order
  CHECK(drained(spill) == Entries{{"a", "1"}, {"b", "2"}, {"b", "3"}, {"\xff", "4"}});
  CHECK(spill.runs_spilled() == 0);
  CHECK(drained(spill).empty());
}

TEST_CASE("what spills comes back in the same order as what stays in memory",
          "[report][sorted_spill]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  const TemporaryTree directory;
  const auto [max_entries, max_bytes, count, runs] =
      GENERATE(table<std::size_t, std::size_t, std::size_t, std::uint64_t>({
          {1, 1000, 1, 0},    // one fits
          {1, 1000, 2, 2},    // the second pushes the first out; the rest goes at the end
          {3, 1000, 7, 3},    // 3, 3, 1
          {100, 1, 5, 5},     // each is larger than the bound: alone, but whole
          {1, 1000, 31, 31},  // just under the fan-in
          {1, 1000, 33, 33},  // the first level is folded into the second
          {1, 1000, 32 * 32 + 5, 32 * 32 + 5},  // and the second into the third
      }));
  CAPTURE(max_entries, max_bytes, count);
  Entries entries = random_entries(count, random);
  SortedSpill spill{
      {.directory = directory.path(), .max_entries = max_entries, .max_bytes = max_bytes}};
  for (const auto& [key, body] : entries)
    REQUIRE(spill.push(key, body));
  std::ranges::stable_sort(entries, {}, &Entries::value_type::first);
  CHECK(drained(spill) == entries);
  CHECK(spill.runs_spilled() == runs);
}

TEST_CASE("an entry larger than a read block comes back whole", "[report][sorted_spill]") {
  const TemporaryTree directory;
  SortedSpill spill{{.directory = directory.path(), .max_entries = 1}};
  const std::string large(200'000, 'x');
  REQUIRE(spill.push("b", large));
  REQUIRE(spill.push("a", ""));
  CHECK(drained(spill) == Entries{{"a", ""}, {"b", large}});
}

TEST_CASE("the temporary file has no name", "[report][sorted_spill]") {
  const TemporaryTree directory;
  SortedSpill spill{{.directory = directory.path(), .max_entries = 1}};
  REQUIRE(spill.push("a", "1"));
  REQUIRE(spill.push("b", "2"));
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a directory that is not there is an error that names it", "[report][sorted_spill]") {
  SortedSpill spill{{.directory = "/nonexistent", .max_entries = 1}};
  REQUIRE(spill.push("a", "1"));
  const Status status = spill.push("b", "2");
  REQUIRE_FALSE(status);
  CHECK(status.error().message ==
        "/nonexistent: cannot create a temporary file: No such file or directory");
}

// A limit on the size of a file, lifted again: what a full disk is to a test that runs as root.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  SmallFiles(SmallFiles&&) = delete;
  SmallFiles& operator=(SmallFiles&&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_CASE("a disk that takes no more is an error, not a shorter list", "[report][sorted_spill]") {
  const TemporaryTree directory;
  SortedSpill spill{{.directory = directory.path(), .max_entries = 1}};
  const SmallFiles limit{1000};
  REQUIRE(spill.push("a", std::string(2000, 'x')));
  const Status status = spill.push("b", "2");
  REQUIRE_FALSE(status);
  CHECK(status.error().message ==
        directory.path() + ": cannot write a temporary file: File too large");
}

TEST_CASE("a receiver's error ends the draining and is handed on", "[report][sorted_spill]") {
  const TemporaryTree directory;
  const std::size_t max_entries = GENERATE(1U, 100U);
  SortedSpill spill{{.directory = directory.path(), .max_entries = max_entries}};
  for (const char* key : {"c", "b", "a"})
    REQUIRE(spill.push(key, ""));
  Entries taken;
  const Status status = spill.drain([&](std::string_view key, std::string_view body) -> Status {
    if (key == "b")
      return Error{.message = "out: cannot write: No space left on device", .hint = {}};
    taken.emplace_back(key, body);
    return {};
  });
  REQUIRE_FALSE(status);
  CHECK(status.error().message == "out: cannot write: No space left on device");
  CHECK(taken == Entries{{"a", ""}});
}

}  // namespace
