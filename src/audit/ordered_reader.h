// SPDX-License-Identifier: Apache-2.0
//
// Reads a record whose fields are in the kernel's order, from the front.
//
//   OrderedReader in{record.body_text()};
//   if (!in.take("item=") || !in.take_number<10>(item) || !in.take(" name=") || …)
//     …                                   // another order: the record is read field by field
//
// Every step takes exactly what it names, or says no; what is taken after a no means nothing. The
// text must outlive the reader.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

#include "audit/short_text.h"

namespace krbtrail::audit {

class OrderedReader {
 public:
  explicit OrderedReader(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  [[nodiscard]] std::string_view rest() const {
    return {at_, static_cast<std::size_t>(end_ - at_)};
  }

  // A literal of up to sixteen bytes.
  template <std::size_t size>
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  bool take(const char (&word)[size]) {
    constexpr std::size_t kLength = size - 1;
    if (static_cast<std::size_t>(end_ - at_) < kLength || !same_few_bytes<kLength>(at_, word))
      return false;
    at_ += kLength;
    return true;
  }

  // One digit at least, no more than the number holds whatever they are, and then a blank or the
  // end.
  template <unsigned base, class Number>
  bool take_number(Number& number) {
    if constexpr (base == 10) {
      return take_decimal(number);
    } else {
      constexpr std::ptrdiff_t kMostDigits =
          base == 16 ? 2 * sizeof(Number) : std::numeric_limits<Number>::digits10;
      const char* const begin = at_;
      const char* const limit = begin + std::min(end_ - begin, kMostDigits);
      const auto [stop, error] = std::from_chars(begin, limit, number, base);
      at_ = stop;
      return error == std::errc{} && ends_here();
    }
  }

  bool take_signed(std::int64_t& number) {
    const bool negative = take("-");
    std::uint64_t magnitude = 0;
    if (!take_decimal(magnitude) || magnitude > 0x7FFFFFFFFFFFFFFF)
      return false;
    number =
        negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
    return true;
  }

  // What stands before the next blank.
  bool take_word(std::string_view& word) {
    const char* const stop = find_byte(at_, end_, ' ');
    word = {at_, static_cast<std::size_t>(stop - at_)};
    at_ = stop;
    return !word.empty();
  }

  // Up to the closing quote, which is taken too, or to a blank, which is not.
  bool take_value(std::string_view& value) {
    const char* const begin = at_;
    const bool is_quoted = at_ != end_ && *at_ == '"';
    const char* const stop = is_quoted ? find_byte(at_ + 1, end_, '"') : find_byte(at_, end_, ' ');
    if (stop == end_)
      return false;
    at_ = is_quoted ? stop + 1 : stop;
    value = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }

  // Behind the first place of a literal, whose byte `rare` is the one to look for.
  template <std::size_t rare, std::size_t size>
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  bool skip_to(const char (&word)[size]) {
    constexpr std::size_t kLength = size - 1;
    const auto left = [&](const char* at) { return static_cast<std::size_t>(end_ - at); };
    if (left(at_) < kLength)
      return false;
    for (const char* at = find_byte(at_ + rare, end_, word[rare]); left(at) >= kLength - rare;
         at = find_byte(at + 1, end_, word[rare])) {
      if (same_few_bytes<kLength>(at - rare, word)) {
        at_ = at - rare + kLength;
        return true;
      }
    }
    return false;
  }

 private:
  template <class Number>
  bool take_decimal(Number& number) {
    constexpr std::ptrdiff_t kMostDigits = std::numeric_limits<Number>::digits10;
    const char* const begin = at_;
    const char* const limit = begin + std::min(end_ - begin, kMostDigits);
    const char* at = begin;
    Number value = 0;
    for (; at != limit; ++at) {
      const auto digit = static_cast<Number>(static_cast<unsigned char>(*at) - unsigned{'0'});
      if (digit > 9)
        break;
      value = value * 10 + digit;
    }
    number = value;
    at_ = at;
    return at != begin && ends_here();
  }

  [[nodiscard]] bool ends_here() const { return at_ == end_ || *at_ == ' '; }

  const char* at_;
  const char* end_;
};

}  // namespace krbtrail::audit
