// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/file_names.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <utility>

namespace krbtrail::activity {
namespace {

using audit::RecordType;

// The value of a plain field of a PATH or SYSCALL record, in place. `field` is "inode=" and stands
// behind a blank, because a recorded name can hold anything but a blank or a quote. (The blank is
// not part of what is searched for: it is the most frequent byte.)
std::string_view raw_value(std::string_view record, std::string_view field) {
  std::size_t place = record.find(field);
  while (place != std::string_view::npos && (place == 0 || record[place - 1] != ' '))
    place = record.find(field, place + 1);
  if (place == std::string_view::npos)
    return {};
  record.remove_prefix(place + field.size());
  return record.substr(0, record.find_first_of(" \x1d"));
}

// raw_value() of "nametype=". Every PATH record is asked, so that the rarest of its letters is
// searched for.
std::string_view nametype_of(std::string_view record) {
  constexpr std::string_view kField = " nametype=";
  constexpr std::size_t kPlace = kField.find('y');
  for (std::size_t y = record.find('y', kPlace); y != std::string_view::npos;
       y = record.find('y', y + 1)) {
    if (!record.substr(y - kPlace).starts_with(kField))
      continue;
    record.remove_prefix(y - kPlace + kField.size());
    return record.substr(0, record.find_first_of(" \x1d"));
  }
  return {};
}

// By its nametype, which old kernels call objtype.
bool ends_a_name(std::string_view path_record) {
  std::string_view nametype = nametype_of(path_record);
  if (nametype.empty())
    nametype = raw_value(path_record, "objtype=");
  return nametype == "DELETE" || nametype == "CREATE";
}

std::optional<std::uint64_t> read_inode(std::string_view digits) {
  std::uint64_t inode = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, inode);
  return error == std::errc{} && stop == end ? std::optional{inode} : std::nullopt;
}

template <class Records>
bool failed(const Records& records) {
  return std::ranges::any_of(records, [](const auto& record) {
    return record.type == RecordType::syscall && raw_value(record.text, "success=") == "no";
  });
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

void FileNames::forget(const audit::Event& event) {
  if (event.parts.paths != 0)
    forget_records(event.key.host, event.records);
}

void FileNames::forget(const audit::DecodedEvent& event) {
  forget_records(event.key.host, event.records);
}

template <class Records>
void FileNames::forget_records(model::HostId host, const Records& records) {
  if (by_key_.empty())
    return;
  for (const auto& record : records) {
    if (record.type != RecordType::path || !ends_a_name(record.text))
      continue;
    if (failed(records))
      return;
    forget_item(host, record.text);
  }
}

void FileNames::forget_item(model::HostId host, std::string_view path_record) {
  const auto inode = read_inode(raw_value(path_record, "inode="));
  if (!inode)
    return;
  const auto found = by_key_.find(
      {.host = host, .inode = *inode, .device = std::string{raw_value(path_record, "dev=")}});
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
