// SPDX-License-Identifier: Apache-2.0
#include <lzma.h>

#include "codec.h"
#include "krbtrail/input/decompress.h"

namespace krbtrail::input {
namespace {

// liblzma counts its own tables (measured: well under 1 MiB) in the same limit as the dictionary.
constexpr std::uint64_t kMemoryLimit = kWindowLimit + (std::uint64_t{1} << 20U);

const char* describe(lzma_ret verdict) {
  switch (verdict) {
    case LZMA_FORMAT_ERROR:
      return "invalid header";
    case LZMA_OPTIONS_ERROR:
      return "unknown method";
    default:
      return "invalid data or wrong checksum";
  }
}

Codec::Failure failure_of(lzma_ret verdict) {
  if (verdict == LZMA_MEMLIMIT_ERROR)
    return Codec::Failure::over_limit;
  return verdict == LZMA_MEM_ERROR ? Codec::Failure::no_memory : Codec::Failure::corrupt;
}

class XzCodec final : public Codec {
 public:
  XzCodec() = default;
  XzCodec(const XzCodec&) = delete;
  XzCodec& operator=(const XzCodec&) = delete;
  XzCodec(XzCodec&&) = delete;
  XzCodec& operator=(XzCodec&&) = delete;
  ~XzCodec() override { lzma_end(&stream_); }

  [[nodiscard]] bool start() override {
    return lzma_stream_decoder(&stream_, kMemoryLimit, 0) == LZMA_OK;
  }

  [[nodiscard]] Step run(std::span<const char> in, std::span<char> out) override {
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    stream_.avail_out = out.size();
    const lzma_ret verdict = lzma_code(&stream_, LZMA_RUN);
    Step step{.consumed = in.size() - stream_.avail_in, .produced = out.size() - stream_.avail_out};
    if (verdict == LZMA_STREAM_END) {
      step.state = State::member_end;
    } else if (verdict != LZMA_OK && verdict != LZMA_BUF_ERROR) {  // BUF_ERROR: wants input
      step.state = State::failed;
      step.failure = failure_of(verdict);
      step.problem = describe(verdict);
    }
    return step;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Codec> make_xz_codec() {
  return std::make_unique<XzCodec>();
}

}  // namespace krbtrail::input
