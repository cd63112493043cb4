// SPDX-License-Identifier: Apache-2.0
//
// The walls around a run over hostile evidence: whoever takes over a parser finds no network, no
// program to start and no file beyond the evidence and the output.
//
//   const std::vector<std::string> layers = enter_sandbox(
//       {.readable = {"/evidence"}, .writable_directories = {"/tmp"}, .writable_files = {}});
//
// Two layers, both for good and both inherited by later threads and children:
// Landlock (Linux 5.13, ABI 1) for paths: reading beneath `readable`, making, writing, renaming and
// removing files beneath `writable_directories`, writing (no more) to `writable_files`. What is
// open already stays usable. From ABI 4 and 6 on also TCP, abstract sockets and signals to others.
// seccomp for system calls: a list of those that are allowed, every other answers ENOSYS.
// sandbox.cc says why it is that way round. Beyond the table: clone() for threads only.
//
// Call it before the first byte of evidence and before the first thread: Landlock binds the calling
// thread and its children only.
//
// A path that does not exist or cannot be looked at is left out; whoever opens it gets the reason.
// A symbolic link in the lists counts as what it points to. A link that is met inside the evidence
// and leads out of it cannot be followed: on a seized disk it would lead into this computer.
#pragma once

#include <string>
#include <vector>

namespace krbtrail::cli {

struct SandboxPaths {
  std::vector<std::string> readable = {};
  std::vector<std::string> writable_directories = {};
  std::vector<std::string> writable_files =
      {};                     // existing devices and pipes, which are not replaced
  bool unix_sockets = false;  // they may be made and connected; sockets of a network never
};

// A sentence for each layer: that it is on ("landlock: on, ABI 7"), or why it is not. A lacking
// layer is no failure: a kernel without Landlock must still be able to read a log. --stats prints
// them.
[[nodiscard]] std::vector<std::string> enter_sandbox(const SandboxPaths& paths);

}  // namespace krbtrail::cli
