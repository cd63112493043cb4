// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/settings.h"

namespace krbtrail::detect {

std::vector<std::string_view> literals(const Settings& settings) {
  std::vector<std::string_view> all;
  for (const CcacheTemplate& place : settings.ccache_templates) {
    if (place.is_on_disk())
      all.push_back(place.literal());
  }
  all.insert(all.end(), settings.tool_names.begin(), settings.tool_names.end());
  return all;
}

}  // namespace krbtrail::detect
