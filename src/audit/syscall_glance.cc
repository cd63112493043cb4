// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_glance.h"

#include <charconv>

#include "audit/ordered_reader.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/audit/keyed_hash.h"

namespace krbtrail::audit {
namespace {

enum Seen : std::uint16_t {
  seen_arch = 1U << 0U,
  seen_syscall = 1U << 1U,
  seen_success = 1U << 2U,
  seen_exit = 1U << 3U,
  seen_ppid = 1U << 4U,
  seen_pid = 1U << 5U,
  seen_exe = 1U << 6U,
  seen_first_arg = 1U << 7U,  // a0–a3 are bits 7–10
  seen_items = 1U << 11U,
  seen_wanted = 0xFFF,
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
        if (first(static_cast<unsigned>(seen_first_arg) << index))
          to.args[index] = value;
      }
      break;
    case 3:
      if (name == "pid")
        number(seen_pid, 10, to.pid);
      else if (name == "exe" && first(seen_exe))
        to.exe = value;
      break;
    case 4:
      if (name == "arch")
        number(seen_arch, 16, to.arch);
      else if (name == "exit")
        number(seen_exit, 10, to.exit);
      else if (name == "ppid")
        number(seen_ppid, 10, to.ppid);
      break;
    case 5:
      if (name == "items")
        number(seen_items, 10, to.items);
      break;
    case 7:
      if (name == "syscall")
        number(seen_syscall, 10, to.syscall);
      else if (name == "success" && first(seen_success))
        to.success = says_yes(value);
      break;
    default:
      break;
  }
}

// "c000003e" at nearly all times: AUDIT_ARCH_X86_64.
bool take_arch(OrderedReader& in, std::uint32_t& arch) {
  if (!in.take("c000003e "))
    return in.take_number<16>(arch) && in.take(" ");
  arch = 0xC000003E;
  return true;
}

// The value of the first field `exe`. Its name holds the only x that is usual so far in a record.
std::string_view take_exe(OrderedReader& in) {
  if (!in.skip_to<2>(" exe="))
    return {};
  const std::string_view rest = in.rest();
  const std::string_view value = rest.substr(0, value_end(rest, 0));
  return value.starts_with('"') ? value : value.substr(0, value.find('\x1d'));
}

bool read_in_order(std::string_view text, SyscallGlance& to) {
  OrderedReader in{text};
  if (!in.take("arch=") || !take_arch(in, to.arch) || !in.take("syscall=") ||
      !in.take_number<10>(to.syscall))
    return false;
  to.success = in.take(" success=yes");
  if (!to.success && !in.take(" success=no"))
    return false;
  if (!in.take(" exit=") || !in.take_signed(to.exit) || !in.take(" a0=") ||
      !in.take_word(to.args[0]) || !in.take(" a1=") || !in.take_word(to.args[1]) ||
      !in.take(" a2=") || !in.take_word(to.args[2]) || !in.take(" a3=") ||
      !in.take_word(to.args[3]))
    return false;
  if (!in.take(" items=") || !in.take_number<10>(to.items) || !in.take(" "))
    return false;
  to.actor = in.rest();
  if (!in.take("ppid=") || !in.take_number<10>(to.ppid) || !in.take(" pid=") ||
      !in.take_number<10>(to.pid))
    return false;
  to.exe = take_exe(in);
  return true;
}

}  // namespace

std::uint64_t SyscallGlance::argument(std::size_t index) const {
  std::uint64_t number = 0;
  return read_number(args[index], 16, number) ? number : 0;
}

std::optional<SyscallGlance> glance(const Record& record) {
  if (record.type != RecordType::syscall)
    return std::nullopt;
  SyscallGlance result;
  if (read_in_order(record.body_text(), result)) {
    result.exe_hash = keyed_hash(result.exe);
    return result;
  }
  result = {};
  unsigned seen = 0;
  unsigned unreadable = 0;
  std::string_view text = record.body_text();
  text = text.substr(0, text.find('\x1d'));
  std::size_t at = 0;
  while (at < text.size() && (seen & seen_wanted) != seen_wanted) {
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
  constexpr unsigned kNeeded = seen_arch | seen_syscall | seen_pid;
  if ((seen & kNeeded) != kNeeded || (unreadable & kNeeded) != 0)
    return std::nullopt;
  result.exe_hash = keyed_hash(result.exe);
  return result;
}

}  // namespace krbtrail::audit
