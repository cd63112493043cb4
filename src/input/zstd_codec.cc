// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include <zstd.h>
#include <zstd_errors.h>

#include "codec.h"
#include "krbtrail/input/decompress.h"

namespace krbtrail::input {
namespace {

constexpr int kWindowLog = std::countr_zero(kWindowLimit);

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

const char* describe(ZSTD_ErrorCode verdict) {
  switch (verdict) {
    case ZSTD_error_checksum_wrong:
      return "wrong checksum";
    case ZSTD_error_prefix_unknown:
      return "invalid header";
    case ZSTD_error_dictionary_wrong:
      return "made with a dictionary";
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_version_unsupported:
      return "unknown method";
    default:
      return "invalid data";
  }
}

Codec::Failure failure_of(ZSTD_ErrorCode verdict) {
  if (verdict == ZSTD_error_frameParameter_windowTooLarge)
    return Codec::Failure::over_limit;
  return verdict == ZSTD_error_memory_allocation ? Codec::Failure::no_memory
                                                 : Codec::Failure::corrupt;
}

class ZstdCodec final : public Codec {
 public:
  [[nodiscard]] bool start() override {
    if (stream_ == nullptr)
      stream_.reset(ZSTD_createDStream());
    return stream_ != nullptr &&
           ZSTD_isError(ZSTD_DCtx_reset(stream_.get(), ZSTD_reset_session_only)) == 0 &&
           ZSTD_isError(ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kWindowLog)) ==
               0;
  }

  [[nodiscard]] Step run(std::span<const char> in, std::span<char> out) override {
    ZSTD_inBuffer input{.src = in.data(), .size = in.size(), .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t verdict = ZSTD_decompressStream(stream_.get(), &output, &input);
    Step step{.consumed = input.pos, .produced = output.pos};
    if (ZSTD_isError(verdict) != 0) {
      const ZSTD_ErrorCode code = ZSTD_getErrorCode(verdict);
      step.state = State::failed;
      step.failure = failure_of(code);
      step.problem = describe(code);
    } else if (verdict == 0) {
      step.state = State::member_end;
    }
    return step;
  }

 private:
  std::unique_ptr<ZSTD_DStream, FreeStream> stream_;
};

}  // namespace

std::unique_ptr<Codec> make_zstd_codec() {
  return std::make_unique<ZstdCodec>();
}

}  // namespace krbtrail::input
