// SPDX-License-Identifier: Apache-2.0
//
// What is read from a file once and again at a signal, and stays as it was where the file has
// mistakes: a host must not lose its rules to a typing error.
//
//   Reloadable<Configuration> configuration{
//       [&](Mistakes& mistakes) { return load_configuration(path, mistakes); }};
//   const Mistakes mistakes = configuration.reload();   // not empty: current() is what it was
//   configuration.current().settings;
//
// Not thread-safe. A reference to current() ends with the next reload().
#pragma once

#include <functional>
#include <utility>

#include "cli/ini_file.h"

namespace krbtrail::cli {

template <class T>
class Reloadable {
 public:
  using Load = std::function<T(Mistakes&)>;

  // Nothing is read yet: current() is a T of its own until the first reload().
  explicit Reloadable(Load load) : load_(std::move(load)) {}

  [[nodiscard]] Mistakes reload() {
    Mistakes mistakes;
    T loaded = load_(mistakes);
    if (mistakes.empty())
      current_ = std::move(loaded);
    return mistakes;
  }

  [[nodiscard]] const T& current() const { return current_; }

 private:
  Load load_;
  T current_{};
};

}  // namespace krbtrail::cli
