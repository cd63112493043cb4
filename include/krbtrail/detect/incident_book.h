// SPDX-License-Identifier: Apache-2.0
//
// Findings become stories: one incident per actor session and ticket.
//
//   IncidentBook book{{}, [&](model::Incident incident) { … }};
//   book.add(finding, {.ticket = "/tmp/krb5cc_1000", …});   // sets finding.incident
//   book.finish();
//
// A session is a login session (ses), or without one the acting uid. A finding that no ticket is
// known for (a tool was started, tickets were looked for) belongs to the session's latest open
// incident; if there is none it opens one, which the session's next ticket takes over. An incident
// ends when 600 s pass without a finding of it. A finding of severity info opens none: the owner's
// own use of a ticket is no story, unless one is open.
//
// Bounds: 256 open incidents and 3 MiB of them, the one longest without a finding ending first; in
// each 256 steps, 256 findings, 32 copies, users and contacts; what is left out is said in
// `not_visible`. A text longer than 1,024 bytes is cut: two tickets that differ behind them are
// one. Of incidents that ended only the last per ticket is remembered, 1,024 of them, for `linked`.
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::detect {

// What a finding adds to its incident beside itself.
struct IncidentPart {
  std::string ticket;                  // its path; empty if none is known
  std::optional<std::uint32_t> owner;  // the ticket's
  std::string step;                    // the finding in one line: "cp read /tmp/krb5cc_1000"
  std::string confidence;              // of the step
  std::string copy;                    // path of a copy that was made; empty for none
  std::string user;                    // who used a copy, in words; empty for nobody
  std::string contact;                 // an address; empty for none
  bool reads = false;                  // a ticket's content went into a process
};

class IncidentBook {
 public:
  using OnIncident = std::function<void(model::Incident)>;

  struct Limits {
    std::size_t open = 256;
    std::size_t steps = 256;
    std::size_t findings = 256;
    std::size_t names = 32;
    std::size_t remembered = 1'024;
    std::size_t bytes = std::size_t{3} << 20U;
  };

  IncidentBook(Limits limits, OnIncident on_incident);

  // Incidents that have ended by the finding's time leave first.
  void add(model::Finding& finding, const IncidentPart& whole);
  // All that are still open leave, in the order of their last finding.
  void finish();

 private:
  struct Open {
    std::string session;
    model::Incident incident;
    std::size_t steps_left_out = 0;
    std::size_t copies_left_out = 0, users_left_out = 0, contacts_left_out = 0, linked_left_out = 0;
    bool reads = false;
    bool unknown_start = false;  // a process of which no exec is on record
    bool unresolved_path = false;
    int best_score = -1;  // of the finding that gave the title
    std::size_t bytes = 0;
  };
  using Incidents = std::list<Open>;  // the one with the latest finding in front

  void end_until(model::Timestamp time);
  void end(Incidents::iterator open);
  [[nodiscard]] Incidents::iterator find(const std::string& host, const std::string& session,
                                         const IncidentPart& part);
  Incidents::iterator start(const model::Finding& finding, const std::string& session,
                            const IncidentPart& part);
  void name_ticket(Open& open, const IncidentPart& part);
  void join(Open& open, const model::Finding& finding, const IncidentPart& part);
  void grow(Open& open, std::size_t bytes);

  Limits limits_;
  OnIncident on_incident_;
  Incidents open_;
  std::size_t bytes_ = 0;  // of the open ones
  struct Ended {
    std::string host, ticket, id;
  };
  std::deque<Ended> ended_;  // the latest at the end
};

}  // namespace krbtrail::detect
