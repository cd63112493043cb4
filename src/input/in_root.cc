// SPDX-License-Identifier: Apache-2.0
#include "in_root.h"

#include <array>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace krbtrail::input {
namespace {

constexpr int kMostLinks = 40;
constexpr std::size_t kDeepest = 128;

FileDescriptor failure(int error_number) {
  errno = error_number;
  return {};
}

// Follows a path name by name. `todo_` holds the names still to come, the next one last.
class NameWalk {
 public:
  NameWalk(int root, int flags) : flags_(flags) {
    above_.emplace_back(::openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }

  FileDescriptor follow(const std::string& path) {
    put_in_front(path);
    while (!todo_.empty()) {
      const std::string name = std::exchange(todo_.back(), {});
      todo_.pop_back();
      if (name == "..")
        go_up();
      else if (const int why = enter(name); why != 0)
        return failure(why);
    }
    return open_target();
  }

 private:
  void put_in_front(const std::string& path) {
    std::size_t end = path.size();
    while (end > 0) {
      const std::size_t slash = path.rfind('/', end - 1);
      const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
      std::string name = path.substr(begin, end - begin);
      if (!name.empty() && name != ".")
        todo_.push_back(std::move(name));
      end = slash == std::string::npos ? 0 : slash;
    }
  }

  void go_up() {
    file_.clear();
    if (above_.size() > 1)
      above_.pop_back();
  }

  // Steps into what `name` leads to; an errno if that fails.
  int enter(const std::string& name) {
    if (!file_.empty())
      return ENOTDIR;
    FileDescriptor next{
        ::openat(above_.back().get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat facts {};
    if (!next.is_open() || ::fstat(next.get(), &facts) != 0)
      return errno;
    if (S_ISLNK(facts.st_mode))
      return follow_link(next.get());
    if (!S_ISDIR(facts.st_mode)) {
      file_ = name;
      return 0;
    }
    if (above_.size() == kDeepest)
      return ENAMETOOLONG;
    above_.push_back(std::move(next));
    return 0;
  }

  int follow_link(int link) {
    if (++links_ > kMostLinks)
      return ELOOP;
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(link, "", target.data(), target.size());
    if (size < 0)
      return errno;
    if (target.front() == '/')
      above_.resize(1);
    put_in_front({target.data(), static_cast<std::size_t>(size)});
    return 0;
  }

  // O_NOFOLLOW: what was no link a moment ago must not have become one.
  FileDescriptor open_target() {
    const std::string name = file_.empty() ? "." : file_;
    return FileDescriptor{
        ::openat(above_.back().get(), name.c_str(), flags_ | O_NOFOLLOW | O_CLOEXEC)};
  }

  int flags_;
  std::vector<std::string> todo_;
  std::vector<FileDescriptor> above_;  // the directories from the root to here
  std::string file_;                   // set once the path has led to something else
  int links_ = 0;
};

}  // namespace

FileDescriptor open_in_root_by_hand(int root, const std::string& path, int flags) {
  return NameWalk{root, flags}.follow(path);
}

FileDescriptor open_in_root(int root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // glibc has no wrapper for it.
  const long opened =
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof(how));
  if (opened >= 0)
    return FileDescriptor{static_cast<int>(opened)};
  // EPERM: a container's seccomp filter that has never heard of openat2.
  if (errno == ENOSYS || errno == EPERM)
    return open_in_root_by_hand(root, path, flags);
  return failure(errno);
}

}  // namespace krbtrail::input
