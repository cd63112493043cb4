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

bool FindingFilter::is_asked_for(const model::Finding& finding) const {
  if (!hosts.empty() && !is_one_of(finding.host, hosts))
    return false;
  if (finding.windows && !finding.windows->service.time)
    return true;
  return !(since && finding.time < *since) && !(until && finding.time >= *until);
}

bool FindingFilter::admits(const model::Finding& finding, model::Summary& summary) const {
  if (!is_asked_for(finding)) {
    ++summary.filtered;
    return false;
  }
  if (finding.suppressed_by) {
    ++summary.suppressed;
    return shows_suppressed;
  }
  if (finding.verdict == model::Verdict::near_miss) {
    ++summary.near_misses;
    return true;
  }
  if (finding.verdict == model::Verdict::indeterminate) {
    ++summary.indeterminate;
    return true;
  }
  const bool is_spared = !finding.score && finding.rule_set == model::RuleSet::seed;
  if (finding.severity < min_severity && !is_spared) {
    ++summary.hidden;
    return false;
  }
  ++summary.findings;
  ++summary.findings_by_severity[static_cast<std::size_t>(finding.severity)];
  return true;
}

bool FindingFilter::admits(const model::Incident& incident, model::Summary& summary) const {
  const bool is_elsewhere = !hosts.empty() && !is_one_of(incident.host, hosts);
  const bool is_outside = (since && incident.last < *since) || (until && incident.first >= *until);
  if (is_elsewhere || is_outside || incident.severity < min_severity)
    return false;
  ++summary.incidents;
  return true;
}

}  // namespace krbtrail::cli
