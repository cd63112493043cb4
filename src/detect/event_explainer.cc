// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/event_explainer.h"

#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "krbtrail/detect/seed_ccache.h"

namespace krbtrail::detect {
namespace {

std::string act_of(const activity::ProcessEvent& event) {
  return event.lineage.process.name() + " was executed";
}

std::string act_of(const activity::FileEvent& event) {
  const std::string& path = event.object.path;
  return event.lineage.process.name() + ": " + std::string{to_string(event.action)} + " " +
         (path.empty() ? "a file without a name" : path);
}

std::string act_of(const activity::CallEvent& event) {
  constexpr std::array<std::string_view, 3> kActs = {
      "a contact over the network", "an access to a keyring", "an access to a process's memory"};
  return event.lineage.process.name() + ": " + std::string{kActs[event.act.index()]};
}

}  // namespace

EventExplainer::EventExplainer(EventName asked, const model::HostNames& hosts, bool strict_kql,
                               OnActivity on_activity)
    : asked_(std::move(asked)),
      hosts_(hosts),
      strict_kql_(strict_kql),
      on_activity_(std::move(on_activity)) {}

bool EventExplainer::is_asked_for(const audit::EventKey& key) const {
  return key.serial == asked_.serial && key.seconds == asked_.seconds &&
         key.milliseconds == asked_.milliseconds &&
         (!asked_.host || hosts_.name(key.host) == *asked_.host);
}

void EventExplainer::take(std::vector<Explanation> explanations) {
  taken_.insert(taken_.end(), std::make_move_iterator(explanations.begin()),
                std::make_move_iterator(explanations.end()));
}

template <class Event>
void EventExplainer::explain(const Event& event, const std::string& act,
                             std::vector<Explanation> branches) {
  taken_ = std::move(branches);
  next_->push(event);
  on_activity_({.host = std::string{hosts_.name(event.key.host)},
                .event = event.key.to_string(),
                .act = act,
                .rules = std::exchange(taken_, {})});
}

void EventExplainer::push(const activity::ProcessEvent& event) {
  if (is_asked_for(event.key))
    explain(event, act_of(event), explain_seed(event, strict_kql_));
  else
    next_->push(event);
}

void EventExplainer::push(const activity::FileEvent& event) {
  if (is_asked_for(event.key))
    explain(event, act_of(event), explain_seed(event, strict_kql_));
  else
    next_->push(event);
}

void EventExplainer::push(const activity::CallEvent& event) {
  if (is_asked_for(event.key))
    explain(event, act_of(event), {});  // the query has no such events
  else
    next_->push(event);
}

}  // namespace krbtrail::detect
