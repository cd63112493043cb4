// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/decompress.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec.h"

namespace krbtrail::input {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kInputBlock = std::size_t{64} << 10U;

bool is_zstd(std::string_view bytes) {
  // A skippable frame's magic is any of 0x184D2A50 to 0x184D2A5F, little-endian.
  return bytes.starts_with("(\xb5/\xfd"sv) ||
         (bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50 &&
          bytes.substr(1, 3) == "*M\x18"sv);
}

bool is_bzip2(std::string_view bytes) {
  return bytes.size() >= 10 && bytes.starts_with("BZh") && bytes[3] >= '1' && bytes[3] <= '9' &&
         (bytes.substr(4, 6) == "1AY&SY"sv || bytes.substr(4, 6) == "\x17rE8P\x90"sv);
}

std::unique_ptr<Codec> make_codec(Compression compression) {
  switch (compression) {
    case Compression::none:
      return nullptr;
    case Compression::gzip:
      return make_gzip_codec();
    case Compression::xz:
      return make_xz_codec();
    case Compression::zstd:
      return make_zstd_codec();
    case Compression::bzip2:
      return make_bzip2_codec();
  }
  return nullptr;
}

// Compressed bytes on their way in, with room to look at the next few before taking them.
class InputBlock {
 public:
  explicit InputBlock(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  [[nodiscard]] std::string_view name() const { return source_->name(); }
  [[nodiscard]] std::span<const char> bytes() const {
    return std::span{block_}.subspan(begin_, end_ - begin_);
  }
  [[nodiscard]] bool at_end() const { return begin_ == end_ && ended_; }
  // Of the next byte to be taken, in the compressed file.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

  void take(std::size_t count) {
    assert(count <= end_ - begin_);
    begin_ += count;
    offset_ += count;
  }

  // Reads until `wanted` bytes are there or the source has ended.
  model::Status fill(std::size_t wanted) {
    assert(wanted <= block_.size());
    while (end_ - begin_ < wanted && !ended_) {
      std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
      const model::Result<std::size_t> got = source_->read(std::span{block_}.subspan(end_));
      if (!got)
        return got.error();
      end_ += *got;
      ended_ = *got == 0;
    }
    return {};
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::vector<char> block_ = std::vector<char>(kInputBlock);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool ended_ = false;
};

class DecompressSource final : public ByteSource {
 public:
  DecompressSource(std::unique_ptr<ByteSource> compressed, Compression compression)
      : input_(std::move(compressed)), compression_(compression), codec_(make_codec(compression)) {}

  [[nodiscard]] std::string_view name() const override { return input_.name(); }

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> buffer) override {
    assert(!buffer.empty());
    while (place_ != Place::end && !failure_) {
      const std::size_t produced =
          place_ == Place::inside_member ? continue_member(buffer) : begin_member();
      if (produced > 0)
        return produced;
    }
    if (failure_)
      return *failure_;
    return std::size_t{0};
  }

 private:
  enum class Place : std::uint8_t { before_first_member, inside_member, after_member, end };

  std::size_t begin_member() {
    if (place_ == Place::after_member && !find_next_member())
      return 0;
    if (codec_->start())
      place_ = Place::inside_member;
    else
      fail(no_memory_text());
    return 0;
  }

  // False if there is none: at the end of the input, or with a failure at bytes that are no member.
  bool find_next_member() {
    while (fill(kCompressionMagic) && !input_.at_end() && input_.bytes().front() == '\0') {
      const std::span<const char> bytes = input_.bytes();
      const auto first_other = std::ranges::find_if(bytes, [](char c) { return c != '\0'; });
      input_.take(static_cast<std::size_t>(first_other - bytes.begin()));
    }
    if (failure_)
      return false;
    if (input_.at_end()) {
      place_ = Place::end;
      return false;
    }
    const std::span<const char> bytes = input_.bytes();
    if (compression_of({bytes.data(), bytes.size()}) == compression_)
      return true;
    fail_with(std::string(name()) + ": the bytes from offset " + std::to_string(input_.offset()) +
              " on are not " + std::string(to_string(compression_)) + " data");
    return false;
  }

  std::size_t continue_member(std::span<char> buffer) {
    // A decompressor may hold bytes back when `buffer` was too small for them, so it is asked once
    // more before an empty input counts as the end.
    if (!holds_back_ && !fill(1))
      return 0;
    const bool input_ended = input_.at_end();
    Codec::Step step = codec_->run(input_.bytes(), buffer);
    input_.take(step.consumed);
    holds_back_ = step.produced == buffer.size();
    switch (step.state) {
      case Codec::State::member_end:
        place_ = Place::after_member;
        holds_back_ = false;
        break;
      case Codec::State::failed:
        fail(failure_text(step));
        break;
      case Codec::State::more:
        check_progress(step, input_ended);
        break;
    }
    return step.produced;
  }

  void check_progress(const Codec::Step& step, bool input_ended) {
    if (step.consumed != 0 || step.produced != 0)
      return;
    if (input_ended)
      fail(" data ends early at offset " + std::to_string(input_.offset()));
    else if (!input_.bytes().empty())
      fail(corrupt_text("invalid data"));
  }

  [[nodiscard]] std::string failure_text(const Codec::Step& step) const {
    switch (step.failure) {
      case Codec::Failure::corrupt:
        return corrupt_text(step.problem);
      case Codec::Failure::over_limit:
        return over_limit_text();
      case Codec::Failure::no_memory:
        break;
    }
    return no_memory_text();
  }

  [[nodiscard]] std::string no_memory_text() const {
    return " data cannot be read at offset " + std::to_string(input_.offset()) +
           ": no memory for it";
  }

  [[nodiscard]] std::string corrupt_text(const std::string& problem) const {
    return " data is corrupt at offset " + std::to_string(input_.offset()) + ": " + problem;
  }

  [[nodiscard]] std::string over_limit_text() const {
    return " data at offset " + std::to_string(input_.offset()) + " needs a window over " +
           std::to_string(kWindowLimit >> 20U) + " MiB";
  }

  bool fill(std::size_t wanted) {
    const model::Status filled = input_.fill(wanted);
    if (!filled)
      failure_ = filled.error();
    return filled.has_value();
  }

  void fail(const std::string& what) {
    fail_with(std::string(name()) + ": " + std::string(to_string(compression_)) + what);
  }
  void fail_with(std::string message) {
    failure_ = model::Error{.message = std::move(message), .hint = {}};
  }

  InputBlock input_;
  Compression compression_;
  std::unique_ptr<Codec> codec_;
  Place place_ = Place::before_first_member;
  bool holds_back_ = false;
  std::optional<model::Error> failure_;  // given once all that came before it has been read
};

}  // namespace

std::string_view to_string(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "none";
    case Compression::gzip:
      return "gzip";
    case Compression::xz:
      return "xz";
    case Compression::zstd:
      return "zstd";
    case Compression::bzip2:
      return "bzip2";
  }
  return "";
}

Compression compression_of(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1f\x8b\x08"sv))
    return Compression::gzip;
  if (first_bytes.starts_with("\xfd\x37\x7a\x58\x5a\x00"sv))
    return Compression::xz;
  if (is_zstd(first_bytes))
    return Compression::zstd;
  if (is_bzip2(first_bytes))
    return Compression::bzip2;
  return Compression::none;
}

std::unique_ptr<ByteSource> decompress(std::unique_ptr<ByteSource> compressed,
                                       Compression compression) {
  if (compression == Compression::none)
    return compressed;
  return std::make_unique<DecompressSource>(std::move(compressed), compression);
}

}  // namespace krbtrail::input
