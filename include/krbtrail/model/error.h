// SPDX-License-Identifier: Apache-2.0
//
// Failures of the world (open, read, write, a bad option) as values. Our code does not throw.
//
//   Result<File> file = open(path);
//   if (!file) return file.error();
//   use(*file);
//
// The member names are those of std::expected, which GCC 12 does not have yet.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace krbtrail::model {

// Worded once, where it arises: object, reason, place ("audit.log.2: cannot open: Permission
// denied"). Lower case, no full stop. `hint` is empty or says what would help.
struct Error {
  std::string message;
  std::string hint;
};

template <class T>
class [[nodiscard]] Result {
 public:
  // Both implicit: `return value;` and `return error;` read best.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  [[nodiscard]] T& value() {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const Error& error() const {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

// Success, or the Error: what an act returns that has no value to give.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  [[nodiscard]] const Error& error() const {
    assert(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace krbtrail::model
