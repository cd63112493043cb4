// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/event.h"

#include <array>
#include <cstdio>

namespace krbtrail::audit {

std::string EventKey::to_string() const {
  std::array<char, 48> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%lld.%03u:%u", static_cast<long long>(seconds),
                    static_cast<unsigned>(milliseconds), serial);
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace krbtrail::audit
