// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/read_ahead.h"

#include <memory>
#include <string>
#include <vector>

#include "compressed.h"
#include "support/catch.h"
#include "support/memory_source.h"

using namespace krbtrail;

namespace {

// Never ends: what a reader that loses interest has to get away from.
class EndlessSource final : public input::ByteSource {
 public:
  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override {
    std::ranges::fill(buffer, 'x');
    return buffer.size();
  }
  [[nodiscard]] std::string_view name() const override { return "endless"; }
};

}  // namespace

TEST_CASE("bytes read ahead are those of the source", "[input][read_ahead]") {
  const std::size_t lines =
      GENERATE(0UL, 1UL, 100UL, 30'000UL);  // 30,000: more than the ring holds
  const std::size_t buffer = GENERATE(7UL, 4096UL, 1UL << 20U);
  const std::vector<std::size_t> pieces =
      GENERATE(std::vector<std::size_t>{}, std::vector<std::size_t>{100'000, 1, 7777});
  CAPTURE(lines, buffer, pieces);
  const std::string text = test::log_text(lines);
  const auto source = input::read_ahead(std::make_unique<test::MemorySource>(
      text, test::MemorySourceOptions{.name = "audit.log", .pieces = pieces}));
  CHECK(source->name() == "audit.log");
  const test::Drained got = test::drain(*source, buffer);
  CHECK(got.error.empty());
  CHECK(got.bytes == text);
}

TEST_CASE("an archive may be read ahead", "[input][read_ahead]") {
  const std::string text = test::log_text(20'000);
  const auto source = input::read_ahead(input::decompress(
      std::make_unique<test::MemorySource>(test::gzip_of(text)), input::Compression::gzip));
  CHECK(test::drain(*source).bytes == text);
}

TEST_CASE("an error comes after the bytes before it, and again when asked again",
          "[input][read_ahead]") {
  const std::string text = test::log_text(20'000);
  const auto source = input::read_ahead(std::make_unique<test::MemorySource>(
      text, test::MemorySourceOptions{.pieces = {1000},
                                      .fail_at = 1'234'567,
                                      .failure = "audit.log: cannot read: Input/output error"}));
  const test::Drained got = test::drain(*source);
  CHECK(got.bytes == text.substr(0, 1'234'567));
  CHECK(got.error == "audit.log: cannot read: Input/output error");
  CHECK(test::drain(*source).error == "audit.log: cannot read: Input/output error");
}

TEST_CASE("the end stays the end", "[input][read_ahead]") {
  const auto source = input::read_ahead(std::make_unique<test::MemorySource>("record\n"));
  CHECK(test::drain(*source).bytes == "record\n");
  CHECK(test::drain(*source).bytes.empty());
}

TEST_CASE("a reader may lose interest at any time", "[input][read_ahead]") {
  const int reads = GENERATE(0, 1, 2, 10);
  std::size_t total = 0;
  {
    const auto source = input::read_ahead(std::make_unique<EndlessSource>());
    std::string buffer(1U << 18U, '\0');
    for (int i = 0; i < reads; ++i) {
      const model::Result<std::size_t> got = source->read(std::span{buffer});
      REQUIRE(got.has_value());
      total += *got;
    }
  }
  CHECK(total == static_cast<std::size_t>(reads) << 18U);
}
