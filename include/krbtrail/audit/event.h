// SPDX-License-Identifier: Apache-2.0
//
// An audit event: the records that carry one (node, time, serial).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "krbtrail/audit/path_glance.h"
#include "krbtrail/audit/syscall_glance.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::audit {

// The kernel's numbers (linux/audit.h, libaudit's msg_typetab.h), for the types this program names.
// Any other number is a valid value too; a name nobody knows is `unknown`.
enum class RecordType : std::uint16_t {
  login = 1006,
  config_change = 1305,
  daemon_start = 1200,
  daemon_end = 1201,
  daemon_abort = 1202,
  daemon_config = 1203,
  daemon_last = 1299,
  syscall = 1300,
  path = 1302,
  sockaddr = 1306,
  cwd = 1307,
  execve = 1309,
  obj_pid = 1318,
  eoe = 1320,
  proctitle = 1327,
  uringop = 1336,
  openat2 = 1337,
  unknown = 0xFFFF,
};

// Identifies an event. Milliseconds are as the record spells them (audit has no finer ones).
struct EventKey {
  model::HostId host{};
  std::int64_t seconds = 0;
  std::uint16_t milliseconds = 0;
  std::uint32_t serial = 0;

  auto operator<=>(const EventKey&) const = default;  // NOLINT(modernize-use-nullptr): its own 0

  [[nodiscard]] model::Timestamp time() const {
    return model::Timestamp{std::chrono::seconds{seconds} +
                            std::chrono::milliseconds{milliseconds}};
  }
  // "1700000000.123:42"
  [[nodiscard]] std::string to_string() const;
};

// One record, as bytes. `text` is the line without its end and without any syslog or node prefix:
// it starts at "type="; the body starts at `body` (after "audit(…):" and blanks). The enriched part
// behind 0x1D, if any, is included.
struct Record {
  RecordType type = RecordType::unknown;
  std::uint16_t body = 0;
  bool has_node = false;  // node= stood before it: the host is what the record says
  std::string_view text;
  model::Origin origin;

  [[nodiscard]] std::string_view body_text() const { return text.substr(body); }
};

// What an event is made of, counted as its records come in: what most stages ask first, and with it
// nearly all events are done.
struct EventParts {
  std::uint16_t paths = 0;
  std::uint16_t execves = 0;
  bool has_cwd = false;
  bool has_head = false;    // a SYSCALL, or an io_uring worker's URINGOP
  bool has_uring = false;   // a URINGOP
  bool has_others = false;  // any type but these and PROCTITLE

  void count(RecordType type) {
    switch (type) {
      case RecordType::path:
        ++paths;
        break;
      case RecordType::execve:
        ++execves;
        break;
      case RecordType::cwd:
        has_cwd = true;
        break;
      case RecordType::uringop:
        has_uring = true;
        has_head = true;
        break;
      case RecordType::syscall:
        has_head = true;
        break;
      case RecordType::proctitle:
        break;
      default:
        has_others = true;
        break;
    }
  }
};

// A complete event on its way through the stages. Lives for one push(): the bytes belong to the
// scan lane's blocks, and a stage copies what it keeps. Records are in the order in which they were
// read, without EOE.
struct Event {
  EventKey key;
  std::span<const Record> records;
  EventParts parts = {};
  const Record* syscall = nullptr;                   // the first SYSCALL record, if there is one
  std::optional<SyscallGlance> call = std::nullopt;  // what stands in it, if it is readable
  // What stands in its PATH records, in their order; empty of an exec, whose files are programs.
  std::span<const PathGlance> paths = {};
  // Of an event that comes soon, so that what it will need can be fetched; nullptr if unknown.
  const SyscallGlance* ahead = nullptr;
  std::uint64_t lines = 0;  // of the input that make it up, EOE included
  std::uint64_t bytes = 0;  // of those lines, prefixes and line ends included
  bool relevant = true;     // false only if no rule can want it; see audit/scan_lane.h
};

}  // namespace krbtrail::audit
