// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_glance.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

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

// Reads a record whose fields are in the kernel's order, from the front; every step takes exactly
// what it names or fails, and then the record is read field by field instead.
class OrderedReader {
 public:
  explicit OrderedReader(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  // A literal, so that its length is known where it is compared.
  template <std::size_t size>
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  bool take(const char (&word)[size]) {
    constexpr std::size_t kLength = size - 1;
    if (static_cast<std::size_t>(end_ - at_) < kLength || std::memcmp(at_, word, kLength) != 0)
      return false;
    at_ += kLength;
    return true;
  }

  template <class Number>
  bool take_hex(Number& number) {
    return take_digits<16>(number);
  }

  template <class Number>
  bool take_decimal(Number& number) {
    return take_digits<10>(number);
  }

  bool take_signed(std::int64_t& number) {
    const bool negative = take("-");
    std::uint64_t magnitude = 0;
    if (!take_decimal(magnitude) || magnitude > 0x7FFFFFFFFFFFFFFF)
      return false;
    number =
        negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return true;
  }

  // What stands before the next blank, which is eight bytes away at most times.
  bool take_word(std::string_view& word) {
    const char* at = at_;
    if constexpr (std::endian::native == std::endian::little) {
      for (std::uint64_t eight = 0; static_cast<std::size_t>(end_ - at) >= sizeof eight;
           at += sizeof eight) {
        std::memcpy(&eight, at, sizeof eight);
        eight ^= 0x2020202020202020U;  // the lowest byte that is zero now
        const std::uint64_t zero = (eight - 0x0101010101010101U) & ~eight & 0x8080808080808080U;
        if (zero != 0) {
          at += std::countr_zero(zero) / 8;
          break;
        }
      }
    }
    while (at != end_ && *at != ' ')
      ++at;
    word = {at_, static_cast<std::size_t>(at - at_)};
    at_ = at;
    return !word.empty();
  }

  // The value of the first field `exe`. Its name holds the only x that is usual so far in a record.
  [[nodiscard]] std::string_view find_exe() const {
    const std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
    constexpr std::string_view kExe = " exe=";
    for (std::size_t x = rest.find('x', 2); x != std::string_view::npos;
         x = rest.find('x', x + 1)) {
      if (rest.substr(x - 2).starts_with(kExe)) {
        const std::size_t start = x - 2 + kExe.size();
        const std::string_view value = rest.substr(start, value_end(rest, start) - start);
        return value.starts_with('"') ? value : value.substr(0, value.find('\x1d'));
      }
    }
    return {};
  }

 private:
  // One digit at least, no more than the number holds without overflow, and a blank or the end.
  template <unsigned base, class Number>
  bool take_digits(Number& number) {
    const char* const begin = at_;
    const char* const limit =
        begin + std::min<std::ptrdiff_t>(end_ - begin, kMostDigits<base, Number>);
    const char* at = begin;
    Number value = 0;
    for (; at != limit; ++at) {
      const unsigned digit = kDigits[static_cast<unsigned char>(*at)];
      if (digit >= base)
        break;
      value = static_cast<Number>(value * base + digit);
    }
    number = value;
    at_ = at;
    return at_ != begin && (at_ == end_ || *at_ == ' ');
  }

  template <unsigned base, class Number>
  static constexpr std::ptrdiff_t kMostDigits = base == 16 ? 2 * sizeof(Number)
                                                           : std::numeric_limits<Number>::digits10;

  // By character; 255 if it is no hexadecimal digit.
  static constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(255);
    for (std::uint8_t i = 0; i < 10; ++i)
      digits[std::size_t{'0'} + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
      digits[std::size_t{'a'} + i] = static_cast<std::uint8_t>(10 + i);
      digits[std::size_t{'A'} + i] = static_cast<std::uint8_t>(10 + i);
    }
    return digits;
  }();

  const char* at_;
  const char* end_;
};

bool read_in_order(std::string_view text, SyscallGlance& to) {
  OrderedReader in{text};
  if (!in.take("arch=") || !in.take_hex(to.arch) || !in.take(" syscall=") ||
      !in.take_decimal(to.syscall))
    return false;
  to.success = in.take(" success=yes");
  if (!to.success && !in.take(" success=no"))
    return false;
  if (!in.take(" exit=") || !in.take_signed(to.exit) || !in.take(" a0=") ||
      !in.take_word(to.args[0]) || !in.take(" a1=") || !in.take_word(to.args[1]) ||
      !in.take(" a2=") || !in.take_word(to.args[2]) || !in.take(" a3=") ||
      !in.take_word(to.args[3]))
    return false;
  if (!in.take(" items=") || !in.take_decimal(to.items) || !in.take(" ppid=") ||
      !in.take_decimal(to.ppid) || !in.take(" pid=") || !in.take_decimal(to.pid))
    return false;
  to.exe = in.find_exe();
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
