// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/incident_book.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace krbtrail::detect {
namespace {

using std::chrono::seconds;

constexpr seconds kPause{600};
constexpr std::size_t kLongestText = 1'024;
constexpr std::size_t kStepCost = 160;  // what one costs beside its text, about
constexpr std::size_t kNameCost = 32;
constexpr std::size_t kProcessCost = 256;
constexpr std::size_t kIncidentCost = 1'024;

std::string session_of(const model::Account& account) {
  if (account.session)
    return "ses " + std::to_string(*account.session);
  return account.uid ? "uid " + std::to_string(*account.uid) : "unknown";
}

// Returns the bytes that it takes. `left_out` counts what the bound keeps out, each time it is
// named.
std::size_t add_name(std::vector<std::string>& names, const std::string& name, std::size_t most,
                     std::size_t& left_out) {
  if (name.empty() || std::ranges::find(names, name) != names.end())
    return 0;
  if (names.size() >= most) {
    ++left_out;
    return 0;
  }
  names.push_back(name);
  return kNameCost + name.size();
}

void cut(std::string& text) {
  if (text.size() > kLongestText)
    text.resize(kLongestText);
}

IncidentPart cut(IncidentPart part) {
  for (std::string* text : {&part.ticket, &part.step, &part.copy, &part.user, &part.contact})
    cut(*text);
  return part;
}

// Returns the bytes that they take.
std::size_t cut(std::vector<model::ProcessFacts>& ancestry) {
  std::size_t bytes = 0;
  for (model::ProcessFacts& process : ancestry) {
    cut(process.name);
    cut(process.exe);
    cut(process.command_line);
    bytes += kProcessCost + process.name.size() + process.exe.size() + process.command_line.size();
  }
  return bytes;
}

void say_left_out(model::Incident& incident, std::size_t count, std::string_view what) {
  if (count != 0)
    incident.not_visible.push_back("findings that name " + std::string{what} +
                                   " not listed here: " + std::to_string(count));
}

bool started_unseen(const model::Finding& finding) {
  return finding.process && finding.process->source != "exec" && finding.process->source != "fork";
}

}  // namespace

IncidentBook::IncidentBook(Limits limits, OnIncident on_incident)
    : limits_(limits), on_incident_(std::move(on_incident)) {}

void IncidentBook::add(model::Finding& finding, const IncidentPart& whole) {
  const IncidentPart part = cut(whole);
  end_until(finding.time);
  const std::string session = session_of(finding.account);
  auto open = find(finding.host, session, part);
  if (open == open_.end() && finding.severity == model::Severity::info)
    return;
  if (open == open_.end())
    open = start(finding, session, part);
  open_.splice(open_.begin(), open_, open);
  if (open->incident.ticket.empty() && !part.ticket.empty())
    name_ticket(*open, part);
  join(*open, finding, part);
  finding.incident = open->incident.id;
  while (open_.size() > 1 && (open_.size() > limits_.open || bytes_ > limits_.bytes))
    end(std::prev(open_.end()));
}

void IncidentBook::finish() {
  while (!open_.empty())
    end(std::prev(open_.end()));
}

void IncidentBook::end_until(model::Timestamp time) {
  while (!open_.empty() && open_.back().incident.last + kPause < time)
    end(std::prev(open_.end()));
}

void IncidentBook::end(Incidents::iterator open) {
  model::Incident incident = std::move(open->incident);
  if (open->reads && incident.copies.empty() && incident.contacts.empty())
    incident.not_visible.emplace_back(
        "no file that the readers wrote is on record: where the ticket went is not known");
  if (open->unknown_start)
    incident.not_visible.emplace_back("the start of some of the processes is not on record");
  if (open->unresolved_path)
    incident.not_visible.emplace_back(
        "some files are known by their base name alone: the folder is not on record");
  if (open->steps_left_out != 0)
    incident.not_visible.push_back(std::to_string(open->steps_left_out) +
                                   " more steps are not listed here");
  say_left_out(incident, open->copies_left_out, "a copy");
  say_left_out(incident, open->users_left_out, "a user of a copy");
  say_left_out(incident, open->contacts_left_out, "an address");
  say_left_out(incident, open->linked_left_out, "another incident of this ticket");
  bytes_ -= open->bytes;
  open_.erase(open);
  if (!incident.ticket.empty())
    ended_.push_back({.host = incident.host, .ticket = incident.ticket, .id = incident.id});
  if (ended_.size() > limits_.remembered)
    ended_.pop_front();
  on_incident_(std::move(incident));
}

IncidentBook::Incidents::iterator IncidentBook::find(const std::string& host,
                                                     const std::string& session,
                                                     const IncidentPart& part) {
  const auto is_of_session = [&](const Open& open) {
    return open.session == session && open.incident.host == host;
  };
  if (part.ticket.empty())
    return std::ranges::find_if(open_, is_of_session);
  const auto same = std::ranges::find_if(open_, [&](const Open& open) {
    return is_of_session(open) && open.incident.ticket == part.ticket;
  });
  if (same != open_.end())
    return same;
  return std::ranges::find_if(
      open_, [&](const Open& open) { return is_of_session(open) && open.incident.ticket.empty(); });
}

IncidentBook::Incidents::iterator IncidentBook::start(const model::Finding& finding,
                                                      const std::string& session,
                                                      const IncidentPart& part) {
  Open& open = open_.emplace_front();
  open.session = session;
  model::Incident& incident = open.incident;
  incident.host = finding.host;
  incident.id = model::finding_id(finding.host, finding.evidence.front().event, "incident",
                                  session + '\0' + part.ticket);
  incident.first = finding.time;
  incident.last = finding.time;
  incident.severity = finding.severity;
  incident.actor = finding.account;
  incident.ancestry = finding.ancestry;
  grow(open, kIncidentCost + cut(incident.ancestry));
  return open_.begin();
}

// Others about the same ticket are part of the same story.
void IncidentBook::name_ticket(Open& open, const IncidentPart& part) {
  model::Incident& incident = open.incident;
  incident.ticket = part.ticket;
  incident.owner_uid = part.owner;
  const auto ended = std::find_if(ended_.rbegin(), ended_.rend(), [&](const Ended& other) {
    return other.host == incident.host && other.ticket == part.ticket;
  });
  if (ended != ended_.rend())
    incident.linked.push_back(ended->id);
  for (Open& other : open_) {
    const bool same_ticket =
        other.incident.host == incident.host && other.incident.ticket == part.ticket;
    if (&other == &open || !same_ticket)
      continue;
    grow(open, add_name(incident.linked, other.incident.id, limits_.names, open.linked_left_out));
    grow(other, add_name(other.incident.linked, incident.id, limits_.names, other.linked_left_out));
  }
}

void IncidentBook::grow(Open& open, std::size_t bytes) {
  open.bytes += bytes;
  bytes_ += bytes;
}

void IncidentBook::join(Open& open, const model::Finding& finding, const IncidentPart& part) {
  model::Incident& incident = open.incident;
  incident.first = std::min(incident.first, finding.time);
  incident.last = std::max(incident.last, finding.time);
  incident.severity = std::max(incident.severity, finding.severity);
  if (const int score = finding.score.value_or(0); score > open.best_score) {
    open.best_score = score;
    incident.title = finding.title;
  }
  if (!incident.owner_uid && part.ticket == incident.ticket)  // a command line names no owner
    incident.owner_uid = part.owner;
  grow(open, add_name(incident.copies, part.copy, limits_.names, open.copies_left_out));
  grow(open, add_name(incident.used_by, part.user, limits_.names, open.users_left_out));
  grow(open, add_name(incident.contacts, part.contact, limits_.names, open.contacts_left_out));
  open.reads = open.reads || part.reads;
  open.unknown_start = open.unknown_start || started_unseen(finding);
  open.unresolved_path =
      open.unresolved_path || (finding.file && finding.file->path_confidence == "unresolved");
  if (incident.findings.size() < limits_.findings) {
    incident.findings.push_back(finding.id);
    grow(open, kNameCost + finding.id.size());
  }
  if (incident.timeline.size() == limits_.steps) {
    ++open.steps_left_out;
    return;
  }
  incident.timeline.push_back({.time = finding.time,
                               .text = part.step,
                               .event = finding.evidence.front().event,
                               .confidence = part.confidence});
  grow(open, kStepCost + part.step.size());
}

}  // namespace krbtrail::detect
