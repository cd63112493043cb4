// SPDX-License-Identifier: Apache-2.0
//
// An open file of ours, and writing to one until all is written.
#pragma once

#include <string_view>
#include <utility>

namespace krbtrail::report {

// Owns a descriptor; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { static_cast<void>(close()); }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  // 0 or errno. A file system may report here what write() accepted.
  int close();

 private:
  int number_ = -1;
};

// Writes all of `bytes`, through short writes and EINTR. 0 or errno.
[[nodiscard]] int write_all(int descriptor, std::string_view bytes);

}  // namespace krbtrail::report
