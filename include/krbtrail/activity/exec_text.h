// SPDX-License-Identifier: Apache-2.0
//
// What the records of an exec say of the program that it starts, raw: where the literals that only
// matter there are looked for.
//
//   ExecText text;
//   scanner.finds_any(text.of(event))
//
// It holds, plain or in hexadecimal as the records spell them, every argument, exe and comm, and
// the process title where it may have to stand in for the arguments: all that a ProcessEvent says
// in words, but for the working directory.
#pragma once

#include <string>
#include <string_view>

#include "krbtrail/audit/event.h"

namespace krbtrail::activity {

// Not thread-safe: it owns the memory of the text.
class ExecText {
 public:
  // Empty if the event is no exec for certain. Valid until the next call.
  [[nodiscard]] std::string_view of(const audit::Event& event);

 private:
  std::string text_;
};

}  // namespace krbtrail::activity
