// SPDX-License-Identifier: Apache-2.0
//
// Owns an open file of the system, closes it once, and words what the system says.
#pragma once

#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "krbtrail/model/error.h"

namespace krbtrail::input {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// "Permission denied": the system's words for an errno, in English whatever the locale.
[[nodiscard]] inline std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

[[nodiscard]] inline model::Error cannot_open(const std::string& name, const std::string& reason) {
  return {.message = name + ": cannot open: " + reason, .hint = {}};
}

}  // namespace krbtrail::input
