// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ccache_rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "detect/finding_draft.h"
#include "detect/literal_set.h"
#include "detect/process_names.h"
#include "detect/score.h"
#include "detect/seed_branches.h"
#include "detect/ticket_rules.h"
#include "detect/ticket_subjects.h"
#include "krbtrail/detect/incident_book.h"
#include "krbtrail/detect/seed_ccache.h"
#include "krbtrail/detect/ticket_trail.h"

namespace krbtrail::detect {
namespace {

using activity::FileAction;
using std::chrono::minutes;

// In every event of a Kerberos client, in exe: what it opens may be a ticket under any name. Each
// path of actor_list(ActorKind::kerberos_client) has one of them.
constexpr std::array<std::string_view, 9> kClientLiterals = {"/kinit",    "/klist",     "/kvno",
                                                             "/kdestroy", "/kswitch",   "/kpasswd",
                                                             "/kgetcred", "/heimtools", "/ktutil"};

constexpr minutes kLookedFor{10};
constexpr std::size_t kMostSessions = 256;

// The rules that hold for one event: the extended ones and the query's branches, the strongest
// first.
struct Held {
  std::vector<const RuleInfo*> rules;

  template <class Subject>
  void add(const Rule<Subject>& rule, const Subject& subject) {
    if (decide(rule, subject))
      rules.push_back(rule.info);
  }
  [[nodiscard]] bool none() const { return rules.empty(); }
};

std::string verb_of(FileAction action) {
  switch (action) {
    case FileAction::read:
      return "reads";
    case FileAction::created:
      return "creates";
    case FileAction::modified:
      return "opens for writing";
    case FileAction::renamed:
      return "renames to";
    case FileAction::deleted:
      return "deletes";
    case FileAction::linked:
      return "links to";
    case FileAction::symlinked:
      return "makes the symbolic link";
    case FileAction::attributes:
      return "changes owner or mode of";
    case FileAction::attempted:
      return "tries and fails to open";
  }
  return {};
}

std::string actor_text(const activity::Process& process) {
  std::string text{image_name(process)};
  if (process.pid)
    text += " (pid " + std::to_string(*process.pid) + ")";
  return text;
}

std::string user_text(const activity::Process& process) {
  const activity::Identity& identity = process.identity;
  std::string text{image_name(process)};
  if (identity.uid)
    text += ", uid " + std::to_string(*identity.uid);
  if (identity.auid)
    text += ", login " + std::to_string(*identity.auid);
  if (identity.ses)
    text += ", session " + std::to_string(*identity.ses);
  return text;
}

model::NetworkContact contact_of(const activity::NetworkContact& contact) {
  const bool is_local = contact.family == activity::AddressFamily::local;
  return {.address = is_local ? contact.socket_path : contact.address, .port = contact.port};
}

std::string address_text(const activity::NetworkContact& contact) {
  if (contact.family == activity::AddressFamily::local)
    return contact.socket_path;
  const bool is_v6 = contact.family == activity::AddressFamily::inet6;
  std::string text = is_v6 ? "[" + contact.address + "]" : contact.address;
  if (contact.port)
    text += ":" + std::to_string(*contact.port);
  return text;
}

}  // namespace

class CcacheRules::Impl {
 public:
  Impl(Options options, const model::InputNames& inputs, const model::HostNames& hosts,
       const activity::ProcessTable& table, activity::Watch& watch, activity::RecentOpens& opens,
       model::Coverage& coverage, OnFinding on_finding, OnIncident on_incident)
      : options_(options),
        names_{inputs, hosts, options.keep_records},
        trail_({}, options.settings, watch, opens, table, coverage),
        book_({}, std::move(on_incident)),
        on_finding_(std::move(on_finding)) {}

  void push(const activity::ProcessEvent& event);
  void push(const activity::FileEvent& event);
  void push(const activity::CallEvent& event);
  [[nodiscard]] bool take_mark() {
    const bool has_changed = std::exchange(changes_seen_, trail_.changes()) != trail_.changes();
    return std::exchange(is_marked_, false) || has_changed;
  }
  void finish() { book_.finish(); }

 private:
  // When a login session last looked for tickets.
  struct Search {
    model::HostId host{};
    std::uint32_t session = 0;
    model::Timestamp time;
  };

  template <class Subject>
  model::Finding conclude(const Held& held, std::span<const Signal<Subject>> signals,
                          const Subject& subject) const;
  template <class Subject>
  void explain(std::span<const Rule<Subject>> rules, const Subject& subject) const;
  void report(model::Finding finding, const IncidentPart& part);
  [[nodiscard]] extended::SessionFacts session_before(const audit::EventKey& key,
                                                      const activity::Identity& identity) const;
  void note_search(const audit::EventKey& key, const activity::Identity& identity);
  [[nodiscard]] std::vector<model::Hop> way_to(const Descent* descent) const;

  Options options_;
  EvidenceNames names_;
  TicketTrail trail_;
  IncidentBook book_;
  OnFinding on_finding_;
  std::deque<Search> searches_;  // the latest at the end
  bool is_marked_ = false;
  std::uint64_t changes_seen_ = 0;  // of the trail
};

namespace {

model::Finding draft(const RuleInfo& rule, const extended::FileSubject& subject,
                     const EvidenceNames& names) {
  return draft_finding(rule, subject.event, names);
}
model::Finding draft(const RuleInfo& rule, const extended::ProcessSubject& subject,
                     const EvidenceNames& names) {
  return draft_finding(rule, subject.event, names);
}
model::Finding draft(const RuleInfo& rule, const extended::CallSubject& subject,
                     const EvidenceNames& names) {
  return draft_finding(rule, subject.event, names);
}

std::string_view object_of(const extended::FileSubject& subject) {
  return subject.event.object.path;
}
std::string_view object_of(const extended::ProcessSubject& /*subject*/) {
  return {};
}
std::string_view object_of(const extended::CallSubject& /*subject*/) {
  return {};
}

void add_all(std::vector<std::string_view>& all, std::span<const std::string_view> some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

template <class Subject>
model::Finding CcacheRules::Impl::conclude(const Held& held,
                                           std::span<const Signal<Subject>> signals,
                                           const Subject& subject) const {
  model::Finding finding = draft(*held.rules.front(), subject, names_);
  finding.id = model::finding_id(finding.host, finding.evidence.front().event, finding.rule,
                                 object_of(subject));
  finding.rules.clear();
  for (const RuleInfo* rule : held.rules) {
    finding.rules.emplace_back(rule->id);
    if (finding.detection_type.empty())
      finding.detection_type = rule->detection_type;
    for (const std::string_view technique : rule->attack) {
      if (std::ranges::find(finding.attack, technique) == finding.attack.end())
        finding.attack.emplace_back(technique);
    }
  }
  Score score = add_up(signals, subject);
  finding.score = score.points;
  finding.severity = severity_of(score.points, options_.settings.thresholds);
  finding.reasons = std::move(score.reasons);
  return finding;
}

void CcacheRules::Impl::report(model::Finding finding, const IncidentPart& part) {
  book_.add(finding, part);
  is_marked_ |= finding.incident.has_value();
  on_finding_(std::move(finding));
}

template <class Subject>
void CcacheRules::Impl::explain(std::span<const Rule<Subject>> rules,
                                const Subject& subject) const {
  EventExplainer* explainer = options_.explainer;
  if (explainer == nullptr || !explainer->is_asked_for(subject.event.key))
    return;
  std::vector<Explanation> explanations;
  for (const Rule<Subject>& rule : rules)
    explanations.push_back(detect::explain(rule, subject));
  explainer->take(std::move(explanations));
}

void CcacheRules::Impl::push(const activity::FileEvent& event) {
  const Sighting seen = trail_.look(event);
  const activity::Process& process = event.lineage.process;
  const extended::SessionFacts before = session_before(event.key, process.identity);
  const extended::FileSubject subject{event, seen, before, options_.settings};
  Held held;
  explain(extended::file_rules(), subject);
  for (const Rule<extended::FileSubject>& rule : extended::file_rules())
    held.add(rule, subject);
  held.add(seed::file_access(), seed::FileSubject{event, seed::Reading::generous});
  if (!held.none()) {
    model::Finding finding = conclude(held, extended::file_signals(), subject);
    finding.trail = way_to(subject.descent);
    const bool sure_path = event.object.confidence != activity::PathConfidence::unresolved;
    const Confidence confidence = subject.descent != nullptr ? subject.descent->confidence
                                  : sure_path                ? Confidence::high
                                                             : Confidence::medium;
    finding.confidence = to_string(confidence);
    IncidentPart part;
    part.ticket = subject.descent != nullptr ? subject.descent->ticket->path : event.object.path;
    part.owner = subject.owner;
    part.step = actor_text(process) + " " + verb_of(event.action) + " " + event.object.path;
    part.confidence = finding.confidence;
    if (subject.is_output())
      part.copy = event.object.path;
    else if (!seen.earlier_outputs.empty())
      part.copy = seen.earlier_outputs.front().object.path;
    if (finding.rule == "copy-used")
      part.user = user_text(process);
    part.reads = event.success && event.action == FileAction::read && !subject.by_its_client;
    report(std::move(finding), part);
  }
  const bool is_own_client =
      subject.own_use &&
      (subject.role.actor.kind == ActorKind::network_client || subject.role.client);
  trail_.learn(event, seen,
               {.exempt = subject.by_its_client || is_own_client,
                .own_use = subject.own_use,
                .sweep = subject.sweep});
}

void CcacheRules::Impl::push(const activity::ProcessEvent& event) {
  const activity::Process& process = event.lineage.process;
  const std::vector<Taint> taints = trail_.taints_of(event.key, process);
  const extended::SessionFacts before = session_before(event.key, process.identity);
  const extended::ProcessSubject subject{event, taints, before, options_.settings};
  Held held;
  explain(extended::process_rules(), subject);
  for (const Rule<extended::ProcessSubject>& rule : extended::process_rules())
    held.add(rule, subject);
  const seed::ProcessSubject seed_subject{event, seed::Reading::generous};
  held.add(seed::impacket_tool(), seed_subject);
  held.add(seed::copy_exfil(), seed_subject);
  if (subject.discovery) {
    note_search(event.key, process.identity);
    is_marked_ = true;
  }
  if (held.none())
    return;
  model::Finding finding = conclude(held, extended::process_signals(), subject);
  finding.confidence = to_string(Confidence::low);
  IncidentPart part;
  if (subject.argument && subject.argument->path.starts_with('/'))
    part.ticket = subject.argument->path;
  part.step = actor_text(process) + " is started: " + process.command_line;
  part.confidence = finding.confidence;
  report(std::move(finding), part);
}

void CcacheRules::Impl::push(const activity::CallEvent& event) {
  const activity::Process& process = event.lineage.process;
  const std::vector<Taint> taints = trail_.taints_of(event.key, process);
  const extended::SessionFacts before = session_before(event.key, process.identity);
  const extended::CallSubject subject{event, taints, before, options_.settings};
  Held held;
  explain(extended::call_rules(), subject);
  for (const Rule<extended::CallSubject>& rule : extended::call_rules())
    held.add(rule, subject);
  if (held.none())
    return;
  model::Finding finding = conclude(held, extended::call_signals(), subject);
  const Descent* descent = subject.taint == nullptr ? nullptr : &subject.taint->descent;
  finding.trail = way_to(descent);
  finding.confidence = to_string(descent == nullptr ? Confidence::high : descent->confidence);
  IncidentPart part;
  if (descent != nullptr) {
    part.ticket = descent->ticket->path;
    part.owner = descent->ticket->owner;
  }
  part.confidence = finding.confidence;
  if (const auto* contact = std::get_if<activity::NetworkContact>(&event.act)) {
    part.contact = address_text(*contact);
    finding.contact = contact_of(*contact);
    part.step = actor_text(process) + " connects to " + part.contact;
  } else {
    part.step = actor_text(process) + ": " + finding.title;
  }
  report(std::move(finding), part);
}

extended::SessionFacts CcacheRules::Impl::session_before(const audit::EventKey& key,
                                                         const activity::Identity& identity) const {
  return {.looked_for_tickets = std::ranges::any_of(searches_, [&](const Search& search) {
            return identity.ses && search.session == *identity.ses && search.host == key.host &&
                   search.time <= key.time() && key.time() - search.time <= kLookedFor;
          })};
}

void CcacheRules::Impl::note_search(const audit::EventKey& key,
                                    const activity::Identity& identity) {
  if (!identity.ses)
    return;
  std::erase_if(searches_, [&](const Search& search) {
    return search.host == key.host && search.session == *identity.ses;
  });
  searches_.push_back({.host = key.host, .session = *identity.ses, .time = key.time()});
  if (searches_.size() > kMostSessions)
    searches_.pop_front();
}

std::vector<model::Hop> CcacheRules::Impl::way_to(const Descent* descent) const {
  std::vector<model::Hop> way;
  if (descent == nullptr)
    return way;
  for (const Step* step = descent->step.get(); step != nullptr; step = step->before.get()) {
    const model::Origin& origin = step->source.origin;
    const std::string node{step->source.has_node ? names_.hosts.name(step->key.host) : ""};
    way.push_back({.number = step->hop,
                   .time = step->key.time(),
                   .action = step->action,
                   .path = step->path,
                   .process = step->process,
                   .pid = step->pid,
                   .confidence = std::string{to_string(step->confidence)},
                   .evidence = {.input = std::string{names_.inputs.name(origin.input)},
                                .line = origin.line,
                                .event = step->key.to_string(),
                                .node = node,
                                .record_id = {},
                                .offset = {},
                                .records = {}}});
  }
  std::ranges::reverse(way);
  return way;
}

CcacheRules::CcacheRules(Options options, const model::InputNames& inputs,
                         const model::HostNames& hosts, const activity::ProcessTable& table,
                         activity::Watch& watch, activity::RecentOpens& opens,
                         model::Coverage& coverage, OnFinding on_finding, OnIncident on_incident)
    : impl_(std::make_unique<Impl>(options, inputs, hosts, table, watch, opens, coverage,
                                   std::move(on_finding), std::move(on_incident))) {}
CcacheRules::~CcacheRules() = default;

void CcacheRules::push(const activity::ProcessEvent& event) {
  impl_->push(event);
}
void CcacheRules::push(const activity::FileEvent& event) {
  impl_->push(event);
}
void CcacheRules::push(const activity::CallEvent& event) {
  impl_->push(event);
}
bool CcacheRules::take_mark() {
  return impl_->take_mark();
}
void CcacheRules::finish() {
  impl_->finish();
}

Literals ccache_literals(const Settings& settings) {
  const Literals own = literals(settings);
  Literals all = seed_literals();
  add_all(all.anywhere, ticket_literals());
  add_all(all.anywhere, kClientLiterals);
  add_all(all.anywhere, own.anywhere);
  add_all(all.in_execs, tool_literals());
  add_all(all.in_execs, own.in_execs);
  return without_superfluous(std::move(all));
}

}  // namespace krbtrail::detect
