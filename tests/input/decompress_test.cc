// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/decompress.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "compressed.h"
#include "support/catch.h"
#include "support/memory_source.h"

using namespace krbtrail;
using namespace std::string_view_literals;
using input::Compression;
using input::compression_of;

namespace {

// Every compression, as Catch2's GENERATE wants it.
#define EVERY_COMPRESSION \
  GENERATE(Compression::gzip, Compression::xz, Compression::zstd, Compression::bzip2)

test::Drained content_of(std::string archive, Compression compression,
                         test::MemorySourceOptions options = {}, std::size_t buffer = 4096) {
  options.name = "audit.log.2";
  const auto source = input::decompress(
      std::make_unique<test::MemorySource>(std::move(archive), std::move(options)), compression);
  return test::drain(*source, buffer);
}

std::string name_of(Compression compression) {
  return std::string(to_string(compression));
}

}  // namespace

TEST_CASE("a compression is told by its first bytes", "[input][decompress]") {
  const auto [bytes, expected] = GENERATE(table<std::string_view, Compression>({
      {"\x1f\x8b\x08\x00"sv, Compression::gzip},  // RFC 1952: ID1, ID2, deflate
      {"\x1f\x8b\x07\x00"sv, Compression::none},  // a method nobody has defined
      {"\x1f\x8b"sv, Compression::none},          // too short to tell
      {"\xfd"
       "7zXZ\0"sv,
       Compression::xz},
      {"\xfd"
       "7zXZ"sv,
       Compression::none},
      {"\x28\xb5\x2f\xfd"sv, Compression::zstd},
      {"\x50\x2a\x4d\x18"sv, Compression::zstd},               // the first skippable frame
      {"\x5f\x2a\x4d\x18"sv, Compression::zstd},               // the last
      {"\x60\x2a\x4d\x18"sv, Compression::none},               // one beyond
      {"BZh91AY&SY"sv, Compression::bzip2},                    // a block
      {"BZh1\x17\x72\x45\x38\x50\x90"sv, Compression::bzip2},  // the end at once: an empty file
      {"BZh01AY&SY"sv, Compression::none},                     // block sizes go from 1 to 9
      {"BZhello, world"sv, Compression::none},                 // text
      {"PK\x03\x04"sv, Compression::none},                     // ZIP holds files
      {"type=SYSCALL"sv, Compression::none},
      {""sv, Compression::none},
  }));
  CAPTURE(bytes);
  CHECK(compression_of(bytes) == expected);
}

TEST_CASE("content is the same whatever the sizes of pieces and buffers", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string text = test::log_text(2000);
  const std::string archive = test::compressed(compression, text);
  CAPTURE(name_of(compression));
  REQUIRE(compression_of(archive) == compression);
  const std::vector<std::vector<std::size_t>> ways = {{}, {1}, {3, 1, 7}, {4096}, {65536, 1}};
  for (const auto& pieces : ways) {
    for (const std::size_t buffer : {1UL, 13UL, 4096UL, 1UL << 20U}) {
      CAPTURE(pieces, buffer);
      const test::Drained got = content_of(archive, compression, {.pieces = pieces}, buffer);
      CHECK(got.error.empty());
      CHECK(got.bytes == text);
    }
  }
}

TEST_CASE("random piece sizes change nothing", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const auto seed = GENERATE(take(5, random(1U, 1'000'000U)));
  CAPTURE(name_of(compression), seed);
  std::mt19937 random{seed};
  const std::string text = test::log_text(500 + random() % 500);
  test::MemorySourceOptions options;
  for (int i = 0; i < 50; ++i)
    options.pieces.push_back(1 + random() % 900);
  const test::Drained got =
      content_of(test::compressed(compression, text), compression, options, 1 + random() % 5000);
  CHECK(got.error.empty());
  CHECK(got.bytes == text);
}

TEST_CASE("an empty log compresses to an empty content", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  CAPTURE(name_of(compression));
  const test::Drained got = content_of(test::compressed(compression, ""), compression);
  CHECK(got.error.empty());
  CHECK(got.bytes.empty());
}

TEST_CASE("members of an archive follow each other", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string padding =
      GENERATE(std::string{}, std::string(4, '\0'), std::string(70000, '\0'));
  CAPTURE(name_of(compression), padding.size());
  const std::string archive = test::compressed(compression, "first\n") + padding +
                              test::compressed(compression, "") + padding +
                              test::compressed(compression, "second\n") + padding;
  const std::vector<std::size_t> pieces =
      GENERATE(std::vector<std::size_t>{1}, std::vector<std::size_t>{4096});
  const test::Drained got = content_of(archive, compression, {.pieces = pieces}, 3);
  CHECK(got.error.empty());
  CHECK(got.bytes == "first\nsecond\n");
}

TEST_CASE("a skippable zstd frame has no content", "[input][decompress]") {
  const std::string skippable = std::string("\x53\x2a\x4d\x18\x03\0\0\0xyz"sv);
  const test::Drained got =
      content_of(skippable + test::zstd_of("record\n") + skippable, Compression::zstd);
  CHECK(got.error.empty());
  CHECK(got.bytes == "record\n");
}

TEST_CASE("bytes behind the archive are reported with their offset", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string archive = test::compressed(compression, "record\n");
  const test::Drained got = content_of(archive + "garbage at the end", compression);
  CHECK(got.bytes == "record\n");
  CHECK(got.error == "audit.log.2: the bytes from offset " + std::to_string(archive.size()) +
                         " on are not " + name_of(compression) + " data");
}

TEST_CASE("an archive cut anywhere gives what came before and says that it was cut",
          "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string text = test::log_text(30);
  const std::string archive = test::compressed(compression, text);
  for (std::size_t size = 0; size < archive.size(); ++size) {
    CAPTURE(name_of(compression), size);
    const test::Drained got = content_of(archive.substr(0, size), compression, {.pieces = {5}}, 64);
    CHECK(got.error == "audit.log.2: " + name_of(compression) + " data ends early at offset " +
                           std::to_string(size));
    CHECK(text.starts_with(got.bytes));
  }
}

TEST_CASE("a large archive that is cut gives most of its content", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  CAPTURE(name_of(compression));
  // Content that does not compress, so that all formats need many blocks: bzip2's are 100 kB.
  std::mt19937 random{1};
  std::string text(1'000'000, '\0');
  for (char& c : text)
    c = static_cast<char>('a' + random() % 26);
  const std::string archive = test::compressed(compression, text);
  const test::Drained got = content_of(archive.substr(0, archive.size() * 9 / 10), compression);
  CHECK_FALSE(got.error.empty());
  CHECK(text.starts_with(got.bytes));
  CHECK(got.bytes.size() > text.size() / 2);
}

TEST_CASE("a changed byte is never silent", "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string text = test::log_text(20);
  const std::string archive = test::compressed(compression, text);
  for (std::size_t place = 0; place < archive.size(); ++place) {
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      std::string damaged = archive;
      damaged[place] = static_cast<char>(static_cast<unsigned char>(damaged[place]) ^ flip);
      CAPTURE(name_of(compression), place, flip);
      const test::Drained got = content_of(damaged, compression, {.pieces = {97}}, 333);
      // Some bytes of a header mean nothing for the content (gzip's time of change).
      CHECK((got.bytes == text || !got.error.empty()));
    }
  }
}

TEST_CASE("what is wrong with an archive is said with its offset", "[input][decompress]") {
  std::string archive = test::gzip_of("record\n");
  SECTION("a wrong checksum") {
    archive[archive.size() - 8] = static_cast<char>(archive[archive.size() - 8] ^ 1);
    CHECK(content_of(archive, Compression::gzip).error ==
          "audit.log.2: gzip data is corrupt at offset " + std::to_string(archive.size()) +
              ": wrong checksum");
  }
  SECTION("a wrong length") {
    archive.back() = static_cast<char>(archive.back() ^ 1);
    CHECK(content_of(archive, Compression::gzip).error ==
          "audit.log.2: gzip data is corrupt at offset " + std::to_string(archive.size()) +
              ": wrong checksum");
  }
  SECTION("a wrong checksum of zstd") {
    archive = test::zstd_of("record\n");
    archive.back() = static_cast<char>(archive.back() ^ 1);
    const test::Drained got = content_of(archive, Compression::zstd);
    CHECK(got.error.starts_with("audit.log.2: zstd data is corrupt at offset "));
    CHECK(got.error.ends_with(": wrong checksum"));
  }
}

TEST_CASE("a failing disk below the archive is passed on after what came before",
          "[input][decompress]") {
  const Compression compression = EVERY_COMPRESSION;
  const std::string text = test::log_text(3000);
  const std::string archive = test::compressed(compression, text);
  const test::Drained got = content_of(
      archive, compression,
      {.fail_at = archive.size() - 3, .failure = "audit.log.2: cannot read: Input/output error"});
  CHECK(got.error == "audit.log.2: cannot read: Input/output error");
  CHECK(text.starts_with(got.bytes));
}

namespace {

// A zstd frame of an empty raw block whose header wants a window of 2^(10 + exponent) bytes.
std::string zstd_frame_with_window(unsigned exponent) {
  std::string frame{"\x28\xb5\x2f\xfd\x00"sv};
  frame.push_back(static_cast<char>(exponent << 3U));
  return frame + std::string("\x01\x00\x00"sv);
}

// An xz archive whose header claims another dictionary size than it was made with.
std::string xz_with_dictionary(unsigned char size_code) {
  std::string archive = test::xz_of("record\n");
  constexpr std::size_t kHeader = 12;  // of the stream; the block's header follows
  const std::size_t header_size = (static_cast<unsigned char>(archive[kHeader]) + 1U) * 4U;
  // Filter LZMA2 (0x21) with one byte of properties, which is the dictionary's size.
  const std::size_t filter = archive.find("\x21\x01", kHeader);
  REQUIRE(filter < kHeader + header_size);
  archive[filter + 2] = static_cast<char>(size_code);
  const std::uint32_t sum = lzma_crc32(
      reinterpret_cast<const std::uint8_t*>(archive.data()) + kHeader, header_size - 4, 0);
  for (std::size_t i = 0; i < 4; ++i)
    archive[kHeader + header_size - 4 + i] = static_cast<char>(sum >> (8 * i));
  return archive;
}

}  // namespace

TEST_CASE("a window of 128 MiB is taken, a larger one is refused by name", "[input][decompress]") {
  CHECK(content_of(zstd_frame_with_window(17), Compression::zstd).error.empty());  // 128 MiB
  const test::Drained zstd = content_of(zstd_frame_with_window(18), Compression::zstd);
  CHECK(zstd.error.starts_with("audit.log.2: zstd data at offset "));
  CHECK(zstd.error.ends_with(" needs a window over 128 MiB"));

  const test::Drained fits = content_of(xz_with_dictionary(30), Compression::xz);  // 2 << 26
  CHECK(fits.error.empty());
  CHECK(fits.bytes == "record\n");
  const test::Drained xz = content_of(xz_with_dictionary(31), Compression::xz);  // 3 << 26
  CHECK(xz.error.starts_with("audit.log.2: xz data at offset "));
  CHECK(xz.error.ends_with(" needs a window over 128 MiB"));
}

TEST_CASE("no compression leaves the source as it is", "[input][decompress]") {
  auto memory = std::make_unique<test::MemorySource>("record\n");
  const input::ByteSource* const same = memory.get();
  CHECK(input::decompress(std::move(memory), Compression::none).get() == same);
}

namespace {

// 1 GiB of zeros as gzip, made piece by piece: about 1 MB.
std::string gzip_bomb() {
  z_stream stream{};
  test::expect(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string zeros(1U << 20U, '\0');
  std::string archive;
  std::string piece(1U << 16U, '\0');
  for (int i = 0; i <= 1024; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = i < 1024 ? static_cast<uInt>(zeros.size()) : 0;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_out = static_cast<uInt>(piece.size());
      deflate(&stream, i < 1024 ? Z_NO_FLUSH : Z_FINISH);
      archive.append(piece, 0, piece.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return archive;
}

std::size_t resident_pages() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident;
}

}  // namespace

TEST_CASE("an archive of a gibibyte of zeros costs time, not memory", "[input][decompress]") {
  constexpr std::size_t kPages = (std::size_t{8} << 20U) / 4096;
  const std::string bomb = gzip_bomb();
  REQUIRE(bomb.size() < 8U << 20U);
  const auto source =
      input::decompress(std::make_unique<test::MemorySource>(bomb), Compression::gzip);
  std::string buffer(1U << 18U, 'x');
  const std::size_t before = resident_pages();
  REQUIRE(before > 0);
  std::size_t most = before;
  std::uint64_t total = 0;
  std::uint64_t next_look = 0;
  while (true) {
    const model::Result<std::size_t> got = source->read(std::span{buffer});
    REQUIRE(got.has_value());
    if (*got == 0)
      break;
    total += *got;
    if (total >= next_look) {
      most = std::max(most, resident_pages());
      next_look += std::uint64_t{32} << 20U;
    }
  }
  CHECK(total == std::uint64_t{1} << 30U);
  CHECK(most - before < kPages);
}
