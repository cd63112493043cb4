// SPDX-License-Identifier: Apache-2.0
#include "fuzz/windows_reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return krbtrail::fuzz::read_hostile(krbtrail::windows::read_xml, data, size);
}
