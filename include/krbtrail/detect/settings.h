// SPDX-License-Identifier: Apache-2.0
//
// What a site may set about the rules for stolen tickets. The configuration file fills it; without
// one, what stands here is in force.
//
//   Settings settings;
//   if (auto place = CcacheTemplate::parse("FILE:/var/cache/tickets/%{uid}"))
//     settings.ccache_templates.push_back(*place);
//   CcacheRules rules{{.settings = settings}, …};
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/ccache_template.h"
#include "krbtrail/detect/literals.h"

namespace krbtrail::detect {

// Groups of programs that read tickets by trade, each by full path. Off unless a site says that it
// runs them: a thief may use the same programs.
struct ExemptGroups {
  bool backup = false;
  bool scanner = false;
  bool data_platform = false;
  bool continuous_integration = false;
  bool configuration_management = false;
};

// The lowest score of each severity; anything below `low` is info.
struct SeverityThresholds {
  int critical = 90;
  int high = 70;
  int medium = 40;
  int low = 20;
};

struct Settings {
  // Where tickets lie beside the places that the rules know: what the site names, and what
  // krb5.conf, sssd.conf and pam_krb5's settings of a mounted image name.
  std::vector<CcacheTemplate> ccache_templates;
  std::vector<std::string> tool_names;  // beside the rules' own lists; matched as they are
  ExemptGroups exempt;
  SeverityThresholds thresholds;
};

// What the settings add to the literals of the rules: every event that matches one of the templates
// or names one of the tools has at least one of these, or an argument that auditd cut into pieces.
// One may contain another. Views into `settings`.
[[nodiscard]] Literals literals(const Settings& settings);

}  // namespace krbtrail::detect
