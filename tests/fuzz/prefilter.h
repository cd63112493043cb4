// SPDX-License-Identifier: Apache-2.0
//
// One log through the full rule set with and without the prefilter: nothing that is reported may
// differ.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "support/judged_log.h"

namespace krbtrail::fuzz {

inline std::string in_words(const model::Finding& finding) {
  std::string text = finding.id + " " + finding.rule + " " + finding.host + " " +
                     std::to_string(finding.score.value_or(-1)) + " " +
                     finding.incident.value_or("") + " " + finding.confidence;
  for (const std::string& rule : finding.rules)
    text += " " + rule;
  for (const model::Reason& reason : finding.reasons)
    text += "; " + reason.text;
  for (const model::Evidence& evidence : finding.evidence)
    text += "; " + evidence.event + " in line " + std::to_string(evidence.line);
  return text;
}

inline void check_finding(const model::Finding& finding) {
  require(!finding.id.empty() && !finding.rule.empty() && !finding.rules.empty(),
          "a finding has an id and a rule");
  require(!finding.evidence.empty(), "a finding has evidence");
  require(!finding.reasons.empty() || !finding.score, "a score has reasons");
}

inline void check_both_lanes(std::string_view log) {
  const test::Judged with = test::judge(log, test::Decoding::relevant);
  const test::Judged without = test::judge(log, test::Decoding::every);
  require(with.events == without.events, "the prefilter loses no event");
  require(with.relevant == without.relevant, "nor does it change what is relevant");
  require(with.findings.size() == without.findings.size(), "nor the number of findings");
  for (std::size_t i = 0; i < with.findings.size(); ++i) {
    check_finding(with.findings[i]);
    require(in_words(with.findings[i]) == in_words(without.findings[i]), "nor any finding");
  }
  require(with.incidents.size() == without.incidents.size(), "nor the number of incidents");
  for (std::size_t i = 0; i < with.incidents.size(); ++i)
    require(with.incidents[i].id == without.incidents[i].id &&
                with.incidents[i].timeline.size() == without.incidents[i].timeline.size(),
            "nor any incident");
}

}  // namespace krbtrail::fuzz
