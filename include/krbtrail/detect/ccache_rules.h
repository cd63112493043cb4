// SPDX-License-Identifier: Apache-2.0
//
// The full rule set for stolen tickets: the query's three branches, the extended rules E01 to E16,
// the ticket trail, the score, and incidents.
//
//   CcacheRules rules{{.settings = settings}, inputs, hosts, table, watch, opens, coverage,
//                     [&](model::Finding finding) { … }, [&](model::Incident incident) { … }};
//   interpreter_hands_its_events_to(rules);
//   rules.finish();
//
// One process, file or call event gives at most one finding: `rule` is the strongest that holds,
// `rules` are all that do, the query's branches (in their generous reading) included, and the
// severity is the sum of the signals, each of which is a reason. An owner's ordinary use of a
// ticket is a finding too, of severity info. docs/RULES.md has the rules, docs/DETECTION.md what
// they find in captures.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/activity/recent_opens.h"
#include "krbtrail/activity/watch.h"
#include "krbtrail/detect/event_explainer.h"
#include "krbtrail/detect/literals.h"
#include "krbtrail/detect/rule.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::detect {

// Findings leave within push(), incidents when they end. All must be given the events in the order
// of time and serial. Not thread-safe. Everything handed in must outlive it.
class CcacheRules : public activity::ActivitySink {
 public:
  struct Options {
    const Settings& settings;
    bool keep_records = false;            // findings carry the raw records of their event
    EventExplainer* explainer = nullptr;  // is told what each rule sees in the event it asks for
  };
  using OnFinding = std::function<void(model::Finding)>;
  using OnIncident = std::function<void(model::Incident)>;

  CcacheRules(Options options, const model::InputNames& inputs, const model::HostNames& hosts,
              const activity::ProcessTable& table, activity::Watch& watch,
              activity::RecentOpens& opens, model::Coverage& coverage, OnFinding on_finding,
              OnIncident on_incident);
  ~CcacheRules() override;
  CcacheRules(const CcacheRules&) = delete;
  CcacheRules& operator=(const CcacheRules&) = delete;
  CcacheRules(CcacheRules&&) = delete;
  CcacheRules& operator=(CcacheRules&&) = delete;

  void push(const activity::ProcessEvent& event) override;
  void push(const activity::FileEvent& event) override;
  void push(const activity::CallEvent& event) override;

  // Whether what was pushed since last asked left something that a later event is judged by: it is
  // part of a story, it looked for tickets, or it changed what is followed.
  [[nodiscard]] bool take_mark();

  // The incidents that are still open leave.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Every event that a rule can hold for has at least one of these; or it has an argument that auditd
// cut into pieces; or activity::Watch wants it; or its call is one of audit::is_call_of_interest().
// Views into `settings`.
[[nodiscard]] Literals ccache_literals(const Settings& settings);

}  // namespace krbtrail::detect
