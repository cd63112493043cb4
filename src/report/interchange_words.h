// SPDX-License-Identifier: Apache-2.0
//
// What the interchange formats derive from a finding in the same way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::report {

// "Somebody else than its owner opened a Kerberos ticket: install read /tmp/krb5cc_1000 on web01"
[[nodiscard]] std::string message_of(const model::Finding& finding);
[[nodiscard]] std::string message_of(const model::Incident& incident);

// The name, or the uid in digits; of Windows the name that logged on. Empty if unknown.
[[nodiscard]] std::string user_name_of(const model::Finding& finding);

// "T1558" of "T1558.005"
[[nodiscard]] std::string technique_of(std::string_view attack);
[[nodiscard]] bool is_sub_technique(std::string_view attack);

// True of "192.0.2.7" and "2001:db8::7", and of nothing else.
[[nodiscard]] bool is_ip_address(const std::string& text);

// One sentence for each thing that could not be seen or read, with its host and the end of that
// host's log.
struct Limitation {
  std::string host;
  std::string text;
  std::optional<model::Timestamp> time;
};
[[nodiscard]] std::vector<Limitation> limitations(const model::Coverage& coverage);

// The end of the evidence: where what is said of the whole run is placed in time. The epoch if
// nothing has a time.
[[nodiscard]] model::Timestamp end_of(const model::Coverage& coverage);

[[nodiscard]] std::int64_t milliseconds_of(model::Timestamp time);
[[nodiscard]] std::int64_t microseconds_of(model::Timestamp time);

}  // namespace krbtrail::report
