// SPDX-License-Identifier: Apache-2.0
//
// How much of what must be sorted a document (text, CSV) holds in memory before it spills.
#pragma once

#include <cstddef>
#include <string>

namespace krbtrail::report {

// Beyond either bound what is held is sorted and written to a temporary file in `directory`, which
// is created only then, unlinked at once and read again when the document is written. The output is
// the same to the byte. A directory without room is an Error, not a shorter report.
//
// In memory stay at most `max_bytes`, the largest single entry, 32 bytes an entry, and while the
// document is written about 2 MiB of read buffers: some 7 MiB as the bounds stand.
struct SpillOptions {
  std::string directory = "/tmp";
  std::size_t max_entries = 20'000;
  std::size_t max_bytes = std::size_t{4} << 20U;
};

}  // namespace krbtrail::report
