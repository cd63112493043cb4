// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/delivery.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/descriptor.h"

namespace krbtrail::report {
namespace {

using model::Error;
using model::Result;
using model::Status;

constexpr std::size_t kBuffer = std::size_t{64} << 10U;
constexpr int kMostNames = 100;

[[nodiscard]] Error failure(const std::string& name, std::string_view what, int code) {
  std::string message = name;
  message += ": cannot ";
  message += what;
  message += ": ";
  message += std::generic_category().message(code);
  return {.message = std::move(message), .hint = {}};
}

// Collects small writes; remembers the first failure.
class BufferedWriter {
 public:
  BufferedWriter(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}

  [[nodiscard]] Status write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBuffer && !failed_ ? Status{} : flush();
  }

  [[nodiscard]] Status flush() {
    if (!failed_) {
      if (const int code = write_all(descriptor_, buffer_); code != 0)
        failed_ = failure(name_, "write", code);
    }
    buffer_.clear();
    return failed_ ? Status{*failed_} : Status{};
  }

  // Remembers a failure of the caller's own acts too; the first one stands.
  [[nodiscard]] Status fail(std::string_view what, int code) {
    if (!failed_)
      failed_ = failure(name_, what, code);
    return *failed_;
  }

 private:
  int descriptor_;
  std::string name_;
  std::string buffer_;
  std::optional<Error> failed_;
};

class DescriptorDelivery : public Delivery {
 public:
  DescriptorDelivery(int descriptor, std::string name)
      : descriptor_(descriptor), writer_(descriptor, std::move(name)) {}

  [[nodiscard]] Status write(std::string_view bytes) override { return writer_.write(bytes); }
  [[nodiscard]] Status flush() override { return writer_.flush(); }

  [[nodiscard]] Status finish() override {
    if (Status flushed = writer_.flush(); !flushed)
      return flushed;
    // Network file systems report a full server at close. Every close of a duplicate asks them, and
    // the number itself stays taken, so that no later open() becomes standard output.
    Descriptor duplicate{::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0)};
    if (!duplicate.is_open())
      return writer_.fail("close", errno);
    const int code = duplicate.close();
    return code == 0 ? Status{} : writer_.fail("close", code);
  }

 private:
  int descriptor_;
  BufferedWriter writer_;
};

// What exists and is no regular file: opened here, so closed here.
class DeviceDelivery : public Delivery {
 public:
  DeviceDelivery(Descriptor device, const std::string& name)
      : device_(std::move(device)), writer_(device_.number(), name) {}

  [[nodiscard]] Status write(std::string_view bytes) override { return writer_.write(bytes); }
  [[nodiscard]] Status flush() override { return writer_.flush(); }

  [[nodiscard]] Status finish() override {
    if (Status flushed = writer_.flush(); !flushed)
      return flushed;
    const int code = device_.close();
    return code == 0 ? Status{} : writer_.fail("close", code);
  }

 private:
  Descriptor device_;
  BufferedWriter writer_;
};

[[nodiscard]] std::string directory_part(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// As long as it is open, a file without a name can be reached by this one (proc(5)).
[[nodiscard]] std::string path_of_descriptor(int descriptor) {
  return "/proc/self/fd/" + std::to_string(descriptor);
}

// A new file: without a name as long as it has none.
struct Temporary {
  Descriptor file;
  std::string path;
};

class FileDelivery : public Delivery {
 public:
  // `name` is what the user called it; `target` what will be replaced; `directory` its directory,
  // opened before a sandbox could forbid it.
  FileDelivery(const std::string& name, std::string target, Temporary temporary,
               Descriptor directory)
      : target_(std::move(target)),
        temporary_(std::move(temporary.path)),
        file_(std::move(temporary.file)),
        directory_(std::move(directory)),
        writer_(file_.number(), name) {}

  FileDelivery(const FileDelivery&) = delete;
  FileDelivery& operator=(const FileDelivery&) = delete;
  FileDelivery(FileDelivery&&) = delete;
  FileDelivery& operator=(FileDelivery&&) = delete;

  ~FileDelivery() override { remove_temporary(); }

  [[nodiscard]] Status write(std::string_view bytes) override {
    return without_temporary_on_failure(writer_.write(bytes));
  }
  [[nodiscard]] Status flush() override { return without_temporary_on_failure(writer_.flush()); }
  [[nodiscard]] Status finish() override { return without_temporary_on_failure(put_in_place()); }

 private:
  [[nodiscard]] Status put_in_place() {
    if (Status flushed = writer_.flush(); !flushed)
      return flushed;
    if (::fsync(file_.number()) != 0)
      return writer_.fail("write", errno);
    if (const int code = give_name(); code != 0)
      return writer_.fail("name the temporary file", code);
    if (const int code = file_.close(); code != 0)
      return writer_.fail("close", code);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0)
      return writer_.fail("rename the temporary file", errno);
    temporary_.clear();
    // The name is as durable as the bytes. A file system that cannot sync a directory says EINVAL.
    if (::fsync(directory_.number()) != 0 && errno != EINVAL)
      return writer_.fail("write", errno);
    return {};
  }

  // A link cannot take the place of a file, a rename can: hence a name for the moment in between.
  // 0 or errno.
  [[nodiscard]] int give_name() {
    if (!temporary_.empty())
      return 0;
    const std::string unnamed = path_of_descriptor(file_.number());
    const std::string stem =
        directory_part(target_) + "/.krbtrail-" + std::to_string(::getpid()) + "-";
    for (int number = 0; number < kMostNames; ++number) {
      const std::string name = stem + std::to_string(number);
      if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        temporary_ = name;
        return 0;
      }
      if (errno != EEXIST)
        return errno;
    }
    return EEXIST;
  }

  [[nodiscard]] Status without_temporary_on_failure(Status status) {
    if (!status)
      remove_temporary();
    return status;
  }

  void remove_temporary() {
    if (!temporary_.empty())
      ::unlink(temporary_.c_str());
    temporary_.clear();
  }

  std::string target_;
  std::string temporary_;  // empty where there is no name to remove
  Descriptor file_;
  Descriptor directory_;
  BufferedWriter writer_;
};

// The file that `path` names, its symbolic links followed; `path` itself where nothing is there yet
// or where that cannot be told.
[[nodiscard]] std::string resolved(const std::string& path) {
  struct FreeText {
    void operator()(char* text) const { std::free(text); }  // NOLINT(*-no-malloc): realpath's own
  };
  const std::unique_ptr<char, FreeText> real{::realpath(path.c_str(), nullptr)};
  return real ? std::string{real.get()} : path;
}

[[nodiscard]] Result<std::unique_ptr<Delivery>> open_device(const std::string& path) {
  Descriptor device{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)};
  if (!device.is_open())
    return failure(path, "write", errno);
  return std::unique_ptr<Delivery>{std::make_unique<DeviceDelivery>(std::move(device), path)};
}

// Without a name, so that nothing is left of a process that is killed; with one where the file
// system cannot have such files, or /proc is not there to name them by later.
[[nodiscard]] Temporary make_temporary(const std::string& directory) {
  Descriptor unnamed{::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
  if (unnamed.is_open() && ::access(path_of_descriptor(unnamed.number()).c_str(), F_OK) == 0)
    return {.file = std::move(unnamed), .path = {}};
  std::string path = directory + "/.krbtrail-XXXXXX";
  Descriptor named{::mkostemp(path.data(), O_CLOEXEC)};
  return {.file = std::move(named), .path = std::move(path)};
}

// `old` is the file that will be replaced, or null.
[[nodiscard]] Result<std::unique_ptr<Delivery>> open_temporary(const std::string& path,
                                                               const struct stat* old) {
  std::string target = resolved(path);
  const std::string place = directory_part(target);
  Descriptor directory{::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.is_open())
    return failure(path, "write", errno);
  Temporary temporary = make_temporary(place);
  if (!temporary.file.is_open())
    return failure(path, "create a temporary file beside it", errno);
  const int number = temporary.file.number();
  auto delivery = std::make_unique<FileDelivery>(path, std::move(target), std::move(temporary),
                                                 std::move(directory));
  if (old != nullptr && ::fchmod(number, old->st_mode & 0777U) != 0)
    return failure(path, "keep its mode", errno);
  return std::unique_ptr<Delivery>{std::move(delivery)};
}

}  // namespace

std::unique_ptr<Delivery> deliver_to_descriptor(int descriptor, std::string name) {
  return std::make_unique<DescriptorDelivery>(descriptor, std::move(name));
}

Result<std::unique_ptr<Delivery>> deliver_to_file(const std::string& path) {
  struct stat old = {};
  if (::stat(path.c_str(), &old) != 0)
    return errno == ENOENT ? open_temporary(path, nullptr) : failure(path, "write", errno);
  if (S_ISDIR(old.st_mode))
    return failure(path, "write", EISDIR);
  return S_ISREG(old.st_mode) ? open_temporary(path, &old) : open_device(path);
}

std::string directory_of_delivery(const std::string& path) {
  return directory_part(resolved(path));
}

}  // namespace krbtrail::report
