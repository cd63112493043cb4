// SPDX-License-Identifier: Apache-2.0
//
// What a site may set about the rules for stolen tickets. The configuration file fills it; without
// one, what stands here is in force.
//
//   Settings settings;
//   settings.ccache_templates.push_back("FILE:/var/cache/tickets/%{uid}");
//   CcacheRules rules{{.settings = settings}, …};
#pragma once

#include <string>
#include <vector>

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
  // Where tickets lie beside the places that the rules know: KRB5CCNAME values as krb5.conf's
  // default_ccache_name, sssd.conf's krb5_ccname_template and pam_krb5's ccache write them, each up
  // to its first variable (%{uid}, %U, …) a literal path. TYPE: in front is optional.
  std::vector<std::string> ccache_templates;
  std::vector<std::string> tool_names;  // beside the rules' own lists; matched as they are
  ExemptGroups exempt;
  SeverityThresholds thresholds;
};

}  // namespace krbtrail::detect
