// SPDX-License-Identifier: Apache-2.0
//
// The files and processes that a rule follows: asked of every event, so that an event which names
// one of them reaches the decoder although it holds no literal.
//
//   watch.follow_file(host, "fe:00", 1253394);
//   watch.follow_name(host, "/tmp/.x");       // for records that say no inode
//   watch.follow_process(host, 5072, until);   // its events and its children's
//   if (event.relevant || watch.wants(event)) …
//
// It remembers hashes, so it may say yes too often, never too seldom. Whoever follows something
// bounds how much and forgets it again; nothing is dropped here. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "krbtrail/audit/event.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::activity {

class Watch {
 public:
  Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Watch(Watch&&) = delete;
  Watch& operator=(Watch&&) = delete;
  ~Watch() = default;

  // A file that was followed twice is to be forgotten twice.
  void follow_file(model::HostId host, std::string_view device, std::uint64_t inode);
  void forget_file(model::HostId host, std::string_view device, std::uint64_t inode);

  // Likewise, a path by which records without an inode speak of a file: the target of a symbolic
  // link, what a failed call did not reach.
  void follow_name(model::HostId host, std::string_view path);
  void forget_name(model::HostId host, std::string_view path);

  // Following it again moves `until`, the last second that counts, to the later of the two.
  void follow_process(model::HostId host, std::uint32_t pid, model::Timestamp until);
  void forget_process(model::HostId host, std::uint32_t pid);

  // True if a PATH record names a followed file (an exec's are programs and do not count), by its
  // inode or, where it has none, by the last part of its name; if the
  // caller or its parent is a followed process, or if an io_uring operation speaks while anything
  // is followed: its record does not say enough.
  [[nodiscard]] bool wants(const audit::Event& event) const;

  // How many different ones are followed.
  [[nodiscard]] std::size_t files() const { return files_.size(); }
  [[nodiscard]] std::size_t processes() const { return processes_.size(); }

 private:
  // Which hashes may be in a map: one load for what is of no interest. A place that has seen 255 at
  // once stays taken.
  class Sieve {
   public:
    void add(std::uint64_t hash);
    void remove(std::uint64_t hash);
    [[nodiscard]] bool may_hold(std::uint64_t hash) const { return places_[place(hash)] != 0; }

   private:
    static constexpr std::size_t kPlaces = 16'384;
    [[nodiscard]] static std::size_t place(std::uint64_t hash) { return hash % kPlaces; }
    std::array<std::uint8_t, kPlaces> places_{};
  };

  // Seeded, so that no log can make its inodes and pids collide.
  [[nodiscard]] std::uint64_t hash_of(model::HostId host, std::string_view device,
                                      std::uint64_t inode) const;
  [[nodiscard]] std::uint64_t hash_of(model::HostId host, std::uint32_t pid) const;
  [[nodiscard]] std::uint64_t hash_of(model::HostId host, std::string_view base_name) const;
  [[nodiscard]] bool follows_process(model::HostId host, std::uint32_t pid,
                                     std::int64_t second) const;
  // Or speaks of an io_uring operation.
  [[nodiscard]] bool names_followed_file(const audit::Event& event) const;
  [[nodiscard]] bool may_be_followed_name(model::HostId host, std::string_view raw) const;

  std::uint64_t seed_;
  Sieve file_sieve_;
  Sieve process_sieve_;
  std::unordered_map<std::uint64_t, std::uint32_t> files_;     // by hash: how often followed
  std::unordered_map<std::uint64_t, std::uint32_t> names_;     // likewise, by their last parts
  std::unordered_map<std::uint64_t, std::int64_t> processes_;  // by hash: the last second
};

}  // namespace krbtrail::activity
