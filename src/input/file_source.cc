// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/file_source.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "descriptor_source.h"

namespace krbtrail::input {

model::Result<std::unique_ptr<ByteSource>> open_file(const std::string& path, std::string name) {
  // Looked at first, because opening a device can have effects: a tape rewinds, a terminal hangs.
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return cannot_open(name, system_reason(errno));
  if (const char* reason = why_not_read(facts.st_mode))
    return cannot_open(name, reason);
  FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (!file.is_open())
    return cannot_open(name, system_reason(errno));
  return read_opened(std::move(file), std::move(name));
}

model::Result<std::unique_ptr<ByteSource>> open_regular_file(const std::string& path,
                                                             std::string name) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0)
    return cannot_open(name, system_reason(errno));
  FileDescriptor file;
  if (S_ISREG(facts.st_mode)) {
    // O_NONBLOCK and a second look: it may change between the first one and here.
    file = FileDescriptor{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
    if (!file.is_open() || ::fstat(file.get(), &facts) != 0)
      return cannot_open(name, system_reason(errno));
  }
  if (!S_ISREG(facts.st_mode))
    return cannot_open(name, "is no regular file any more");
  return read_opened(std::move(file), std::move(name));
}

}  // namespace krbtrail::input
