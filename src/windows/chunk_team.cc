// SPDX-License-Identifier: Apache-2.0
#include "chunk_team.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace krbtrail::windows {
namespace {

constexpr std::size_t kChunksHeldPerJob = 2;

}  // namespace

ChunkTeam::ChunkTeam(const ReadOptions& options, Tally& tally) : options_(options), tally_(tally) {
  start_threads(std::clamp(options.jobs, 1U, kMostJobs) - 1);
}

ChunkTeam::~ChunkTeam() {
  {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void ChunkTeam::start_threads(unsigned count) {
  try {
    for (unsigned i = 0; i < count; ++i)
      threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // Those that could be started do the work, if need be the caller's own.
  }
}

void ChunkTeam::read(std::string_view bytes, const ChunkPlace& place, ChunkPart part) {
  if (threads_.empty()) {
    read_here(bytes, place, part);
    return;
  }
  if (tasks_.size() >= kChunksHeldPerJob * (threads_.size() + 1))
    tell_oldest();
  auto task = std::make_unique<Task>();
  task->bytes = bytes;
  task->place = place;
  task->part = part;
  {
    const std::lock_guard lock{mutex_};
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void ChunkTeam::finish() {
  while (!tasks_.empty())
    tell_oldest();
}

void ChunkTeam::read_here(std::string_view bytes, const ChunkPlace& place, ChunkPart part) {
  constexpr std::size_t kAtOnce = 0;
  ChunkNotes notes{kAtOnce, [this](std::vector<ChunkNote>& batch) { tell(batch, tally_); }};
  read_chunk(bytes, place, part, options_, notes);
  notes.deliver();
}

// Only the caller's thread adds tasks and takes them away, so it may look at their number without
// the mutex.
void ChunkTeam::tell_oldest() {
  std::unique_lock lock{mutex_};
  Task& task = *tasks_.front();
  if (std::exchange(task.taken, true)) {
    tell_notes_of(task, lock);
  } else {
    lock.unlock();
    read_here(task.bytes, task.place, task.part);
    lock.lock();
  }
  tasks_.pop_front();
}

void ChunkTeam::tell_notes_of(Task& task, std::unique_lock<std::mutex>& lock) {
  for (bool done = false; !done;) {
    changed_.wait(lock, [&] { return task.done || !task.notes.empty(); });
    done = task.done;
    std::vector<ChunkNote> notes = std::exchange(task.notes, {});
    lock.unlock();
    changed_.notify_all();
    tell(notes, tally_);
    lock.lock();
  }
}

void ChunkTeam::work() {
  std::unique_lock lock{mutex_};
  while (Task* task = take_up(lock)) {
    lock.unlock();
    ChunkNotes notes{kNotesLimit,
                     [&](std::vector<ChunkNote>& batch) { leave(*task, std::move(batch)); }};
    read_chunk(task->bytes, task->place, task->part, options_, notes);
    notes.deliver();
    lock.lock();
    task->done = true;
    changed_.notify_all();
  }
}

// Waits for a chunk that nobody has begun; nullptr at the end.
ChunkTeam::Task* ChunkTeam::take_up(std::unique_lock<std::mutex>& lock) {
  const auto next = [this] {
    return std::ranges::find_if(tasks_, [](const auto& task) { return !task->taken; });
  };
  changed_.wait(lock, [&] { return stopped_ || next() != tasks_.end(); });
  if (stopped_)
    return nullptr;
  Task* task = next()->get();
  task->taken = true;
  return task;
}

// Waits until the notes before these have been fetched.
void ChunkTeam::leave(Task& task, std::vector<ChunkNote>&& notes) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return stopped_ || task.notes.empty(); });
  task.notes = std::move(notes);
  changed_.notify_all();
}

}  // namespace krbtrail::windows
