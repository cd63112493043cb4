// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/mounted_image.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "descriptor_source.h"
#include "directory.h"
#include "in_root.h"

namespace krbtrail::input {
namespace {

constexpr std::size_t kMostNames = 10'000;

model::Error larger_than(const std::string& name, std::size_t limit) {
  return {.message = name + ": is larger than " + std::to_string(limit) + " bytes: not read",
          .hint = {}};
}

}  // namespace

MountedImage::MountedImage(FileDescriptor root, std::string directory)
    : root_(std::move(root)), directory_(std::move(directory)) {}

model::Result<MountedImage> MountedImage::open(const std::string& directory) {
  FileDescriptor root{::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!root.is_open())
    return cannot_open(directory, system_reason(errno));
  return MountedImage{std::move(root), directory};
}

std::string MountedImage::display_name(const std::string& path) const {
  const bool needs_slash = !directory_.ends_with('/') && !path.starts_with('/');
  return directory_ + (needs_slash ? "/" : "") + path;
}

MountedImage::Opened MountedImage::open_inside(const std::string& path) const {
  // Looked at first: opening a device can have effects.
  const FileDescriptor seen = open_in_root(root_.get(), path, O_PATH);
  struct stat facts {};
  if (!seen.is_open() || ::fstat(seen.get(), &facts) != 0)
    return {.file = {}, .error_number = errno};
  if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode))
    return {.file = {}, .error_number = ENODEV};
  FileDescriptor file = open_in_root(root_.get(), path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const int why = file.is_open() ? 0 : errno;
  return {.file = std::move(file), .error_number = why};
}

model::Result<std::unique_ptr<ByteSource>> MountedImage::open_file(const std::string& path,
                                                                   std::string name) const {
  Opened opened = open_inside(path);
  if (!opened.file.is_open())
    return cannot_open(name, opened.error_number == ENODEV ? "is a device, FIFO or socket"
                                                           : system_reason(opened.error_number));
  return read_opened(std::move(opened.file), std::move(name));
}

model::Result<std::string> MountedImage::read_text(const std::string& path,
                                                   std::size_t limit) const {
  const model::Result<std::unique_ptr<ByteSource>> file = open_file(path, display_name(path));
  if (!file)
    return file.error();
  constexpr std::size_t kStep = std::size_t{64} << 10U;
  std::string text;
  while (text.size() <= limit) {
    const std::size_t before = text.size();
    text.resize(before + std::min(kStep, limit + 1 - before));
    const model::Result<std::size_t> got = (*file)->read(std::span{text}.subspan(before));
    if (!got)
      return got.error();
    text.resize(before + *got);
    if (*got == 0)
      return text;
  }
  return larger_than(display_name(path), limit);
}

model::Result<std::vector<std::string>> MountedImage::list(const std::string& path) const {
  Opened opened = open_inside(path);
  if (!opened.file.is_open())
    return cannot_open(display_name(path), system_reason(opened.error_number));
  DirectoryListing listing = list_directory(std::move(opened.file), kMostNames);
  if (listing.error_number != 0)
    return cannot_open(display_name(path), system_reason(listing.error_number));
  if (listing.cut)
    return cannot_open(display_name(path), "more than " + std::to_string(kMostNames) + " names");
  return std::move(listing.names);
}

}  // namespace krbtrail::input
