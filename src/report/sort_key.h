// SPDX-License-Identifier: Apache-2.0
//
// Writes a key for SortedSpill, part by part: keys compare as bytes, from the first part on.
//
//   SortKey{"1"}.descending(finding.time).text(finding.host).bytes()
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::report {

class SortKey {
 public:
  // `first` is compared as it is; keys that are held against each other have it of one length.
  explicit SortKey(std::string first = {}) : bytes_(std::move(first)) {}

  SortKey& ascending(std::uint64_t number) {
    for (unsigned shift = 64; shift > 0; shift -= 8)
      bytes_ += static_cast<char>((number >> (shift - 8U)) & 0xFFU);
    return *this;
  }
  SortKey& descending(std::uint64_t number) { return ascending(~number); }

  SortKey& ascending(model::Timestamp time) { return ascending(unsigned_of(time)); }
  SortKey& descending(model::Timestamp time) { return descending(unsigned_of(time)); }

  SortKey& text(std::string_view text) {
    bytes_ += text;
    bytes_ += '\0';
    return *this;
  }

  [[nodiscard]] std::string bytes() { return std::move(bytes_); }

 private:
  // Instants before 1970 are negative: flipping the sign bit keeps their order when unsigned.
  [[nodiscard]] static std::uint64_t unsigned_of(model::Timestamp time) {
    constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;
    return static_cast<std::uint64_t>(time.time_since_epoch().count()) ^ kSignBit;
  }

  std::string bytes_;
};

}  // namespace krbtrail::report
