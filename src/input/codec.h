// SPDX-License-Identifier: Apache-2.0
//
// One decompressor, one member at a time; decompress.cc feeds it and knows about files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace krbtrail::input {

class Codec {
 public:
  // more: call again with what is left or with further input. member_end: the member is whole and
  // its checksum is right. failed: nothing more can be had.
  enum class State : std::uint8_t { more, member_end, failed };
  // over_limit: the window is larger than kWindowLimit.
  enum class Failure : std::uint8_t { corrupt, over_limit, no_memory };
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    State state = State::more;
    Failure failure = Failure::corrupt;  // if failed
    std::string problem = {};            // "wrong checksum"; set if corrupt
  };

  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  Codec(Codec&&) = delete;
  Codec& operator=(Codec&&) = delete;
  virtual ~Codec() = default;

  // Makes ready for the (next) member. False if there is no memory for it.
  [[nodiscard]] virtual bool start() = 0;
  // `in` may be empty: then only what was held back comes out. `out` is never empty.
  [[nodiscard]] virtual Step run(std::span<const char> in, std::span<char> out) = 0;
};

[[nodiscard]] std::unique_ptr<Codec> make_gzip_codec();
[[nodiscard]] std::unique_ptr<Codec> make_xz_codec();
[[nodiscard]] std::unique_ptr<Codec> make_zstd_codec();
[[nodiscard]] std::unique_ptr<Codec> make_bzip2_codec();

}  // namespace krbtrail::input
