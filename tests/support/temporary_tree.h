// SPDX-License-Identifier: Apache-2.0
//
// A directory of files for one test, removed with everything in it at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace krbtrail::test {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "krbtrail-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("cannot make a temporary directory");
    root_ = pattern;
  }
  TemporaryTree(const TemporaryTree&) = delete;
  TemporaryTree& operator=(const TemporaryTree&) = delete;
  TemporaryTree(TemporaryTree&&) = delete;
  TemporaryTree& operator=(TemporaryTree&&) = delete;
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  // The absolute path of `name` in the tree, of the tree itself for "".
  [[nodiscard]] std::string path(std::string_view name = {}) const {
    return name.empty() ? root_.string() : (root_ / name).string();
  }

  // Writes a file, making the directories above it; returns its path.
  std::string file(std::string_view name, std::string_view content) const {
    const std::filesystem::path where = root_ / name;
    std::filesystem::create_directories(where.parent_path());
    std::ofstream{where, std::ios::binary} << content;
    return where.string();
  }

  std::string directory(std::string_view name) const {
    std::filesystem::create_directories(root_ / name);
    return path(name);
  }

  // `target` as it is to stand in the link.
  std::string link(std::string_view name, std::string_view target) const {
    const std::filesystem::path where = root_ / name;
    std::filesystem::create_directories(where.parent_path());
    std::filesystem::create_symlink(target, where);
    return where.string();
  }

  std::string hard_link(std::string_view name, std::string_view target) const {
    std::filesystem::create_hard_link(root_ / target, root_ / name);
    return path(name);
  }

  std::string fifo(std::string_view name) const {
    if (::mkfifo(path(name).c_str(), 0600) != 0)
      throw std::runtime_error("cannot make a FIFO");
    return path(name);
  }

 private:
  std::filesystem::path root_;
};

// Root may open everything, so a test about permissions acts as nobody while this lives.
class Unprivileged {
 public:
  Unprivileged() {
    constexpr uid_t kNobody = 65534;
    if (was_ == 0 && ::seteuid(kNobody) != 0)
      throw std::runtime_error("cannot act as nobody");
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  Unprivileged(Unprivileged&&) = delete;
  Unprivileged& operator=(Unprivileged&&) = delete;
  ~Unprivileged() {
    if (::seteuid(was_) != 0)
      std::abort();
  }

 private:
  uid_t was_ = ::geteuid();
};

}  // namespace krbtrail::test
