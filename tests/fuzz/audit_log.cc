// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an audit log, through every stage, with the prefilter and without it.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/prefilter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  krbtrail::fuzz::check_both_lanes({reinterpret_cast<const char*>(data), size});
  return 0;
}
