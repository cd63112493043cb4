// SPDX-License-Identifier: Apache-2.0
#include "detect/ticket_subjects.h"

#include <algorithm>

namespace krbtrail::detect::extended {
namespace {

constexpr std::uint32_t kFirstPerson = 1'000;  // login.defs(5), UID_MIN
constexpr std::uint32_t kNobody = 65'534;
constexpr unsigned kManyFiles = 3;         // others of the ticket's folder
constexpr std::size_t kManyArguments = 8;  // others of the ticket's folder
constexpr std::size_t kTellingName = 5;    // bytes that make a base name worth searching for

std::string uid_text(std::optional<std::uint32_t> uid) {
  return uid ? "uid " + std::to_string(*uid) : std::string{"an unknown uid"};
}

bool is_host_secret(TicketKind kind) {
  return kind == TicketKind::machine_ccache || kind == TicketKind::keytab ||
         kind == TicketKind::store;
}

// The first argument that is no option, as an interpreter takes its script.
bool runs_odd_script(const activity::Process& process) {
  for (std::size_t i = 1; i < process.argv.size(); ++i) {
    const std::string& argument = process.argv[i];
    if (!argument.starts_with('-'))
      return is_odd_place(argument);
    if (argument == "-c" || argument == "-m" || argument == "-e")
      return false;
  }
  return false;
}

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);
}

bool names_object(const activity::Process& process, const activity::FileObject& object) {
  const std::string_view base = object.base_name();
  return std::ranges::any_of(process.argv, [&](std::string_view argument) {
    if (argument == object.path || argument == base)
      return true;
    return base.size() >= kTellingName && argument.find(base) != std::string_view::npos;
  });
}

// The command line names file after file of one folder, as a shell does for folder/*.
bool names_many_of(const activity::Process& process, std::string_view folder) {
  if (folder.size() < 2)
    return false;
  return static_cast<std::size_t>(std::ranges::count_if(process.argv, [&](std::string_view word) {
           return folder_of(word) == folder;
         })) > kManyArguments;
}

// What a mass copy made stays part of it.
Sweep sweep_of(const FileSubject& subject) {
  if (subject.descent != nullptr && subject.descent->sweep != Sweep::none)
    return subject.descent->sweep;
  if (names_many_of(subject.process(), folder_of(subject.event.object.path)))
    return Sweep::many_files;
  if (subject.named_in_arguments)
    return Sweep::none;
  if (subject.seen.walk.same_folder >= kManyFiles)
    return Sweep::many_files;
  return subject.seen.walk.lists_folder ? Sweep::lists_folder : Sweep::none;
}

// How much a ticket matters to whoever acts: another's before one's own, the surer before the less.
int weight(const Descent& descent, const activity::Identity& identity) {
  return (is_foreign(owner_test(descent.ticket->owner, identity)) ? 100 : 0) +
         static_cast<int>(descent.confidence) * 10;
}

const Taint* heaviest(const std::vector<Taint>& taints, const activity::Identity& identity) {
  const auto found = std::ranges::max_element(
      taints, {}, [&](const Taint& taint) { return weight(taint.descent, identity); });
  return found == taints.end() ? nullptr : &*found;
}

const Descent* heaviest(const std::vector<Descent>& descents, const activity::Identity& identity) {
  const auto found = std::ranges::max_element(
      descents, {}, [&](const Descent& descent) { return weight(descent, identity); });
  return found == descents.end() ? nullptr : &*found;
}

ObjectClass class_of(TicketKind kind, unsigned hop) {
  if (hop > 0)
    return ObjectClass::copy;
  if (kind == TicketKind::none)
    return ObjectClass::none;
  return is_host_secret(kind) ? ObjectClass::host_secret : ObjectClass::ticket;
}

// The groups that a site has said it runs: reads only, and a data platform's and a job's own
// tickets.
bool is_exempt_group(const FileSubject& subject) {
  if (subject.event.action != activity::FileAction::read)
    return false;
  switch (subject.role.actor.kind) {
    case ActorKind::backup:
    case ActorKind::scanner:
    case ActorKind::configuration_management:
      return true;
    case ActorKind::data_platform:
    case ActorKind::continuous_integration:
      return subject.owner_test == OwnerTest::own;
    default:
      return false;
  }
}

// A cleaner is at its business when it deletes, a keeper when it keeps, a client with its user's
// own ticket. A copy is nobody's business.
bool is_its_client(const FileSubject& subject) {
  if (subject.object == ObjectClass::copy || subject.is_output())
    return false;
  if (subject.role.actor.kind == ActorKind::cleaner)
    return subject.event.action == activity::FileAction::deleted;
  if (subject.role.actor.kind == ActorKind::ticket_keeper || is_exempt_group(subject))
    return true;
  return subject.role.client && !is_foreign(subject.owner_test) &&
         subject.object != ObjectClass::none;
}

// Interpreters are no movers here: a service's program is one.
bool moves_by_trade(const Role& role) {
  return role.odd || role.actor.kind == ActorKind::mover || role.actor.kind == ActorKind::shell ||
         role.actor.kind == ActorKind::network_tool;
}

bool is_own_use(const FileSubject& subject) {
  return subject.owner_test == OwnerTest::own && !subject.named_in_arguments &&
         !moves_by_trade(subject.role);
}

}  // namespace

bool is_login_session(const activity::Identity& identity) {
  return identity.auid && *identity.auid >= kFirstPerson && *identity.auid != kNobody;
}

std::string_view Role::word() const {
  switch (actor.kind) {
    case ActorKind::kerberos_client:
      return "Kerberos client";
    case ActorKind::ticket_keeper:
      return "keeper of tickets";
    case ActorKind::cleaner:
      return "cleaner of old files";
    case ActorKind::backup:
      return "backup program";
    case ActorKind::scanner:
      return "scanner";
    case ActorKind::data_platform:
      return "data platform's program";
    case ActorKind::continuous_integration:
      return "build job's program";
    case ActorKind::configuration_management:
      return "configuration manager";
    case ActorKind::network_client:
      return "network client";
    case ActorKind::debugger:
      return "debugger";
    case ActorKind::network_tool:
      return "network tool";
    case ActorKind::interpreter:
      return "script interpreter";
    case ActorKind::shell:
      return "shell";
    case ActorKind::mover:
      return "data mover";
    case ActorKind::other:
      break;
  }
  return "program";
}

Role role_of(const activity::Process& process, const Settings& settings) {
  Role role{.actor = actor_of(process, settings)};
  const ActorKind kind = role.actor.kind;
  const bool interprets = kind == ActorKind::interpreter || kind == ActorKind::shell;
  role.odd = role.actor.at_odd_place || (interprets && runs_odd_script(process));
  role.moves =
      role.odd || kind == ActorKind::mover || kind == ActorKind::network_tool || interprets;
  role.client = kind == ActorKind::kerberos_client;
  return role;
}

OwnerTest owner_test(std::optional<std::uint32_t> owner, const activity::Identity& identity) {
  const std::optional<std::uint32_t> actor = identity.fsuid ? identity.fsuid : identity.uid;
  if (!owner || !actor)
    return OwnerTest::unknown;
  const bool other_login = is_login_session(identity) && *identity.auid != *owner;
  if (*actor != 0 && *actor != *owner)
    return OwnerTest::other_uid;
  if (*actor == *owner && *owner != 0)
    return other_login ? OwnerTest::login_as_owner : OwnerTest::own;
  if (*owner == 0)
    return other_login ? OwnerTest::login_at_host_keys : OwnerTest::own;
  if (other_login)
    return OwnerTest::login_as_root;
  return is_login_session(identity) ? OwnerTest::own : OwnerTest::root;
}

std::string describe(OwnerTest test, std::optional<std::uint32_t> owner,
                     const activity::Identity& identity) {
  const std::string owned = uid_text(owner);
  const std::string actor = uid_text(identity.fsuid ? identity.fsuid : identity.uid);
  const std::string login = uid_text(identity.auid);
  switch (test) {
    case OwnerTest::unknown:
      return "whose ticket it is or who acts is not on record";
    case OwnerTest::own:
      return "the ticket is the actor's own (" + owned + ")";
    case OwnerTest::other_uid:
      return actor + " acts on a ticket of " + owned;
    case OwnerTest::login_as_root:
      return "root, in the login session of " + login + ", acts on a ticket of " + owned;
    case OwnerTest::root:
      return "root, without a login session, acts on a ticket of " + owned;
    case OwnerTest::login_as_owner:
      return actor + ", in the login session of " + login + ", acts on the account's own ticket";
    case OwnerTest::login_at_host_keys:
      return "root, in the login session of " + login + ", acts on what belongs to the host";
  }
  return {};
}

FileSubject::FileSubject(const activity::FileEvent& judged, const Sighting& sighting,
                         const SessionFacts& before, const Settings& settings)
    : event(judged),
      seen(sighting),
      session(before),
      role(role_of(judged.lineage.process, settings)) {
  const activity::Identity& identity = process().identity;
  if (is_output()) {
    if (const Taint* taint = heaviest(seen.taints, identity))
      descent = &taint->descent;
  } else {
    descent = heaviest(seen.object, identity);
  }
  kind = descent != nullptr ? descent->ticket->kind : seen.name.kind;
  object = is_output() ? class_of(kind, 0) : class_of(kind, descent == nullptr ? 0 : descent->hop);
  owner = descent != nullptr ? descent->ticket->owner : event.object.owner_uid;
  is_installed = seen.first && event.action == activity::FileAction::renamed &&
                 !(event.previous && ticket_name(*event.previous, settings));
  owner_test = is_installed ? OwnerTest::unknown : extended::owner_test(owner, identity);
  named_in_arguments = names_object(process(), event.object);
  own_use = is_own_use(*this);
  by_its_client = is_its_client(*this);
  sweep = sweep_of(*this);
  if (is_output()) {
    const Taint* taint = heaviest(seen.taints, identity);
    sweep = std::max(taint->sweep, taint->descent.sweep);
    own_use = taint->own_use;
  }
}

CallSubject::CallSubject(const activity::CallEvent& judged, const std::vector<Taint>& held,
                         const SessionFacts& before, const Settings& settings)
    : event(judged),
      taints(held),
      session(before),
      role(role_of(judged.lineage.process, settings)),
      taint(heaviest(held, judged.lineage.process.identity)) {
  if (taint != nullptr)
    owner = taint->descent.ticket->owner;
  owner_test = extended::owner_test(owner, process().identity);
}

ProcessSubject::ProcessSubject(const activity::ProcessEvent& judged, const std::vector<Taint>& held,
                               const SessionFacts& before, const Settings& settings)
    : event(judged),
      taints(held),
      session(before),
      role(role_of(judged.lineage.process, settings)),
      tool(tool_name(judged.lineage.process, settings)),
      discovery(discovery_of(judged.lineage.process)),
      dump(process_dump_of(judged.lineage.process)),
      argument(ticket_argument(judged.lineage.process, settings)) {
  if (argument)
    owner_test = extended::owner_test(argument->ticket.uid, process().identity);
}

}  // namespace krbtrail::detect::extended
