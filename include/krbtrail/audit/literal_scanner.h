// SPDX-License-Identifier: Apache-2.0
//
// Finds the literals that rules need, in any case, plain or in the hexadecimal spelling that audit
// gives to untrusted strings (either case of digit, either case of the letter inside).
//
//   LiteralScanner scanner{literals};
//   LiteralHits hits;                      // used again from block to block
//   scanner.scan(block, hits);             // hits.ends: the offsets behind each occurrence
//   if (scanner.finds_any(text)) …
//
// Of each literal up to four bytes, the rarest ones, are searched for 32 places at a time; what is
// around them is looked at where they stand. A hit may be a false one (a hexadecimal match that
// starts in the middle of a byte); a miss may not, and the tests hold it against a naive search.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace krbtrail::audit {

struct LiteralHits {
  std::vector<std::uint32_t> ends;   // the offsets behind each occurrence, ascending
  std::vector<std::uint32_t> marks;  // the scanner's scratch memory
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

  // Replaces `hits.ends`. At most 4 GiB - 1 bytes.
  void scan(std::string_view bytes, LiteralHits& hits) const;

  // Whether there is an occurrence at all.
  [[nodiscard]] bool finds_any(std::string_view bytes) const;

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;  // null without literals
};

}  // namespace krbtrail::audit
