// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/recent_opens.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "activity/file_acts.h"
#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {
namespace {

using audit::PathGlance;
using audit::RecordType;
using audit::Syscall;

constexpr std::size_t kTextBytes = std::size_t{4} << 20U;
constexpr std::size_t kMostText = std::size_t{32} << 10U;  // of one event: a kernel's six PATHs
constexpr std::int64_t kWalkSeconds = 60;
constexpr std::int64_t kWriteSeconds = 600;

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

OpenCall open_call(const audit::SyscallGlance& call) {
  switch (audit::syscall_of(call.arch, call.syscall)) {
    case Syscall::open:
      return with_flags(call.args[1]);
    case Syscall::openat:
    case Syscall::open_by_handle_at:
      return with_flags(call.args[2]);
    case Syscall::creat:
      return {.is_open = true, .writes = true};
    case Syscall::openat2:
      return {.is_open = true};
    default:
      return {};
  }
}

bool removes_names(const audit::SyscallGlance& call) {
  const Syscall syscall = audit::syscall_of(call.arch, call.syscall);
  return syscall == Syscall::unlink || syscall == Syscall::unlinkat;
}

std::uint32_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

// As far as the raw name spells it; of a bare name nothing.
std::string_view folder_of(std::string_view raw_name) {
  const std::size_t slash = raw_name.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : raw_name.substr(0, slash);
}

bool is_kept(RecordType type) {
  return type == RecordType::syscall || type == RecordType::cwd || type == RecordType::path ||
         type == RecordType::openat2;
}

// How an event and each of its records begin in the buffer of texts.
struct EventHead {
  std::int64_t seconds;
  std::uint64_t line;
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
      groups_(kGroups),
      texts_(kTextBytes) {}

void RecentOpens::observe(const audit::Event& event) {
  if (!event.call || !event.call->success)
    return;
  if (removes_names(*event.call)) {
    forget_removed(event);
    return;
  }
  const OpenCall open = open_call(*event.call);
  if (!open.is_open || open.path_only)
    return;
  Entry* entry = nullptr;
  std::uint64_t written = 0;  // inode
  for (const audit::Record& record : event.records) {
    const auto path = audit::glance_at_path(record);
    if (!path || (path->part != PathGlance::Part::normal && path->part != PathGlance::Part::create))
      continue;
    if (entry == nullptr)
      entry = &find_or_add(event, event.call->pid);
    if (path->is_directory()) {
      entry->listed = event.key.seconds;
    } else {
      note_open(*entry, *path, event.key.seconds);
      if (open.writes || path->part == PathGlance::Part::create)
        written = path->inode.value_or(0);
    }
  }
  if (written != 0)
    note_write(*entry, event, written);
}

Walk RecentOpens::walk(model::HostId host, std::uint32_t pid) const {
  Walk walk;
  const Entry* entry = find(host, pid);
  if (entry == nullptr || entry->opened == 0)
    return walk;
  const Open& latest = entry->opens[(entry->opened - 1) % kOpens];
  walk.lists_folder = entry->listed != 0 && latest.second - entry->listed <= kWalkSeconds;
  std::vector<std::uint32_t> counted{latest.name};
  const std::size_t known = std::min<std::size_t>(entry->opened, kOpens);
  for (std::size_t i = 0; i < known; ++i) {
    const Open& open = entry->opens[i];
    if (open.folder != latest.folder || latest.second - open.second > kWalkSeconds ||
        std::ranges::find(counted, open.name) != counted.end())
      continue;
    counted.push_back(open.name);
    ++walk.same_folder;
  }
  return walk;
}

std::vector<PastWrite> RecentOpens::writes(model::HostId host, std::uint32_t pid) {
  std::vector<PastWrite> past;
  const Entry* entry = find(host, pid);
  if (entry == nullptr)
    return past;
  const std::uint32_t known = std::min<std::uint32_t>(entry->written, kWrites);
  for (std::uint32_t back = known; back > 0; --back) {
    const Write& kept = entry->writes[(entry->written - back) % kWrites];
    if (kept.inode == 0)
      continue;
    auto write = recall(kept.text, host);
    if (!write)
      ++coverage_.evictions["recent_opens"];
    else if (entry->last_second - write->key.seconds <= kWriteSeconds)
      past.push_back(std::move(*write));
  }
  return past;
}

const RecentOpens::Entry* RecentOpens::find(model::HostId host, std::uint32_t pid) const {
  const std::uint64_t mixed =
      ((static_cast<std::uint64_t>(host) << 32U) | pid) * 0x9E3779B97F4A7C15U;
  const Group& group = groups_[(mixed >> 32U) % kGroups];
  const auto* const found = std::ranges::find_if(group, [&](const Entry& entry) {
    return entry.used && entry.pid == pid && entry.host == host;
  });
  if (found == group.end() || found->incarnation != table_.incarnation(host, pid))
    return nullptr;
  return &*found;
}

RecentOpens::Entry& RecentOpens::find_or_add(const audit::Event& event, std::uint32_t pid) {
  const model::HostId host = event.key.host;
  const std::uint64_t mixed =
      ((static_cast<std::uint64_t>(host) << 32U) | pid) * 0x9E3779B97F4A7C15U;
  Group& group = groups_[(mixed >> 32U) % kGroups];
  auto* found = std::ranges::find_if(group, [&](const Entry& entry) {
    return entry.used && entry.pid == pid && entry.host == host;
  });
  if (found == group.end()) {
    found = std::ranges::min_element(group, {}, &Entry::last_use);
    if (found->used && event.key.seconds - found->last_second <= kWalkSeconds)
      ++coverage_.evictions["recent_opens"];
    found->used = false;
  }
  const std::uint64_t incarnation = table_.incarnation(host, pid);
  if (!found->used || found->incarnation != incarnation)
    *found = {.used = true, .host = host, .pid = pid, .incarnation = incarnation};
  found->last_use = ++uses_;
  found->last_second = event.key.seconds;
  return *found;
}

void RecentOpens::note_open(Entry& entry, const PathGlance& path, std::int64_t second) {
  entry.opens[entry.opened % kOpens] = {
      .folder = hash_of(folder_of(path.name)), .name = hash_of(path.name), .second = second};
  ++entry.opened;
}

void RecentOpens::note_write(Entry& entry, const audit::Event& event, std::uint64_t inode) {
  entry.writes[entry.written % kWrites] = {.text = keep_text(event), .inode = inode};
  ++entry.written;
}

void RecentOpens::forget_removed(const audit::Event& event) {
  const Entry* known = find(event.key.host, event.call->pid);
  if (known == nullptr || known->written == 0)
    return;
  Entry& entry = find_or_add(event, event.call->pid);
  for (const audit::Record& record : event.records) {
    const auto path = audit::glance_at_path(record);
    if (!path || path->part != PathGlance::Part::remove || !path->inode)
      continue;
    for (Write& write : entry.writes) {
      if (write.inode == *path->inode)
        write.inode = 0;
    }
  }
}

std::uint64_t RecentOpens::keep_text(const audit::Event& event) {
  EventHead head{.seconds = event.key.seconds,
                 .line = 0,
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

std::optional<PastWrite> RecentOpens::recall(std::uint64_t position, model::HostId host) {
  if (end_ - position > texts_.size())
    return std::nullopt;
  EventHead head{};
  get(position, &head, sizeof head);
  std::string text;
  text.reserve(head.text_bytes);  // so that no record moves once it is viewed
  std::vector<audit::Record> records;
  const model::Origin origin{.input = static_cast<model::InputId>(head.input), .line = head.line};
  for (unsigned i = 0; i < head.records; ++i) {
    RecordHead record_head{};
    get(position, &record_head, sizeof record_head);
    const std::size_t begin = text.size();
    text.resize(begin + record_head.length);
    get(position, text.data() + begin, record_head.length);
    records.push_back({.type = record_head.type,
                       .body = record_head.body,
                       .text = std::string_view{text}.substr(begin),
                       .origin = origin});
  }
  const audit::Event event{.key = {.host = host,
                                   .seconds = head.seconds,
                                   .milliseconds = head.milliseconds,
                                   .serial = head.serial},
                           .records = records,
                           .relevant = false};
  FileReading reading = read_files(decoder_.decode(event), names_);
  const auto written = std::ranges::find_if(reading.acts, [](const FileAct& act) {
    return act.action == FileAction::created || act.action == FileAction::modified;
  });
  if (written == reading.acts.end())
    return std::nullopt;
  return PastWrite{.key = event.key, .origin = origin, .object = std::move(written->object)};
}

void RecentOpens::put(const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  const std::size_t at = end_ % texts_.size();
  const std::size_t first = std::min(size, texts_.size() - at);
  std::memcpy(texts_.data() + at, from, first);
  std::memcpy(texts_.data(), from + first, size - first);
  end_ += size;
}

void RecentOpens::get(std::uint64_t& position, void* bytes, std::size_t size) const {
  auto* to = static_cast<char*>(bytes);
  const std::size_t at = position % texts_.size();
  const std::size_t first = std::min(size, texts_.size() - at);
  std::memcpy(to, texts_.data() + at, first);
  std::memcpy(to + first, texts_.data(), size - first);
  position += size;
}

}  // namespace krbtrail::activity
