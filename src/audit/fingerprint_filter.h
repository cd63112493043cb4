// SPDX-License-Identifier: Apache-2.0
//
// Where in a text one of many short byte sequences may end, and where its lines end: the first look
// of LiteralScanner.
//
//   FingerprintFilter filter{fingerprints};  // {"krb5", "6235", "cme"}
//   filter.mark(text, marks, lines);
//   marks[0] == MarkedBytes{64, 1U << 5U}    // byte 64 + 5 may be the last one of one of them
//
// Each place of a fingerprint is two tables of sixteen entries, for the low and the high half of a
// byte, whose bits are groups of fingerprints: a byte shuffle looks up 32 bytes at once (the method
// is known as Teddy, from Hyperscan and the Rust crate aho-corasick). So a mark may be a false one:
// halves and members of a group mix. None is missed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/audit/line_ends.h"
#include "krbtrail/audit/literal_scanner.h"

namespace krbtrail::audit {

class FingerprintFilter {
 public:
  static constexpr std::size_t kLongest = 4;  // bytes of a fingerprint

  enum class Path : std::uint8_t { scalar, avx2 };
  // The fastest path that this processor has.
  [[nodiscard]] static Path best_path();

  // Of 1 to kLongest bytes each, whose case does not matter. `path` is one that this processor has;
  // what is marked does not depend on it.
  explicit FingerprintFilter(std::span<const std::string> fingerprints, Path path = best_path());

  // Replaces `marks`, which are ascending and leave out what is not marked.
  void mark(std::string_view text, std::vector<MarkedBytes>& marks) const;
  // The same, and replaces `lines`.
  void mark(std::string_view text, std::vector<MarkedBytes>& marks, LineEnds& lines) const;

 private:
  using Halves = std::array<std::uint8_t, 16>;  // by half a byte: the groups that have it

  // By place. Shorter fingerprints end at the last place; before them every byte is of their group,
  // and so is what stands before a text.
  struct Tables {
    std::array<Halves, kLongest> low{};
    std::array<Halves, kLongest> high{};
    std::array<std::uint8_t, kLongest> before{};
  };

  // `lines` is null where nobody asks for them.
  void mark(std::string_view text, std::vector<MarkedBytes>& marks, LineEnds* lines) const;
  [[nodiscard]] static unsigned groups_at(const Tables& tables, std::string_view text);
  [[nodiscard]] std::uint32_t marks_scalar(std::string_view text, std::size_t first) const;

  Path path_;
  std::vector<Tables> tables_;  // one, or two where fingerprints are many
};

}  // namespace krbtrail::audit
