// SPDX-License-Identifier: Apache-2.0
//
// SIGINT, SIGTERM and SIGHUP while a command works: it stops at the next block, throws its half
// output away, and then the process ends by that signal, as a shell expects of it.
//
//   Interruption interruption;           // handlers are in place from here on
//   while (!interruption.requested()) …
//   interruption.end_process();          // after the clean-up; does not return
//
// Standard input is at its end from the signal on, so that a wait for a silent pipe ends as well. A
// second signal ends the process at once. A signal that was ignored when the program started
// (nohup) stays ignored. One object at a time.
#pragma once

#include <array>

#include <signal.h>

namespace krbtrail::cli {

class Interruption {
 public:
  Interruption();
  ~Interruption();  // puts the former actions back
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  Interruption(Interruption&&) = delete;
  Interruption& operator=(Interruption&&) = delete;

  [[nodiscard]] bool requested() const;

  // Only after requested(): ends this process by the signal that came.
  [[noreturn]] void end_process() const;

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> former_{};
};

}  // namespace krbtrail::cli
