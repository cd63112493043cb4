// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/known_process.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string_view>
#include <system_error>

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

struct TypeName {
  RecordType type;
  std::string_view name;
};
constexpr std::array<TypeName, 4> kKeptTypes{{{RecordType::syscall, "SYSCALL"},
                                              {RecordType::execve, "EXECVE"},
                                              {RecordType::cwd, "CWD"},
                                              {RecordType::path, "PATH"}}};
constexpr std::array kSources{ProcessSource::exec, ProcessSource::fork, ProcessSource::actor,
                              ProcessSource::proc};
constexpr std::size_t kMostHosts = 4'096;              // as the scan lane
constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999, as in a record's head

// Takes the word in front of the next `end` off the text; all of it if there is none.
std::string_view next(std::string_view& text, char end) {
  const std::string_view word = text.substr(0, text.find(end));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

template <class Number>
bool read(std::string_view text, Number& value, Number highest) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() && value >= 0 && value <= highest;
}

bool read_key(std::string_view text, audit::EventKey& key) {
  return read<std::int64_t>(next(text, '.'), key.seconds, kLastSecond) &&
         read<std::uint16_t>(next(text, ':'), key.milliseconds, 999) &&
         read<std::uint32_t>(text, key.serial, std::numeric_limits<std::uint32_t>::max());
}

bool read_flags(std::string_view flags, KnownProcess& known) {
  known.truncated = flags.find('t') != std::string_view::npos;
  known.image_from_proc = flags.find('p') != std::string_view::npos;
  return flags == "-" || flags == "t" || flags == "p" || flags == "tp";
}

// "exec 812 1 - 1700000000.123:42 web1"
std::optional<KnownProcess> head_in(std::string_view line, model::HostNames& hosts) {
  constexpr std::uint32_t kHighest = std::numeric_limits<std::uint32_t>::max();
  KnownProcess known;
  const std::string_view source = next(line, ' ');
  const auto* named =
      std::ranges::find(kSources, source, [](ProcessSource one) { return to_string(one); });
  if (named == kSources.end() || !read(next(line, ' '), known.pid, kHighest) ||
      !read(next(line, ' '), known.ppid, kHighest) || !read_flags(next(line, ' '), known) ||
      !read_key(next(line, ' '), known.key))
    return std::nullopt;
  if (!hosts.find(line) && hosts.size() >= kMostHosts)
    return std::nullopt;
  known.source = *named;
  known.key.host = hosts.intern(line);
  return known;
}

bool read_record(std::string_view line, KnownProcess& known) {
  const std::string_view name = next(line, ' ');
  const auto* type = std::ranges::find(kKeptTypes, name, &TypeName::name);
  const bool comes_first = known.records.empty();
  if (type == kKeptTypes.end() || (comes_first != (type->type == RecordType::syscall)) ||
      line.find('\0') != std::string_view::npos)
    return false;
  known.records.emplace_back(type->type, line);
  return true;
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

void append_text(std::string& text, const KnownProcess& known, std::string_view host) {
  std::string flags = known.truncated ? "t" : "";
  flags += known.image_from_proc ? "p" : "";
  text += "process ";
  text += to_string(known.source);
  text += ' ' + std::to_string(known.pid) + ' ' + std::to_string(known.ppid) + ' ';
  text += (flags.empty() ? "-" : flags) + ' ' + known.key.to_string() + ' ';
  text += host;
  text += '\n';
  for (const auto& [type, body] : known.records) {
    text += std::ranges::find(kKeptTypes, type, &TypeName::type)->name;
    text += ' ' + body + '\n';
  }
}

std::uint64_t read_known_processes(std::string_view text, model::HostNames& hosts,
                                   const std::function<void(const KnownProcess&)>& use) {
  constexpr std::string_view kHead = "process ";
  std::uint64_t senseless = 0;
  std::optional<KnownProcess> known;
  while (!text.empty()) {
    const std::string_view line = next(text, '\n');
    if (line.starts_with(kHead)) {
      if (known)
        use(*known);
      known = head_in(line.substr(kHead.size()), hosts);
      senseless += known ? 0 : 1;
    } else {
      senseless += known && read_record(line, *known) ? 0 : 1;
    }
  }
  if (known)
    use(*known);
  return senseless;
}

}  // namespace krbtrail::activity
