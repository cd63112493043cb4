// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include <bzlib.h>

#include "codec.h"

namespace krbtrail::input {
namespace {

const char* describe(int verdict) {
  return verdict == BZ_DATA_ERROR_MAGIC ? "invalid header" : "invalid data or wrong checksum";
}

unsigned count_of(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, std::numeric_limits<unsigned>::max()));
}

// A block is at most 900 kB, so the window needs no limit.
class Bzip2Codec final : public Codec {
 public:
  Bzip2Codec() = default;
  Bzip2Codec(const Bzip2Codec&) = delete;
  Bzip2Codec& operator=(const Bzip2Codec&) = delete;
  Bzip2Codec(Bzip2Codec&&) = delete;
  Bzip2Codec& operator=(Bzip2Codec&&) = delete;
  ~Bzip2Codec() override { BZ2_bzDecompressEnd(&stream_); }

  [[nodiscard]] bool start() override {
    BZ2_bzDecompressEnd(&stream_);  // of the member before; harmless for the first
    stream_ = {};
    return BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
  }

  [[nodiscard]] Step run(std::span<const char> in, std::span<char> out) override {
    const unsigned offered = count_of(in.size());
    const unsigned room = count_of(out.size());
    // The library's pointer to the input is not const, but it does not write there.
    stream_.next_in = const_cast<char*>(in.data());
    stream_.avail_in = offered;
    stream_.next_out = out.data();
    stream_.avail_out = room;
    const int verdict = BZ2_bzDecompress(&stream_);
    Step step{.consumed = offered - stream_.avail_in, .produced = room - stream_.avail_out};
    if (verdict == BZ_STREAM_END) {
      step.state = State::member_end;
    } else if (verdict != BZ_OK) {
      step.state = State::failed;
      step.failure = verdict == BZ_MEM_ERROR ? Failure::no_memory : Failure::corrupt;
      step.problem = describe(verdict);
    }
    return step;
  }

 private:
  bz_stream stream_{};
};

}  // namespace

std::unique_ptr<Codec> make_bzip2_codec() {
  return std::make_unique<Bzip2Codec>();
}

}  // namespace krbtrail::input
