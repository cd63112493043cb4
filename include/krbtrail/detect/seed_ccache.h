// SPDX-License-Identifier: Apache-2.0
//
// The query "Detect Ccache Files" (T1558.005), its three branches, on Linux audit events.
//
//   SeedCcache seed{{.strict_kql = false}, inputs, hosts,
//                   [&](model::Finding finding) { sink.push(finding); }};
//   interpreter_hands_its_events_to(seed);
//
// A finding is a pair (audit event, branch): one audit event gives at most one finding a branch,
// two events give two. Nothing is grouped, scored or remembered beyond that.
//
// The generous reading, which is the default, takes three liberties that make the query see what
// auditd sees: reads count as file events; where the query wants a process name on a list, any of
// the process's candidate names will do (exe, argv[0], comm, Debian's aliases); a path relative to
// a directory nobody recorded is judged by its base name. `strict_kql` takes all three away.
// docs/RULES.md has what each branch needs and misses.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/literals.h"
#include "krbtrail/detect/rule.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::detect {

struct SeedOptions {
  bool strict_kql = false;
  bool keep_records = false;  // findings carry the raw records of their event
};

// Findings leave within push(). All file events of one audit event must come in a row. Not
// thread-safe. `inputs` and `hosts` must know every id in an event and outlive this object.
class SeedCcache : public activity::ActivitySink {
 public:
  using OnFinding = std::function<void(model::Finding)>;

  SeedCcache(SeedOptions options, const model::InputNames& inputs, const model::HostNames& hosts,
             OnFinding on_finding);

  void push(const activity::ProcessEvent& event) override;
  void push(const activity::FileEvent& event) override;
  void push(const activity::CallEvent& /*event*/) override {}  // the query has no such events

 private:
  SeedOptions options_;
  const model::InputNames& inputs_;
  const model::HostNames& hosts_;
  OnFinding on_finding_;
  std::optional<audit::EventKey> last_file_finding_;  // the event that branch 1 reported last
};

// The branches against one event, predicate by predicate: branches 2 and 3 for an exec, 1 for a
// file.
[[nodiscard]] std::vector<Explanation> explain_seed(const activity::ProcessEvent& event,
                                                    bool strict_kql);
[[nodiscard]] std::vector<Explanation> explain_seed(const activity::FileEvent& event,
                                                    bool strict_kql);

// Every event that a branch can match, in either reading, has at least one of these; or it has an
// argument that auditd cut into pieces (a0[0]=, a0[1]=), between which a literal may lie.
[[nodiscard]] Literals seed_literals();

}  // namespace krbtrail::detect
