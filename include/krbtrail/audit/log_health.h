// SPDX-License-Identifier: Apache-2.0
//
// What each host's log shows about itself: when it begins and ends, what it could show and what it
// cannot, where it has holes, and whether auditing was tampered with meanwhile.
//
//   LogHealth health;
//   health.observe(event);                        // every event, in the order of release
//   coverage.hosts = health.report(hosts, lane.notices());
//
// Reads raw bytes and decides nothing about findings. A serial that is absent can mean a lost event
// or a log that was filtered; a full backlog loses events without leaving a gap, so that the
// absence of gaps proves nothing (audit 3.0.9 on Linux 6.18, measured). Both are said. Not
// thread-safe. Memory grows with the number of hosts only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "krbtrail/audit/event.h"
#include "krbtrail/audit/scan_lane.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::audit {

class LogHealth {
 public:
  void observe(const Event& event);

  // In order of host name. Hosts without a record are left out.
  [[nodiscard]] std::vector<model::HostCoverage> report(const model::HostNames& hosts,
                                                        std::span<const LaneNotices> notices) const;

 private:
  // The serials of the kernel from one boot to the next, in any order.
  class Serials {
   public:
    void add(std::uint32_t serial);
    [[nodiscard]] std::uint64_t absent() const;
    [[nodiscard]] std::uint64_t restarts() const { return restarts_; }

   private:
    std::optional<std::uint32_t> lowest_;
    std::uint32_t highest_ = 0;
    std::uint64_t seen_ = 0;  // since the last restart
    std::uint64_t absent_before_ = 0;
    std::uint64_t restarts_ = 0;
  };

  struct Host {
    std::optional<model::Timestamp> first, last;
    std::uint64_t events = 0;
    std::uint64_t records = 0;
    std::uint64_t execves = 0;
    std::uint64_t paths = 0;
    bool names_ccache_place = false;  // a file record under /tmp/ or of a ccache
    bool names_created_file = false;
    bool has_relevant_event = false;
    std::uint64_t short_events = 0;     // fewer PATH records than their SYSCALL announces
    std::uint64_t headless_events = 0;  // PATH, CWD or EXECVE without the SYSCALL they belong to
    std::uint64_t rules_removed = 0;
    std::uint64_t switched_off = 0;
    std::uint64_t daemon_ends = 0;
    Serials serials;
  };

  static void observe_files(const Event& event, Host& host);
  static void observe_configuration(const Record& record, Host& host);
  [[nodiscard]] static std::vector<model::Statement> statements(const Host& host,
                                                                const LaneNotices& notices);

  std::vector<Host> hosts_;  // by host id
};

}  // namespace krbtrail::audit
