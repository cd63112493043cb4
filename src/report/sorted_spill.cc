// SPDX-License-Identifier: Apache-2.0
#include "report/sorted_spill.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <queue>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace krbtrail::report {
namespace {

using model::Error;
using model::Status;

// Read and write in blocks of this size; with 32 runs on each of two levels that is 2 MiB.
constexpr std::size_t kBlock = std::size_t{32} << 10U;

// An entry on disk: both lengths in the machine's own order (the file never leaves it), key, body.
struct Head {
  std::uint32_t key_length;
  std::uint32_t body_length;
};

// Reads the entries of one run, one after the other.
class RunReader {
 public:
  RunReader(int file, std::uint64_t start, std::uint64_t length)
      : file_(file), next_(start), end_(start + length) {}

  // False at the end of the run. After an error errno_of_failure() is not 0.
  [[nodiscard]] bool advance() {
    Head head = {};
    std::array<char, sizeof(Head)> bytes = {};
    if (!take(bytes.data(), bytes.size()))
      return false;
    std::memcpy(&head, bytes.data(), sizeof head);
    entry_.resize(std::size_t{head.key_length} + head.body_length);
    key_length_ = head.key_length;
    return take(entry_.data(), entry_.size());
  }

  [[nodiscard]] std::string_view key() const {
    return std::string_view{entry_}.substr(0, key_length_);
  }
  [[nodiscard]] std::string_view body() const {
    return std::string_view{entry_}.substr(key_length_);
  }
  [[nodiscard]] int errno_of_failure() const { return failure_; }

 private:
  [[nodiscard]] bool take(char* into, std::size_t wanted) {
    while (wanted > 0) {
      if (position_ == block_.size() && !fill())
        return false;
      const std::size_t some = std::min(wanted, block_.size() - position_);
      std::memcpy(into, block_.data() + position_, some);
      position_ += some;
      into += some;
      wanted -= some;
    }
    return true;
  }

  [[nodiscard]] bool fill() {
    const std::size_t size = std::min<std::uint64_t>(kBlock, end_ - next_);
    block_.resize(size);
    position_ = 0;
    if (size == 0)
      return false;
    ssize_t got = 0;
    do {
      got = ::pread(file_, block_.data(), size, static_cast<off_t>(next_));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
      failure_ = got < 0 ? errno : EIO;  // the file is ours and unlinked: it cannot be shorter
      block_.clear();
      return false;
    }
    block_.resize(static_cast<std::size_t>(got));
    next_ += block_.size();
    return true;
  }

  int file_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::string block_;
  std::size_t position_ = 0;
  std::string entry_;
  std::size_t key_length_ = 0;
  int failure_ = 0;
};

}  // namespace

Status SortedSpill::push(std::string_view key, std::string_view body) {
  const std::size_t size = key.size() + body.size();
  const bool full = entries_.size() >= options_.max_entries ||
                    (!entries_.empty() && arena_.size() + size > options_.max_bytes);
  if (full) {
    if (Status spilled = spill_held(); !spilled)
      return spilled;
  }
  entries_.push_back({.start = arena_.size(),
                      .key_length = static_cast<std::uint32_t>(key.size()),
                      .body_length = static_cast<std::uint32_t>(body.size())});
  arena_ += key;
  arena_ += body;
  return {};
}

Status SortedSpill::drain(const Receiver& receive) {
  Status status;
  if (levels_.empty()) {
    sort_held();
    status = hand_over_held(receive);
  } else if (status = spill_held(); status) {
    status = merge(0, levels_.size() - 1, receive);
  }
  levels_.clear();
  return status;
}

std::string_view SortedSpill::key_of(const Entry& entry) const {
  return std::string_view{arena_}.substr(entry.start, entry.key_length);
}

std::string_view SortedSpill::body_of(const Entry& entry) const {
  return std::string_view{arena_}.substr(entry.start + entry.key_length, entry.body_length);
}

void SortedSpill::sort_held() {
  std::ranges::stable_sort(entries_, {}, [this](const Entry& entry) { return key_of(entry); });
}

Status SortedSpill::hand_over_held(const Receiver& receive) {
  for (const Entry& entry : entries_) {
    if (Status taken = receive(key_of(entry), body_of(entry)); !taken)
      return taken;
  }
  entries_.clear();
  arena_.clear();
  return {};
}

Status SortedSpill::spill_held() {
  if (entries_.empty())
    return {};
  sort_held();
  if (Status opened = open_level(0); !opened)
    return opened;
  ++runs_spilled_;
  const auto held = [this](const Receiver& receive) { return hand_over_held(receive); };
  if (Status written = append_run(0, held); !written)
    return written;
  return levels_[0].runs.size() < kFanIn ? Status{} : fold(0);
}

// Merges the runs of one level into one run of the next and empties the level.
Status SortedSpill::fold(std::size_t level) {
  if (Status opened = open_level(level + 1); !opened)
    return opened;
  const auto merged = [&](const Receiver& receive) { return merge(level, level, receive); };
  if (Status written = append_run(level + 1, merged); !written)
    return written;
  Level& emptied = levels_[level];
  if (::ftruncate(emptied.file.number(), 0) != 0 ||
      ::lseek(emptied.file.number(), 0, SEEK_SET) != 0)
    return failure("empty a temporary file", errno);
  emptied.size = 0;
  emptied.runs.clear();
  return levels_[level + 1].runs.size() < kFanIn ? Status{} : fold(level + 1);
}

Status SortedSpill::open_level(std::size_t level) {
  if (level < levels_.size())
    return {};
  std::string path = options_.directory + "/krbtrail-spill-XXXXXX";
  Descriptor file{::mkostemp(path.data(), O_CLOEXEC)};
  if (!file.is_open())
    return failure("create a temporary file", errno);
  if (::unlink(path.c_str()) != 0)
    return failure("unlink a temporary file", errno);
  levels_.push_back({.file = std::move(file), .size = 0, .runs = {}});
  return {};
}

Status SortedSpill::append_run(std::size_t level,
                               const std::function<Status(const Receiver&)>& feed) {
  Level& target = levels_[level];
  Run run{.start = target.size, .length = 0};
  std::string block;
  const auto write_block = [&]() -> Status {
    const int code = write_all(target.file.number(), block);
    run.length += block.size();
    block.clear();
    return code == 0 ? Status{} : Status{failure("write a temporary file", code)};
  };
  Status status = feed([&](std::string_view key, std::string_view body) -> Status {
    const Head head{.key_length = static_cast<std::uint32_t>(key.size()),
                    .body_length = static_cast<std::uint32_t>(body.size())};
    std::array<char, sizeof head> bytes = {};
    std::memcpy(bytes.data(), &head, sizeof head);
    block.append(bytes.data(), bytes.size()).append(key).append(body);
    return block.size() < kBlock ? Status{} : write_block();
  });
  if (status)
    status = write_block();
  target.size += run.length;
  target.runs.push_back(run);
  return status;
}

Status SortedSpill::merge(std::size_t first_level, std::size_t last_level,
                          const Receiver& receive) const {
  // Higher levels hold what was pushed earlier, so they come first where keys are equal.
  std::vector<RunReader> readers;
  for (std::size_t level = last_level + 1; level-- > first_level;) {
    for (const Run& run : levels_[level].runs)
      readers.emplace_back(levels_[level].file.number(), run.start, run.length);
  }
  const auto later = [&](std::size_t a, std::size_t b) {
    const int order = readers[a].key().compare(readers[b].key());
    return order != 0 ? order > 0 : a > b;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> heads{later};
  const auto advance = [&](std::size_t index) -> Status {
    if (readers[index].advance())
      heads.push(index);
    const int code = readers[index].errno_of_failure();
    return code == 0 ? Status{} : Status{failure("read a temporary file", code)};
  };
  for (std::size_t index = 0; index < readers.size(); ++index) {
    if (Status advanced = advance(index); !advanced)
      return advanced;
  }
  while (!heads.empty()) {
    const std::size_t index = heads.top();
    heads.pop();
    if (Status taken = receive(readers[index].key(), readers[index].body()); !taken)
      return taken;
    if (Status advanced = advance(index); !advanced)
      return advanced;
  }
  return {};
}

Error SortedSpill::failure(std::string_view what, int code) const {
  std::string message = options_.directory;
  message += ": cannot ";
  message += what;
  message += ": ";
  message += std::generic_category().message(code);
  return {.message = std::move(message),
          .hint = "findings that must be sorted are held there; it needs more room"};
}

}  // namespace krbtrail::report
