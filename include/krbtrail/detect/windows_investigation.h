// SPDX-License-Identifier: Apache-2.0
//
// What the guide of the local Kerberos service rule asks, answered from the evidence: who got the
// session, what was installed, what else the session did, what else happened on the host and to the
// user within 48 hours, what the evidence cannot show, and what to do.
//
//   Investigation asked{.variant = …, .match = …, .logon = …, .service = …, .session = …};
//   model::Finding finding = investigate(asked);
//
// `related` and `caveats` are the caller's, who knows the other findings and the host. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/windows_sequence.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::detect {

// One pair with what belongs to it. `session` is what the gathering found around it, the pair
// itself left out; `prerequisites` are changes of accounts that a relay prepares with, `tickets`
// the requests (4768, 4769) with the logon's LogonGuid, `credentials` the explicit ones (4648, 4624
// of type 9) that were used on the host before the logon.
struct Investigation {
  RuleVariant variant = RuleVariant::v214;
  const SequenceMatch* match = nullptr;
  const windows::WindowsEvent* logon = nullptr;
  const windows::WindowsEvent* service = nullptr;
  std::vector<windows::WindowsEvent> session;
  std::vector<windows::WindowsEvent> prerequisites;
  std::vector<windows::WindowsEvent> tickets;
  std::vector<windows::WindowsEvent> credentials;
  bool keep_records = false;  // evidence carries its event as XML
  std::vector<std::string> caveats;
  std::vector<model::RelatedFinding> related;
  std::string logon_input;  // names of the inputs, as the user gave them
  std::string service_input;
};

[[nodiscard]] model::Finding investigate(const Investigation& asked);

// The finding's id: computer, logon id, both record ids, and the times where a record id is
// lacking. The same in every export that carries them.
[[nodiscard]] std::string windows_finding_id(const windows::WindowsEvent& logon,
                                             const windows::WindowsEvent& service);

// "#72742", or the time where the export has no record id.
[[nodiscard]] std::string record_in_words(const windows::WindowsEvent& event);

// "0.854 s", "0 to 1.999 s"; empty where it is not known.
[[nodiscard]] std::string span_in_words(const std::optional<SpanBounds>& span);

// The event in words: "4648 explicit credentials of CORP\bob for cifs/srv".
[[nodiscard]] std::string event_in_words(const windows::WindowsEvent& event);

}  // namespace krbtrail::detect
