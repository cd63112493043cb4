// SPDX-License-Identifier: Apache-2.0
//
// Finds the literals that rules need, in any case, plain or in the hexadecimal spelling that audit
// gives to untrusted strings (either case of digit, either case of the letter inside).
//
//   LiteralScanner scanner{literals};
//   LiteralHits hits;                      // used again from block to block
//   LineEnds lines;
//   scanner.scan(block, hits, lines);      // hits.ends: the offsets behind each occurrence
//   if (scanner.finds_any(text)) …
//
// Of each literal up to four bytes, the rarest ones, are searched for 32 places at a time; what is
// around them is looked at where they stand, and line ends are found in the same pass. A hit may be
// a false one (a hexadecimal match that starts in the middle of a byte); a miss may not, and the
// tests hold it against a naive search.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "krbtrail/audit/line_ends.h"

namespace krbtrail::audit {

// 32 bytes of a text that the search may find something in: bit i stands for byte `first` + i.
struct MarkedBytes {
  std::uint32_t first = 0;
  std::uint32_t bits = 0;

  bool operator==(const MarkedBytes&) const = default;
};

struct LiteralHits {
  std::vector<std::uint32_t> ends;  // the offsets behind each occurrence, ascending
  std::vector<MarkedBytes> marks;   // the scanner's scratch memory
};

// Several threads may call scan() at once, and one of them finds_any(), which keeps its scratch
// memory.
class LiteralScanner {
 public:
  // Literals are non-empty bytes without NUL or line end. None at all means that nothing is found.
  explicit LiteralScanner(std::span<const std::string_view> literals);

  LiteralScanner(LiteralScanner&& other) noexcept;
  LiteralScanner& operator=(LiteralScanner&& other) noexcept;
  LiteralScanner(const LiteralScanner&) = delete;
  LiteralScanner& operator=(const LiteralScanner&) = delete;
  ~LiteralScanner();

  // Replaces `hits.ends` and `lines`. At most 4 GiB - 1 bytes.
  void scan(std::string_view bytes, LiteralHits& hits, LineEnds& lines) const;

  // Whether there is an occurrence at all.
  [[nodiscard]] bool finds_any(std::string_view bytes) const;

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace krbtrail::audit
