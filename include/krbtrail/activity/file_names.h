// SPDX-License-Identifier: Apache-2.0
//
// The full names that files were last seen under, by (host, device, inode): for records that give a
// name relative to an open folder.
//
//   names.remember(host, object);        // a full name, whatever its event did to the file
//   names.known(host, "fd:01", 77);      // "/tmp/krb5cc_1000"
//   names.forget(event);                 // after the event's names were resolved
//
// Inode numbers are used again at once, so a DELETE or CREATE of a number ends what was known of
// it. That has to be seen in every event, also in those that no rule wants: forget() reads raw
// records, and the same way for all, so that it makes no difference which events were decoded. For
// the same reason only names that `wanted` accepts are remembered: those that make an event
// relevant. Keeps the 8,192 names used last, 1 MiB at most; what that makes it drop is counted in
// Coverage::evictions["file_names"]. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "krbtrail/activity/activity.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::activity {

class FileNames {
 public:
  // Told a base name; without one every name is wanted.
  using Wanted = std::function<bool(std::string_view base_name)>;

  struct Limits {
    std::size_t names = 8'192;
    std::size_t bytes = 1U << 20U;   // of the names together
    std::size_t name_bytes = 4'096;  // PATH_MAX; a longer name is not remembered
  };

  // `coverage` must outlive this object.
  FileNames(Limits limits, Wanted wanted, model::Coverage& coverage);

  [[nodiscard]] bool wants(std::string_view base_name) const {
    return !wanted_ || wanted_(base_name);
  }

  // Does nothing unless the base name is wanted and the object has a full name, a device and an
  // inode.
  void remember(model::HostId host, const FileObject& object);

  // Empty if nothing is known. Valid until the next change.
  [[nodiscard]] std::string_view known(model::HostId host, std::string_view device,
                                       std::uint64_t inode) const;

  // Drops what the event's PATH records delete or create, unless the call failed.
  void forget(const audit::Event& event);

 private:
  struct Key {
    model::HostId host{};
    std::uint64_t inode = 0;
    std::string device;
    bool operator==(const Key&) const = default;
  };
  // Seeded, so that no log can make its inodes collide.
  struct KeyHash {
    std::uint64_t seed;
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Key key;
    std::string path;
  };
  using Entries = std::list<Entry>;

  void forget_file(const Key& key);
  void drop_oldest();

  Limits limits_;
  Wanted wanted_;
  model::Coverage& coverage_;
  Entries entries_;        // the one used last in front
  std::size_t bytes_ = 0;  // of their paths
  std::unordered_map<Key, Entries::iterator, KeyHash> by_key_;
};

}  // namespace krbtrail::activity
