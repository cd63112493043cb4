// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/known_process.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string_view>

namespace krbtrail::activity {
namespace {

using audit::RecordType;

constexpr std::size_t kLongestArguments = 7'500;  // MAX_EXECVE_AUDIT_LEN, kernel/auditsc.c

// As the kernel spells what a process may have chosen (audit_log_untrustedstring): in quotes, or
// in hexadecimal if a quote would not do.
std::string untrusted(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto is_odd = [](char c) { return c == '"' || c <= ' ' || c > '~'; };
  if (std::ranges::none_of(text, is_odd))
    return "\"" + std::string{text} + "\"";
  std::string hex;
  for (const char c : text) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4U];
    hex += kDigits[static_cast<unsigned char>(c) & 0xFU];
  }
  return hex;
}

std::string number(std::optional<std::uint32_t> id) {
  return std::to_string(id.value_or(std::numeric_limits<std::uint32_t>::max()));
}

std::string actor_of(const RunningProcess& running) {
  std::string body = "ppid=" + std::to_string(running.ppid) + " pid=" + std::to_string(running.pid);
  body += " auid=" + number(running.auid) + " uid=" + number(running.uid);
  body += " euid=" + number(running.euid) + " fsuid=" + number(running.fsuid);
  body += " tty=(none) ses=" + number(running.ses);
  body += " comm=" + untrusted(running.comm);
  body += " exe=" + (running.exe.empty() ? "(null)" : untrusted(running.exe));
  return body;
}

// Sets `truncated` if not all fit.
std::string arguments_of(const RunningProcess& running, bool& truncated) {
  std::string arguments;
  std::size_t count = 0;
  std::string_view rest = running.arguments;
  while (!rest.empty()) {
    const std::string_view argument = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
    const std::string field = " a" + std::to_string(count) + "=" + untrusted(argument);
    if (arguments.size() + field.size() > kLongestArguments) {
      truncated = true;
      break;
    }
    arguments += field;
    ++count;
  }
  return "argc=" + std::to_string(count) + arguments;
}

}  // namespace

KnownProcess known_process(const RunningProcess& running, model::HostId host,
                           model::Timestamp now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto rest = std::chrono::floor<std::chrono::milliseconds>(now - seconds);
  KnownProcess known{.key = {.host = host,
                             .seconds = seconds.time_since_epoch().count(),
                             .milliseconds = static_cast<std::uint16_t>(rest.count()),
                             .serial = 0},
                     .pid = running.pid,
                     .ppid = running.ppid,
                     .source = ProcessSource::proc,
                     .truncated = running.truncated,
                     .image_from_proc = true,
                     .records = {}};
  known.records.emplace_back(RecordType::syscall, actor_of(running));
  if (!running.arguments.empty())
    known.records.emplace_back(RecordType::execve, arguments_of(running, known.truncated));
  if (!running.cwd.empty())
    known.records.emplace_back(RecordType::cwd, "cwd=" + untrusted(running.cwd));
  return known;
}

}  // namespace krbtrail::activity
