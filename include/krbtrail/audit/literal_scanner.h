// SPDX-License-Identifier: Apache-2.0
//
// Finds the literals that rules need, in any case, plain or in the hexadecimal spelling that audit
// gives to untrusted strings (either case of digit, either case of the letter inside).
//
// Vectorscan does the work: it is as fast as hand-written AVX2 and portable. A hit may be a false
// one (a hexadecimal match that starts in the middle of a byte); a miss may not, and the tests hold
// it against a naive search.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::audit {

// Not thread-safe: it owns its scratch memory. One a thread.
class LiteralScanner {
 public:
  // Literals are non-empty bytes without NUL or line end. None at all means that nothing is found.
  [[nodiscard]] static model::Result<LiteralScanner> compile(
      std::span<const std::string_view> literals);

  LiteralScanner(LiteralScanner&& other) noexcept;
  LiteralScanner& operator=(LiteralScanner&& other) noexcept;
  LiteralScanner(const LiteralScanner&) = delete;
  LiteralScanner& operator=(const LiteralScanner&) = delete;
  ~LiteralScanner();

  // Replaces `ends` by the offsets behind each occurrence, ascending. At most 4 GiB - 1 bytes.
  void scan(std::string_view bytes, std::vector<std::uint32_t>& ends) const;

 private:
  struct Engine;
  explicit LiteralScanner(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;  // null without literals
};

}  // namespace krbtrail::audit
