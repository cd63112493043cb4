// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/file_names.h"

#include <bit>
#include <utility>

#include "krbtrail/audit/path_glance.h"

namespace krbtrail::activity {
namespace {

// Without a record of the call the names count.
bool failed(const audit::Event& event) {
  if (event.call)
    return !event.call->success;
  return event.syscall != nullptr &&
         event.syscall->text.find(" success=no") != std::string_view::npos;
}

bool has_full_name(const FileObject& object) {
  return object.confidence == PathConfidence::absolute ||
         object.confidence == PathConfidence::joined;
}

}  // namespace

std::size_t FileNames::KeyHash::operator()(const Key& key) const {
  const std::size_t device = std::hash<std::string>{}(key.device);
  const auto host = static_cast<std::size_t>(key.host);
  const std::uint64_t mixed = ((key.inode + host) ^ seed) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>((mixed >> 32U) ^ device);
}

FileNames::FileNames(Limits limits, Wanted wanted, model::Coverage& coverage)
    : limits_(limits),
      wanted_(std::move(wanted)),
      coverage_(coverage),
      by_key_(16, KeyHash{std::bit_cast<std::uintptr_t>(this)}) {}

void FileNames::remember(model::HostId host, const FileObject& object) {
  const bool usable = has_full_name(object) && object.inode && !object.device.empty() &&
                      object.path.size() <= limits_.name_bytes;
  if (!usable || !wants(object.base_name()))
    return;
  const Key key{.host = host, .inode = *object.inode, .device = object.device};
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    bytes_ += object.path.size();
    bytes_ -= found->second->path.size();
    found->second->path = object.path;
  } else {
    entries_.push_front({.key = key, .path = object.path});
    by_key_.emplace(key, entries_.begin());
    bytes_ += object.path.size();
  }
  while (entries_.size() > limits_.names || (bytes_ > limits_.bytes && entries_.size() > 1))
    drop_oldest();
}

std::string_view FileNames::known(model::HostId host, std::string_view device,
                                  std::uint64_t inode) const {
  if (by_key_.empty())
    return {};
  const auto found = by_key_.find({.host = host, .inode = inode, .device = std::string{device}});
  return found == by_key_.end() ? std::string_view{} : std::string_view{found->second->path};
}

// An exec's files are programs, found and not made.
void FileNames::forget(const audit::Event& event) {
  using Part = audit::PathGlance::Part;
  if (by_key_.empty())
    return;
  for (const audit::PathGlance& path : event.paths) {
    if (path.part != Part::create && path.part != Part::remove)
      continue;
    if (failed(event))
      return;
    if (path.inode)
      forget_file(
          {.host = event.key.host, .inode = *path.inode, .device = std::string{path.device}});
  }
}

void FileNames::forget_file(const Key& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end())
    return;
  bytes_ -= found->second->path.size();
  entries_.erase(found->second);
  by_key_.erase(found);
}

void FileNames::drop_oldest() {
  by_key_.erase(entries_.back().key);
  bytes_ -= entries_.back().path.size();
  entries_.pop_back();
  ++coverage_.evictions["file_names"];
}

}  // namespace krbtrail::activity
