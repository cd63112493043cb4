// SPDX-License-Identifier: Apache-2.0
//
//   inflate_file LOG.gz
//
// Reads a compressed log to its end, as `krbtrail scan` does and on one thread, and looks at none
// of it: what the inflation alone costs.
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "krbtrail/input/files.h"

int main(int argc, char** argv) {
  using namespace krbtrail;
  const std::span arguments{argv, static_cast<std::size_t>(argc)};
  if (arguments.size() != 2) {
    std::fputs("usage: inflate_file LOG.gz\n", stderr);
    return 2;
  }
  std::uint64_t bytes = 0;
  std::vector<char> block(std::size_t{256} << 10U);
  for (const input::LogSet& set : input::gather({arguments[1]}, {}).sets) {
    for (const input::LogFile& file : set.files) {
      const auto source = input::open(file);
      if (!source)
        return 1;
      while (true) {
        const model::Result<std::size_t> got = source.value()->read(block);
        if (!got)
          return 1;
        if (*got == 0)
          break;
        bytes += *got;
      }
    }
  }
  std::printf("%llu bytes\n", static_cast<unsigned long long>(bytes));
  return bytes == 0 ? 1 : 0;
}
