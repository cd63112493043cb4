// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/settings.h"

namespace krbtrail::detect {

Literals literals(const Settings& settings) {
  Literals all;
  for (const CcacheTemplate& place : settings.ccache_templates) {
    if (place.is_on_disk())
      all.anywhere.push_back(place.literal());
  }
  all.in_execs.assign(settings.tool_names.begin(), settings.tool_names.end());
  return all;
}

}  // namespace krbtrail::detect
