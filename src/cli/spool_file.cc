// SPDX-License-Identifier: Apache-2.0
#include "cli/spool_file.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::cli {
namespace {

using model::Error;
using model::Status;

Error failure(const std::string& directory, std::string_view what, int code) {
  return {.message = directory + ": cannot " + std::string{what} +
                     " a temporary file: " + input::system_reason(code),
          .hint = "events of large Windows logs are held there; TMPDIR names another directory"};
}

class UnlinkedFile final : public detect::SpoolFile {
 public:
  UnlinkedFile(input::FileDescriptor file, std::string directory)
      : file_(std::move(file)), directory_(std::move(directory)) {}

  Status append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t size = ::write(file_.get(), bytes.data(), bytes.size());
      if (size < 0 && errno == EINTR)
        continue;
      if (size <= 0)
        return failure(directory_, "write", size < 0 ? errno : EIO);
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return {};
  }

  Status read(std::uint64_t offset, std::span<char> bytes) override {
    while (!bytes.empty()) {
      const ssize_t size =
          ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (size < 0 && errno == EINTR)
        continue;
      if (size <= 0)  // the file is ours alone: it cannot have become shorter
        return failure(directory_, "read", size < 0 ? errno : EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(size));
      offset += static_cast<std::uint64_t>(size);
    }
    return {};
  }

 private:
  input::FileDescriptor file_;
  std::string directory_;
};

}  // namespace

model::Result<std::unique_ptr<detect::SpoolFile>> make_spool_file(const std::string& directory) {
  std::string path = directory + "/krbtrail-spool-XXXXXX";
  input::FileDescriptor file{::mkostemp(path.data(), O_CLOEXEC)};
  if (!file.is_open())
    return failure(directory, "create", errno);
  if (::unlink(path.c_str()) != 0)
    return failure(directory, "unlink", errno);
  return std::unique_ptr<detect::SpoolFile>{
      std::make_unique<UnlinkedFile>(std::move(file), directory)};
}

}  // namespace krbtrail::cli
