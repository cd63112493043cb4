// SPDX-License-Identifier: Apache-2.0
//
// The names in a directory, in an order that does not depend on the file system.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::input {

struct DirectoryListing {
  std::vector<std::string> names;  // in byte order, without "." and ".."
  bool cut = false;                // there were more than were wanted
  int error_number = 0;            // reading stopped there
};

[[nodiscard]] DirectoryListing list_directory(FileDescriptor directory, std::size_t most);

}  // namespace krbtrail::input
