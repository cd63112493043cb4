// SPDX-License-Identifier: Apache-2.0
//
// The records of one audit event as auditd writes them to its log.
//
//   EventText event{{.enriched = false, .proctitle = true}};
//   event.start("node=web-01 ", {.seconds = 1700000000, .milliseconds = 124, .serial = 42});
//   event.syscall(actor, {.number = 59, .items = 2}, "exec");
//   event.execve({"cp", "/tmp/a b", "/srv"});      // a1 in hexadecimal, for the blank
//   event.record(0);                               // "node=web-01 type=SYSCALL msg=…\n"
//
// What is quoted and what is hexadecimal, and where EXECVE is cut into several records, follows the
// kernel's auditsc.c (audit_log_execve_info) and audit.c (audit_log_n_untrustedstring); the part
// behind 0x1D follows audit-userspace 3.0.9, src/auditd-event.c (format_enrich).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace krbtrail::bench {

inline constexpr std::uint32_t kUnset = 4'294'967'295;
inline constexpr std::uint32_t kX86_64 = 0xc000003e;
inline constexpr std::uint32_t kI386 = 0x40000003;
inline constexpr std::uint64_t kAtFdCwd = 0xffffff9c;

struct Stamp {
  std::int64_t seconds = 0;
  std::uint32_t milliseconds = 0;
  std::uint32_t serial = 0;
  // "1700000000.123:42"
  [[nodiscard]] std::string to_string() const;
};

// Who acts, as a SYSCALL record tells it. Strings are bytes; `title` is the process title with NUL
// between its words, at most 128 bytes of it are written.
struct Actor {
  std::uint32_t pid = 1;
  std::uint32_t ppid = 0;
  std::uint32_t auid = kUnset;
  std::uint32_t uid = 0;
  std::uint32_t ses = kUnset;
  std::string_view tty = "(none)";
  std::string exe;
  std::string comm;
  std::string cwd;
  std::string title;
};

struct Call {
  std::uint32_t arch = kX86_64;
  std::uint32_t number = 257;
  std::string_view name = "openat";  // for the enriched part
  bool success = true;
  std::int64_t exit = 3;
  std::uint64_t a0 = kAtFdCwd;
  std::uint64_t a1 = 0x7ffc1a2b3c40;
  std::uint64_t a2 = 0;
  std::uint64_t a3 = 0;
  std::uint32_t items = 1;
};

struct PathItem {
  std::string name;
  std::uint64_t inode = 0;  // 0: the record has neither inode, device, mode nor owner
  std::string_view device = "fe:01";
  std::uint32_t mode = 0100644;
  std::uint32_t owner = 0;
  std::string_view nametype = "NORMAL";
};

// The name that enriched records give an id: "root", "user1003", "unset".
[[nodiscard]] std::string account_name(std::uint32_t uid);

class EventText {
 public:
  struct Dress {
    bool enriched = false;
    bool proctitle = true;
  };
  explicit EventText(Dress dress) : dress_{dress} {}

  // Forgets the former event. `node` is empty or ends in a blank.
  void start(std::string_view node, const Stamp& stamp);

  void syscall(const Actor& actor, const Call& call, std::string_view key);
  void execve(const std::vector<std::string>& argv);
  void cwd(std::string_view directory);
  void path(const PathItem& item);  // items count from 0 in the order of the calls
  void proctitle(std::string_view title);
  // Any other record. `enriched` is what stands behind 0x1D, without it; empty if nothing does.
  void other(std::string_view type, std::string_view body, std::string_view enriched = {});

  [[nodiscard]] const Stamp& stamp() const { return stamp_; }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] bool empty() const { return ends_.empty(); }
  // With its line end. Views into this object, until the next start().
  [[nodiscard]] std::string_view record(std::size_t index) const;

 private:
  void begin(std::string_view type);
  void end();
  void text(std::string_view bytes) { bytes_.append(bytes); }
  void decimal(std::uint64_t number);
  void hexadecimal(std::uint64_t number);
  void octal(std::uint32_t number);
  void hex_bytes(std::string_view bytes);
  void untrusted(std::string_view bytes);
  void enriched_accounts(const Actor& actor, const Call& call);
  void argument_in_pieces(std::size_t index, std::string_view argument);

  Dress dress_;
  Stamp stamp_;
  std::string head_;  // " msg=audit(1700000000.123:42): "
  std::string node_;
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::uint32_t path_items_ = 0;
};

}  // namespace krbtrail::bench
