// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "detect/extended_rule_text.h"
#include "detect/ticket_rules.h"

namespace krbtrail::detect::extended {
namespace {

using activity::KeyringAccess;
using activity::KeyringOperation;
using activity::MemoryAccess;
using activity::NetworkContact;

std::string text(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts)
    joined += part;
  return joined;
}

std::string uid_text(std::optional<std::uint32_t> uid) {
  return uid ? "uid " + std::to_string(*uid) : std::string{"an unknown uid"};
}

template <class Act>
const Act* act_of(const CallSubject& subject) {
  return std::get_if<Act>(&subject.event.act);
}

std::string contact_value(const CallSubject& subject) {
  const auto* contact = act_of<NetworkContact>(subject);
  if (contact == nullptr)
    return "no connection";
  if (contact->family == activity::AddressFamily::local)
    return contact->socket_path;
  const std::string port = contact->port ? " port " + std::to_string(*contact->port) : "";
  return contact->address + port;
}

std::string keyring_value(const CallSubject& subject) {
  const auto* access = act_of<KeyringAccess>(subject);
  if (access == nullptr)
    return "no keyring";
  const std::string target =
      access->target_uid ? " of uid " + std::to_string(*access->target_uid) : std::string{};
  return text({"keyctl ", to_string(access->operation), target});
}

std::string memory_value(const CallSubject& subject) {
  const auto* access = act_of<MemoryAccess>(subject);
  if (access == nullptr)
    return "no other process's memory";
  const std::string pid = access->pid ? " pid " + std::to_string(*access->pid) : std::string{};
  return text({to_string(access->kind), pid, " ", access->comm, " of ", uid_text(access->uid)});
}

std::string actor_value(const CallSubject& subject) {
  return text({subject.process().exe, " (", subject.role.word(), ")"});
}

std::string owner_value(const CallSubject& subject) {
  return describe(subject.owner_test, subject.owner, subject.process().identity);
}

std::string taint_value(const CallSubject& subject) {
  return subject.taint == nullptr
             ? std::string{"the process has read no ticket"}
             : "the process holds what it read of " + subject.taint->descent.ticket->path;
}

std::optional<std::uint32_t> acting_uid(const CallSubject& subject) {
  const activity::Identity& identity = subject.process().identity;
  return identity.fsuid ? identity.fsuid : identity.uid;
}

// Somebody else's: another uid, or for root a login of somebody else or a person's process.
bool is_anothers(std::optional<std::uint32_t> target, const CallSubject& subject) {
  const std::optional<std::uint32_t> actor = acting_uid(subject);
  if (!target || !actor)
    return false;
  return *target != *actor && is_foreign(owner_test(target, subject.process().identity));
}

bool leaves_the_host(const CallSubject& subject) {
  const auto* contact = act_of<NetworkContact>(subject);
  return contact != nullptr && contact->family != activity::AddressFamily::local;
}

bool holds_ticket(const CallSubject& subject) {
  return subject.taint != nullptr;
}

bool reaches_kcm(const CallSubject& subject) {
  const auto* contact = act_of<NetworkContact>(subject);
  return contact != nullptr && contact->family == activity::AddressFamily::local &&
         is_kcm_socket(contact->socket_path);
}

bool is_no_client(const CallSubject& subject) {
  switch (subject.role.actor.kind) {
    case ActorKind::kerberos_client:
    case ActorKind::ticket_keeper:
    case ActorKind::network_client:
      return false;
    default:
      return true;
  }
}

bool asks_for_anothers_keyring(const CallSubject& subject) {
  const auto* access = act_of<KeyringAccess>(subject);
  return access != nullptr && access->operation == KeyringOperation::get_persistent &&
         is_anothers(access->target_uid, subject);
}

bool reads_key(const CallSubject& subject) {
  const auto* access = act_of<KeyringAccess>(subject);
  return access != nullptr && access->operation == KeyringOperation::read && subject.event.success;
}

bool reads_anothers_memory(const CallSubject& subject) {
  const auto* access = act_of<MemoryAccess>(subject);
  return access != nullptr && is_anothers(access->uid, subject);
}

// process_vm_readv has no record of its target, which may be a process that the log does not know.
bool reads_unknown_memory(const CallSubject& subject) {
  const auto* access = act_of<MemoryAccess>(subject);
  return access != nullptr && access->kind == activity::MemoryAccessKind::read_memory &&
         !access->uid && access->pid != subject.process().pid;
}

using P = Predicate<CallSubject>;

constexpr P kLeaves{.name = "contact_leaves_process",
                    .wanted = "a connection to an internet address",
                    .holds = leaves_the_host,
                    .value = contact_value};
constexpr P kHolds{.name = "process_has_read_ticket",
                   .wanted = "the process, its parent or its neighbour has read a ticket",
                   .holds = holds_ticket,
                   .value = taint_value};
constexpr P kKcm{.name = "contact_is_kcm",
                 .wanted = "a connection to the KCM daemon's socket",
                 .holds = reaches_kcm,
                 .value = contact_value};
constexpr P kNoClient{.name = "actor_is_no_client",
                      .wanted = "no program that uses tickets, by full path",
                      .holds = is_no_client,
                      .value = actor_value};
constexpr P kAnothersKeyring{.name = "keyring_is_anothers",
                             .wanted = "the persistent keyring of another uid",
                             .holds = asks_for_anothers_keyring,
                             .value = keyring_value};
constexpr P kReadsKey{.name = "key_read",
                      .wanted = "a key's payload is read",
                      .holds = reads_key,
                      .value = keyring_value};
constexpr P kAnothersMemory{.name = "memory_is_anothers",
                            .wanted = "ptrace attach or process_vm_readv on another uid's process",
                            .holds = reads_anothers_memory,
                            .value = memory_value};

constexpr P kUnknownMemory{.name = "memory_of_unknown_process",
                           .wanted = "process_vm_readv on a process that is not on record",
                           .holds = reads_unknown_memory,
                           .value = memory_value};

constexpr std::array kSent = {kLeaves, kHolds};
constexpr std::array kKcmContact = {kKcm, kNoClient};
constexpr std::array kForeignKeyring = {kAnothersKeyring};
constexpr std::array kUnknownReader = {kReadsKey, kNoClient};
constexpr std::array kForeignMemory = {kAnothersMemory};
constexpr std::array kMemoryOfNobody = {kUnknownMemory};
constexpr std::array<Clause<CallSubject>, 2> kMemory = {kForeignMemory, kMemoryOfNobody};
constexpr std::array<Clause<CallSubject>, 2> kKeyring = {kForeignKeyring, kUnknownReader};

constexpr std::array kCallRules = {
    Rule<CallSubject>{.info = &kTicketSentInfo, .required = kSent, .alternatives = {}},
    Rule<CallSubject>{.info = &kProcessMemoryReadInfo, .required = {}, .alternatives = kMemory},
    Rule<CallSubject>{.info = &kKeyringReadInfo, .required = {}, .alternatives = kKeyring},
    Rule<CallSubject>{.info = &kStoreAccessInfo, .required = kKcmContact, .alternatives = {}},
};

bool holds_copy(const CallSubject& s) {
  return s.taint != nullptr && leaves_the_host(s) && s.taint->descent.hop > 0 &&
         s.taint->descent.confidence != Confidence::low;
}
bool holds_ticket_itself(const CallSubject& s) {
  return s.taint != nullptr && leaves_the_host(s);
}

template <OwnerTest wanted>
bool owner_is(const CallSubject& s) {
  return s.owner_test == wanted && leaves_the_host(s);
}

bool by_login_session(const CallSubject& s) {
  return (reaches_kcm(s) || reads_anothers_memory(s) || reads_unknown_memory(s) ||
          asks_for_anothers_keyring(s)) &&
         is_login_session(s.process().identity);
}

bool in_odd_place(const CallSubject& s) {
  return s.role.odd;
}
bool is_mover(const CallSubject& s) {
  return s.role.moves;
}
bool is_client(const CallSubject& s) {
  return s.role.client;
}
bool was_denied(const CallSubject& s) {
  return !s.event.success;
}
bool is_sure_contact(const CallSubject& s) {
  return s.taint != nullptr && leaves_the_host(s) && s.taint->descent.confidence != Confidence::low;
}
bool is_possible_contact(const CallSubject& s) {
  return s.taint != nullptr && leaves_the_host(s);
}
bool is_own_use(const CallSubject& s) {
  return s.taint != nullptr && s.taint->own_use && leaves_the_host(s);
}
bool is_one_of_many(const CallSubject& s) {
  return s.taint != nullptr && s.taint->sweep == Sweep::many_files && leaves_the_host(s);
}
bool is_on_a_walk(const CallSubject& s) {
  return s.taint != nullptr && s.taint->sweep == Sweep::lists_folder && leaves_the_host(s);
}

std::string holds_reason(const CallSubject& s) {
  const Descent& descent = s.taint->descent;
  return text({"what it read is ", descent.hop == 0 ? "" : "a suspected copy of ",
               descent.ticket->path, " (", to_string(descent.confidence), " confidence)"});
}
std::string memory_reason(const CallSubject& s) {
  return text({"another user's process is opened: ", memory_value(s)});
}
std::string unknown_memory_reason(const CallSubject& s) {
  return text({"the memory of a process that is not on record is read: ", memory_value(s)});
}
std::string keyring_reason(const CallSubject& s) {
  return text({"another user's keyring is asked for: ", keyring_value(s)});
}
std::string key_reason(const CallSubject& s) {
  return text({"a key is read: ", keyring_value(s)});
}
std::string kcm_reason(const CallSubject& s) {
  return text(
      {image_name(s.process()), ", which is no Kerberos client, speaks to ", contact_value(s)});
}
std::string login_reason(const CallSubject& s) {
  return text({"in the login session of ", uid_text(s.process().identity.auid)});
}
std::string denied_reason(const CallSubject& /*s*/) {
  return "the kernel refused it";
}
std::string odd_place_reason(const CallSubject& s) {
  return text(
      {s.process().exe, " or its script lies where anyone can put one, or in no file at all"});
}
std::string mover_reason(const CallSubject& s) {
  return text({image_name(s.process()), " is a ", s.role.word()});
}
std::string client_reason(const CallSubject& s) {
  return text({s.process().exe, " is a Kerberos client at its own path"});
}
std::string contact_reason(const CallSubject& s) {
  return text({"it connects to ", contact_value(s), " after the read"});
}
std::string own_use_reason(const CallSubject& s) {
  return text({image_name(s.process()), " uses its own user's ticket, which no argument named"});
}
std::string sweep_reason(const CallSubject& /*s*/) {
  return "the ticket was one of many files that it read, as a backup or a scan does";
}
std::string walk_reason(const CallSubject& /*s*/) {
  return "it read the ticket on a walk through folders, as a backup or a scan does";
}

using S = Signal<CallSubject>;

constexpr std::array kCallSignals = {
    S{"object", "copy", 30, holds_copy, holds_reason},
    S{"object", "ticket", 20, holds_ticket_itself, holds_reason},
    S{"object", "memory", 50, reads_anothers_memory, memory_reason},
    S{"object", "unknown_memory", 30, reads_unknown_memory, unknown_memory_reason},
    S{"object", "keyring", 50, asks_for_anothers_keyring, keyring_reason},
    S{"object", "key", 30, reads_key, key_reason},
    S{"object", "kcm", 45, reaches_kcm, kcm_reason},
    S{"owner", "other_uid", 35, owner_is<OwnerTest::other_uid>, owner_value},
    S{"owner", "login_as_root", 40, owner_is<OwnerTest::login_as_root>, owner_value},
    S{"owner", "root", 20, owner_is<OwnerTest::root>, owner_value},
    S{"owner", "login_as_owner", 15, owner_is<OwnerTest::login_as_owner>, owner_value},
    S{"owner", "login_at_host_keys", 15, owner_is<OwnerTest::login_at_host_keys>, owner_value},
    S{"owner", "login_session", 15, by_login_session, login_reason},
    S{"", "denied", -15, was_denied, denied_reason},
    S{"actor", "odd_place", 25, in_odd_place, odd_place_reason},
    S{"actor", "mover", 15, is_mover, mover_reason},
    S{"actor", "client", -15, is_client, client_reason},
    S{"sent", "sent", 20, is_sure_contact, contact_reason},
    S{"sent", "possibly_sent", 10, is_possible_contact, contact_reason},
    S{"", "own_use", -20, is_own_use, own_use_reason},
    S{"sweep", "one_of_many", -35, is_one_of_many, sweep_reason},
    S{"sweep", "walk", -30, is_on_a_walk, walk_reason},
};

}  // namespace

std::span<const Rule<CallSubject>> call_rules() {
  return kCallRules;
}

std::span<const Signal<CallSubject>> call_signals() {
  return kCallSignals;
}

}  // namespace krbtrail::detect::extended
