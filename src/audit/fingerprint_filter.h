// SPDX-License-Identifier: Apache-2.0
//
// Where in a text one of many short byte sequences may end: the first look of LiteralScanner.
//
//   FingerprintFilter filter{fingerprints};  // {"krb5", "6235", "cme"}
//   filter.mark(text, marks);
//   marks[2] == 1U << 5U                     // byte 2 * 32 + 5 may be the last one of one of them
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

namespace krbtrail::audit {

class FingerprintFilter {
 public:
  static constexpr std::size_t kLongest = 4;     // bytes of a fingerprint
  static constexpr std::size_t kMarkBytes = 32;  // of the text, for each element of the marks

  enum class Path : std::uint8_t { scalar, avx2 };
  // The fastest path that this processor has.
  [[nodiscard]] static Path best_path();

  // Of 1 to kLongest bytes each, whose case does not matter. `path` is one that this processor has;
  // what is marked does not depend on it.
  explicit FingerprintFilter(std::span<const std::string> fingerprints, Path path = best_path());

  // Replaces `marks`.
  void mark(std::string_view text, std::vector<std::uint32_t>& marks) const;

 private:
  using Halves = std::array<std::uint8_t, 16>;  // by half a byte: the groups that have it

  // By place. Shorter fingerprints end at the last place; before them every byte is of their group,
  // and so is what stands before a text.
  struct Tables {
    std::array<Halves, kLongest> low{};
    std::array<Halves, kLongest> high{};
    std::array<std::uint8_t, kLongest> before{};
  };

  static void mark_scalar(const Tables& tables, std::string_view text,
                          std::span<std::uint32_t> marks);
  Path path_;
  std::vector<Tables> tables_;  // one, or two where fingerprints are many
};

}  // namespace krbtrail::audit
