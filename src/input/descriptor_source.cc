// SPDX-License-Identifier: Apache-2.0
#include "descriptor_source.h"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

namespace krbtrail::input {
namespace {

void wait_for_bytes(int descriptor) {
  pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
  ::poll(&waiting, 1, -1);
}

}  // namespace

const char* why_not_read(mode_t mode) {
  if (S_ISREG(mode) || S_ISFIFO(mode))
    return nullptr;
  if (S_ISDIR(mode))
    return "Is a directory";
  return S_ISSOCK(mode) ? "is a socket" : "is a device";
}

DescriptorSource::DescriptorSource(FileDescriptor owned, std::string name)
    : owned_(std::move(owned)), descriptor_(owned_.get()), name_(std::move(name)) {}

DescriptorSource::DescriptorSource(int borrowed, std::string name)
    : descriptor_(borrowed), name_(std::move(name)) {}

model::Result<std::size_t> DescriptorSource::read(std::span<char> buffer) {
  while (true) {
    const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
    if (got >= 0) {
      offset_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
    const int why = errno;
    if (why == EAGAIN)
      wait_for_bytes(descriptor_);
    else if (why != EINTR)
      return model::Error{.message = name_ + ": cannot read at offset " + std::to_string(offset_) +
                                     ": " + system_reason(why),
                          .hint = {}};
  }
}

model::Result<std::unique_ptr<ByteSource>> read_opened(FileDescriptor file, std::string name) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0)
    return cannot_open(name, system_reason(errno));
  if (const char* reason = why_not_read(facts.st_mode))
    return cannot_open(name, reason);
  // Advice only: where it fails the file is read all the same.
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<ByteSource>(
      std::make_unique<DescriptorSource>(std::move(file), std::move(name)));
}

}  // namespace krbtrail::input
