// SPDX-License-Identifier: Apache-2.0
//
// What each process opened of late, from raw bytes and for every process: the trail looks back. A
// shell opens its output before the ticket, tar its archive; and whether a read was one of many is
// told by the opens around it.
//
//   opens.observe(event);      // every event, after the process table has seen it
//   opens.walk(host, pid);     // around the open observed last
//   opens.writes(host, pid);   // decoded now, oldest first
//
// An open counts if it succeeded, and not with O_PATH. Of a process its last 16 opens and its last
// 8 write-opens of regular files are kept: no device holds a copy, and shells open /dev/null all
// day. A file that the process itself removes again counts as never written. Of 8,192 processes: in
// groups of four, the least recently used of a group goes first. The text of write-opens stands in
// one buffer of 2 MiB, where the newest takes the place of the oldest; of one event, 32 KiB of
// records at most. What goes while it was of use is counted in Coverage::evictions["recent_opens"]:
// a process that opened something in the last 60 s, and a write-open of the last 600 s, once, if it
// is asked for and its text is gone. What an earlier process of the same pid opened is nobody's.
// Opens through io_uring are not seen. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/audit/path_glance.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::activity {

// The opens of one process in the 60 s before its latest one, that one left out. Folders are
// compared as the records spell them, and names without a folder as those of one folder.
struct Walk {
  unsigned same_folder = 0;   // other files of the latest one's folder, 15 at most
  bool lists_folder = false;  // it opened a folder for reading
};

// A file that a process opened for writing some time ago.
struct PastWrite {
  audit::EventKey key;
  model::Origin origin;  // of the event's first record kept
  FileObject object;
};

// The records of the event that opened it, as they were read; PROCTITLE is not kept.
struct PastRecords {
  struct Text {
    audit::RecordType type = audit::RecordType::unknown;
    std::uint16_t body = 0;
    std::string text;  // from "type=" on
  };
  audit::EventKey key;
  model::Origin origin;
  std::vector<Text> records;
};

class RecentOpens {
 public:
  // `names` is asked for paths relative to a folder. All must outlive this.
  RecentOpens(const ProcessTable& table, const FileNames& names, model::Coverage& coverage);
  ~RecentOpens() = default;
  RecentOpens(const RecentOpens&) = delete;
  RecentOpens& operator=(const RecentOpens&) = delete;
  RecentOpens(RecentOpens&&) = delete;
  RecentOpens& operator=(RecentOpens&&) = delete;

  void observe(const audit::Event& event);

  [[nodiscard]] Walk walk(model::HostId host, std::uint32_t pid) const;

  // Those of the 600 s before the process's latest open whose text is still there, oldest first.
  [[nodiscard]] std::vector<PastWrite> writes(model::HostId host, std::uint32_t pid);
  // The same as records.
  [[nodiscard]] std::vector<PastRecords> records_of_writes(model::HostId host,
                                                           std::uint32_t pid) const;
  // Those of all processes, in the order of their events.
  [[nodiscard]] std::vector<PastRecords> records_of_writes() const;

 private:
  static constexpr std::size_t kGroups = 2'048;
  static constexpr std::size_t kGroupSize = 4;
  static constexpr std::size_t kOpens = 16;
  static constexpr std::size_t kWrites = 8;

  using Second = std::uint32_t;  // of the epoch, as far as 32 bits hold it
  struct Open {
    std::uint32_t folder;  // hashes
    std::uint32_t name;
    Second second;
  };
  struct Write {
    std::uint64_t text;    // where it begins; kOver if the file was removed again, or the text is
                           // lost and was counted
    std::uint64_t inode;   // 0: unknown
    std::uint32_t device;  // hash
    Second second;
  };
  struct Owner {
    std::uint64_t incarnation = 0;
    std::uint64_t last_use = 0;  // 0: nobody
    model::HostId host{};
    std::uint32_t pid = 0;
    Second last_second = 0;  // as in its entry, which an eviction need not touch to know it
  };
  // Without values of its own, so that memory is taken when the first process needs it.
  struct Entry {
    Second last_second;
    Second listed;  // of its last open of a folder, if there was one
    std::uint32_t has_listed;
    std::uint32_t opened;
    std::uint32_t written;
    std::array<Open, kOpens> opens;
    std::array<Write, kWrites> writes;
  };
  using Owners = std::array<Owner, kGroupSize>;
  static constexpr std::uint64_t kOver = 0xFFFFFFFFFFFFFFFF;

  [[nodiscard]] static std::size_t group_of(model::HostId host, std::uint32_t pid);
  [[nodiscard]] Entry* find(model::HostId host, std::uint32_t pid) const;
  Entry& find_or_add(const audit::Event& event, std::uint32_t pid);
  static void note_open(Entry& entry, const audit::PathGlance& path, Second second);
  void note_write(Entry& entry, const audit::Event& event, const audit::PathGlance& path);
  void forget_removed(const audit::Event& event);
  void fetch_for(const audit::Event& event);

  // The buffer of texts. A position grows for ever; what lies further back than the buffer is long
  // is overwritten.
  [[nodiscard]] std::uint64_t keep_text(const audit::Event& event);
  [[nodiscard]] std::optional<PastRecords> recall(std::uint64_t position, model::HostId host) const;
  [[nodiscard]] std::optional<PastWrite> decode(const PastRecords& past);
  void put(const void* bytes, std::size_t size);
  void get(std::uint64_t& position, void* bytes, std::size_t size) const;

  const ProcessTable& table_;
  const FileNames& names_;
  model::Coverage& coverage_;
  model::Coverage own_coverage_;  // what is recalled must not change the coverage
  audit::Decoder decoder_;
  std::vector<Owners> owners_;        // together: looking for one touches no entry but its own
  std::unique_ptr<Entry[]> entries_;  // NOLINT(modernize-avoid-c-arrays): its memory is untouched
  std::unique_ptr<char[]> texts_;     // NOLINT(modernize-avoid-c-arrays): likewise
  std::uint64_t end_ = 0;             // of the texts: the position of the next one
  std::uint64_t uses_ = 0;
  struct Pid {
    model::HostId host{};
    std::uint32_t pid = 0;
  };
  std::optional<Pid> soon_;  // who is likely to open something soon
};

}  // namespace krbtrail::activity
