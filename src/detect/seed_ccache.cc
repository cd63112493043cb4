// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/seed_ccache.h"

#include <cassert>
#include <string>
#include <utility>

#include "detect/finding_draft.h"
#include "detect/literal_set.h"
#include "detect/seed_branches.h"

namespace krbtrail::detect {
namespace {

seed::Reading reading(bool strict_kql) {
  return strict_kql ? seed::Reading::strict : seed::Reading::generous;
}

template <class Subject>
model::Finding conclude(const Rule<Subject>& rule, const Subject& subject,
                        const EvidenceNames& names) {
  model::Finding finding = draft_finding(*rule.info, subject.event, names);
  finding.reasons = reasons(rule, subject);
  finding.matched_name = matched_name(rule, subject);
  return finding;
}

void append(std::vector<std::string_view>& all,
            const std::optional<std::vector<std::string_view>>& some) {
  assert(some.has_value());
  all.insert(all.end(), some->begin(), some->end());
}

}  // namespace

SeedCcache::SeedCcache(SeedOptions options, const model::InputNames& inputs,
                       const model::HostNames& hosts, OnFinding on_finding)
    : options_(options), inputs_(inputs), hosts_(hosts), on_finding_(std::move(on_finding)) {}

void SeedCcache::push(const activity::ProcessEvent& event) {
  const EvidenceNames names{inputs_, hosts_, options_.keep_records};
  const seed::ProcessSubject subject{event, reading(options_.strict_kql)};
  for (const auto* rule : {&seed::impacket_tool(), &seed::copy_exfil()}) {
    if (decide(*rule, subject))
      on_finding_(conclude(*rule, subject, names));
  }
}

void SeedCcache::push(const activity::FileEvent& event) {
  const seed::FileSubject subject{event, reading(options_.strict_kql)};
  if (event.key == last_file_finding_ || !decide(seed::file_access(), subject))
    return;
  last_file_finding_ = event.key;
  on_finding_(conclude(seed::file_access(), subject, {inputs_, hosts_, options_.keep_records}));
}

std::vector<Explanation> explain_seed(const activity::ProcessEvent& event, bool strict_kql) {
  const seed::ProcessSubject subject{event, reading(strict_kql)};
  return {explain(seed::impacket_tool(), subject), explain(seed::copy_exfil(), subject)};
}

std::vector<Explanation> explain_seed(const activity::FileEvent& event, bool strict_kql) {
  return {explain(seed::file_access(), seed::FileSubject{event, reading(strict_kql)})};
}

Literals seed_literals() {
  Literals all;
  append(all.anywhere, literals(seed::file_access()));
  append(all.in_execs, literals(seed::impacket_tool()));
  append(all.in_execs, literals(seed::copy_exfil()));
  return without_superfluous(std::move(all));
}

}  // namespace krbtrail::detect
