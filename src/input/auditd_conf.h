// SPDX-License-Identifier: Apache-2.0
//
// What auditd.conf(5) of a mounted image says about where the logs lie.
#pragma once

#include <string>
#include <string_view>

namespace krbtrail::input {

// auditd's own default, without the slash in front: "var/log/audit/audit.log".
inline constexpr std::string_view kDefaultLogFile = "var/log/audit/audit.log";

// The value of `log_file`, without slashes in front; kDefaultLogFile where there is none that names
// a file. Rotated logs lie beside it, under its name and a suffix.
[[nodiscard]] std::string log_file_of(std::string_view auditd_conf);

}  // namespace krbtrail::input
