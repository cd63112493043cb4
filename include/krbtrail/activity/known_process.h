// SPDX-License-Identifier: Apache-2.0
//
// A process that the process table is told of instead of being shown the event: one that ran before
// the log begins.
//
//   RunningProcess running{.pid = 812, .ppid = 1, .exe = "/usr/sbin/sshd", …};   // /proc said so
//   table.know(known_process(running, host, now));
//
// It carries the records that would have told of it, so that the table keeps, decodes and cites it
// like any other. What /proc said is written as records here, but the table knows it by its source
// and never calls it audited.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::activity {

struct KnownProcess {
  audit::EventKey key = {};  // of its image's event; of one from /proc, when it was read, serial 0
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  ProcessSource source = ProcessSource::unknown;
  bool truncated = false;        // some of what it was executed with is left out
  bool image_from_proc = false;  // it or who forked it was known from /proc
  // Type and body; the first is a SYSCALL, of which what stands from ppid= on is enough.
  std::vector<std::pair<audit::RecordType, std::string>> records = {};
};

// What /proc says of a process. Everything in it is what a process may have chosen: bytes.
struct RunningProcess {
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  std::optional<std::uint32_t> auid = {}, uid = {}, euid = {}, fsuid = {}, ses = {};
  std::string exe = {};  // " (deleted)" kept; empty if it could not be read
  std::string comm = {};
  std::string arguments = {};  // each with a NUL behind it, as /proc has them
  bool truncated = false;      // there are more
  std::string cwd = {};
};

// Arguments beyond what one record of the kernel holds are left out, and the truncation is said.
[[nodiscard]] KnownProcess known_process(const RunningProcess& running, model::HostId host,
                                         model::Timestamp now);

// What a process table knew, as text: a line for the process, and one for each record, none of
// which holds a line end.
//
//   process exec 812 1 - 1700000000.123:42 web1
//   SYSCALL ppid=1 pid=812 auid=…
void append_text(std::string& text, const KnownProcess& known, std::string_view host);

// Hands each process of such a text to `use`, in its order. Returns the lines that make no sense,
// which are skipped; the text may hold anything. Beyond 4,096 hosts no other is taken.
std::uint64_t read_known_processes(std::string_view text, model::HostNames& hosts,
                                   const std::function<void(const KnownProcess&)>& use);

}  // namespace krbtrail::activity
