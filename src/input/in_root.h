// SPDX-License-Identifier: Apache-2.0
//
// open(2) as after chroot(2), without having to be root or to change this process.
#pragma once

#include <string>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::input {

// Opens `path` below the open directory `root`; links, absolute ones too, are followed inside it.
// Not open and errno set if that fails; ELOOP after 40 links, as in the kernel.
[[nodiscard]] FileDescriptor open_in_root(int root, const std::string& path, int flags);

// The same without openat2, for kernels before 5.6. ENAMETOOLONG beyond 128 directories deep.
[[nodiscard]] FileDescriptor open_in_root_by_hand(int root, const std::string& path, int flags);

}  // namespace krbtrail::input
