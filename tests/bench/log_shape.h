// SPDX-License-Identifier: Apache-2.0
//
// What a generated log is to look like. Every field is an option of generate_log.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::bench {

struct LogShape {
  std::uint64_t bytes = 100'000'000;  // the log ends with the event that reaches it
  std::uint64_t seed = 1;
  std::uint32_t density = 500;           // events per second of log time, 1 … 1,000,000
  std::uint32_t interleave_percent = 6;  // events whose records mix with those of later events
  std::uint32_t stray_ppm = 0;           // one-record events (BPF unloads) per million events
  std::uint32_t theft_ppm = 10;          // planted events that the seed's branches find
  std::uint32_t benign_ppm = 200;        // planted look-alikes that no branch may find
  std::uint32_t hosts = 1;               // 1 … 1,000; with more than one, NODE-1, NODE-2, …
  bool proctitle = true;
  bool enriched = false;
  bool reorder = false;  // one event in a hundred has a record that is up to 2,000 lines late
  std::string node{};    // of one host: no node= if empty
};

// What the command line asks for. An empty output is standard output, an empty truth is none.
struct GenerateCommand {
  LogShape shape;
  std::string output;
  std::string truth;
  bool help = false;
};

// `words` is the command line without the program's name.
[[nodiscard]] model::Result<GenerateCommand> parse_generate_command(
    const std::vector<std::string>& words);

}  // namespace krbtrail::bench
