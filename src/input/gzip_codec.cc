// SPDX-License-Identifier: Apache-2.0
//
// ISA-L rather than zlib. Measured on generated audit logs it inflates 1.4 to 2.5 times as fast,
// and inflating is what a compressed log costs. In 80,000 mutated and truncated archives with odd
// buffer sizes it gave zlib's verdict and zlib's bytes, except that it ignores the reserved bits of
// a header's flags and that it calls some broken headers cut short. It checks CRC-32 and length.
#include <algorithm>
#include <limits>

#include <isa-l/igzip_lib.h>

#include "codec.h"

namespace krbtrail::input {
namespace {

const char* describe(int verdict) {
  switch (verdict) {
    case ISAL_INVALID_BLOCK:
      return "invalid block";
    case ISAL_INVALID_SYMBOL:
      return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
      return "reference before the start";
    case ISAL_INVALID_WRAPPER:
      return "invalid header";
    case ISAL_UNSUPPORTED_METHOD:
      return "unknown method";
    case ISAL_INCORRECT_CHECKSUM:
      return "wrong checksum";
    default:
      return "invalid data";
  }
}

std::uint32_t count_of(std::size_t size) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max()));
}

class GzipCodec final : public Codec {
 public:
  [[nodiscard]] bool start() override {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    return true;
  }

  [[nodiscard]] Step run(std::span<const char> in, std::span<char> out) override {
    const std::uint32_t offered = count_of(in.size());
    const std::uint32_t room = count_of(out.size());
    // The library's pointer to the input is not const, but it does not write there.
    state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(in.data()));
    state_.avail_in = offered;
    state_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_.avail_out = room;
    const int verdict = isal_inflate(&state_);
    // Where a stream breaks off at its last byte igzip 2.30 claims one more than it was given.
    Step step{.consumed = std::min(offered, offered - state_.avail_in),
              .produced = room - state_.avail_out};
    if (verdict < 0) {
      step.state = State::failed;
      step.problem = describe(verdict);
    } else if (state_.block_state == ISAL_BLOCK_FINISH) {
      step.state = State::member_end;
    }
    return step;
  }

 private:
  inflate_state state_{};
};

}  // namespace

std::unique_ptr<Codec> make_gzip_codec() {
  return std::make_unique<GzipCodec>();
}

}  // namespace krbtrail::input
