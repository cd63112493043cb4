// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/settings.h"

#include "support/catch.h"

namespace krbtrail::detect {
namespace {

CcacheTemplate place(std::string_view text) {
  auto parsed = CcacheTemplate::parse(text);
  REQUIRE(parsed.has_value());
  return parsed.value();
}

TEST_CASE("settings name the literals of their places and tools", "[detect][settings]") {
  Settings settings;
  CHECK(literals(settings).anywhere.empty());
  CHECK(literals(settings).in_execs.empty());
  settings.ccache_templates = {place("FILE:/var/cache/tickets/%{uid}"),
                               place("KEYRING:persistent:%{uid}")};  // no file, so no record
  settings.tool_names = {"ticketgrabber"};
  CHECK(literals(settings).anywhere == std::vector<std::string_view>{"tickets"});
  CHECK(literals(settings).in_execs == std::vector<std::string_view>{"ticketgrabber"});
}

}  // namespace
}  // namespace krbtrail::detect
