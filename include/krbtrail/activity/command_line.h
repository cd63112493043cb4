// SPDX-License-Identifier: Apache-2.0
//
// The command line of an exec, put together from its EXECVE records.
//
//   const CommandLine line = command_line_of(event);
//   line.argv == {"python3", "-c", "…"}; line.text == "python3 -c …"
//
// A long argument comes in pieces (a1_len=18026 a1[0]=… a1[1]=…), many arguments come in further
// EXECVE records; neither arrives in order for certain. Kernels before 2.6.39 leave empty arguments
// out. argc is a hint: it only tells that something is missing. Without EXECVE the PROCTITLE stands
// in (at most 128 bytes, and of the image before in one exec of ten), then comm.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/audit/decoder.h"

namespace krbtrail::activity {

struct CommandLine {
  std::vector<std::string> argv;  // bytes; empty unless `source` is execve or execve_truncated
  std::string text;               // argv joined by single blanks, or the substitute
  CommandLineSource source = CommandLineSource::none;
};

// Arguments that were left out are filled in as empty ones up to this number, so that a forged
// argument number cannot cost memory.
inline constexpr std::size_t kMostFilledArguments = 4'096;

[[nodiscard]] CommandLine command_line_of(const audit::DecodedEvent& event);

// The last resorts alone: for events of a process whose exec was not seen.
[[nodiscard]] CommandLine substitute_command_line(const audit::DecodedEvent& event);

}  // namespace krbtrail::activity
