// SPDX-License-Identifier: Apache-2.0
//
// A promise that a fuzz target holds its subject to: broken, the process ends as by a crash, so
// that the fuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace krbtrail::fuzz {

inline void require(bool kept, const char* promise) {
  if (kept)
    return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace krbtrail::fuzz
