// SPDX-License-Identifier: Apache-2.0
//
// What an event has to contain for a rule to hold for it: what the scan lane looks for.
#pragma once

#include <string_view>
#include <vector>

namespace krbtrail::detect {

// In any case, plain or in hexadecimal. No literal contains another one of its list, and none of
// `in_execs` one of `anywhere`.
struct Literals {
  std::vector<std::string_view> anywhere;  // in one of the event's records
  std::vector<std::string_view> in_execs;  // in activity::ExecText of an exec
};

}  // namespace krbtrail::detect
