// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/watch.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <limits>
#include <optional>
#include <string>

namespace krbtrail::activity {
namespace {

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15U;

std::uint64_t mix(std::uint64_t value) {
  value *= kMultiplier;
  return value ^ (value >> 29U);
}

std::string_view base_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// 16 if it is no digit.
unsigned hex_digit(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEFabcdef";
  const std::size_t at = kDigits.find(c);
  if (at == std::string_view::npos)
    return 16;
  return static_cast<unsigned>(at < 16 ? at : at - 6);
}

// The last part of a name as a record spells it; unset if that is not told easily.
std::optional<std::string> base_name_in_record(std::string_view raw) {
  if (raw.starts_with('"')) {
    if (raw.size() < 2 || !raw.ends_with('"'))
      return std::nullopt;
    return std::string{base_name_of(raw.substr(1, raw.size() - 2))};
  }
  std::string name;
  for (; raw.size() >= 2; raw.remove_prefix(2)) {
    const unsigned high = hex_digit(raw[0]);
    const unsigned low = hex_digit(raw[1]);
    if (high > 15 || low > 15)
      return std::nullopt;
    name += static_cast<char>(high * 16 + low);
  }
  return raw.empty() ? std::optional{std::string{base_name_of(name)}} : std::nullopt;
}

std::int64_t last_second(model::Timestamp until) {
  return std::chrono::floor<std::chrono::seconds>(until.time_since_epoch()).count();
}

}  // namespace

Watch::Watch() : seed_(std::bit_cast<std::uintptr_t>(this)) {}

std::uint64_t Watch::hash_of(model::HostId host, std::string_view device,
                             std::uint64_t inode) const {
  std::uint64_t hash = mix(seed_ ^ inode ^ (static_cast<std::uint64_t>(host) << 40U));
  for (const char c : device)
    hash = mix(hash + static_cast<unsigned char>(c));
  return hash;
}

std::uint64_t Watch::hash_of(model::HostId host, std::uint32_t pid) const {
  return mix(seed_ ^ ((static_cast<std::uint64_t>(host) << 32U) | pid));
}

std::uint64_t Watch::hash_of(model::HostId host, std::string_view base_name) const {
  std::uint64_t hash = mix(seed_ ^ (static_cast<std::uint64_t>(host) << 40U));
  for (const char c : base_name)
    hash = mix(hash + static_cast<unsigned char>(c));
  return hash;
}

void Watch::Sieve::add(std::uint64_t hash) {
  std::uint8_t& count = places_[place(hash)];
  if (count < std::numeric_limits<std::uint8_t>::max())
    ++count;
}

void Watch::Sieve::remove(std::uint64_t hash) {
  std::uint8_t& count = places_[place(hash)];
  if (count < std::numeric_limits<std::uint8_t>::max())
    --count;
}

void Watch::follow_file(model::HostId host, std::string_view device, std::uint64_t inode) {
  const std::uint64_t hash = hash_of(host, device, inode);
  ++files_[hash];
  file_sieve_.add(hash);
}

void Watch::forget_file(model::HostId host, std::string_view device, std::uint64_t inode) {
  const std::uint64_t hash = hash_of(host, device, inode);
  const auto found = files_.find(hash);
  if (found == files_.end())
    return;
  file_sieve_.remove(hash);
  if (--found->second == 0)
    files_.erase(found);
}

void Watch::follow_name(model::HostId host, std::string_view path) {
  ++names_[hash_of(host, base_name_of(path))];
}

void Watch::forget_name(model::HostId host, std::string_view path) {
  const auto found = names_.find(hash_of(host, base_name_of(path)));
  if (found != names_.end() && --found->second == 0)
    names_.erase(found);
}

void Watch::follow_process(model::HostId host, std::uint32_t pid, model::Timestamp until) {
  const std::uint64_t hash = hash_of(host, pid);
  const auto [place, fresh] = processes_.try_emplace(hash, last_second(until));
  if (fresh)
    process_sieve_.add(hash);
  else
    place->second = std::max(place->second, last_second(until));
}

void Watch::forget_process(model::HostId host, std::uint32_t pid) {
  const std::uint64_t hash = hash_of(host, pid);
  if (processes_.erase(hash) != 0)
    process_sieve_.remove(hash);
}

bool Watch::wants(const audit::Event& event) const {
  if (files_.empty() && processes_.empty() && names_.empty())
    return false;
  if (const auto& call = event.call) {
    const std::int64_t second = event.key.seconds;
    if (follows_process(event.key.host, call->pid, second) ||
        follows_process(event.key.host, call->ppid, second))
      return true;
  }
  return names_followed_file(event);
}

bool Watch::follows_process(model::HostId host, std::uint32_t pid, std::int64_t second) const {
  const std::uint64_t hash = hash_of(host, pid);
  if (!process_sieve_.may_hold(hash))
    return false;
  const auto found = processes_.find(hash);
  return found != processes_.end() && second <= found->second;
}

bool Watch::names_followed_file(const audit::Event& event) const {
  if (event.parts.has_uring)
    return true;
  return std::ranges::any_of(event.paths, [&](const audit::PathGlance& path) {
    if (!path.inode || path.device.empty())
      return !names_.empty() && may_be_followed_name(event.key.host, path.name);
    const std::uint64_t hash = hash_of(event.key.host, path.device, *path.inode);
    return file_sieve_.may_hold(hash) && files_.contains(hash);
  });
}

// A name that ends in no name of a file may still be one's, once it is made whole.
bool Watch::may_be_followed_name(model::HostId host, std::string_view raw) const {
  const std::optional<std::string> base_name = base_name_in_record(raw);
  return !base_name || base_name->empty() || *base_name == "." || *base_name == ".." ||
         names_.contains(hash_of(host, *base_name));
}

}  // namespace krbtrail::activity
