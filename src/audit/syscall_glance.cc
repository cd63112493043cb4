// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_glance.h"

#include <charconv>

namespace krbtrail::audit {
namespace {

enum Seen : std::uint16_t {
  kArch = 1U << 0U,
  kSyscall = 1U << 1U,
  kSuccess = 1U << 2U,
  kExit = 1U << 3U,
  kPpid = 1U << 4U,
  kPid = 1U << 5U,
  kComm = 1U << 6U,
  kExe = 1U << 7U,
  kFirstArg = 1U << 8U,  // a0–a3 are bits 8–11
  kWanted = 0xFFF,
};

template <class Number>
bool read_number(std::string_view text, int base, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc{} && stop == end;
}

// The end of a value that starts at `at`: the next blank, or behind the closing quote.
std::size_t value_end(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '"') {
    const std::size_t quote = text.find('"', at + 1);
    return quote == std::string_view::npos ? text.size() : quote + 1;
  }
  const std::size_t blank = text.find(' ', at);
  return blank == std::string_view::npos ? text.size() : blank;
}

bool says_yes(std::string_view value) {
  return value == "yes" || value == "\"yes\"";
}

// Takes one field if it is a wanted one that has not been seen. An unreadable number counts as
// absent, so that a later field of the same name cannot take its place unnoticed.
void take_field(std::string_view name, std::string_view value, SyscallGlance& to, unsigned& seen,
                unsigned& unreadable) {
  const auto first = [&](unsigned bit) {
    const bool fresh = (seen & bit) == 0;
    seen |= bit;
    return fresh;
  };
  const auto number = [&](unsigned bit, int base, auto& into) {
    if (first(bit) && !read_number(value, base, into))
      unreadable |= bit;
  };
  switch (name.size()) {
    case 2:
      if (name[0] == 'a' && name[1] >= '0' && name[1] <= '3') {
        const auto index = static_cast<unsigned>(name[1] - '0');
        number(static_cast<unsigned>(kFirstArg) << index, 16, to.args[index]);
      }
      break;
    case 3:
      if (name == "pid")
        number(kPid, 10, to.pid);
      else if (name == "exe" && first(kExe))
        to.exe = value;
      break;
    case 4:
      if (name == "arch")
        number(kArch, 16, to.arch);
      else if (name == "exit")
        number(kExit, 10, to.exit);
      else if (name == "ppid")
        number(kPpid, 10, to.ppid);
      else if (name == "comm" && first(kComm))
        to.comm = value;
      break;
    case 7:
      if (name == "syscall")
        number(kSyscall, 10, to.syscall);
      else if (name == "success" && first(kSuccess))
        to.success = says_yes(value);
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<SyscallGlance> glance(const Record& record) {
  if (record.type != RecordType::syscall)
    return std::nullopt;
  SyscallGlance result;
  unsigned seen = 0;
  unsigned unreadable = 0;
  std::string_view text = record.body_text();
  text = text.substr(0, text.find('\x1d'));
  std::size_t at = 0;
  while (at < text.size() && (seen & kWanted) != kWanted) {
    const std::size_t equals = text.find('=', at);
    if (equals == std::string_view::npos)
      break;
    std::string_view name = text.substr(at, equals - at);
    if (const std::size_t blank = name.rfind(' '); blank != std::string_view::npos)
      name.remove_prefix(blank + 1);
    const std::size_t end = value_end(text, equals + 1);
    take_field(name, text.substr(equals + 1, end - equals - 1), result, seen, unreadable);
    at = end;
  }
  constexpr unsigned kNeeded = kArch | kSyscall | kPid;
  if ((seen & kNeeded) != kNeeded || (unreadable & kNeeded) != 0)
    return std::nullopt;
  return result;
}

}  // namespace krbtrail::audit
