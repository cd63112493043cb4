// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "cli/front_door.h"
#include "cli/out_of_memory.h"

int main(int argc, char* argv[]) {
  krbtrail::cli::end_when_memory_runs_out();
  // argc may be 0: an exec without any argument is legal.
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(krbtrail::cli::run(words));
}
