// SPDX-License-Identifier: Apache-2.0
//
// Reads the chunks of one EVTX file, several at a time, and tells what they hold in the order of
// the file: the tally and its sink see the same calls whatever the number of threads.
//
//   ChunkTeam team{options, tally};          // options.jobs - 1 threads beside the caller's
//   team.read(bytes, place, ChunkPart::whole);
//   team.finish();                           // all is told
//
// The caller's thread alone touches the tally. Where a chunk's turn comes before a thread took it
// up, the caller reads it. With one job, or where no thread can be started, it reads all of them,
// each at once.
//
// Bounded: two chunks for each job are held, and of each at most three times kNotesLimit of notes;
// a thread whose chunk gives more waits until its turn comes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "chunk_notes.h"
#include "evtx_chunk.h"
#include "krbtrail/windows/reader.h"
#include "tally.h"

namespace krbtrail::windows {

class ChunkTeam {
 public:
  // `tally` must outlive it.
  ChunkTeam(const ReadOptions& options, Tally& tally);
  // Chunks that were not told are dropped.
  ~ChunkTeam();
  ChunkTeam(const ChunkTeam&) = delete;
  ChunkTeam& operator=(const ChunkTeam&) = delete;
  ChunkTeam(ChunkTeam&&) = delete;
  ChunkTeam& operator=(ChunkTeam&&) = delete;

  // The bytes are copied where they have to wait.
  void read(std::string_view bytes, const ChunkPlace& place, ChunkPart part);
  void finish();

 private:
  struct Task {
    std::string bytes;
    ChunkPlace place;
    ChunkPart part{};
    // Under mutex_.
    bool taken = false;
    bool done = false;
    std::vector<ChunkNote> notes;  // to be told
  };

  void start_threads(unsigned count);
  void read_here(std::string_view bytes, const ChunkPlace& place, ChunkPart part);
  void tell_oldest();
  void tell_notes_of(Task& task, std::unique_lock<std::mutex>& lock);

  // Of the other threads.
  void work();
  [[nodiscard]] Task* take_up(std::unique_lock<std::mutex>& lock);
  void leave(Task& task, std::vector<ChunkNote>&& notes);

  ReadOptions options_;
  Tally& tally_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Task>> tasks_;  // in the order of the file
  bool stopped_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace krbtrail::windows
