// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/file_path.h"

namespace krbtrail::activity {

std::string normalised(std::string_view absolute) {
  std::string path;
  path.reserve(absolute.size());
  while (!absolute.empty()) {
    const std::size_t slash = absolute.find('/');
    const std::string_view part = absolute.substr(0, slash);
    absolute.remove_prefix(slash == std::string_view::npos ? absolute.size() : slash + 1);
    if (part.empty() || part == ".")
      continue;
    if (part == "..")
      path.resize(path.empty() ? 0 : path.rfind('/'));
    else
      path.append(1, '/').append(part);
  }
  return path.empty() ? "/" : path;
}

ResolvedPath resolve(std::string_view name, const PathStart& start) {
  if (name.empty())
    return {};
  if (name.front() == '/')
    return {.path = normalised(name), .confidence = PathConfidence::absolute};
  if (start.folder == Folder::descriptor || !start.cwd.starts_with('/'))
    return {.path = std::string{name}, .confidence = PathConfidence::unresolved};
  std::string joined{start.cwd};
  joined.append(1, '/').append(name);
  return {.path = normalised(joined), .confidence = PathConfidence::joined};
}

}  // namespace krbtrail::activity
