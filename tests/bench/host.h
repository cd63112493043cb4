// SPDX-License-Identifier: Apache-2.0
//
// A host that a log is generated for: its serials, sessions and processes.
//
//   Host host{"node=web-01 ", random};
//   const Stamp stamp = host.next_stamp(clock);
//   Actor& shell = host.any_process(random);
//   Actor& child = host.run(random, "/usr/bin/cp", "cp", argv);   // forked from some process
//
// Pids count up and wrap at 131,072, so a long log reuses them. One exec in ten keeps its pid and,
// as the kernel does, its former process title.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/event_text.h"
#include "bench/random.h"

namespace krbtrail::bench {

class Host {
 public:
  // `node` is what heads each of its lines: empty or "node=NAME ".
  Host(std::string node, Random& random);

  [[nodiscard]] std::string_view node() const { return node_; }

  // The next event's. Stamps are jiffies: `now` is rounded down to 4 ms.
  [[nodiscard]] Stamp next_stamp(std::chrono::microseconds now);

  // The references are valid until the next run().
  [[nodiscard]] Actor& any_process(Random& random);
  [[nodiscard]] Actor& run(Random& random, std::string_view exe, std::string_view comm,
                           const std::vector<std::string>& argv);
  // A process of a login session: its auid and ses are set.
  [[nodiscard]] Actor& any_login_process(Random& random);
  // A new session: its first process, a shell.
  [[nodiscard]] Actor& log_in(Random& random);

 private:
  void begin_session(Actor& shell, Random& random);
  [[nodiscard]] std::uint32_t new_pid();
  [[nodiscard]] std::uint32_t any_slot(Random& random, std::uint32_t from);

  std::string node_;
  std::uint32_t serial_;
  std::uint32_t last_pid_;
  std::uint32_t last_session_ = 1;
  std::vector<Actor> processes_;  // daemons first, then login shells, then what comes and goes
};

inline constexpr std::uint32_t kFirstUser = 1'000;
inline constexpr std::uint32_t kUsers = 40;

// argv as the process title has it: a NUL after each word but the last, cut at 128 bytes.
[[nodiscard]] std::string title_of(const std::vector<std::string>& argv);

}  // namespace krbtrail::bench
