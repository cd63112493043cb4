// SPDX-License-Identifier: Apache-2.0
#include "cli/interruption.h"

#include <cassert>
#include <csignal>
#include <cstddef>
#include <cstdlib>

namespace krbtrail::cli {

namespace {

// The one thing here that is shared with a signal handler, which can be given no argument.
volatile std::sig_atomic_t received_signal = 0;

extern "C" void remember(int signal) {
  received_signal = signal;
}

}  // namespace

// SA_RESETHAND makes the second signal final. Without SA_RESTART a read that waits for a pipe
// returns, so that waiting for a stalled producer can be interrupted as well.
Interruption::Interruption() {
  received_signal = 0;
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
