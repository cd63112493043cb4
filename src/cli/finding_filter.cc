// SPDX-License-Identifier: Apache-2.0
#include "cli/finding_filter.h"

#include <algorithm>
#include <cstddef>

#include <strings.h>

namespace krbtrail::cli {

namespace {

bool is_one_of(const std::string& host, const std::vector<std::string>& hosts) {
  return std::ranges::any_of(hosts,
                             [&](const std::string& wanted) { return is_same_host(host, wanted); });
}

}  // namespace

bool is_same_host(const std::string& one, const std::string& other) {
  return strcasecmp(one.c_str(), other.c_str()) == 0;
}

bool FindingFilter::admits(const model::Finding& finding, model::Summary& summary) const {
  const bool too_early = since && finding.time < *since;
  const bool too_late = until && finding.time >= *until;
  if (too_early || too_late || (!hosts.empty() && !is_one_of(finding.host, hosts))) {
    ++summary.filtered;
    return false;
  }
  if (finding.severity < min_severity) {
    ++summary.hidden;
    return false;
  }
  ++summary.findings;
  ++summary.findings_by_severity[static_cast<std::size_t>(finding.severity)];
  return true;
}

}  // namespace krbtrail::cli
