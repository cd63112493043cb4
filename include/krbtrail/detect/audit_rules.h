// SPDX-License-Identifier: Apache-2.0
//
// The auditctl rules that give the telemetry which the rules for stolen tickets need, in three
// tiers of volume, for the places where one host keeps its tickets.
//
//   const std::string text = audit_rules({.tier = 2,
//                                         .places = {{"/etc/krb5.conf:12", place}},
//                                         .uids = {1000, 1001},
//                                         .exists = [](const std::string& path) { … }});
//
// The text is a file for /etc/audit/rules.d, comments included: what each part costs, and what
// stays invisible all the same. Every line that is no comment is accepted by auditctl 3.0.9: keys
// have at most 31 bytes, `exe` stands once, what has `perm` and no `-S` names its arch. It has no
// -D and no -b: rules that a site has already must not go because ours are read.
//
// The kernel refuses a rule for a folder that is not there, and a rules file ends at the first
// refusal; such rules stand in comments. So do paths that a rules file cannot spell. A tier
// includes those below it.
//
// Sources: CiscoCXSecurity/linikatz (blue/audit/audit.rules), auditctl(8), and the captures under
// testdata/captured. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "krbtrail/detect/ccache_template.h"

namespace krbtrail::detect {

// Calls that a 64-bit kernel of the machine lacks have no place in its rules: aarch64 has no open,
// creat, rename, link and symlink, and no 32-bit calls that the rules could name.
enum class Machine : std::uint8_t { x86_64, aarch64 };

struct PlaceOfTickets {
  std::string source;  // "/etc/krb5.conf:12"
  CcacheTemplate place;
};

struct AuditRulesRequest {
  int tier = 1;  // 1 to 3
  Machine machine = Machine::x86_64;
  std::vector<PlaceOfTickets> places = {};  // beside /tmp/krb5cc_%{uid}, which is built in
  std::vector<std::uint32_t> uids = {};     // of people: tier 2 watches their files by name
  std::function<bool(const std::string& path)> exists = {};  // on that host
  std::vector<std::string> warnings = {};  // about the host's own rules; put at the top
};

// Rules for single files beyond these accounts would make every system call slow.
inline constexpr std::size_t kAccountsWatched = 100;

[[nodiscard]] std::string audit_rules(const AuditRulesRequest& request);

}  // namespace krbtrail::detect
