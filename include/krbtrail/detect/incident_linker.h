// SPDX-License-Identifier: Apache-2.0
//
// Links what happened on different hosts: incidents about tickets and Windows findings become one
// story where the same account is in both, within 48 hours.
//
//   IncidentLinker linker{{}, accounts};
//   linker.add(incident); … linker.add(finding); …    // all of them, in any order
//   linker.link();
//   linker.annotate(incident);    // `linked` and the timeline say what is known of other hosts
//   linker.annotate(finding);     // so does `related` of a Windows finding
//
// An account is in a story as the owner of the ticket, as the one who acts (who logged in, or
// without a login the acting uid) or as the one of a Windows logon. The later story counts from
// when the earlier one begins until 48 hours after its end: a ticket lives for a day and is renewed
// for longer, and the Windows rule's guide looks for related findings as far.
//
//   earlier          later
//   its ticket taken logs on at a Windows host     the theft that this whole program looks for
//   its ticket taken acts                          the thief went on under that name
//   its ticket taken its ticket taken              one hunt for one account
//   acts             acts, or logs on              one thief on his way
//   logs on          acts, or logs on              likewise
//
// An account is known by its SID, by its name (domain and letter case aside: medium confidence) or,
// where a name is not known on both sides, by its uid (low: equal uids are one account only where
// hosts share a directory). The surest that both sides have decides. Names come from the findings'
// own accounts and from the passwd text that was handed in. root, nobody, system accounts (uids
// below 1000), machine accounts and the built-in accounts of Windows are on every host and link
// nothing. "web1" and "web1.example.test" are one host; hosts without a name are never told apart.
//
// Bounds: 32,768 stories and as many names of uids, which are all kept until the end (some 30 MiB
// at most); 32 links a story, the earliest; 256 later stories of an account looked at. What is
// beyond is counted in `left_out` or said in the incident's `not_visible`. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"

namespace krbtrail::detect {

class IncidentLinker {
 public:
  struct Limits {
    std::size_t stories = 32'768;
    std::size_t links = 32;
    std::size_t looked_at = 256;
  };

  // `accounts` must outlive it: names for uids beside those that the findings have.
  IncidentLinker(Limits limits, const activity::Accounts& accounts);
  ~IncidentLinker();
  IncidentLinker(const IncidentLinker&) = delete;
  IncidentLinker& operator=(const IncidentLinker&) = delete;
  IncidentLinker(IncidentLinker&&) = delete;
  IncidentLinker& operator=(IncidentLinker&&) = delete;

  void add(const model::Incident& incident);
  void add(const model::Finding& finding);
  // Once, after the last add().
  void link();

  void annotate(model::Incident& incident) const;
  void annotate(model::Finding& finding) const;

  [[nodiscard]] std::uint64_t links() const;     // pairs of stories
  [[nodiscard]] std::uint64_t left_out() const;  // stories beyond the bound

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace krbtrail::detect
