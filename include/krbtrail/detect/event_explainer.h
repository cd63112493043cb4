// SPDX-License-Identifier: Apache-2.0
//
// What every rule saw in one event, predicate by predicate: the part of `krbtrail explain` that
// sits between the interpreter and the rules.
//
//   EventExplainer explainer{{.seconds = 1700000000, .milliseconds = 123, .serial = 42}, hosts,
//                            strict_kql, [&](ExplainedActivity activity) { … }};
//   CcacheRules rules{{.explainer = &explainer, …}, …};
//   explainer.stand_before(rules);
//   Interpreter interpreter{table, accounts, names, explainer};   // in place of `rules`
//
// It asks the query's branches itself, because they know nothing but the event. Rules that know
// what came before hand in theirs, with take(), while they get the event: from the very subject
// that they decide on. Not thread-safe. Everything handed in must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/rule.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::detect {

// [NODE/]SECONDS.MILLISECONDS:SERIAL
struct EventName {
  std::int64_t seconds = 0;
  std::uint16_t milliseconds = 0;
  std::uint32_t serial = 0;
  std::optional<std::string> host = {};  // unset: of any host
};

// One exec, one act on one file, or one other call of the event that was asked for; or a pair of
// Windows records.
struct ExplainedActivity {
  std::string host;
  std::string event;  // "1700000000.123:42", or "COMPUTER#RECORDID"
  std::string act;    // "base64 was executed", "base64 read /tmp/krb5cc_1000"
  std::vector<Explanation> rules;
};

class EventExplainer final : public activity::ActivitySink {
 public:
  using OnActivity = std::function<void(ExplainedActivity)>;

  EventExplainer(EventName asked, const model::HostNames& hosts, bool strict_kql,
                 OnActivity on_activity);

  // Before the first event.
  void stand_before(activity::ActivitySink& next) { next_ = &next; }
  [[nodiscard]] bool is_asked_for(const audit::EventKey& key) const;
  // What further rules see in the event that they are just being given.
  void take(std::vector<Explanation> explanations);

  void push(const activity::ProcessEvent& event) override;
  void push(const activity::FileEvent& event) override;
  void push(const activity::CallEvent& event) override;

 private:
  template <class Event>
  void explain(const Event& event, const std::string& act, std::vector<Explanation> branches);

  EventName asked_;
  const model::HostNames& hosts_;
  bool strict_kql_;
  OnActivity on_activity_;
  activity::ActivitySink* next_ = nullptr;
  std::vector<Explanation> taken_;
};

}  // namespace krbtrail::detect
