// SPDX-License-Identifier: Apache-2.0
//
// Follows each ticket through every copy.
//
//   TicketTrail trail{{}, settings, watch, opens, table, coverage};
//   const Sighting seen = trail.look(event);            // what is known before the event counts
//   …                                                   // rules judge the event with it
//   trail.learn(event, seen, {.exempt = …});            // and what the event adds
//
// A ticket is known by its name (detect/ticket_names.h) and from then on by host, device and inode,
// whatever it is called. A process that reads one is tainted; a file that a tainted process writes
// is a suspected copy; whoever reads that is tainted in turn. Taint survives an exec of the same
// process, lasts 600 s (60 s for a process of which the log shows no birth), and passes to a child
// that speaks within 2 s, one step less sure, and to a neighbour in the same pipeline (same parent
// and session, within 2 s) with low confidence. Files that the process had open for writing before
// it read count as well: a shell and tar open their output first. Not followed are /dev, /proc,
// /sys, and files whose name says log or history.
//
// Inode numbers are used again at once: a file that is created, or a name that is deleted, ends
// what was known of it. A pid's next process inherits nothing.
//
// Confidence is high for identity by inode or a full name and flow within one process, medium for a
// base name alone or a child, low for a neighbour; each hop beyond the second takes one step off.
//
// Bounds: `objects` and `object_bytes` of followed files, `processes` and `process_bytes` of
// tainted ones and their parents, their ways included, the least recently used going first, counted
// in Coverage::evictions["followed_files"] and ["tainted_processes"]; of each file 4 paths and 4
// tickets, of each process 4 tickets, a way of at most 16 steps; of a path 4,096 bytes (PATH_MAX).
// Not thread-safe. Everything handed in must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/activity/recent_opens.h"
#include "krbtrail/activity/watch.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/detect/ticket_names.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::detect {

enum class Confidence : std::uint8_t { low, medium, high };
[[nodiscard]] std::string_view to_string(Confidence confidence);

// What a trail starts at: a file that by its name holds tickets or keys.
struct Ticket {
  std::uint64_t number = 0;  // its own
  TicketKind kind = TicketKind::none;
  std::string path;  // when it was first seen; where its own client put it, if it renamed it
  std::optional<std::uint32_t> owner;  // of the file then; who a keeper gave it to
};

// Where a step's event was read.
struct StepSource {
  model::Origin origin;   // of the event's first record
  bool has_node = false;  // whether a record names its host itself
};

// One step on a ticket's way: the act that made what it leads to.
struct Step {
  std::shared_ptr<const Step> before;  // null at the ticket
  unsigned hop = 0;
  unsigned length = 1;  // of the way up to here
  audit::EventKey key;
  StepSource source;
  std::string action;
  std::string path;
  std::string process;
  std::optional<std::uint32_t> pid;  // of that process
  Confidence confidence = Confidence::high;
};

// How a read is one of many: a backup, a scan. lists_folder: the process walks a folder that it was
// not told to take the ticket from. many_files: it opened other files of the ticket's folder.
enum class Sweep : std::uint8_t { none, lists_folder, many_files };

// That something comes from a ticket. Hop 0 is the ticket itself, 1 its copy.
struct Descent {
  std::shared_ptr<const Ticket> ticket;
  unsigned hop = 0;
  Confidence confidence = Confidence::high;
  Sweep sweep = Sweep::none;  // of a copy: how its maker read the ticket
  std::shared_ptr<const Step> step;
};

enum class TaintSource : std::uint8_t { read, parent, neighbour };

// That a process holds what it read of a ticket or copy.
struct Taint {
  Descent descent;  // of what it read
  model::Timestamp time;
  std::uint64_t moment = 0;  // ProcessTable::incarnations() then: later numbers are later births
  TaintSource source = TaintSource::read;
  bool own_use = false;  // an ordinary program with its own user's ticket
  Sweep sweep = Sweep::none;
};

// What is known about an event before it counts.
struct Sighting {
  TicketName name;              // what the file's name says
  std::vector<Descent> object;  // what the file is known to be; empty if it is not followed
  bool by_old_name = false;     // `name` is what it was called before, or a symlink's target
  bool first = false;           // the object was not followed before this event
  std::vector<Taint> taints;    // of the process
  activity::Walk walk;          // around the open
  bool output = false;          // the event writes a file that the process's taint reaches
  std::vector<activity::PastWrite> earlier_outputs;  // which the process had open before a read
};

// What the rules say of the process in an event that reads or writes.
struct Reading {
  bool exempt = false;   // a ticket's own client or keeper: leaves no taint
  bool own_use = false;  // as in Taint
  Sweep sweep = Sweep::none;
};

class TicketTrail {
 public:
  struct Limits {
    std::size_t objects = 8'192;
    std::size_t object_bytes = std::size_t{4} << 20U;
    std::size_t processes = 4'096;
    std::size_t process_bytes = std::size_t{3} << 20U;
  };

  TicketTrail(Limits limits, const Settings& settings, activity::Watch& watch,
              activity::RecentOpens& opens, const activity::ProcessTable& table,
              model::Coverage& coverage);
  ~TicketTrail();
  TicketTrail(const TicketTrail&) = delete;
  TicketTrail& operator=(const TicketTrail&) = delete;
  TicketTrail(TicketTrail&&) = delete;
  TicketTrail& operator=(TicketTrail&&) = delete;

  // A file with a ticket's name that was not followed is from then on, so look() comes once an
  // event and before learn().
  [[nodiscard]] Sighting look(const activity::FileEvent& event);
  // What the process brings along: of an exec or a call.
  [[nodiscard]] std::vector<Taint> taints_of(const audit::EventKey& key,
                                             const activity::Process& process);

  void learn(const activity::FileEvent& event, const Sighting& seen, const Reading& reading);

  // A number that is another one once a later event may be judged otherwise.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] std::size_t objects() const { return objects_.size(); }
  [[nodiscard]] std::size_t processes() const { return processes_.size(); }

 private:
  struct FileKey {
    model::HostId host{};
    std::uint64_t inode = 0;
    std::string device;
    bool operator==(const FileKey&) const = default;
  };
  struct PathKey {
    model::HostId host{};
    std::string path;
    bool operator==(const PathKey&) const = default;
  };
  struct PidKey {
    model::HostId host{};
    std::uint32_t pid = 0;
    bool operator==(const PidKey&) const = default;
  };
  // Seeded, so that no log can make its keys collide.
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(const FileKey& key) const;
    std::size_t operator()(const PathKey& key) const;
    std::size_t operator()(const PidKey& key) const;
  };
  struct Object {
    FileKey key;
    std::vector<Descent> descents;
    std::vector<std::string> paths;
    std::size_t counted = 0;  // of object_bytes_
    [[nodiscard]] std::size_t cost() const;
  };
  using Objects = std::list<Object>;  // the one used last in front
  // A process that holds something of a ticket, or whose children are watched.
  struct Process {
    PidKey key;
    std::uint64_t incarnation = 0;
    model::Timestamp until;  // when its own and its children's events stop to be of interest
    std::vector<Taint> taints;
    std::size_t counted = 0;  // of process_bytes_
    [[nodiscard]] std::size_t cost() const;
  };
  using Processes = std::list<Process>;
  // What was read by a child of a process, for the child's neighbours.
  struct Pipeline {
    PidKey parent;
    std::uint32_t reader = 0;
    std::optional<std::uint32_t> session;
    std::vector<Taint> taints;
  };

  [[nodiscard]] static std::optional<FileKey> key_of(const activity::FileEvent& event,
                                                     const activity::FileObject& object);
  Object* find(const activity::FileEvent& event, const activity::FileObject& object);
  Object* touch(Objects::iterator object);
  Object* follow(FileKey key, std::string_view path, std::vector<Descent> descents);
  void add_path(Object& object, const std::string& path);
  void remove_path(Objects::iterator object, std::string_view path);
  void drop(Objects::iterator object);
  void recount(Object& object);
  void keep_bounds();

  void end_reused_inode(const activity::FileEvent& event);
  Object* start_ticket(const activity::FileEvent& event, const TicketName& name);
  [[nodiscard]] static Descent copied(const Taint& taint, const audit::EventKey& key,
                                      const StepSource& source, std::string_view action,
                                      std::string_view path, const activity::Process& process);

  Process* find_process(const PidKey& key);
  Process& watch_process(const PidKey& key, std::uint64_t incarnation, model::Timestamp until);
  void recount(Process& process);
  void keep_process_bounds();
  void drop_process(Processes::iterator process);
  void drop_stale(model::Timestamp now);
  [[nodiscard]] std::vector<Taint> inherited(const audit::EventKey& key,
                                             const activity::Process& process);

  void learn_read(const activity::FileEvent& event, const Sighting& seen, const Reading& reading);
  void learn_output(const activity::FileEvent& event, const Sighting& seen);
  void learn_name(const activity::FileEvent& event, const Reading& reading);
  void learn_removal(const activity::FileEvent& event);
  void learn_owner(const activity::FileEvent& event, const Reading& reading);

  Limits limits_;
  const Settings& settings_;
  activity::Watch& watch_;
  activity::RecentOpens& opens_;
  const activity::ProcessTable& table_;
  model::Coverage& coverage_;
  std::uint64_t seed_;

  Objects objects_;
  std::unordered_map<FileKey, Objects::iterator, Hash> by_key_;
  std::unordered_map<PathKey, Objects::iterator, Hash> by_path_;
  std::size_t object_bytes_ = 0;
  Processes processes_;
  std::unordered_map<PidKey, Processes::iterator, Hash> by_pid_;
  std::size_t process_bytes_ = 0;
  std::uint64_t tickets_ = 0;  // so far
  std::uint64_t changes_ = 0;
  std::vector<Pipeline> pipelines_;  // of the last 2 s, at most 64
};

}  // namespace krbtrail::detect
