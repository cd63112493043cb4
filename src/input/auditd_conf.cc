// SPDX-License-Identifier: Apache-2.0
#include "auditd_conf.h"

#include <algorithm>

namespace krbtrail::input {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::string log_file_of(std::string_view auditd_conf) {
  std::string_view file = kDefaultLogFile;
  while (!auditd_conf.empty()) {
    const std::string_view line = auditd_conf.substr(0, auditd_conf.find('\n'));
    auditd_conf.remove_prefix(std::min(auditd_conf.size(), line.size() + 1));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || trimmed(line.substr(0, equals)) != "log_file")
      continue;
    std::string_view value = trimmed(line.substr(equals + 1));
    value.remove_prefix(std::min(value.size(), value.find_first_not_of('/')));
    if (!value.empty() && !value.ends_with('/'))
      file = value;
  }
  return std::string{file};
}

}  // namespace krbtrail::input
