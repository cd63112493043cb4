// SPDX-License-Identifier: Apache-2.0
//
// The processes that ran before `live` did, read from /proc once.
//
//   const ProcSnapshot snapshot = read_proc();
//   for (const activity::RunningProcess& process : snapshot.processes) …
//
// For who reads a ticket now was often started days ago. What is read there is no evidence: a
// process writes its own name and arguments. Names and arguments are bytes, line ends included.
// All of one process is read through one open directory, so that nothing of a later process with
// its number is mixed in. A process that ends meanwhile is left out, a kernel thread likewise. Of
// what may not be read (exe and working directory of others take CAP_SYS_PTRACE) the field stays
// empty.
//
// Bounds: `processes` and `bytes` of them, counted as `left_out` beyond; of each `argument_bytes`,
// beyond which its arguments are cut.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "krbtrail/activity/known_process.h"

namespace krbtrail::live {

struct ProcLimits {
  std::size_t processes = 32'768;  // as many as the process table holds
  std::size_t bytes = std::size_t{8} << 20U;
  std::size_t argument_bytes = 4'096;
};

struct ProcSnapshot {
  std::vector<activity::RunningProcess> processes;  // by pid
  std::size_t left_out = 0;                         // beyond the bound
};

// `root` is read in place of /proc; nothing if it cannot be.
[[nodiscard]] ProcSnapshot read_proc(const std::string& root = "/proc", ProcLimits limits = {});

}  // namespace krbtrail::live
