// SPDX-License-Identifier: Apache-2.0
//
// What the rules about tickets judge: an event, and what is known around it.
//
//   const FileSubject subject{event, sighting, session, settings};
//   if (decide(extended::owner_mismatch(), subject)) …
//
// A subject views into what it is made of and lives as long as one push().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/process_names.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/actors.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/detect/ticket_names.h"
#include "krbtrail/detect/ticket_trail.h"
#include "krbtrail/detect/tool_names.h"

namespace krbtrail::detect::extended {

// Who acts, held against whose ticket it is. other_uid: another account's process (M1).
// login_as_root: root's process in the login session of somebody else (M2). root: root's process
// without a login (M3). login_as_owner: the owner's account in the login session of somebody else,
// through su or sudo (M6). login_at_host_keys: a login session at secrets of the host itself, whose
// owner is root.
enum class OwnerTest : std::uint8_t {
  unknown,
  own,
  other_uid,
  login_as_root,
  root,
  login_as_owner,
  login_at_host_keys,
};

[[nodiscard]] OwnerTest owner_test(std::optional<std::uint32_t> owner,
                                   const activity::Identity& identity);
// In words: "uid 1001 is not the owner, uid 1000".
[[nodiscard]] std::string describe(OwnerTest test, std::optional<std::uint32_t> owner,
                                   const activity::Identity& identity);
[[nodiscard]] constexpr bool is_foreign(OwnerTest test) {
  return test != OwnerTest::own && test != OwnerTest::unknown;
}

// A login session of a person (loginuid of 1000 and more).
[[nodiscard]] bool is_login_session(const activity::Identity& identity);

// What the object of an event is, as far as anyone knows.
enum class ObjectClass : std::uint8_t { none, ticket, host_secret, copy };

// How a process looks beside whose ticket it is about.
struct Role {
  Actor actor;
  bool odd = false;     // its program, or the script it runs, lies where anyone can put one
  bool moves = false;   // a data mover, interpreter, shell or network tool, or odd
  bool client = false;  // a Kerberos client at its own path
  [[nodiscard]] std::string_view word() const;  // "data mover"
};
[[nodiscard]] Role role_of(const activity::Process& process, const Settings& settings);

// What happened in the session before.
struct SessionFacts {
  bool looked_for_tickets = false;  // within the last 10 minutes
};

struct FileSubject {
  const activity::FileEvent& event;
  const Sighting& seen;
  const SessionFacts& session;
  Role role;

  // The ticket that the event is about: the object itself, or for an output what it was made from.
  const Descent* descent = nullptr;
  TicketKind kind = TicketKind::none;
  ObjectClass object = ObjectClass::none;
  std::optional<std::uint32_t> owner;  // of the ticket
  OwnerTest owner_test = OwnerTest::unknown;
  bool named_in_arguments = false;
  bool own_use = false;
  bool by_its_client = false;  // a Kerberos client or keeper at its own business
  bool is_installed = false;   // a file that nobody followed gets a ticket's name
  Sweep sweep = Sweep::none;

  FileSubject(const activity::FileEvent& judged, const Sighting& sighting,
              const SessionFacts& before, const Settings& settings);

  [[nodiscard]] const activity::Process& process() const { return event.lineage.process; }
  [[nodiscard]] bool is_output() const { return seen.output; }
};

struct CallSubject {
  const activity::CallEvent& event;
  const std::vector<Taint>& taints;
  const SessionFacts& session;
  Role role;
  const Taint* taint = nullptr;  // the one that matters most
  std::optional<std::uint32_t> owner;
  OwnerTest owner_test = OwnerTest::unknown;

  CallSubject(const activity::CallEvent& judged, const std::vector<Taint>& held,
              const SessionFacts& before, const Settings& settings);

  [[nodiscard]] const activity::Process& process() const { return event.lineage.process; }
};

struct ProcessSubject {
  const activity::ProcessEvent& event;
  const std::vector<Taint>& taints;
  const SessionFacts& session;
  Role role;
  ToolName tool;
  std::optional<Discovery> discovery;
  std::optional<ProcessDump> dump;
  std::optional<TicketArgument> argument;     // that names a ticket
  OwnerTest owner_test = OwnerTest::unknown;  // by the uid in that name

  ProcessSubject(const activity::ProcessEvent& judged, const std::vector<Taint>& held,
                 const SessionFacts& before, const Settings& settings);

  [[nodiscard]] const activity::Process& process() const { return event.lineage.process; }
};

}  // namespace krbtrail::detect::extended
