// SPDX-License-Identifier: Apache-2.0
//
// A name and a folder, parted by the first NUL, as a full path.
#include "krbtrail/activity/file_path.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"

namespace krbtrail::fuzz {
namespace {

bool is_normal(std::string_view path) {
  const std::string framed = std::string{path} + "/";
  return path == "/" ||
         (path.starts_with('/') && !path.ends_with('/') && framed.find("//") == std::string::npos &&
          framed.find("/./") == std::string::npos && framed.find("/../") == std::string::npos);
}

void check(const activity::ResolvedPath& resolved, std::string_view name,
           const activity::PathStart& start) {
  using activity::PathConfidence;
  require(resolved.path.size() <= name.size() + start.cwd.size() + 1, "a path does not grow");
  require((resolved.confidence == PathConfidence::null) == name.empty(),
          "an empty name has no path, and no other has none");
  require((resolved.confidence == PathConfidence::absolute) == name.starts_with('/'),
          "an absolute name is absolute");
  if (resolved.confidence == PathConfidence::absolute ||
      resolved.confidence == PathConfidence::joined)
    require(is_normal(resolved.path), "a full path is normal");
  require(
      start.folder == activity::Folder::working || resolved.confidence != PathConfidence::joined,
      "what lies below a descriptor is not joined with the working folder");
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const std::size_t end = std::min(input.find('\0'), input.size());
  const std::string_view name = input.substr(0, end);
  const std::string_view cwd = input.substr(std::min(end + 1, input.size()));
  for (const auto folder : {activity::Folder::working, activity::Folder::descriptor}) {
    const activity::PathStart start{.cwd = cwd, .folder = folder};
    fuzz::check(activity::resolve(name, start), name, start);
  }
  const std::string path = activity::normalised("/" + std::string{name});
  fuzz::require(fuzz::is_normal(path), "normalised is normal");
  fuzz::require(activity::normalised(path) == path, "twice is once");
  return 0;
}
