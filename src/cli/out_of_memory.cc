// SPDX-License-Identifier: Apache-2.0
#include "cli/out_of_memory.h"

#include <new>
#include <string_view>

#include <unistd.h>

#include "cli/exit_status.h"

namespace krbtrail::cli {

namespace {

// Not through messages.h, which puts a line together in memory.
constexpr std::string_view kWords =
    "krbtrail: error: out of memory: the output is not whole\n"
    "krbtrail: hint: 512 MiB are enough for any evidence; ulimit -v, the service or the container "
    "allows less\n";

[[noreturn]] void say_and_end() {
  // Nobody is left to tell if this fails.
  [[maybe_unused]] const ssize_t said = ::write(STDERR_FILENO, kWords.data(), kWords.size());
  ::_exit(static_cast<int>(ExitStatus::output_lost));
}

}  // namespace

void end_when_memory_runs_out() {
  std::set_new_handler(say_and_end);
}

}  // namespace krbtrail::cli
