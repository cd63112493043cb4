// SPDX-License-Identifier: Apache-2.0
//
// Where a record came from. What repeats on every record (input, host) is interned to a small id;
// the names come back at the edge, when something is printed.
#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace krbtrail::model {

enum class InputId : std::uint32_t {};  // one file, archive member or stream, as it was named
enum class HostId : std::uint32_t {};   // one host: node=, syslog host, Computer, directory

// A place in an input. `line` counts from 1, `offset` is in bytes of the decompressed content.
struct Origin {
  InputId input{};
  std::uint64_t line = 0;
  std::uint64_t offset = 0;

  auto operator<=>(const Origin&) const = default;
};

// Interns names: equal names get equal ids, in order of first sight, from 0.
// Grows with the number of distinct names and never forgets; callers bound what they intern.
template <class Id>
class NameTable {
 public:
  Id intern(std::string_view name) {
    if (const auto found = ids_.find(name); found != ids_.end())
      return found->second;
    const auto id = static_cast<Id>(names_.size());
    ids_.emplace(names_.emplace_back(name), id);
    return id;
  }

  [[nodiscard]] std::optional<Id> find(std::string_view name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? std::nullopt : std::optional<Id>{found->second};
  }

  // Valid as long as the table. `id` must come from intern().
  [[nodiscard]] std::string_view name(Id id) const { return names_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::deque<std::string> names_;  // a deque: ids_ refers to the strings in place
  std::unordered_map<std::string_view, Id> ids_;
};

using InputNames = NameTable<InputId>;
using HostNames = NameTable<HostId>;

}  // namespace krbtrail::model
