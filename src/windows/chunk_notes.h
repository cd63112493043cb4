// SPDX-License-Identifier: Apache-2.0
//
// What the reader of a chunk has to tell, in the order of the chunk's bytes: kept, so that chunks
// can be read at the same time and told one after another.
//
//   ChunkNotes notes{kNotesLimit, [&](std::vector<ChunkNote>& batch) { tell(batch, tally); }};
//   read_chunk(bytes, place, options, notes);
//   notes.deliver();
//
// Delivers by itself whenever so many bytes have come together: the events of a crafted chunk can
// be far larger than the chunk. The receiver may move the batch away. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/windows/event.h"
#include "tally.h"

namespace krbtrail::windows {

inline constexpr std::size_t kNotesLimit = std::size_t{256} << 10U;

// Each is a call of Tally, by the same name.
struct SettledNote {
  WindowsEvent event;
  std::uint64_t bytes = 0;
};
struct FrameNote {
  std::uint64_t bytes = 0;
};
struct RejectionNote {
  model::Rejection why{};
  std::uint64_t bytes = 0;
};
struct UnreadableNote {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::string why;
};
struct ProblemNote {
  std::uint64_t offset = 0;
  std::string text;
  bool is_wrong_checksum = false;
};
struct SlackRecordNote {};
using ChunkNote = std::variant<SettledNote, FrameNote, RejectionNote, UnreadableNote, ProblemNote,
                               SlackRecordNote>;

void tell(std::vector<ChunkNote>& notes, Tally& tally);

class ChunkNotes {
 public:
  using Receiver = std::function<void(std::vector<ChunkNote>&)>;

  ChunkNotes(std::size_t limit, Receiver receiver)
      : limit_(limit), receiver_(std::move(receiver)) {}

  void settle(WindowsEvent&& event, std::uint64_t bytes);
  void frame(std::uint64_t bytes) { add(FrameNote{bytes}, 0); }
  void reject(model::Rejection why, std::uint64_t bytes) { add(RejectionNote{why, bytes}, 0); }
  void unreadable(std::uint64_t offset, std::uint64_t bytes, std::string why);
  void problem(std::uint64_t offset, std::string text);
  void wrong_checksum(std::uint64_t offset, std::string text);
  void slack_record() { add(SlackRecordNote{}, 0); }

  // Hands over what has been noted since the last time.
  void deliver();

 private:
  void add(ChunkNote note, std::size_t text_size);

  std::size_t limit_;
  Receiver receiver_;
  std::vector<ChunkNote> notes_;
  std::size_t size_ = 0;
};

}  // namespace krbtrail::windows
