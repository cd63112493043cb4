// SPDX-License-Identifier: Apache-2.0
//
// Makes archives for tests, each with its format's own library and with checksums.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "krbtrail/input/decompress.h"

namespace krbtrail::test {

inline void expect(bool holds) {
  if (!holds)
    throw std::runtime_error("cannot compress");
}

inline std::string gzip_of(std::string_view content) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;
  expect(deflateInit2(&stream, 6, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string archive(deflateBound(&stream, content.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(archive.data());
  stream.avail_out = static_cast<uInt>(archive.size());
  expect(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  archive.resize(stream.total_out);
  deflateEnd(&stream);
  return archive;
}

inline std::string xz_of(std::string_view content) {
  std::string archive(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t size = 0;
  expect(lzma_easy_buffer_encode(LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64, nullptr,
                                 reinterpret_cast<const std::uint8_t*>(content.data()),
                                 content.size(), reinterpret_cast<std::uint8_t*>(archive.data()),
                                 &size, archive.size()) == LZMA_OK);
  archive.resize(size);
  return archive;
}

inline std::string zstd_of(std::string_view content) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string archive(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context, archive.data(), archive.size(), content.data(), content.size());
  ZSTD_freeCCtx(context);
  expect(ZSTD_isError(size) == 0);
  archive.resize(size);
  return archive;
}

inline std::string bzip2_of(std::string_view content) {
  auto size = static_cast<unsigned>(content.size() + content.size() / 100 + 600);
  std::string archive(size, '\0');
  expect(BZ2_bzBuffToBuffCompress(archive.data(), &size, const_cast<char*>(content.data()),
                                  static_cast<unsigned>(content.size()), 1, 0, 0) == BZ_OK);
  archive.resize(size);
  return archive;
}

inline std::string compressed(input::Compression compression, std::string_view content) {
  switch (compression) {
    case input::Compression::none:
      return std::string{content};
    case input::Compression::gzip:
      return gzip_of(content);
    case input::Compression::xz:
      return xz_of(content);
    case input::Compression::zstd:
      return zstd_of(content);
    case input::Compression::bzip2:
      return bzip2_of(content);
  }
  return {};
}

// Lines like those of an audit log: compressible, no two alike.
inline std::string log_text(std::size_t lines) {
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) {
    const std::string number = std::to_string(i);
    text += "type=SYSCALL msg=audit(1700000000.123:" + number +
            "): arch=c000003e syscall=257 pid=" + std::to_string(i * 7919 % 32768) +
            " comm=\"cat\" key=(null)\n";
  }
  return text;
}

}  // namespace krbtrail::test
