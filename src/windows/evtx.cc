// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary_view.h"
#include "chunk_team.h"
#include "crc32.h"
#include "evtx_chunk.h"
#include "krbtrail/windows/reader.h"
#include "tally.h"

namespace krbtrail::windows {
namespace {

constexpr std::string_view kFileMagic{"ElfFile\0", 8};
constexpr std::size_t kFileHeader = 4096;
constexpr std::size_t kFileChecksum = 124;
constexpr std::size_t kFileChecked = 120;

bool is_blank(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// Walks the chunks of a file, whatever its header says: the chunk count and the dirty flag there
// are stale in every log that was copied while it was in use.
class EvtxReader {
 public:
  EvtxReader(const ReadBytes& read, const InputName& name, const ReadOptions& options,
             EventSink& sink)
      : read_(read), tally_(name, sink), team_(options, tally_), buffer_(kChunkSize) {}

  ReadReport read_all() {
    fill();
    skip_file_header();
    for (fill(); size_ > 0; fill())
      read_block();
    team_.finish();
    tally_.report().bytes = place_.offset;
    return tally_.finish();
  }

 private:
  [[nodiscard]] std::string_view block() const { return {buffer_.data(), size_}; }

  // As much of a chunk as there is.
  void fill() {
    while (!ended_ && size_ < buffer_.size()) {
      const auto got = read_(std::span{buffer_}.subspan(size_));
      if (!got)
        tally_.fail(got.error());
      ended_ = !got || *got == 0;
      size_ += ended_ ? 0 : *got;
    }
  }

  void consume(std::size_t bytes) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(bytes),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= bytes;
    place_.offset += bytes;
  }

  // A file may be a lone chunk: carved, or a log whose header was lost with its first page.
  void skip_file_header() {
    if (size_ == 0 || block().starts_with(kChunkMagic))
      return;
    const std::size_t size = std::min(kFileHeader, size_);
    const std::string_view header = block().substr(0, size);
    if (!header.starts_with(kFileMagic))
      tally_.problem(0, 0, "offset 0: the file header is damaged; its chunks are read without it");
    else if (size < kFileHeader)
      tally_.problem(
          0, 0,
          "offset 0: the file header ends early: need 4096 bytes, have " + std::to_string(size));
    else if (crc32(header.substr(0, kFileChecked)) !=
             number_at<std::uint32_t>(header, kFileChecksum))
      count_wrong_checksum();
    tally_.frame(size);
    consume(size);
  }

  void count_wrong_checksum() {
    ++tally_.report().checksum_errors;
    tally_.problem(0, 0, "offset 0: the file header's checksum is wrong");
  }

  void read_block() {
    const std::size_t size = size_;
    if (block().starts_with(kChunkMagic)) {
      team_.read(block(), place_, ChunkPart::whole);
    } else if (is_blank(block())) {
      tally_.frame(size);  // room for chunks to come
    } else {
      read_without_magic();
      return;
    }
    ++place_.number;
    consume(size);
  }

  // Up to where a chunk does begin, or all of it: bytes may have been cut out of the file.
  void read_without_magic() {
    const std::size_t size = std::min(block().find(kChunkMagic), size_);
    team_.read(block().substr(0, size), place_, ChunkPart::headless);
    ++place_.number;
    consume(size);
  }

  const ReadBytes& read_;
  Tally tally_;
  ChunkTeam team_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;
  bool ended_ = false;
  ChunkPlace place_;
};

}  // namespace

ReadReport read_evtx(const ReadBytes& read, const InputName& name, const ReadOptions& options,
                     EventSink& sink) {
  return EvtxReader{read, name, options, sink}.read_all();
}

}  // namespace krbtrail::windows
