// SPDX-License-Identifier: Apache-2.0
//
// Recorded names as full paths, as far as the record allows.
//
//   normalised("/var/../tmp//./x")           "/tmp/x"
//   resolve("x", {.cwd = "/root"})           "/root/x", joined
//   resolve("x", {.cwd = "/root", .folder = Folder::descriptor})   "x", unresolved
//
// Lexical only: no symbolic link is followed, because the file system of the log's host is not
// here. (libauparse's interpret_realpath is not used: 3.0.9 gets one path in three wrong.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "krbtrail/activity/activity.h"

namespace krbtrail::activity {

// What a relative name starts from. descriptor: an open folder that the record does not name;
// neither the CWD nor a PARENT item tells which it is.
enum class Folder : std::uint8_t { working, descriptor };

struct PathStart {
  std::string_view cwd;  // as recorded; empty if there is no CWD record
  Folder folder = Folder::working;
};

struct ResolvedPath {
  std::string path;
  PathConfidence confidence = PathConfidence::null;
};

// An absolute path without ".", "..", doubled and trailing slashes; ".." stops at the root.
// Linear in the length of the path.
[[nodiscard]] std::string normalised(std::string_view absolute);

// An empty name has no path. A relative name is joined with an absolute CWD, or stays as it is.
[[nodiscard]] ResolvedPath resolve(std::string_view name, const PathStart& start);

}  // namespace krbtrail::activity
