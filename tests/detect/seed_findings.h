// SPDX-License-Identifier: Apache-2.0
//
// The seed's branches on a row of events, and what they found.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/seed_ccache.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::test {

using Event = std::variant<activity::ProcessEvent, activity::FileEvent>;

// Input 0 is "audit.log", input 1 "audit.log.1"; host 0 is "alpha", host 1 "beta".
inline std::vector<model::Finding> findings(const std::vector<Event>& events,
                                            detect::SeedOptions options = {}) {
  model::InputNames inputs;
  inputs.intern("audit.log");
  inputs.intern("audit.log.1");
  model::HostNames hosts;
  hosts.intern("alpha");
  hosts.intern("beta");
  std::vector<model::Finding> found;
  detect::SeedCcache seed{options, inputs, hosts,
                          [&](model::Finding finding) { found.push_back(std::move(finding)); }};
  for (const Event& event : events)
    std::visit([&](const auto& one) { seed.push(one); }, event);
  return found;
}

// "1" for branch 1, "2", "3", in the order of the findings: "23" is an exec that two branches saw.
inline std::string branches(const std::vector<Event>& events, detect::SeedOptions options = {}) {
  std::string seen;
  for (const model::Finding& finding : findings(events, options)) {
    if (finding.rule == "seed-file-access")
      seen += '1';
    else if (finding.rule == "seed-impacket-tool")
      seen += '2';
    else if (finding.rule == "seed-copy-exfil")
      seen += '3';
    else
      seen += '?';
  }
  return seen;
}

inline constexpr detect::SeedOptions kGenerous{};
inline constexpr detect::SeedOptions kStrict{.strict_kql = true, .keep_records = false};

}  // namespace krbtrail::test
