// SPDX-License-Identifier: Apache-2.0
#include "chunk_notes.h"

namespace krbtrail::windows {
namespace {

std::size_t text_size_of(const WindowsEvent& event) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < event.field_count(); ++i)
    size += sizeof(FieldText) + event.field_at(i).text.size();
  return size;
}

class Teller {
 public:
  explicit Teller(Tally& tally) : tally_(tally) {}

  void operator()(SettledNote& note) { tally_.settle(std::move(note.event), note.bytes); }
  void operator()(const FrameNote& note) { tally_.frame(note.bytes); }
  void operator()(const RejectionNote& note) { tally_.reject(note.why, 0, note.bytes); }
  void operator()(UnreadableNote& note) {
    tally_.unreadable(0, note.offset, note.bytes, std::move(note.why));
  }
  void operator()(ProblemNote& note) {
    tally_.report().checksum_errors += note.is_wrong_checksum ? 1U : 0U;
    tally_.problem(0, note.offset, std::move(note.text));
  }
  void operator()(const SlackRecordNote& /*note*/) { ++tally_.report().slack_records; }

 private:
  Tally& tally_;
};

}  // namespace

void tell(std::vector<ChunkNote>& notes, Tally& tally) {
  Teller teller{tally};
  for (ChunkNote& note : notes)
    std::visit(teller, note);
}

void ChunkNotes::settle(WindowsEvent&& event, std::uint64_t bytes) {
  const std::size_t size = text_size_of(event);
  add(SettledNote{std::move(event), bytes}, size);
}

void ChunkNotes::unreadable(std::uint64_t offset, std::uint64_t bytes, std::string why) {
  const std::size_t size = why.size();
  add(UnreadableNote{offset, bytes, std::move(why)}, size);
}

void ChunkNotes::problem(std::uint64_t offset, std::string text) {
  const std::size_t size = text.size();
  add(ProblemNote{offset, std::move(text), false}, size);
}

void ChunkNotes::wrong_checksum(std::uint64_t offset, std::string text) {
  const std::size_t size = text.size();
  add(ProblemNote{offset, std::move(text), true}, size);
}

void ChunkNotes::deliver() {
  if (notes_.empty())
    return;
  receiver_(notes_);
  notes_.clear();
  size_ = 0;
}

void ChunkNotes::add(ChunkNote note, std::size_t text_size) {
  notes_.push_back(std::move(note));
  size_ += sizeof(ChunkNote) + text_size;
  if (size_ >= limit_)
    deliver();
}

}  // namespace krbtrail::windows
