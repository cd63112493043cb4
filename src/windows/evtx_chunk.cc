// SPDX-License-Identifier: Apache-2.0
#include "evtx_chunk.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "binary_view.h"
#include "binxml.h"
#include "chunk_notes.h"
#include "crc32.h"
#include "event_draft.h"
#include "event_time.h"

namespace krbtrail::windows {
namespace {

constexpr std::size_t kFreeOffset = 48;
constexpr std::size_t kDataChecksum = 52;
constexpr std::size_t kHeaderChecksum = 124;
constexpr std::size_t kHeaderFirstPart = 120;  // bytes 0-119 are in the checksum
constexpr std::size_t kHeaderSecondPart = 128;

constexpr std::string_view kRecordMagic{"**\0\0", 4};
constexpr std::size_t kRecordHeader = 24;
constexpr std::size_t kSizeCopy = 4;
constexpr std::size_t kSmallestRecord = kRecordHeader + kSizeCopy;

enum class Part : std::uint8_t { live, slack, headless };

bool is_filetime(const BinaryValue& value) {
  return value.type == static_cast<std::uint8_t>(ValueType::filetime) &&
         value.bytes.size() == sizeof(std::uint64_t);
}

// The text of a run of items that belong together. `items` starts with the first of them.
struct ItemText {
  std::string text;
  bool readable = true;
};
ItemText text_of(const std::vector<EventItem>& items, std::size_t first) {
  ItemText result;
  for (std::size_t i = first; i < items.size() && (i == first || items[i].continues); ++i) {
    if (result.text.size() < kFieldLimit)
      result.readable = append_text(result.text, items[i].value) && result.readable;
  }
  if (result.text.size() > kFieldLimit)
    result.text.resize(kFieldLimit);
  return result;
}

Reading<std::string> field_reading(const std::vector<EventItem>& items, std::size_t first) {
  ItemText text = text_of(items, first);
  if (text.readable)
    return std::move(text.text);
  const BinaryValue& value = items[first].value;
  return Unreadable{"", "is a value of type " + std::to_string(value.type) + " with " +
                            std::to_string(value.bytes.size()) + " bytes"};
}

void set_head_item(WindowsEvent& event, const std::vector<EventItem>& items, std::size_t first) {
  const EventItem& item = items[first];
  // An optional value that is not there: the attribute or element is not written either.
  if (item.value.type == static_cast<std::uint8_t>(ValueType::null))
    return;
  if (item.target == Target::time && is_filetime(item.value)) {
    if (std::holds_alternative<Missing>(event.time))
      event.time = from_filetime(number_at<std::uint64_t>(item.value.bytes, 0));
    return;
  }
  const ItemText text = text_of(items, first);
  if (text.readable)
    set_head(event, item.target, text.text);
}

class ChunkReader {
 public:
  ChunkReader(std::string_view bytes, const ChunkPlace& place, ChunkNotes& notes)
      : bytes_(bytes), place_(place), notes_(notes), reader_(bytes) {}

  // The records in [begin, end), and every byte of it accounted for.
  void read_records(std::size_t begin, std::size_t end, Part part) {
    std::size_t at = begin;
    while (at < end) {
      const std::size_t size = record_size(at, end);
      if (size == 0) {
        const std::size_t next = find_record(at + 1, end);
        lose(at, next, part);
        at = next;
      } else {
        read_record(at, size, part);
        at += size;
      }
    }
  }

 private:
  // 0 if no whole record starts there.
  [[nodiscard]] std::size_t record_size(std::size_t at, std::size_t end) const {
    if (!holds(bytes_.substr(0, end), at, kSmallestRecord) ||
        bytes_.substr(at, kRecordMagic.size()) != kRecordMagic)
      return 0;
    const std::size_t size = number_at<std::uint32_t>(bytes_, at + kRecordMagic.size());
    if (size < kSmallestRecord || size > end - at)
      return 0;
    const std::size_t copy = number_at<std::uint32_t>(bytes_, at + size - kSizeCopy);
    return copy == size ? size : 0;
  }

  [[nodiscard]] std::size_t find_record(std::size_t at, std::size_t end) const {
    while (true) {
      at = bytes_.substr(0, end).find(kRecordMagic, at);
      if (at == std::string_view::npos)
        return end;
      if (record_size(at, end) != 0)
        return at;
      ++at;
    }
  }

  // Bytes that hold no record. Among live ones that is damage; elsewhere it is what is expected.
  void lose(std::size_t begin, std::size_t end, Part part) {
    const std::string_view lost = bytes_.substr(begin, end - begin);
    if (lost.find_first_not_of('\0') == std::string_view::npos) {
      notes_.reject(model::Rejection::nul, lost.size());
      if (part == Part::live)
        notes_.problem(place_.offset + begin, where(begin) + hole_text(lost.size()));
    } else if (part == Part::live) {
      notes_.unreadable(place_.offset + begin, lost.size(), loss_text(begin, lost.size()));
    } else {
      notes_.frame(lost.size());
    }
  }

  static std::string hole_text(std::size_t size) {
    return "no record where one should begin, but " + std::to_string(size) + " NUL bytes";
  }

  [[nodiscard]] std::string loss_text(std::size_t begin, std::size_t size) const {
    return where(begin) + "no record where one should begin; " + std::to_string(size) +
           " bytes are not read";
  }

  [[nodiscard]] std::string where(std::size_t at) const {
    return "chunk " + std::to_string(place_.number) + ", offset " +
           std::to_string(place_.offset + at) + ": ";
  }

  void read_record(std::size_t at, std::size_t size, Part part) {
    const auto header_id = number_at<std::uint64_t>(bytes_, at + 8);
    if (part == Part::slack)
      notes_.slack_record();
    const bool whole = reader_.read_record(at + kRecordHeader, at + size - kSizeCopy);
    WindowsEvent event;
    event.recovered = part != Part::live;
    event.origin.offset = place_.offset + at;
    build(event);
    if (!whole || event.event_id == 0) {
      lose_record(at, size, header_id, part, whole ? "it has no event id" : reader_.failure());
      return;
    }
    if (event.record_id != Reading<std::uint64_t>{header_id})
      event.header_record_id = header_id;
    notes_.settle(std::move(event), size);
  }

  // What cannot be decoded in slack has been overwritten in part: no loss of the log's.
  void lose_record(std::size_t at, std::size_t size, std::uint64_t id, Part part,
                   const std::string& why) {
    if (part == Part::slack) {
      notes_.frame(size);
      return;
    }
    notes_.unreadable(place_.offset + at, size,
                      where(at) + "record " + std::to_string(id) + " cannot be read: " + why);
  }

  void build(WindowsEvent& event) {
    const std::vector<EventItem>& items = reader_.items();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].continues && items[i].target != Target::field)
        set_head_item(event, items, i);
    }
    if (!is_wanted(event.event_id))
      return;
    std::array<bool, kFieldCount> seen{};
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].continues || items[i].target != Target::field)
        continue;
      if (!std::exchange(seen.at(static_cast<std::size_t>(items[i].field)), true))
        event.set_reading(items[i].field, field_reading(items, i));
    }
  }

  std::string_view bytes_;
  const ChunkPlace& place_;
  ChunkNotes& notes_;
  BinXmlReader reader_;
};

std::string chunk_text(const ChunkPlace& place, const std::string& what) {
  return "chunk " + std::to_string(place.number) + ", offset " + std::to_string(place.offset) +
         ": " + what;
}

void check_sums(std::string_view bytes, std::size_t free_offset, const ChunkPlace& place,
                ChunkNotes& notes) {
  const std::uint32_t header =
      crc32(bytes.substr(kHeaderSecondPart, kChunkHeader - kHeaderSecondPart),
            crc32(bytes.substr(0, kHeaderFirstPart)));
  if (header != number_at<std::uint32_t>(bytes, kHeaderChecksum))
    notes.wrong_checksum(place.offset, chunk_text(place, "the header's checksum is wrong"));
  if (free_offset > bytes.size())
    return;
  const std::uint32_t data = crc32(bytes.substr(kChunkHeader, free_offset - kChunkHeader));
  if (data != number_at<std::uint32_t>(bytes, kDataChecksum))
    notes.wrong_checksum(place.offset, chunk_text(place, "the records' checksum is wrong"));
}

// Where the live records end. A header that lies about it makes all records live: better one too
// many than one too few.
std::size_t live_end(std::string_view bytes, const ChunkPlace& place, ChunkNotes& notes) {
  const std::size_t free_offset = number_at<std::uint32_t>(bytes, kFreeOffset);
  if (free_offset >= kChunkHeader && free_offset <= kChunkSize) {
    check_sums(bytes, free_offset, place, notes);
    return free_offset;
  }
  notes.problem(place.offset, chunk_text(place, "the end of its records is said to be at " +
                                                    std::to_string(free_offset) +
                                                    ", outside of it; all records are read"));
  return bytes.size();
}

void read_whole_chunk(std::string_view bytes, const ChunkPlace& place, const ReadOptions& options,
                      ChunkNotes& notes) {
  if (bytes.size() < kChunkHeader) {
    notes.reject(model::Rejection::unreadable, bytes.size());
    notes.problem(place.offset, chunk_text(place, "it ends early: need 65536 bytes, have " +
                                                      std::to_string(bytes.size())));
    return;
  }
  notes.frame(kChunkHeader);
  const std::size_t end = live_end(bytes, place, notes);
  if (bytes.size() < kChunkSize)
    notes.problem(place.offset, chunk_text(place, "it ends early: need 65536 bytes, have " +
                                                      std::to_string(bytes.size())));
  ChunkReader reader{bytes, place, notes};
  const std::size_t live = std::min(end, bytes.size());
  reader.read_records(kChunkHeader, live, Part::live);
  if (options.recovered)
    reader.read_records(live, bytes.size(), Part::slack);
  else
    notes.frame(bytes.size() - live);
}

void read_headless_chunk(std::string_view bytes, const ChunkPlace& place, ChunkNotes& notes) {
  if (bytes.find_first_not_of('\0') != std::string_view::npos)
    notes.problem(place.offset,
                  chunk_text(place,
                             "there is no chunk where one should begin; the records that are found"
                             " are handed on as recovered"));
  ChunkReader{bytes, place, notes}.read_records(0, bytes.size(), Part::headless);
}

}  // namespace

void read_chunk(std::string_view bytes, const ChunkPlace& place, ChunkPart part,
                const ReadOptions& options, ChunkNotes& notes) {
  switch (part) {
    case ChunkPart::whole:
      read_whole_chunk(bytes, place, options, notes);
      return;
    case ChunkPart::headless:
      read_headless_chunk(bytes, place, notes);
      return;
  }
}

}  // namespace krbtrail::windows
