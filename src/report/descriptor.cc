// SPDX-License-Identifier: Apache-2.0
#include "report/descriptor.h"

#include <cerrno>
#include <cstddef>

#include <unistd.h>

namespace krbtrail::report {

int Descriptor::close() {
  const int number = std::exchange(number_, -1);
  // Linux has released the descriptor even where close() says EINTR: it must not be tried again.
  if (number < 0 || ::close(number) == 0 || errno == EINTR)
    return 0;
  return errno;
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return errno;
    if (written == 0)
      return EIO;  // a device that takes nothing would be asked for ever
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace krbtrail::report
