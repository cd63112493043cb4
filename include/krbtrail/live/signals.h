// SPDX-License-Identifier: Apache-2.0
//
// The signals of a plugin, as a descriptor to wait on.
//
//   Signals signals;                       // before the first thread
//   poll(signals.descriptor(), …);
//   while (const auto received = signals.next()) …
//
// auditd starts a plugin with most signals ignored, and starts it again (after a death, or from
// 3.0 to 4.0.4 by a SIGHUP) with SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 blocked: the mask survives
// exec. So every signal is given back its default and unblocked first. SIGTERM, SIGINT and SIGHUP
// come by the descriptor from then on; SIGPIPE and SIGXFSZ are ignored, because a closed pipe and a
// full disk are errors to report; SIGUSR1 and SIGUSR2, which auditd's other children may get, are
// ignored. Nothing is put back at the end. One object at a time.
#pragma once

#include <optional>

#include <sys/types.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::live {

struct ReceivedSignal {
  int number = 0;
  pid_t sender = 0;  // 0: the kernel, such as for ^C
};

class Signals {
 public:
  Signals();

  [[nodiscard]] int descriptor() const { return descriptor_.get(); }
  // What has come, one at a time; unset if nothing has.
  [[nodiscard]] std::optional<ReceivedSignal> next() const;

 private:
  input::FileDescriptor descriptor_;
};

}  // namespace krbtrail::live
