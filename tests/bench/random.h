// SPDX-License-Identifier: Apache-2.0
//
// Reproducible draws: the same seed gives the same numbers with every compiler and library.
//
// The generator is splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", 2014). The standard's distributions are left out because each library draws its own
// way. Two draws never stand in one expression whose order of evaluation is open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace krbtrail::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31U);
  }

  // 0 … bound-1; `bound` must not be 0.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32U) * bound) >> 32U);
  }

  bool percent(std::uint32_t share) { return below(100) < share; }
  bool per_million(std::uint32_t share) { return below(1'000'000) < share; }

  template <class T, std::size_t N>
  const T& pick(const std::array<T, N>& table) {
    return table[below(static_cast<std::uint32_t>(N))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace krbtrail::bench
