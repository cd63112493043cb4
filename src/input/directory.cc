// SPDX-License-Identifier: Apache-2.0
#include "directory.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>

namespace krbtrail::input {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

DirectoryListing list_directory(FileDescriptor directory, std::size_t most) {
  DirectoryListing listing;
  const std::unique_ptr<DIR, CloseDirectory> open{::fdopendir(directory.get())};
  if (!open) {
    listing.error_number = errno;
    return listing;
  }
  static_cast<void>(directory.release());  // closedir() closes it
  while (true) {
    errno = 0;
    const dirent* const entry = ::readdir(open.get());
    if (entry == nullptr)
      break;
    std::string name{static_cast<const char*>(entry->d_name)};
    if (name == "." || name == "..")
      continue;
    if (listing.names.size() == most) {
      listing.cut = true;
      break;
    }
    listing.names.push_back(std::move(name));
  }
  listing.error_number = listing.cut ? 0 : errno;
  std::ranges::sort(listing.names);
  return listing;
}

}  // namespace krbtrail::input
