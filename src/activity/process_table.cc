// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/process_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "activity/process_facts.h"
#include "krbtrail/audit/keyed_hash.h"

namespace krbtrail::activity {
namespace {

using audit::RecordType;
using audit::Syscall;

constexpr std::uint64_t kCloneParent = 0x8000;  // linux/sched.h
constexpr std::uint64_t kCloneThread = 0x10000;
constexpr std::uint32_t kInit = 1;
constexpr std::int64_t kHighestPid = 0x7FFFFFFF;
constexpr std::string_view kDeletedHex = "202864656C6574656429";  // " (deleted)"

// What a process costs beside its records' bytes, about: entry, hash node, image, allocations.
constexpr std::size_t kEntryCost = 192;

bool is_exec(const audit::Event& event, Syscall syscall) {
  if (syscall == Syscall::execve || syscall == Syscall::execveat)
    return true;
  return syscall == Syscall::other && event.parts.execves != 0;
}

bool is_fork(Syscall syscall, const audit::SyscallGlance& call) {
  if (syscall == Syscall::clone)
    return (call.argument(0) & kCloneThread) == 0;
  return syscall == Syscall::fork || syscall == Syscall::vfork || syscall == Syscall::clone3;
}

bool is_earlier(const audit::EventKey& a, const audit::EventKey& b) {
  return a.seconds != b.seconds ? a.seconds < b.seconds : a.milliseconds < b.milliseconds;
}

// The path in an exe field in one spelling: upper-case hex, without " (deleted)".
std::string plain_exe(std::string_view raw) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string hex;
  if (raw.starts_with('"')) {
    raw.remove_prefix(1);
    for (const char c : raw.substr(0, raw.find('"'))) {
      hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4U]);
      hex.push_back(kDigits[static_cast<unsigned char>(c) & 0xFU]);
    }
  } else {
    hex = raw;
  }
  if (hex.ends_with(kDeletedHex))
    hex.resize(hex.size() - kDeletedHex.size());
  return hex;
}

// Of a SYSCALL record's body; raw. A view into it. No blank stands in what a process may choose.
std::string_view exe_in(std::string_view body) {
  constexpr std::string_view kField = " exe=";
  const std::size_t place = body.find(kField);
  if (place == std::string_view::npos)
    return {};
  const std::string_view value = body.substr(place + kField.size());
  return value.substr(0, value.find(' '));
}

void fetch(const void* from, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  for (std::size_t at = 0; at < bytes; at += kLine)
    __builtin_prefetch(static_cast<const char*>(from) + at);
}

// A file that was removed while it runs is still the same image.
bool same_exe(std::string_view a, std::string_view b) {
  return a == b || plain_exe(a) == plain_exe(b);
}

Process unknown_process(std::uint32_t pid, std::optional<std::uint32_t> ppid) {
  Process process;
  process.pid = pid;
  process.ppid = ppid;
  return process;
}

// "auid=1001" and "ses=3" of a SYSCALL record, in place: what an orphan keeps and a service of init
// does not have.
std::string_view login_field(std::string_view record, std::string_view field) {
  const std::size_t place = record.find(field);
  return place == std::string_view::npos
             ? std::string_view{}
             : record.substr(place, record.find(' ', place + 1) - place);
}

bool same_login(std::string_view a, std::string_view b) {
  return login_field(a, " auid=") == login_field(b, " auid=") &&
         login_field(a, " ses=") == login_field(b, " ses=");
}

// Of a SYSCALL record's body who acts: in the kernel's order, what stands before "ppid= pid=" is
// the call.
std::string_view actor_part(std::string_view body, const audit::SyscallGlance& call) {
  if (!call.actor.empty() && !call.exe.empty())
    return call.actor;
  const std::size_t ppid = body.find("ppid=");
  if (ppid == std::string_view::npos || call.exe.empty() || body.data() + ppid > call.exe.data())
    return body;
  const std::string_view actor = body.substr(ppid);
  const std::size_t next = actor.find(' ');
  return next != std::string_view::npos && actor.substr(next).starts_with(" pid=") ? actor : body;
}

// "type=CWD msg=audit(1700000000.123:42): "
std::string head_of(RecordType type, const audit::EventKey& key) {
  const auto name = [type]() -> std::string_view {
    switch (type) {
      case RecordType::execve:
        return "EXECVE";
      case RecordType::cwd:
        return "CWD";
      case RecordType::path:
        return "PATH";
      default:
        return "SYSCALL";
    }
  };
  std::string head{"type="};
  head += name();
  head += " msg=audit(";
  head += key.to_string();
  head += "): ";
  return head;
}

}  // namespace

// The records that tell what a process runs: their bodies as they were read, and of the SYSCALL
// record what says who runs it. The heads are all the event's key again.
struct ProcessTable::Image {
  // Stands before each record's bytes in `text`.
  struct Kept {
    RecordType type = RecordType::unknown;
    std::uint32_t length = 0;
  };

  audit::EventKey key;
  model::Origin origin;          // of the SYSCALL record
  std::uint32_t holders = 0;     // processes
  bool truncated = false;        // EXECVE records were left out
  bool from_proc = false;        // no record said so
  std::uint32_t exe_offset = 0;  // the exe field's raw value in `text`
  std::uint32_t exe_length = 0;
  std::uint64_t version = 0;  // of this place, counted up with each image that is put there
  std::string text;

  [[nodiscard]] std::string_view exe() const {
    return std::string_view{text}.substr(exe_offset, exe_length);
  }
  [[nodiscard]] std::string_view syscall_text() const {
    Kept kept;
    std::memcpy(&kept, text.data(), sizeof kept);
    return std::string_view{text}.substr(sizeof kept, kept.length);
  }
  [[nodiscard]] std::size_t cost() const { return text.capacity() + sizeof(Image); }

  // Makes room for `bytes`. Memory that a much larger image left behind is given back.
  void clear(std::size_t bytes) {
    constexpr std::size_t kWorthKeeping = 4'096;
    if (text.capacity() > kWorthKeeping && text.capacity() > bytes * 4)
      text = std::string{};
    text.clear();
    text.reserve(bytes);
    truncated = false;
    from_proc = false;
    exe_offset = 0;
    exe_length = 0;
    ++version;
  }

  void keep(RecordType type, std::string_view body) {
    const Kept kept{.type = type, .length = static_cast<std::uint32_t>(body.size())};
    std::array<char, sizeof kept> bytes{};
    std::memcpy(bytes.data(), &kept, sizeof kept);
    text.append(bytes.data(), bytes.size());
    text.append(body);
  }

  // `actor` is a part of the SYSCALL record, which is the first one kept, and `exe` of `actor`.
  void keep_syscall(const audit::Record& record, std::string_view actor, std::string_view exe) {
    keep(record.type, actor);
    origin = record.origin;
    if (exe.empty())
      return;
    exe_offset = static_cast<std::uint32_t>(sizeof(Kept) +
                                            static_cast<std::size_t>(exe.data() - actor.data()));
    exe_length = static_cast<std::uint32_t>(exe.size());
  }

  // Calls `use` with the type and the body of each record.
  template <class Use>
  void for_each(Use use) const {
    std::string_view rest = text;
    while (!rest.empty()) {
      Kept kept;
      std::memcpy(&kept, rest.data(), sizeof kept);
      use(kept.type, rest.substr(sizeof kept, kept.length));
      rest.remove_prefix(sizeof kept + kept.length);
    }
  }
};

ProcessTable::Images::Images() = default;
ProcessTable::Images::~Images() = default;

ProcessTable::Images::Id ProcessTable::Images::add() {
  if (free_.empty()) {
    free_.push_back(static_cast<Id>(images_.size()));
    images_.emplace_back();
  }
  const Id id = free_.back();
  free_.pop_back();
  return id;
}

ProcessTable::Image& ProcessTable::Images::operator[](Id id) {
  return images_[id];
}

const ProcessTable::Image& ProcessTable::Images::operator[](Id id) const {
  return images_[id];
}

void ProcessTable::Images::hold(Id id) {
  ++images_[id].holders;
}

bool ProcessTable::Images::let_go(Id id) {
  if (--images_[id].holders != 0)
    return false;
  free_.push_back(id);
  return true;
}

namespace {

bool tells_the_image(const audit::Record& record) {
  switch (record.type) {
    case RecordType::execve:
    case RecordType::cwd:
      return true;
    case RecordType::path:
      return record.body_text().starts_with("item=0 ");
    default:
      return false;
  }
}

}  // namespace

// One more than the bound: a process is added before another one is evicted.
ProcessTable::Index::Index(std::size_t processes)
    : places_(std::bit_ceil((processes + 1) * 2)), seed_(std::bit_cast<std::uintptr_t>(this)) {}

// Sixteen pids in a row stand in a row: pids are given out one after the other, so that those that
// are at work together are found in the same lines of memory.
std::size_t ProcessTable::Index::home(const Pid& pid) const {
  const std::uint64_t row = (static_cast<std::uint64_t>(pid.host) << 32U) | (pid.pid >> 4U);
  const std::uint64_t place = ((row ^ seed_) * 0x9E3779B97F4A7C15U) >> 32U;
  return static_cast<std::size_t>((place << 4U) | (pid.pid & 0xFU)) & (places_.size() - 1);
}

ProcessTable::Slot ProcessTable::Index::find(const Pid& pid) const {
  std::size_t at = home(pid);
  while (places_[at].slot != kNoSlot && places_[at].pid != pid)
    at = (at + 1) & (places_.size() - 1);
  return places_[at].slot;
}

void ProcessTable::Index::add(const Pid& pid, Slot slot) {
  std::size_t at = home(pid);
  while (places_[at].slot != kNoSlot)
    at = (at + 1) & (places_.size() - 1);
  places_[at] = {.pid = pid, .slot = slot};
  ++size_;
}

// Without tombstones: what follows in the run is moved into the gap if it may be.
void ProcessTable::Index::remove(const Pid& pid) {
  const std::size_t mask = places_.size() - 1;
  std::size_t gap = home(pid);
  while (places_[gap].pid != pid)
    gap = (gap + 1) & mask;
  for (std::size_t at = (gap + 1) & mask; places_[at].slot != kNoSlot; at = (at + 1) & mask) {
    if (((at - home(places_[at].pid)) & mask) >= ((at - gap) & mask)) {
      places_[gap] = places_[at];
      gap = at;
    }
  }
  places_[gap] = {};
  --size_;
}

ProcessTable::ProcessTable(Limits limits, const Accounts& accounts, model::Coverage& coverage)
    : limits_(limits),
      accounts_(accounts),
      coverage_(coverage),
      decoder_(image_coverage_),
      by_pid_(limits.processes) {}

ProcessTable::~ProcessTable() = default;

void ProcessTable::observe(const audit::Event& event) {
  const std::optional<audit::SyscallGlance>& call = event.call;
  if (!call)
    return;
  ++now_;
  fetch_for(event);
  const Syscall syscall = audit::syscall_of(call->arch, call->syscall);
  if (call->success && is_exec(event, syscall)) {
    observe_exec(event, *call);
    return;
  }
  observe_actor(event, *call);
  if (call->success && call->exit > 0 && call->exit <= kHighestPid && is_fork(syscall, *call))
    observe_fork(event, *call, syscall);
}

void ProcessTable::observe_exec(const audit::Event& event, const audit::SyscallGlance& call) {
  const Slot slot = find_or_add({.host = event.key.host, .pid = call.pid});
  Entry& entry = entries_[slot];
  const bool orphaned = entry.image != Images::kNone && call.ppid == kInit &&
                        same_login(images_[entry.image].syscall_text(), event.syscall->text);
  settle_parent(entry, call.ppid, orphaned);
  set_image(entry, image_of(event, call, ProcessSource::exec), ProcessSource::exec);
  entry.exe_hash = call.exe_hash;
  touch(slot);
  keep_bounds(slot);
  observed_ = slot;
}

void ProcessTable::observe_actor(const audit::Event& event, const audit::SyscallGlance& call) {
  const Slot slot = find_or_add({.host = event.key.host, .pid = call.pid});
  Entry& entry = entries_[slot];
  const bool same_image =
      entry.image != Images::kNone &&
      (entry.exe_hash == call.exe_hash || same_exe(images_[entry.image].exe(), call.exe));
  const bool orphaned = same_image && call.ppid != entry.ppid &&
                        (call.ppid == kInit || is_ancestor(entry, call.ppid)) &&
                        same_login(images_[entry.image].syscall_text(), event.syscall->text);
  const bool same_process = settle_parent(entry, call.ppid, orphaned);
  if (!same_image || !same_process) {
    set_image(entry, image_of(event, call, ProcessSource::actor), ProcessSource::actor);
    entry.exe_hash = call.exe_hash;
  }
  touch(slot);
  keep_bounds(slot);
  observed_ = slot;
}

// A parent that waits for its child in vfork reports the fork after the child's exec.
void ProcessTable::observe_fork(const audit::Event& event, const audit::SyscallGlance& call,
                                Syscall syscall) {
  const Pid child_pid{.host = event.key.host, .pid = static_cast<std::uint32_t>(call.exit)};
  const Entry& caller = entries_[find({.host = event.key.host, .pid = call.pid})];
  const bool is_sibling = syscall == Syscall::clone && (call.argument(0) & kCloneParent) != 0;
  const std::uint32_t parent = is_sibling ? caller.ppid : call.pid;
  const Images::Id image = caller.image;
  const std::uint64_t exe_hash = caller.exe_hash;
  if (child_pid.pid == call.pid)
    return;
  const Slot slot = find_or_add(child_pid);
  Entry& child = entries_[slot];
  const bool spoke_first = child.image != Images::kNone && child.source != ProcessSource::fork &&
                           child.ppid == parent && !is_earlier(images_[child.image].key, event.key);
  if (spoke_first)
    return;
  begin_process(child);
  name_parent(child, parent);
  set_image(child, image, ProcessSource::fork);
  child.exe_hash = exe_hash;
  touch(slot);
  keep_bounds(slot);
}

// All that is told belongs to one moment: nobody is born after a child has named it.
void ProcessTable::know(const KnownProcess& known) {
  if (known.records.empty() || known.records.front().first != RecordType::syscall)
    return;
  const std::string& actor = known.records.front().second;
  const std::string_view exe = exe_in(actor);
  const Slot slot = find_or_add({.host = known.key.host, .pid = known.pid});
  Entry& entry = entries_[slot];
  const bool same_image = entry.image != Images::kNone && same_exe(images_[entry.image].exe(), exe);
  const bool orphaned =
      same_image && known.ppid == kInit && same_login(images_[entry.image].syscall_text(), actor);
  const bool same_process = settle_parent(entry, known.ppid, orphaned);
  if (!same_image || !same_process || known.source != ProcessSource::proc) {
    set_image(entry, image_of(known), known.source);
    entry.exe_hash = audit::keyed_hash(exe);
  }
  touch(slot);
  keep_bounds(slot);
}

void ProcessTable::tell(std::size_t most_bytes,
                        const std::function<void(const KnownProcess&)>& use) const {
  Slot first = kNoSlot;
  std::size_t bytes = 0;
  for (Slot slot = newest_; slot != kNoSlot; slot = entries_[slot].older) {
    bytes += kEntryCost;
    if (entries_[slot].image != Images::kNone)
      bytes += images_[entries_[slot].image].text.size();
    if (bytes > most_bytes)
      break;
    first = slot;
  }
  for (Slot slot = first; slot != kNoSlot; slot = entries_[slot].newer) {
    if (entries_[slot].image != Images::kNone)
      use(known_of(entries_[slot]));
  }
}

KnownProcess ProcessTable::known_of(const Entry& entry) const {
  const Image& image = images_[entry.image];
  KnownProcess known{.key = image.key,
                     .pid = entry.pid.pid,
                     .ppid = entry.ppid,
                     .source = entry.source,
                     .truncated = image.truncated,
                     .image_from_proc = image.from_proc,
                     .records = {}};
  known.key.host = entry.pid.host;
  image.for_each(
      [&](RecordType type, std::string_view body) { known.records.emplace_back(type, body); });
  return known;
}

std::uint64_t ProcessTable::incarnation(model::HostId host, std::uint32_t pid) const {
  const Pid wanted{.host = host, .pid = pid};
  const Slot slot =
      observed_ != kNoSlot && entries_[observed_].pid == wanted ? observed_ : find(wanted);
  return slot == kNoSlot ? 0 : entries_[slot].incarnation;
}

Lineage ProcessTable::lineage(model::HostId host, std::uint32_t pid,
                              std::optional<std::uint32_t> ppid) {
  Lineage lineage;
  if (const Slot slot = find({.host = host, .pid = pid}); slot != kNoSlot)
    lineage.process = process_of(entries_[slot], Extent::whole);
  else
    lineage.process = unknown_process(pid, ppid);
  lineage.ancestry = Ancestry{*this, host, pid, ppid};
  return lineage;
}

Process ProcessTable::words(model::HostId host, std::uint32_t pid) {
  const Slot slot = find({.host = host, .pid = pid});
  return slot == kNoSlot ? unknown_process(pid, std::nullopt)
                         : process_of(entries_[slot], Extent::words);
}

std::vector<Process> ProcessTable::ancestry(model::HostId host, std::uint32_t pid,
                                            std::optional<std::uint32_t> ppid) {
  std::vector<Process> ancestors;
  std::array<std::uint32_t, kMostAncestors + 1> visited{pid};
  std::uint32_t next = ppid.value_or(0);
  Moment named = now_;
  if (const Slot slot = find({.host = host, .pid = pid}); slot != kNoSlot) {
    next = entries_[slot].ppid;
    named = entries_[slot].last_named;
  }
  while (next != 0 && ancestors.size() < kMostAncestors) {
    auto* const end = visited.data() + ancestors.size() + 1;
    if (std::find(visited.data(), end, next) != end)
      break;
    *end = next;
    const Slot slot = find({.host = host, .pid = next});
    if (slot == kNoSlot || entries_[slot].born > named) {
      ancestors.push_back(unknown_process(next, std::nullopt));
      break;
    }
    const Entry& entry = entries_[slot];
    ancestors.push_back(process_of(entry, Extent::whole));
    next = entry.ppid;
    named = entry.last_named;
  }
  return ancestors;
}

bool ProcessTable::descends_from(model::HostId host, std::uint32_t pid, std::uint32_t ancestor,
                                 std::uint64_t since) const {
  std::uint32_t next = pid;
  Moment named = now_;
  for (std::size_t depth = 0; depth < kMostAncestors && next != 0; ++depth) {
    const Slot slot = find({.host = host, .pid = next});
    if (slot == kNoSlot || entries_[slot].born > named)
      return false;
    const Entry& entry = entries_[slot];
    if (entry.ppid == ancestor)
      return entry.incarnation > since;
    next = entry.ppid;
    named = entry.last_named;
  }
  return false;
}

ProcessTable::Images::Id ProcessTable::image_of(const audit::Event& event,
                                                const audit::SyscallGlance& call,
                                                ProcessSource source) {
  const Images::Id id = images_.add();
  Image& image = images_[id];
  const bool is_exec = source == ProcessSource::exec;
  const std::string_view actor = actor_part(event.syscall->body_text(), call);
  std::size_t bytes = actor.size();
  std::size_t records = 1;
  const auto fits = [&](const audit::Record& record) {
    return bytes + record.body_text().size() <= limits_.image_bytes;
  };
  if (is_exec) {
    for (const audit::Record& record : event.records) {
      if (tells_the_image(record) && fits(record)) {
        bytes += record.body_text().size();
        ++records;
      }
    }
  }
  image.clear(bytes + records * sizeof(Image::Kept));
  image.key = event.key;
  image.keep_syscall(*event.syscall, actor, call.exe);
  bytes = actor.size();
  for (const audit::Record& record : event.records) {
    if (!is_exec || !tells_the_image(record))
      continue;
    if (fits(record)) {
      bytes += record.body_text().size();
      image.keep(record.type, record.body_text());
    } else {
      image.truncated = true;
    }
  }
  return id;
}

ProcessTable::Images::Id ProcessTable::image_of(const KnownProcess& known) {
  const Images::Id id = images_.add();
  Image& image = images_[id];
  std::size_t bytes = 0;
  for (const auto& [type, body] : known.records)
    bytes += body.size() + sizeof(Image::Kept);
  image.clear(std::min(bytes, limits_.image_bytes));
  image.key = known.key;
  image.origin = {};
  image.truncated = known.truncated;
  image.from_proc = known.image_from_proc;
  for (const auto& [type, body] : known.records) {
    if (image.text.size() + body.size() <= limits_.image_bytes)
      image.keep(type, body);
    else
      image.truncated = true;
  }
  const std::string_view exe = exe_in(image.syscall_text());
  if (!exe.empty()) {
    image.exe_offset = static_cast<std::uint32_t>(exe.data() - image.text.data());
    image.exe_length = static_cast<std::uint32_t>(exe.size());
  }
  return id;
}

ProcessTable::Slot ProcessTable::find(const Pid& pid) const {
  return by_pid_.find(pid);
}

ProcessTable::Slot ProcessTable::find_or_add(const Pid& pid) {
  if (const Slot known = by_pid_.find(pid); known != kNoSlot)
    return known;
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(entries_.size()));
    entries_.emplace_back();
  }
  const Slot slot = free_.back();
  free_.pop_back();
  entries_[slot].pid = pid;
  entries_[slot].incarnation = ++incarnations_;
  by_pid_.add(pid, slot);
  link_newest(slot);
  bytes_ += kEntryCost;
  return slot;
}

// Takes what a record says of the parent. False if the record is of another process than the entry.
bool ProcessTable::settle_parent(Entry& entry, std::uint32_t ppid, bool orphaned) {
  const bool is_new = entry.image == Images::kNone;
  if (orphaned && !is_new)
    return true;
  const bool same_process = !is_new && entry.ppid == ppid;
  if (!is_new && !same_process)
    begin_process(entry);
  name_parent(entry, ppid);
  return same_process;
}

void ProcessTable::begin_process(Entry& entry) {
  entry.incarnation = ++incarnations_;
  entry.born = now_;
}

// A parent is in use as long as it has children that act.
void ProcessTable::name_parent(Entry& entry, std::uint32_t ppid) {
  entry.ppid = ppid;
  entry.last_named = now_;
  if (const Slot parent = find({.host = entry.pid.host, .pid = ppid}); parent != kNoSlot)
    touch(parent);
}

void ProcessTable::set_image(Entry& entry, Images::Id image, ProcessSource source) {
  if (images_[image].holders == 0)
    bytes_ += images_[image].cost();
  images_.hold(image);
  release_image(entry);
  entry.image = image;
  entry.source = source;
}

void ProcessTable::release_image(Entry& entry) {
  if (entry.image == Images::kNone)
    return;
  if (images_.let_go(entry.image))
    bytes_ -= images_[entry.image].cost();
  entry.image = Images::kNone;
}

bool ProcessTable::is_ancestor(const Entry& entry, std::uint32_t pid) const {
  std::uint32_t next = entry.ppid;
  for (std::size_t depth = 0; depth < kMostAncestors && next != 0; ++depth) {
    if (next == pid)
      return true;
    const Slot slot = find({.host = entry.pid.host, .pid = next});
    if (slot == kNoSlot)
      return false;
    next = entries_[slot].ppid;
  }
  return false;
}

// The place of the pid that comes next but one, and the entry of the one before it, whose place has
// come in meanwhile.
void ProcessTable::fetch_for(const audit::Event& event) {
  if (soon_) {
    if (const Slot slot = find(*soon_); slot != kNoSlot)
      fetch(&entries_[slot], sizeof(Entry));
  }
  soon_.reset();
  if (event.ahead != nullptr) {
    soon_ = Pid{.host = event.key.host, .pid = event.ahead->pid};
    by_pid_.fetch(*soon_);
  }
}

// In a full table each new process takes the place of the oldest, which nothing has touched for
// long: what its removal needs comes in step by step, while those before it go.
void ProcessTable::fetch_oldest() const {
  if (oldest_ == kNoSlot)
    return;
  const Entry& first = entries_[oldest_];
  if (first.image != Images::kNone)
    fetch(images_[first.image].text.data(), images_[first.image].text.capacity());
  if (first.newer == kNoSlot)
    return;
  const Entry& second = entries_[first.newer];
  by_pid_.fetch(second.pid);
  if (second.image != Images::kNone)
    fetch(&images_[second.image], sizeof(Image));
  if (second.newer != kNoSlot)
    fetch(&entries_[second.newer], sizeof(Entry));
}

void ProcessTable::touch(Slot slot) {
  if (slot == newest_)
    return;
  unlink(slot);
  link_newest(slot);
}

void ProcessTable::unlink(Slot slot) {
  const Entry& entry = entries_[slot];
  (entry.newer == kNoSlot ? newest_ : entries_[entry.newer].older) = entry.older;
  (entry.older == kNoSlot ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

void ProcessTable::link_newest(Slot slot) {
  entries_[slot].newer = kNoSlot;
  entries_[slot].older = newest_;
  (newest_ == kNoSlot ? oldest_ : entries_[newest_].newer) = slot;
  newest_ = slot;
}

// The process that was just written stays, whatever the bounds are.
void ProcessTable::keep_bounds(Slot written) {
  while ((by_pid_.size() > limits_.processes || bytes_ > limits_.bytes) && oldest_ != written)
    evict(oldest_);
}

void ProcessTable::evict(Slot slot) {
  Entry& entry = entries_[slot];
  unlink(slot);
  by_pid_.remove(entry.pid);
  release_image(entry);
  entry = {};
  free_.push_back(slot);
  fetch_oldest();
  bytes_ -= kEntryCost;
  if (evicted_ == nullptr)
    evicted_ = &coverage_.evictions["process_table"];
  ++*evicted_;
}

Process ProcessTable::process_of(const Entry& entry, Extent extent) {
  Process process = decoded(entry.image, extent);
  process.pid = entry.pid.pid;
  process.ppid = entry.ppid;
  process.source = entry.source;
  return process;
}

const Process& ProcessTable::decoded(Images::Id image, Extent extent) {
  const std::uint64_t version = images_[image].version;
  const auto known = std::ranges::find_if(decoded_images_, [&](const Decoded& decoded) {
    return decoded.image == image && decoded.version == version && decoded.extent >= extent;
  });
  if (known != decoded_images_.end())
    return known->process;
  if (decoded_images_.size() >= limits_.decoded_images)
    decoded_images_.pop_front();
  decoded_images_.push_back({.image = image,
                             .version = version,
                             .extent = extent,
                             .process = decode(images_[image], extent)});
  return decoded_images_.back().process;
}

Process ProcessTable::decode(const Image& image, Extent extent) {
  std::deque<std::string> texts;  // none of which moves
  std::vector<audit::Record> records;
  image.for_each([&](RecordType type, std::string_view body) {
    if (type == RecordType::syscall && extent == Extent::words)
      return;
    std::string& text = texts.emplace_back(head_of(type, image.key));
    const auto length = static_cast<std::uint16_t>(text.size());
    text += body;
    records.push_back({.type = type, .body = length, .text = text, .origin = image.origin});
  });
  const audit::Event event{.key = image.key, .records = records};
  Process process = new_image_of(decoder_.decode(event), accounts_);
  if (image.from_proc && process.command_line_source == CommandLineSource::execve)
    process.command_line_source = CommandLineSource::proc;
  if (image.truncated && process.command_line_source == CommandLineSource::execve)
    process.command_line_source = CommandLineSource::execve_truncated;
  return process;
}

}  // namespace krbtrail::activity
