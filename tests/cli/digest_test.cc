// SPDX-License-Identifier: Apache-2.0
#include "cli/digest.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "support/catch.h"

namespace krbtrail::cli {
namespace {

// Gives its text in pieces of `piece` bytes, then, if there is one, an error.
class Pieces : public input::ByteSource {
 public:
  Pieces(std::string text, std::size_t piece, std::string error = "")
      : text_(std::move(text)), piece_(piece), error_(std::move(error)) {}

  model::Result<std::size_t> read(std::span<char> buffer) override {
    const std::size_t size = std::min({piece_, buffer.size(), text_.size() - at_});
    if (size == 0 && !error_.empty())
      return model::Error{.message = error_, .hint = ""};
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, buffer.begin());
    at_ += size;
    return size;
  }
  std::string_view name() const override { return "pieces"; }

 private:
  std::string text_;
  std::size_t piece_;
  std::string error_;
  std::size_t at_ = 0;
};

TEST_CASE("a digest is that of FIPS 180-4's examples", "[cli][digest]") {
  const auto [text, digest] = GENERATE(table<std::string, std::string>({
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  }));
  const std::size_t piece = GENERATE(1U, 4096U, 1'000'000U);
  CAPTURE(text.substr(0, 10), piece);
  Pieces source{text, piece};
  const auto result = sha256_of(source);
  REQUIRE(result);
  CHECK(result.value() == digest);
}

TEST_CASE("half a file has no digest", "[cli][digest]") {
  Pieces source{"abc", 2, "audit.log: cannot read at offset 3: Input/output error"};
  const auto result = sha256_of(source);
  REQUIRE_FALSE(result);
  CHECK(result.error().message == "audit.log: cannot read at offset 3: Input/output error");
}

}  // namespace
}  // namespace krbtrail::cli
