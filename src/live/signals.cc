// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/signals.h"

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace krbtrail::live {

Signals::Signals() {
  for (int number = 1; number < NSIG; ++number)
    std::signal(number, SIG_DFL);  // refused for SIGKILL, SIGSTOP and the C library's own
  for (const int number : {SIGPIPE, SIGXFSZ, SIGUSR1, SIGUSR2})
    std::signal(number, SIG_IGN);
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&taken, number);
  // A descriptor gets only what is blocked; everything else is unblocked by the same call.
  pthread_sigmask(SIG_SETMASK, &taken, nullptr);
  descriptor_ = input::FileDescriptor{signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK)};
}

std::optional<ReceivedSignal> Signals::next() const {
  signalfd_siginfo info{};
  if (::read(descriptor_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info))
    return std::nullopt;
  return ReceivedSignal{.number = static_cast<int>(info.ssi_signo),
                        .sender = static_cast<pid_t>(info.ssi_pid)};
}

}  // namespace krbtrail::live
