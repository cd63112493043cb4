// SPDX-License-Identifier: Apache-2.0
#include "audit/block_feed.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/catch.h"

namespace krbtrail::audit {
namespace {

constexpr std::size_t kBlockBytes = 512;

// What a feed gave, block by block.
struct Given {
  std::string lines;  // of each block from its begin to its last line end
  std::vector<std::size_t> sizes;
  std::vector<std::uint64_t> feeds;  // places in the input
  std::vector<std::uint64_t> hits;   // likewise
  std::size_t got = 0;
  std::size_t dropped = 0;

  bool operator==(const Given&) const = default;
};

class Feeding {
 public:
  explicit Feeding(std::string text) : text_(std::move(text)) {}

  // Pieces of random sizes, the same for the same seed.
  [[nodiscard]] Given read_all(unsigned spare_threads, bool may_wait = false, unsigned seed = 1) {
    std::mt19937 random{seed};
    std::string_view rest = text_;
    LogInput input{.input = {},
                   .default_host = {},
                   .first_stamp = {},
                   .read =
                       [&](std::span<char> out) {
                         const std::scoped_lock lock{mutex_};
                         readers_.insert(std::this_thread::get_id());
                         const std::size_t size =
                             std::min({rest.size(), out.size(), std::size_t{1 + random() % 700}});
                         std::copy_n(rest.begin(), size, out.begin());
                         rest.remove_prefix(size);
                         return size;
                       },
                   .may_wait = may_wait};
    const ScanOptions options{.block_bytes = kBlockBytes};
    BlockPool pool{kBlockBytes + kLongestLine};
    SpareThreads spare{spare_threads};
    Given given;
    {
      BlockFeed feed{input, options, pool, scanner_, spare};
      std::uint64_t offset = 0;  // of the block's begin in the input
      for (bool at_end = false; !at_end;) {
        const ReadBlock& block = feed.next();
        at_end = block.at_end;
        offset += block.dropped + block.mark;
        given.lines.append(block.block->bytes.get() + block.begin, block.complete - block.begin);
        given.sizes.push_back(block.complete - block.begin);
        for (const std::uint32_t place : block.ends.feeds)
          given.feeds.push_back(offset + place - block.begin);
        for (const std::uint32_t place : block.hits.ends)
          given.hits.push_back(offset + place - block.begin);
        given.got += block.got;
        given.dropped += block.dropped;
        offset += block.complete - block.begin;
      }
    }
    CHECK(pool.bytes_held() == 0);
    CHECK(spare.take() == (spare_threads > 0));  // given back
    return given;
  }

  [[nodiscard]] bool read_on_this_thread_only() const {
    return readers_ == std::set{std::this_thread::get_id()};
  }

 private:
  std::string text_;
  std::vector<std::string_view> literals_{"krb5cc"};
  LiteralScanner scanner_{literals_};
  std::mutex mutex_;
  std::set<std::thread::id> readers_;
};

std::string random_lines(unsigned seed) {
  std::mt19937 random{seed};
  std::string text;
  for (int line = 0; line < 400; ++line) {
    text.append(random() % 50 == 0 ? 3'000 : random() % 60, 'x');
    text += random() % 7 == 0 ? "krb5cc" : "";
    text += '\n';
  }
  return text;
}

TEST_CASE("blocks read ahead are those read when they are asked for", "[audit][block_feed]") {
  const auto seed = GENERATE(take(20, random(1U, 1'000'000U)));
  CAPTURE(seed);
  const std::string text = random_lines(seed);
  const Given here = Feeding{text}.read_all(0, false, seed);
  const Given ahead = Feeding{text}.read_all(1, false, seed);
  CHECK(here == ahead);
  CHECK(here.lines == text);
  CHECK(here.got == text.size());
  CHECK(here.feeds.size() == 400);
  CHECK(here.hits.size() > 20);
}

TEST_CASE("an input that waits for its writer is read by no other thread", "[audit][block_feed]") {
  Feeding feeding{random_lines(1)};
  const Given given = feeding.read_all(1, true);
  CHECK(given.feeds.size() == 400);
  CHECK(feeding.read_on_this_thread_only());
  CHECK(given == feeding.read_all(1, false));
  CHECK_FALSE(feeding.read_on_this_thread_only());
}

TEST_CASE("a line without an end is dropped from its 65,536th byte on", "[audit][block_feed]") {
  const auto threads = GENERATE(0U, 1U);
  const std::string text = "a\n" + std::string(200'000, 'x') + "\nb\n";
  const Given given = Feeding{text}.read_all(threads);
  CHECK(given.got == text.size());
  CHECK(given.dropped > kLongestLine);
  CHECK(given.lines.size() + given.dropped == text.size());
  CHECK(given.lines.starts_with("a\n"));
  CHECK(given.lines.ends_with("\nb\n"));
}

TEST_CASE("a feed that is left early leaves nothing behind", "[audit][block_feed]") {
  std::atomic<std::size_t> reads = 0;
  LogInput input{
      .input = {}, .default_host = {}, .first_stamp = {}, .read = [&](std::span<char> out) {
        ++reads;
        std::ranges::fill(out, '\n');
        return out.size();
      }};
  const ScanOptions options{.block_bytes = kBlockBytes};
  BlockPool pool{kBlockBytes + kLongestLine};
  SpareThreads spare{1};
  const LiteralScanner scanner{{}};
  {
    BlockFeed feed{input, options, pool, scanner, spare};
    for (int block = 0; block < 5; ++block)
      CHECK(feed.next().complete == kBlockBytes);
  }
  CHECK(reads >= 5);
  CHECK(reads <= 5 + BlockFeed::kAhead);  // no further ahead
  CHECK(pool.bytes_held() == 0);
}

TEST_CASE("what fails on the other thread is thrown to who asks", "[audit][block_feed]") {
  const auto threads = GENERATE(0U, 1U);
  LogInput input{.input = {},
                 .default_host = {},
                 .first_stamp = {},
                 .read = [calls = 0](std::span<char> out) mutable -> std::size_t {
                   if (++calls > 2)
                     throw std::bad_alloc{};
                   std::ranges::fill(out, '\n');
                   return out.size();
                 }};
  const ScanOptions options{.block_bytes = kBlockBytes};
  BlockPool pool{kBlockBytes + kLongestLine};
  SpareThreads spare{threads};
  const LiteralScanner scanner{{}};
  BlockFeed feed{input, options, pool, scanner, spare};
  CHECK(feed.next().complete == kBlockBytes);
  CHECK(feed.next().complete == kBlockBytes);
  CHECK_THROWS_AS(feed.next(), std::bad_alloc);
}

}  // namespace
}  // namespace krbtrail::audit
