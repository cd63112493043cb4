// SPDX-License-Identifier: Apache-2.0
#include "bench/event_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace krbtrail::bench {
namespace {

constexpr std::size_t kTitleLimit = 128;     // MAX_PROCTITLE_AUDIT_LEN
constexpr std::size_t kExecveLimit = 7'500;  // MAX_EXECVE_AUDIT_LEN
constexpr std::size_t kPieceLimit = 3'700;  // bytes of an argument in one record, twice that in hex
constexpr char kSeparator = '\x1d';

bool needs_hex(std::string_view bytes) {
  return std::ranges::any_of(bytes, [](char c) { return c == '"' || c < 0x21 || c > 0x7e; });
}

template <int Base>
std::string_view digits(std::uint64_t number, std::array<char, 24>& buffer) {
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, Base);
  return {buffer.data(), static_cast<std::size_t>(result.ptr - buffer.data())};
}

}  // namespace

std::string Stamp::to_string() const {
  const std::string three = std::to_string(1'000 + milliseconds);
  return std::to_string(seconds) + "." + three.substr(1) + ":" + std::to_string(serial);
}

std::string account_name(std::uint32_t uid) {
  switch (uid) {
    case 0:
      return "root";
    case 33:
      return "www-data";
    case 110:
      return "postgres";
    case kUnset:
      return "unset";
    default:
      return "user" + std::to_string(uid);
  }
}

void EventText::start(std::string_view node, const Stamp& stamp) {
  stamp_ = stamp;
  node_ = node;
  head_ = " msg=audit(" + stamp.to_string() + "): ";
  bytes_.clear();
  ends_.clear();
  path_items_ = 0;
}

std::string_view EventText::record(std::size_t index) const {
  const std::size_t from = index == 0 ? 0 : ends_[index - 1];
  return std::string_view{bytes_}.substr(from, ends_[index] - from);
}

void EventText::begin(std::string_view type) {
  text(node_);
  text("type=");
  text(type);
  text(head_);
}

void EventText::end() {
  bytes_.push_back('\n');
  ends_.push_back(bytes_.size());
}

void EventText::decimal(std::uint64_t number) {
  std::array<char, 24> buffer{};
  text(digits<10>(number, buffer));
}

void EventText::hexadecimal(std::uint64_t number) {
  std::array<char, 24> buffer{};
  text(digits<16>(number, buffer));
}

void EventText::octal(std::uint32_t number) {
  std::array<char, 24> buffer{};
  bytes_.push_back('0');
  text(digits<8>(number, buffer));
}

void EventText::hex_bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    bytes_.push_back(kDigits[byte >> 4U]);
    bytes_.push_back(kDigits[byte & 15U]);
  }
}

void EventText::untrusted(std::string_view bytes) {
  if (needs_hex(bytes)) {
    hex_bytes(bytes);
    return;
  }
  bytes_.push_back('"');
  text(bytes);
  bytes_.push_back('"');
}

void EventText::syscall(const Actor& actor, const Call& call, std::string_view key) {
  begin("SYSCALL");
  text("arch=");
  hexadecimal(call.arch);
  text(" syscall=");
  decimal(call.number);
  text(call.success ? " success=yes exit=" : " success=no exit=");
  if (call.exit < 0)
    bytes_.push_back('-');
  decimal(static_cast<std::uint64_t>(call.exit < 0 ? -call.exit : call.exit));
  text(" a0=");
  hexadecimal(call.a0);
  text(" a1=");
  hexadecimal(call.a1);
  text(" a2=");
  hexadecimal(call.a2);
  text(" a3=");
  hexadecimal(call.a3);
  text(" items=");
  decimal(call.items);
  text(" ppid=");
  decimal(actor.ppid);
  text(" pid=");
  decimal(actor.pid);
  text(" auid=");
  decimal(actor.auid);
  for (const std::string_view id :
       {" uid=", " gid=", " euid=", " suid=", " fsuid=", " egid=", " sgid=", " fsgid="}) {
    text(id);
    decimal(actor.uid);
  }
  text(" tty=");
  text(actor.tty);
  text(" ses=");
  decimal(actor.ses);
  text(" comm=");
  untrusted(actor.comm);
  text(" exe=");
  untrusted(actor.exe);
  text(" subj=unconfined key=\"");
  text(key);
  bytes_.push_back('"');
  if (dress_.enriched)
    enriched_accounts(actor, call);
  end();
}

void EventText::enriched_accounts(const Actor& actor, const Call& call) {
  bytes_.push_back(kSeparator);
  text(call.arch == kI386 ? "ARCH=i386 SYSCALL=" : "ARCH=x86_64 SYSCALL=");
  text(call.name);
  text(" AUID=\"");
  text(account_name(actor.auid));
  const std::string name = account_name(actor.uid);
  for (const std::string_view id :
       {"UID", "GID", "EUID", "SUID", "FSUID", "EGID", "SGID", "FSGID"}) {
    text("\" ");
    text(id);
    text("=\"");
    text(name);
  }
  bytes_.push_back('"');
}

void EventText::execve(const std::vector<std::string>& argv) {
  begin("EXECVE");
  text("argc=");
  decimal(argv.size());
  std::size_t used = 0;
  for (std::size_t index = 0; index < argv.size(); ++index) {
    const std::string& argument = argv[index];
    if (argument.size() > kExecveLimit) {
      argument_in_pieces(index, argument);
      used = kExecveLimit;
      continue;
    }
    const std::size_t width = (needs_hex(argument) ? 2 * argument.size() : argument.size()) + 8;
    if (used + width > kExecveLimit) {
      end();
      begin("EXECVE");
      used = 0;
    }
    text(" a");
    decimal(index);
    bytes_.push_back('=');
    untrusted(argument);
    used += width;
  }
  end();
}

void EventText::argument_in_pieces(std::size_t index, std::string_view argument) {
  text(" a");
  decimal(index);
  text("_len=");
  decimal(2 * argument.size());
  for (std::size_t piece = 0; piece * kPieceLimit < argument.size(); ++piece) {
    if (piece > 0) {
      end();
      begin("EXECVE");
    }
    text(" a");
    decimal(index);
    bytes_.push_back('[');
    decimal(piece);
    text("]=");
    hex_bytes(argument.substr(piece * kPieceLimit, kPieceLimit));
  }
}

void EventText::cwd(std::string_view directory) {
  begin("CWD");
  text("cwd=");
  untrusted(directory);
  end();
}

void EventText::path(const PathItem& item) {
  begin("PATH");
  text("item=");
  decimal(path_items_++);
  text(" name=");
  untrusted(item.name);
  if (item.inode != 0) {
    text(" inode=");
    decimal(item.inode);
    text(" dev=");
    text(item.device);
    text(" mode=");
    octal(item.mode);
    text(" ouid=");
    decimal(item.owner);
    text(" ogid=");
    decimal(item.owner);
    text(" rdev=00:00");
  }
  text(" nametype=");
  text(item.nametype);
  text(" cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0");
  if (dress_.enriched && item.inode != 0) {
    const std::string name = account_name(item.owner);
    bytes_.push_back(kSeparator);
    text("OUID=\"");
    text(name);
    text("\" OGID=\"");
    text(name);
    bytes_.push_back('"');
  }
  end();
}

void EventText::proctitle(std::string_view title) {
  if (!dress_.proctitle)
    return;
  begin("PROCTITLE");
  text("proctitle=");
  untrusted(title.substr(0, kTitleLimit));
  end();
}

void EventText::other(std::string_view type, std::string_view body, std::string_view enriched) {
  begin(type);
  text(body);
  if (dress_.enriched && !enriched.empty()) {
    bytes_.push_back(kSeparator);
    text(enriched);
  }
  end();
}

}  // namespace krbtrail::bench
