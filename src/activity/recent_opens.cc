// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/recent_opens.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "activity/file_acts.h"
#include "krbtrail/audit/keyed_hash.h"
#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {
namespace {

using audit::PathGlance;
using audit::RecordType;
using audit::Syscall;

constexpr std::size_t kTextBytes = std::size_t{2} << 20U;
constexpr std::size_t kMostText = std::size_t{32} << 10U;  // of one event: a kernel's six PATHs
constexpr std::int32_t kWalkSeconds = 60;
constexpr std::int32_t kWriteSeconds = 600;

constexpr std::uint64_t kAccessMode = 3;  // O_ACCMODE, asm-generic/fcntl.h
constexpr std::uint64_t kTruncate = 01000;
constexpr std::uint64_t kPathOnly = 010000000;

struct OpenCall {
  bool is_open = false;
  bool writes = false;  // by its flags; unknown flags are a read
  bool path_only = false;
};

OpenCall with_flags(std::uint64_t flags) {
  return {.is_open = true,
          .writes = (flags & (kAccessMode | kTruncate)) != 0,
          .path_only = (flags & kPathOnly) != 0};
}

// openat2 keeps its flags in memory; a record of its own tells them (fs/open.c, audit_openat2_how).
OpenCall with_recorded_flags(const audit::Event& event) {
  constexpr std::string_view kName = "oflag=";
  const auto how =
      std::ranges::find(event.records, audit::RecordType::openat2, &audit::Record::type);
  if (how == event.records.end() || !how->body_text().starts_with(kName))
    return {.is_open = true};
  const std::string_view digits = how->body_text().substr(kName.size());
  std::uint64_t flags = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), flags, 8);
  return with_flags(flags);
}

bool is_open(const audit::SyscallGlance& call) {
  switch (audit::syscall_of(call.arch, call.syscall)) {
    case Syscall::open:
    case Syscall::openat:
    case Syscall::openat2:
    case Syscall::creat:
      return true;
    default:
      return false;
  }
}

OpenCall open_call(const audit::Event& event) {
  const audit::SyscallGlance& call = *event.call;
  switch (audit::syscall_of(call.arch, call.syscall)) {
    case Syscall::open:
      return with_flags(call.argument(1));
    case Syscall::openat:
    case Syscall::open_by_handle_at:
      return with_flags(call.argument(2));
    case Syscall::creat:
      return {.is_open = true, .writes = true};
    case Syscall::openat2:
      return with_recorded_flags(event);
    default:
      return {};
  }
}

bool removes_names(const audit::SyscallGlance& call) {
  const Syscall syscall = audit::syscall_of(call.arch, call.syscall);
  return syscall == Syscall::unlink || syscall == Syscall::unlinkat;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::uint32_t hash_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(audit::keyed_hash(bytes));
}

// The bytes that a raw name stands for; what is not quoted is put into `decoded`. What is neither
// quoted nor hexadecimal, as "(null)", stands for itself.
std::string_view name_of(std::string_view raw_name, std::string& decoded) {
  if (raw_name.starts_with('"')) {
    raw_name.remove_prefix(1);
    return raw_name.substr(0, raw_name.find('"'));
  }
  const bool is_hex = raw_name.size() % 2 == 0 &&
                      std::ranges::all_of(raw_name, [](char c) { return hex_digit(c) >= 0; });
  if (!is_hex)
    return raw_name;
  decoded.clear();
  for (std::size_t i = 0; i < raw_name.size(); i += 2)
    decoded += static_cast<char>(hex_digit(raw_name[i]) * 16 + hex_digit(raw_name[i + 1]));
  return decoded;
}

// Negative if `later` is earlier.
std::int32_t seconds_between(std::uint32_t earlier, std::uint32_t later) {
  return static_cast<std::int32_t>(later - earlier);
}

struct NameHashes {
  std::uint32_t folder = 0;  // as far as the name spells it; 0 of a bare name
  std::uint32_t name = 0;
};

NameHashes hashes_of(std::string_view raw_name) {
  std::string decoded;
  const std::string_view name = name_of(raw_name, decoded);
  const std::size_t slash = name.rfind('/');
  return {.folder = slash == std::string_view::npos ? 0 : hash_of(name.substr(0, slash)),
          .name = hash_of(name)};
}

// A device, a pipe or a socket holds no copy; shells open /dev/null all day.
bool can_hold_copy(const PathGlance& path) {
  constexpr std::uint32_t kFileType = 0170000;  // S_IFMT, S_IFREG
  constexpr std::uint32_t kRegular = 0100000;
  const std::uint32_t type = path.mode & kFileType;
  return type == kRegular || type == 0;
}

bool is_kept(RecordType type) {
  return type == RecordType::syscall || type == RecordType::cwd || type == RecordType::path ||
         type == RecordType::openat2;
}

// How an event and each of its records begin in the buffer of texts.
struct EventHead {
  std::int64_t seconds;
  std::uint64_t line;
  std::uint64_t offset;
  std::uint32_t serial;
  std::uint32_t input;
  std::uint16_t milliseconds;
  std::uint16_t records;
  std::uint32_t text_bytes;
};
struct RecordHead {
  RecordType type;
  std::uint16_t body;
  std::uint32_t length;
};

}  // namespace

RecentOpens::RecentOpens(const ProcessTable& table, const FileNames& names,
                         model::Coverage& coverage)
    : table_(table),
      names_(names),
      coverage_(coverage),
      decoder_(own_coverage_),
      owners_(kGroups),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays)
      entries_(std::make_unique_for_overwrite<Entry[]>(kGroups * kGroupSize)),
      // NOLINTNEXTLINE(modernize-avoid-c-arrays)
      texts_(std::make_unique_for_overwrite<char[]>(kTextBytes)) {}

void RecentOpens::observe(const audit::Event& event) {
  fetch_for(event);
  if (!event.call || !event.call->success)
    return;
  if (removes_names(*event.call)) {
    forget_removed(event);
    return;
  }
  const OpenCall open = open_call(event);
  if (!open.is_open || open.path_only)
    return;
  Entry* entry = nullptr;
  const PathGlance* written = nullptr;
  for (const PathGlance& path : event.paths) {
    if (path.part != PathGlance::Part::normal && path.part != PathGlance::Part::create)
      continue;
    if (entry == nullptr)
      entry = &find_or_add(event, event.call->pid);
    if (path.is_directory()) {
      entry->listed = entry->last_second;
      entry->has_listed = 1;
    } else {
      note_open(*entry, path, entry->last_second);
      if ((open.writes || path.part == PathGlance::Part::create) && can_hold_copy(path))
        written = &path;
    }
  }
  if (written != nullptr)
    note_write(*entry, event, *written);
}

Walk RecentOpens::walk(model::HostId host, std::uint32_t pid) const {
  Walk walk;
  const Entry* entry = find(host, pid);
  if (entry == nullptr || entry->opened == 0)
    return walk;
  const Open& latest = entry->opens[(entry->opened - 1) % kOpens];
  walk.lists_folder =
      entry->has_listed != 0 && seconds_between(entry->listed, latest.second) <= kWalkSeconds;
  std::vector<std::uint32_t> counted{latest.name};
  const std::size_t known = std::min<std::size_t>(entry->opened, kOpens);
  for (std::size_t i = 0; i < known; ++i) {
    const Open& open = entry->opens[i];
    if (open.folder != latest.folder ||
        seconds_between(open.second, latest.second) > kWalkSeconds ||
        std::ranges::find(counted, open.name) != counted.end())
      continue;
    counted.push_back(open.name);
    ++walk.same_folder;
  }
  return walk;
}

std::vector<PastWrite> RecentOpens::writes(model::HostId host, std::uint32_t pid) {
  std::vector<PastWrite> past;
  Entry* entry = find(host, pid);
  if (entry == nullptr)
    return past;
  const std::uint32_t known = std::min<std::uint32_t>(entry->written, kWrites);
  for (std::uint32_t back = known; back > 0; --back) {
    Write& kept = entry->writes[(entry->written - back) % kWrites];
    if (kept.text == kOver || seconds_between(kept.second, entry->last_second) > kWriteSeconds)
      continue;
    const auto records = recall(kept.text, host);
    if (auto write = records ? decode(*records) : std::nullopt) {
      past.push_back(std::move(*write));
    } else {
      kept.text = kOver;
      ++coverage_.evictions["recent_opens"];
    }
  }
  return past;
}

std::vector<PastRecords> RecentOpens::records_of_writes(model::HostId host,
                                                        std::uint32_t pid) const {
  std::vector<PastRecords> past;
  const Entry* entry = find(host, pid);
  if (entry == nullptr)
    return past;
  const std::uint32_t known = std::min<std::uint32_t>(entry->written, kWrites);
  for (std::uint32_t back = known; back > 0; --back) {
    const Write& kept = entry->writes[(entry->written - back) % kWrites];
    if (kept.text == kOver || seconds_between(kept.second, entry->last_second) > kWriteSeconds)
      continue;
    if (auto records = recall(kept.text, host))
      past.push_back(std::move(*records));
  }
  return past;
}

std::vector<PastRecords> RecentOpens::records_of_writes() const {
  std::vector<PastRecords> all;
  for (const Owners& owners : owners_) {
    for (const Owner& owner : owners) {
      if (owner.last_use == 0)
        continue;
      for (PastRecords& past : records_of_writes(owner.host, owner.pid))
        all.push_back(std::move(past));
    }
  }
  std::ranges::sort(all, {}, &PastRecords::key);
  return all;
}

std::size_t RecentOpens::group_of(model::HostId host, std::uint32_t pid) {
  const std::uint64_t mixed =
      ((static_cast<std::uint64_t>(host) << 32U) | pid) * 0x9E3779B97F4A7C15U;
  return (mixed >> 32U) % kGroups;
}

RecentOpens::Entry* RecentOpens::find(model::HostId host, std::uint32_t pid) const {
  const std::size_t group = group_of(host, pid);
  for (std::size_t i = 0; i < kGroupSize; ++i) {
    const Owner& owner = owners_[group][i];
    if (owner.last_use == 0 || owner.pid != pid || owner.host != host)
      continue;
    return owner.incarnation == table_.incarnation(host, pid) ? &entries_[group * kGroupSize + i]
                                                              : nullptr;
  }
  return nullptr;
}

RecentOpens::Entry& RecentOpens::find_or_add(const audit::Event& event, std::uint32_t pid) {
  const model::HostId host = event.key.host;
  const std::uint64_t incarnation = table_.incarnation(host, pid);
  const std::size_t group = group_of(host, pid);
  Owners& owners = owners_[group];
  auto* owner = std::ranges::find_if(owners, [&](const Owner& known) {
    return known.last_use != 0 && known.pid == pid && known.host == host;
  });
  const bool is_known = owner != owners.end();
  if (!is_known)
    owner = std::ranges::min_element(owners, {}, &Owner::last_use);
  Entry& entry = entries_[group * kGroupSize + static_cast<std::size_t>(owner - owners.begin())];
  const auto second = static_cast<Second>(event.key.seconds);
  if (!is_known && owner->last_use != 0 &&
      seconds_between(owner->last_second, second) <= kWalkSeconds)
    ++coverage_.evictions["recent_opens"];
  if (!is_known || owner->incarnation != incarnation) {
    *owner = {.incarnation = incarnation, .host = host, .pid = pid, .last_second = second};
    entry.has_listed = 0;
    entry.opened = 0;
    entry.written = 0;
  }
  owner->last_use = ++uses_;
  owner->last_second = second;
  entry.last_second = second;
  return entry;
}

void RecentOpens::note_open(Entry& entry, const PathGlance& path, Second second) {
  const NameHashes hashes = hashes_of(path.name);
  entry.opens[entry.opened % kOpens] = {
      .folder = hashes.folder, .name = hashes.name, .second = second};
  ++entry.opened;
}

void RecentOpens::note_write(Entry& entry, const audit::Event& event, const PathGlance& path) {
  entry.writes[entry.written % kWrites] = {.text = keep_text(event),
                                           .inode = path.inode.value_or(0),
                                           .device = hash_of(path.device),
                                           .second = entry.last_second};
  ++entry.written;
}

// Whoever acts soon has not been looked at for long: first the owners come in, then the entry.
void RecentOpens::fetch_for(const audit::Event& event) {
  constexpr std::size_t kLine = 64;
  const auto fetch = [](const void* from, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += kLine)
      __builtin_prefetch(static_cast<const char*>(from) + at);
  };
  if (soon_) {
    const std::size_t group = group_of(soon_->host, soon_->pid);
    for (std::size_t i = 0; i < kGroupSize; ++i) {
      if (owners_[group][i].pid == soon_->pid)
        fetch(&entries_[group * kGroupSize + i], sizeof(Entry));
    }
  }
  soon_.reset();
  if (event.ahead != nullptr && is_open(*event.ahead)) {
    soon_ = Pid{.host = event.key.host, .pid = event.ahead->pid};
    fetch(&owners_[group_of(soon_->host, soon_->pid)], sizeof(Owners));
  }
}

void RecentOpens::forget_removed(const audit::Event& event) {
  Entry* entry = find(event.key.host, event.call->pid);
  if (entry == nullptr || entry->written == 0)
    return;
  const std::span writes{entry->writes.data(), std::min<std::size_t>(entry->written, kWrites)};
  for (const PathGlance& path : event.paths) {
    if (path.part != PathGlance::Part::remove || !path.inode)
      continue;
    for (Write& write : writes) {
      if (write.inode == *path.inode && write.device == hash_of(path.device))
        write.text = kOver;
    }
  }
}

std::uint64_t RecentOpens::keep_text(const audit::Event& event) {
  EventHead head{.seconds = event.key.seconds,
                 .line = 0,
                 .offset = 0,
                 .serial = event.key.serial,
                 .input = 0,
                 .milliseconds = event.key.milliseconds,
                 .records = 0,
                 .text_bytes = 0};
  std::size_t bytes = 0;
  for (const audit::Record& record : event.records) {
    if (!is_kept(record.type) || bytes + record.text.size() > kMostText)
      continue;
    if (head.records == 0) {
      head.line = record.origin.line;
      head.offset = record.origin.offset;
      head.input = static_cast<std::uint32_t>(record.origin.input);
    }
    bytes += record.text.size();
    ++head.records;
  }
  head.text_bytes = static_cast<std::uint32_t>(bytes);
  const std::uint64_t position = end_;
  put(&head, sizeof head);
  bytes = 0;
  for (const audit::Record& record : event.records) {
    if (!is_kept(record.type) || bytes + record.text.size() > kMostText)
      continue;
    const RecordHead record_head{.type = record.type,
                                 .body = record.body,
                                 .length = static_cast<std::uint32_t>(record.text.size())};
    put(&record_head, sizeof record_head);
    put(record.text.data(), record.text.size());
    bytes += record.text.size();
  }
  return position;
}

std::optional<PastRecords> RecentOpens::recall(std::uint64_t position, model::HostId host) const {
  if (end_ - position > kTextBytes)
    return std::nullopt;
  EventHead head{};
  get(position, &head, sizeof head);
  PastRecords past{.key = {.host = host,
                           .seconds = head.seconds,
                           .milliseconds = head.milliseconds,
                           .serial = head.serial},
                   .origin = {.input = static_cast<model::InputId>(head.input),
                              .line = head.line,
                              .offset = head.offset},
                   .records = {}};
  for (unsigned i = 0; i < head.records; ++i) {
    RecordHead record_head{};
    get(position, &record_head, sizeof record_head);
    past.records.push_back({.type = record_head.type,
                            .body = record_head.body,
                            .text = std::string(record_head.length, '\0')});
    get(position, past.records.back().text.data(), record_head.length);
  }
  return past;
}

std::optional<PastWrite> RecentOpens::decode(const PastRecords& past) {
  std::vector<audit::Record> records;
  for (const PastRecords::Text& kept : past.records)
    records.push_back(
        {.type = kept.type, .body = kept.body, .text = kept.text, .origin = past.origin});
  const audit::Event event{.key = past.key, .records = records, .relevant = false};
  FileReading reading = read_files(decoder_.decode(event), names_);
  const auto written = std::ranges::find_if(reading.acts, [](const FileAct& act) {
    return act.action == FileAction::created || act.action == FileAction::modified;
  });
  if (written == reading.acts.end())
    return std::nullopt;
  return PastWrite{.key = past.key, .origin = past.origin, .object = std::move(written->object)};
}

void RecentOpens::put(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  const std::size_t at = end_ % kTextBytes;
  const std::size_t first = std::min(size, kTextBytes - at);
  std::memcpy(texts_.get() + at, from, first);
  std::memcpy(texts_.get(), from + first, size - first);
  end_ += size;
}

void RecentOpens::get(std::uint64_t& position, void* bytes, std::size_t size) const {
  auto* to = static_cast<char*>(bytes);
  const std::size_t at = position % kTextBytes;
  const std::size_t first = std::min(size, kTextBytes - at);
  std::memcpy(to, texts_.get() + at, first);
  std::memcpy(to + first, texts_.get(), size - first);
  position += size;
}

}  // namespace krbtrail::activity
