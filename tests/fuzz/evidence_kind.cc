// SPDX-License-Identifier: Apache-2.0
//
// Telling evidence apart looks at hostile bytes before anything else does.
#include "krbtrail/input/evidence_kind.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view head{reinterpret_cast<const char*>(data), size};
  for (const bool whole : {true, false}) {
    const input::Recognition seen = input::recognise(head, whole);
    fuzz::require(seen.first_stamp.has_value() <= (seen.kind == input::EvidenceKind::audit),
                  "only an audit log has a first stamp");
    fuzz::require(!input::to_string(seen.kind).empty(), "a kind has a name");
  }
  return 0;
}
