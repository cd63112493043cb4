// SPDX-License-Identifier: Apache-2.0
//
// Writes a Windows Security log to standard output: generate_windows_log evtx|xml|json|csv|text
// BYTES The log is made in memory first.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/windows_log.h"

int main(int argc, char** argv) {
  using namespace krbtrail::bench;
  const auto form = argc == 3 ? parse_windows_form(argv[1]) : std::nullopt;
  const std::size_t bytes = form ? std::strtoull(argv[2], nullptr, 10) : 0;
  if (bytes == 0) {
    std::fputs("usage: generate_windows_log evtx|xml|json|csv|text BYTES\n", stderr);
    return 2;
  }
  const std::string log = windows_log(*form, bytes);
  const bool written = std::fwrite(log.data(), 1, log.size(), stdout) == log.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}
