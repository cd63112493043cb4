// SPDX-License-Identifier: Apache-2.0
#include "cli/interruption.h"

#include <array>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace krbtrail::cli {

namespace {

// All that is shared with the signal handler, which can be given no argument.
volatile std::sig_atomic_t received_signal = 0;
volatile std::sig_atomic_t exhausted_input = -1;  // the read end of a pipe that nobody writes to

extern "C" void remember(int signal) {
  const int former_errno = errno;
  received_signal = signal;
  dup2(exhausted_input, STDIN_FILENO);
  errno = former_errno;
}

int open_exhausted_input() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return -1;
  close(ends[1]);
  return ends[0];
}

}  // namespace

// SA_RESETHAND makes the second signal final. Without SA_RESTART a read that waits for a pipe
// returns, and the next one meets the exhausted input.
Interruption::Interruption() {
  received_signal = 0;
  exhausted_input = open_exhausted_input();
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &former_[i]);
    if (former_[i].sa_handler != SIG_IGN)
      sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    sigaction(kSignals[i], &former_[i], nullptr);
  close(exhausted_input);
}

bool Interruption::requested() const {
  return received_signal != 0;
}

void Interruption::end_process() const {
  assert(requested());
  const int signal_number = received_signal;
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
  std::abort();
}

}  // namespace krbtrail::cli
