// SPDX-License-Identifier: Apache-2.0
//
// The bounded reader that every offset in an EVTX file passes. Little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace krbtrail::windows {

// True if [offset, offset + size) lies in `bytes`; nothing here can overflow.
[[nodiscard]] inline bool holds(std::string_view bytes, std::size_t offset, std::size_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

// The unsigned number of type T at `offset`, which the caller has checked with holds().
template <class T>
[[nodiscard]] T number_at(std::string_view bytes, std::size_t offset) {
  T number = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    number = static_cast<T>(static_cast<std::uint64_t>(number) << 8U |
                            static_cast<std::uint8_t>(bytes[offset + i]));
  return number;
}

// A place in `bytes` that moves on with every read; a read past `end` gives nothing and stays.
class BinaryCursor {
 public:
  BinaryCursor(std::string_view bytes, std::size_t at, std::size_t end)
      : bytes_(bytes.substr(0, end)), at_(at) {}

  template <class T>
  [[nodiscard]] std::optional<T> take() {
    if (!holds(bytes_, at_, sizeof(T)))
      return std::nullopt;
    const T number = number_at<T>(bytes_, at_);
    at_ += sizeof(T);
    return number;
  }
  [[nodiscard]] std::optional<std::string_view> take_bytes(std::size_t size) {
    if (!holds(bytes_, at_, size))
      return std::nullopt;
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }
  [[nodiscard]] bool skip(std::size_t size) { return take_bytes(size).has_value(); }

  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t left() const { return at_ < bytes_.size() ? bytes_.size() - at_ : 0; }

 private:
  std::string_view bytes_;
  std::size_t at_;
};

}  // namespace krbtrail::windows
