// SPDX-License-Identifier: Apache-2.0
//
// Which process a pid was, at the moment the log has come to.
//
//   ProcessTable table{{}, accounts, coverage};
//   table.observe(event);                        // every event, in the order of (time, serial)
//   const Lineage lineage = table.lineage(host, pid, ppid);
//
// Of a process that ran before the log begins the table may be told: know(). What a record says of
// the same process counts for more.
//
// A process is known from its exec (source exec), from the fork, vfork, clone or clone3 that made
// it (fork: it runs its parent's image), or from its own later records only (actor). observe()
// reads raw bytes and copies what tells who runs what: of an exec's records SYSCALL from ppid on,
// EXECVE, CWD and PATH item 0, an actor's SYSCALL likewise. They are decoded by libauparse when a
// finding cites them, not before.
//
// Pids are used again. An exec or a fork replaces what was known of its pid; so does an actor
// record whose exe or ppid contradicts it. No contradiction: " (deleted)" behind the exe, and a
// ppid of 1 or of an ancestor (a subreaper) in the same login session: an orphan keeps its old
// parent. A parent that was born after its child last named it is another process with the same
// pid. An exec without a fork replaces the image; the image before is forgotten, because ancestry
// is of processes, and what a shell was before it became sudo is not where sudo came from.
//
// Callers must not expect:
// - forks inside of a container under the right pid: exit= is the pid in the caller's namespace.
// The
//   next record of that pid puts it right.
// - threads to be told from processes in clone3, whose flags are not recorded. A thread's number is
// no
//   pid of any record, so its entry is never asked for.
//
// Bounds: `processes` and `bytes`, beyond which the process goes whose own or whose children's
// records are the oldest; Coverage::evictions["process_table"] counts them. There is no idle
// timeout: shells sleep for days. Looking up changes nothing, so that what is evicted does not
// depend on what is cited. Not thread-safe. `accounts` and `coverage` must outlive this object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/known_process.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/audit/syscall_glance.h"
#include "krbtrail/audit/syscall_name.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::activity {

class ProcessTable {
 public:
  struct Limits {
    std::size_t processes = 32'768;
    std::size_t bytes = 10U << 20U;        // of kept records, with what keeping them costs
    std::size_t image_bytes = 16U << 10U;  // of one exec; EXECVE records beyond it are left out
    std::size_t decoded_images = 64;       // kept decoded for the next question
  };
  static constexpr std::size_t kMostAncestors = 32;

  ProcessTable(Limits limits, const Accounts& accounts, model::Coverage& coverage);
  ~ProcessTable();
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;
  ProcessTable(ProcessTable&&) = delete;
  ProcessTable& operator=(ProcessTable&&) = delete;

  void observe(const audit::Event& event);
  // Takes what is told of a process, as of now. What is known of its pid gives way, unless it is
  // the same process and this is only what /proc says of it.
  void know(const KnownProcess& known);
  // Tells of its processes, the one used last at the end: of as many of the latest as `most_bytes`
  // hold.
  void tell(std::size_t most_bytes, const std::function<void(const KnownProcess&)>& use) const;

  // The process as the table knows it (source unknown, with nothing but the pid, if it does not)
  // and its ancestors, asked for at first use. `ppid` stands in where the pid is not in the table.
  [[nodiscard]] Lineage lineage(model::HostId host, std::uint32_t pid,
                                std::optional<std::uint32_t> ppid);
  // The same, of the process itself, for an event whose own record names it: what only its exec
  // said (argv, command line and where that is from, working directory, whose file it is) and the
  // source. The rest of the answer may be empty.
  [[nodiscard]] Process words(model::HostId host, std::uint32_t pid);
  // Which of the processes that had this pid has it now: a number that no other process in the
  // table has or had, the same through every exec of it. 0 if the table does not know the pid.
  [[nodiscard]] std::uint64_t incarnation(model::HostId host, std::uint32_t pid) const;
  // The highest of these numbers so far.
  [[nodiscard]] std::uint64_t incarnations() const { return incarnations_; }
  // Whether `ancestor` is among the ancestors that are known of a process, by way of a child whose
  // incarnation is above `since`: one that had an earlier owner of that number for its parent keeps
  // naming it.
  [[nodiscard]] bool descends_from(model::HostId host, std::uint32_t pid, std::uint32_t ancestor,
                                   std::uint64_t since) const;
  [[nodiscard]] std::vector<Process> ancestry(model::HostId host, std::uint32_t pid,
                                              std::optional<std::uint32_t> ppid);

  [[nodiscard]] std::size_t size() const { return by_pid_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  using Slot = std::uint32_t;
  using Moment = std::uint64_t;  // the number of events observed so far
  static constexpr Slot kNoSlot = 0xFFFFFFFF;

  struct Image;
  // Images by number, in places that are used again with their memory: an image a process and one
  // allocation an image would cost more than all else that is done with an event.
  class Images {
   public:
    using Id = std::uint32_t;
    static constexpr Id kNone = 0xFFFFFFFF;

    Images();
    ~Images();
    Images(const Images&) = delete;
    Images& operator=(const Images&) = delete;
    Images(Images&&) = delete;
    Images& operator=(Images&&) = delete;

    [[nodiscard]] Id add();  // empty, and held by nobody
    [[nodiscard]] Image& operator[](Id id);
    [[nodiscard]] const Image& operator[](Id id) const;
    void hold(Id id);
    // True if that was the last holder; its place may be used again then.
    bool let_go(Id id);

   private:
    std::vector<Image> images_;
    std::vector<Id> free_;
  };
  struct Pid {
    model::HostId host{};
    std::uint32_t pid = 0;
    bool operator==(const Pid&) const = default;
  };
  // Slots by (host, pid): open addressing with linear probing, because every event asks and a chain
  // of nodes costs a cache miss a step. Seeded, so that no log can make its pids collide.
  class Index {
   public:
    explicit Index(std::size_t processes);

    [[nodiscard]] Slot find(const Pid& pid) const;
    void fetch(const Pid& pid) const { __builtin_prefetch(&places_[home(pid)]); }
    void add(const Pid& pid, Slot slot);  // which is not in it
    void remove(const Pid& pid);          // which is in it
    [[nodiscard]] std::size_t size() const { return size_; }

   private:
    struct Place {
      Pid pid;
      Slot slot = kNoSlot;
    };
    [[nodiscard]] std::size_t home(const Pid& pid) const;

    std::vector<Place> places_;  // a power of two of them, at most half of them taken
    std::uint64_t seed_;
    std::size_t size_ = 0;
  };

  // One process. What belongs to the process and not to its image (the trail's last write-opens and
  // its count of distinct opens, when the ticket trail comes) has its place behind `last_named`: it
  // outlives an exec and ends in begin_process().
  struct Entry {
    Pid pid;
    std::uint32_t ppid = 0;
    ProcessSource source = ProcessSource::unknown;
    Images::Id image = Images::kNone;  // shared with forked children
    Slot newer = kNoSlot;              // in the order of use
    Slot older = kNoSlot;
    std::uint64_t incarnation = 0;
    std::uint64_t exe_hash = 0;  // the image's
    Moment born = 0;             // 0: before its first record, nobody knows when
    Moment last_named = 0;       // when a record of it last named `ppid`
  };

  void observe_exec(const audit::Event& event, const audit::SyscallGlance& call);
  void observe_actor(const audit::Event& event, const audit::SyscallGlance& call);
  void observe_fork(const audit::Event& event, const audit::SyscallGlance& call,
                    audit::Syscall syscall);

  [[nodiscard]] Images::Id image_of(const audit::Event& event, const audit::SyscallGlance& call,
                                    ProcessSource source);
  [[nodiscard]] Images::Id image_of(const KnownProcess& known);
  [[nodiscard]] KnownProcess known_of(const Entry& entry) const;

  [[nodiscard]] Slot find(const Pid& pid) const;
  Slot find_or_add(const Pid& pid);
  bool settle_parent(Entry& entry, std::uint32_t ppid, bool orphaned);
  void begin_process(Entry& entry);
  void name_parent(Entry& entry, std::uint32_t ppid);
  void set_image(Entry& entry, Images::Id image, ProcessSource source);
  void release_image(Entry& entry);
  [[nodiscard]] bool is_ancestor(const Entry& entry, std::uint32_t pid) const;

  void fetch_for(const audit::Event& event);
  void fetch_oldest() const;
  void touch(Slot slot);
  void unlink(Slot slot);
  void link_newest(Slot slot);
  void keep_bounds(Slot written);
  void evict(Slot slot);

  // How much of an image is decoded: an event that brings a SYSCALL record of its own asks for the
  // words alone.
  enum class Extent : std::uint8_t { words, whole };
  [[nodiscard]] Process process_of(const Entry& entry, Extent extent);
  [[nodiscard]] const Process& decoded(Images::Id image, Extent extent);
  [[nodiscard]] Process decode(const Image& image, Extent extent);

  Limits limits_;
  const Accounts& accounts_;
  model::Coverage& coverage_;
  // The images' own decoder, with an account of its own: what is cited must not change the
  // coverage.
  model::Coverage image_coverage_;
  audit::Decoder decoder_;

  Images images_;
  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  Index by_pid_;
  Slot newest_ = kNoSlot;
  Slot oldest_ = kNoSlot;
  Slot observed_ = kNoSlot;  // the caller of the event observed last, who is asked for next
  std::optional<Pid> soon_;  // whose entry is wanted soon
  Moment now_ = 0;
  std::uint64_t incarnations_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t* evicted_ = nullptr;  // in coverage_, once there is one
  // The processes decoded last, and the image that each was; an image that was replaced meanwhile
  // has another version.
  struct Decoded {
    Images::Id image = Images::kNone;
    std::uint64_t version = 0;
    Extent extent = Extent::whole;
    Process process;
  };
  std::deque<Decoded> decoded_images_;
};

}  // namespace krbtrail::activity
