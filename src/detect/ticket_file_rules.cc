// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "detect/extended_rule_text.h"
#include "detect/ticket_rules.h"

namespace krbtrail::detect::extended {
namespace {

using activity::FileAction;

std::string text(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts)
    joined += part;
  return joined;
}

std::string quoted_path(const FileSubject& subject) {
  return subject.event.object.path.empty() ? std::string{"a file without a recorded name"}
                                           : subject.event.object.path;
}

// What a predicate looked at.

std::string action_value(const FileSubject& subject) {
  return text({to_string(subject.event.action), subject.event.success ? "" : ", failed"});
}

std::string object_value(const FileSubject& subject) {
  std::string path = quoted_path(subject);
  switch (subject.object) {
    case ObjectClass::none:
      return path + ", not known to hold a ticket";
    case ObjectClass::ticket:
    case ObjectClass::host_secret:
      return text({path, ", ", to_string(subject.kind)});
    case ObjectClass::copy:
      return text({path, ", copy of ", subject.descent->ticket->path, " (hop ",
                   std::to_string(subject.descent->hop), ", ",
                   to_string(subject.descent->confidence), " confidence)"});
  }
  return path;
}

std::string owner_value(const FileSubject& subject) {
  return describe(subject.owner_test, subject.owner, subject.process().identity);
}

std::string actor_value(const FileSubject& subject) {
  return text({subject.process().exe, " (", subject.role.word(), ")"});
}

std::string name_value(const FileSubject& subject) {
  const std::string uid =
      subject.seen.name.uid ? ", uid " + std::to_string(*subject.seen.name.uid) : std::string{};
  return text({quoted_path(subject), ", ", to_string(subject.seen.name.kind), uid});
}

std::string taint_value(const FileSubject& subject) {
  if (subject.seen.taints.empty())
    return "the process has read no ticket";
  return "the process holds what it read of " + subject.seen.taints.front().descent.ticket->path;
}

std::string output_value(const FileSubject& subject) {
  if (subject.seen.earlier_outputs.empty())
    return "nothing that the process had opened for writing is on record";
  return subject.seen.earlier_outputs.front().object.path;
}

// Acts.

bool is_open(FileAction action) {
  return action == FileAction::read || action == FileAction::created ||
         action == FileAction::modified;
}

bool gives_a_name(FileAction action) {
  return action == FileAction::renamed || action == FileAction::linked ||
         action == FileAction::symlinked;
}

bool is_access(const FileSubject& subject) {
  return subject.event.action != FileAction::attempted;
}

bool is_read(const FileSubject& subject) {
  return subject.event.success && subject.event.action == FileAction::read;
}

bool is_open_of_copy(const FileSubject& subject) {
  return subject.event.success && is_open(subject.event.action) &&
         subject.event.action != FileAction::created;
}

bool is_naming(const FileSubject& subject) {
  return subject.event.success && gives_a_name(subject.event.action);
}

// Objects.

bool is_ticket(const FileSubject& subject) {
  return subject.object == ObjectClass::ticket && !subject.is_output();
}

bool is_machine_or_user_ticket(const FileSubject& subject) {
  return is_ticket(subject) || (subject.kind == TicketKind::machine_ccache &&
                                !subject.is_output() && subject.object == ObjectClass::host_secret);
}

bool is_keytab(const FileSubject& subject) {
  return subject.kind == TicketKind::keytab && subject.object == ObjectClass::host_secret &&
         !subject.is_output();
}

bool is_store(const FileSubject& subject) {
  return subject.kind == TicketKind::store && subject.object == ObjectClass::host_secret &&
         !subject.is_output();
}

bool is_secret(const FileSubject& subject) {
  return subject.object != ObjectClass::none && !subject.is_output();
}

bool is_copy(const FileSubject& subject) {
  return subject.object == ObjectClass::copy && !subject.is_output();
}

// The process that made a copy opens it again: no use of it.
bool is_opened_by_another(const FileSubject& subject) {
  return is_open_of_copy(subject) && subject.descent != nullptr &&
         subject.descent->step != nullptr && subject.descent->step->pid != subject.process().pid;
}

bool is_ticket_or_copy(const FileSubject& subject) {
  return subject.object != ObjectClass::none || subject.seen.name.kind != TicketKind::none;
}

bool in_other_namespace(const FileSubject& subject) {
  return subject.seen.name.other_namespace;
}

// Actors.

bool is_not_its_client(const FileSubject& subject) {
  return !subject.by_its_client;
}

// A copy that its maker opens again, or gives its final name, is still in the making.
bool is_in_the_making(const FileSubject& subject) {
  return subject.object == ObjectClass::copy && subject.descent->step != nullptr &&
         subject.descent->step->pid == subject.process().pid;
}

bool is_someone_else(const FileSubject& subject) {
  return is_foreign(subject.owner_test) && !is_in_the_making(subject);
}

bool is_own(const FileSubject& subject) {
  return subject.owner_test == OwnerTest::own;
}

bool moves_or_hides(const FileSubject& subject) {
  return subject.role.moves;
}

bool is_client(const FileSubject& subject) {
  return subject.role.client;
}

bool has_read_a_ticket(const FileSubject& subject) {
  return subject.is_output();
}

bool had_output_open(const FileSubject& subject) {
  return !subject.by_its_client && !subject.seen.earlier_outputs.empty();
}

bool is_foreign_owner_for_name(const FileSubject& subject) {
  const std::optional<std::uint32_t>& named = subject.seen.name.uid;
  if (!named || subject.seen.by_old_name || subject.role.actor.kind == ActorKind::ticket_keeper)
    return false;
  if (subject.event.action == FileAction::attributes)
    return subject.event.new_owner && *subject.event.new_owner != *named;
  const bool appears = subject.event.action == FileAction::created || is_naming(subject);
  return appears && subject.event.success && subject.event.object.owner_uid &&
         *subject.event.object.owner_uid != *named;
}

// Where a Kerberos client's caches lie by accident or design, but nobody's configuration.
bool is_odd_cache(const FileSubject& subject) {
  constexpr std::array<std::string_view, 7> kPlaces = {
      "/tmp/", "/var/tmp/", "/dev/shm/", "/home/", "/root/", "/run/user/", "/srv/"};
  constexpr std::uint32_t kOthers = 077;
  const activity::FileObject& object = subject.event.object;
  const bool is_private = object.mode && (*object.mode & kOthers) == 0;
  return subject.object == ObjectClass::none && is_private && object.is_regular() &&
         std::ranges::any_of(
             kPlaces, [&](std::string_view place) { return object.path.starts_with(place); });
}

using P = Predicate<FileSubject>;

constexpr P kAccess{.name = "file_accessed",
                    .wanted = "an open, a name, a removal or a change, successful",
                    .holds = is_access,
                    .value = action_value};
constexpr P kRead{.name = "file_read",
                  .wanted = "a read that succeeded",
                  .holds = is_read,
                  .value = action_value};
constexpr P kOpenOfCopy{.name = "opened_by_another",
                        .wanted =
                            "an open of an existing file that succeeded, by another process "
                            "than the one that wrote it",
                        .holds = is_opened_by_another,
                        .value = action_value};
constexpr P kNaming{.name = "name_given",
                    .wanted = "a rename, hard link or symbolic link that succeeded",
                    .holds = is_naming,
                    .value = action_value};
constexpr P kIsTicket{.name = "object_is_ticket",
                      .wanted = "a ticket cache, by its name or a followed inode",
                      .holds = is_machine_or_user_ticket,
                      .value = object_value};
constexpr P kIsUserTicket{.name = "object_is_users_ticket",
                          .wanted = "a user's ticket cache, by its name or a followed inode",
                          .holds = is_ticket,
                          .value = object_value};
constexpr P kIsKeytab{.name = "object_is_keytab",
                      .wanted = "a keytab, by its name or a followed inode",
                      .holds = is_keytab,
                      .value = object_value};
constexpr P kIsStore{.name = "object_is_store",
                     .wanted = "a store of SSSD, KCM or gssproxy, by its path or a followed inode",
                     .holds = is_store,
                     .value = object_value};
constexpr P kIsSecret{.name = "object_is_secret",
                      .wanted = "a ticket, keytab, store or copy",
                      .holds = is_secret,
                      .value = object_value};
constexpr P kIsCopy{.name = "object_is_copy",
                    .wanted = "a file that the trail leads to",
                    .holds = is_copy,
                    .value = object_value};
constexpr P kIsTicketOrCopy{.name = "object_is_followed",
                            .wanted = "a ticket, keytab, store or copy, or the name of one",
                            .holds = is_ticket_or_copy,
                            .value = object_value};
constexpr P kNotItsClient{.name = "not_its_client",
                          .wanted = "no Kerberos client or keeper, by full path, at its own ticket",
                          .holds = is_not_its_client,
                          .value = actor_value};
constexpr P kSomeoneElse{.name = "not_the_owner",
                         .wanted = "another uid than the owner's, or another login behind it",
                         .holds = is_someone_else,
                         .value = owner_value};
constexpr P kOwn{.name = "is_the_owner",
                 .wanted = "the owner's uid, and no other login behind it",
                 .holds = is_own,
                 .value = owner_value};
constexpr P kMovesOrHides{.name = "actor_moves_data",
                          .wanted =
                              "a data mover, interpreter, shell or network tool, or a program "
                              "in a place where anyone can put one",
                          .holds = moves_or_hides,
                          .value = actor_value};
constexpr P kClient{.name = "actor_is_client",
                    .wanted = "a Kerberos client at its own path",
                    .holds = is_client,
                    .value = actor_value};
constexpr P kHasRead{.name = "process_has_read_ticket",
                     .wanted = "the process, its parent or its neighbour has read a ticket",
                     .holds = has_read_a_ticket,
                     .value = taint_value};
constexpr P kHadOutput{.name = "output_was_open",
                       .wanted = "a file that the process had opened for writing before the read",
                       .holds = had_output_open,
                       .value = output_value};
constexpr P kOwnerNotNamed{.name = "owner_is_not_the_named",
                           .wanted =
                               "a new name or owner, and a uid in the name that is not the "
                               "file's owner",
                           .holds = is_foreign_owner_for_name,
                           .value = name_value};
constexpr P kOddCache{.name = "cache_nobody_made",
                      .wanted =
                          "a private file in a home or a temporary folder, of which no "
                          "Kerberos client's act is on record",
                      .holds = is_odd_cache,
                      .value = object_value};
constexpr P kOtherNamespace{.name = "path_in_other_namespace",
                            .wanted = "/proc/PID/root, a container's layers or a service's /tmp",
                            .holds = in_other_namespace,
                            .value = name_value};

constexpr std::array kTicketAccess = {kAccess, kIsTicket, kNotItsClient};
constexpr std::array kOwnerMismatch = {kIsSecret, kSomeoneElse, kNotItsClient};
constexpr std::array kPlanted = {kOwnerNotNamed};
constexpr std::array kOwnRead = {kRead, kIsUserTicket, kOwn, kMovesOrHides};
constexpr std::array kCopiedAfter = {kHasRead};
constexpr std::array kCopiedBefore = {kRead, kIsSecret, kHadOutput};
constexpr std::array kCopyUsed = {kOpenOfCopy, kIsCopy};
constexpr std::array kOddClient = {kRead, kClient, kOddCache};
constexpr std::array kKeytabAccess = {kAccess, kIsKeytab, kNotItsClient};
constexpr std::array kStoreAccess = {kAccess, kIsStore, kNotItsClient};
constexpr std::array kRenamed = {kNaming, kIsTicketOrCopy, kNotItsClient};
constexpr std::array kNamespace = {kAccess, kIsTicketOrCopy, kOtherNamespace};
constexpr std::array<Clause<FileSubject>, 2> kCopied = {kCopiedAfter, kCopiedBefore};

constexpr std::array kFileRules = {
    Rule<FileSubject>{.info = &kCopyUsedInfo, .required = kCopyUsed, .alternatives = {}},
    Rule<FileSubject>{.info = &kTicketCopiedInfo, .required = {}, .alternatives = kCopied},
    Rule<FileSubject>{.info = &kTicketPlantedInfo, .required = kPlanted, .alternatives = {}},
    Rule<FileSubject>{.info = &kStoreAccessInfo, .required = kStoreAccess, .alternatives = {}},
    Rule<FileSubject>{.info = &kKeytabAccessInfo, .required = kKeytabAccess, .alternatives = {}},
    Rule<FileSubject>{.info = &kTicketRenamedInfo, .required = kRenamed, .alternatives = {}},
    Rule<FileSubject>{.info = &kOwnerMismatchInfo, .required = kOwnerMismatch, .alternatives = {}},
    Rule<FileSubject>{.info = &kForeignNamespaceInfo, .required = kNamespace, .alternatives = {}},
    Rule<FileSubject>{.info = &kOwnTicketReadInfo, .required = kOwnRead, .alternatives = {}},
    Rule<FileSubject>{.info = &kClientAtOddPathInfo, .required = kOddClient, .alternatives = {}},
    Rule<FileSubject>{.info = &kTicketAccessInfo, .required = kTicketAccess, .alternatives = {}},
};

// Signals.

bool is_deletion(const FileSubject& s) {
  return s.event.action == FileAction::deleted && is_secret(s);
}
bool is_sure_copy(const FileSubject& s) {
  return is_copy(s) && s.descent->confidence != Confidence::low &&
         s.descent->sweep != Sweep::many_files;
}
bool is_host_object(const FileSubject& s) {
  return s.object == ObjectClass::host_secret;
}
bool is_ticket_object(const FileSubject& s) {
  return s.object == ObjectClass::ticket || s.seen.name.kind != TicketKind::none;
}
bool is_unknown_cache(const FileSubject& s) {
  return is_client(s) && is_odd_cache(s);
}

template <OwnerTest wanted>
bool owner_is(const FileSubject& s) {
  return s.owner_test == wanted && !s.by_its_client;
}

bool was_denied(const FileSubject& s) {
  return s.event.action == FileAction::attempted;
}
bool in_odd_place(const FileSubject& s) {
  return s.role.odd && !is_deletion(s);
}
bool is_mover(const FileSubject& s) {
  return moves_or_hides(s) && !is_deletion(s);
}
bool is_debugger(const FileSubject& s) {
  return s.role.actor.kind == ActorKind::debugger;
}
bool makes_copy(const FileSubject& s) {
  return s.event.success && (s.is_output() || had_output_open(s));
}
bool makes_sure_copy(const FileSubject& s) {
  return makes_copy(s) && (s.descent == nullptr || s.descent->confidence != Confidence::low);
}

std::string_view copied_to(const FileSubject& s) {
  return s.is_output() ? std::string_view{s.event.object.path}
                       : std::string_view{s.seen.earlier_outputs.front().object.path};
}

bool is_hidden_name(const FileSubject& s) {
  if (!makes_copy(s))
    return false;
  const std::string_view path = copied_to(s);
  return path.substr(path.rfind('/') + 1).starts_with('.');
}

bool is_used_copy(const FileSubject& s) {
  return is_opened_by_another(s) && is_copy(s) && s.owner_test != OwnerTest::own &&
         s.descent->confidence != Confidence::low;
}

bool is_handed_over(const FileSubject& s) {
  return s.event.action == FileAction::attributes && is_copy(s);
}

bool is_renamed_object(const FileSubject& s) {
  return is_naming(s) && !s.by_its_client && !s.is_installed && !is_in_the_making(s) &&
         is_ticket_or_copy(s);
}

bool looked_before(const FileSubject& s) {
  return s.session.looked_for_tickets && is_foreign(s.owner_test);
}

bool is_discounted_own_use(const FileSubject& s) {
  return s.own_use && s.object != ObjectClass::copy;
}

bool is_one_of_many(const FileSubject& s) {
  return s.sweep == Sweep::many_files;
}

bool is_on_a_walk(const FileSubject& s) {
  return s.sweep == Sweep::lists_folder;
}

std::string deletion_reason(const FileSubject& s) {
  return text({quoted_path(s), " is deleted"});
}
std::string copy_reason(const FileSubject& s) {
  return text({quoted_path(s), " is a suspected copy of ", s.descent->ticket->path, " (",
               std::to_string(s.descent->hop), s.descent->hop == 1 ? " step" : " steps", " away, ",
               to_string(s.descent->confidence), " confidence)"});
}
std::string host_object_reason(const FileSubject& s) {
  return text({quoted_path(s), " holds keys or tickets of the host or of many users"});
}
std::string ticket_reason(const FileSubject& s) {
  return s.is_output() ? text({"what was read came from ", s.descent->ticket->path})
                       : text({quoted_path(s), " is a user's ticket cache"});
}
std::string unknown_cache_reason(const FileSubject& s) {
  return text({"a Kerberos client opens ", quoted_path(s), ", which nobody was seen to make"});
}
std::string denied_reason(const FileSubject& /*s*/) {
  return "the kernel refused it";
}
std::string odd_place_reason(const FileSubject& s) {
  return text({s.process().exe.empty() ? "the program" : std::string_view{s.process().exe},
               " or its script lies where anyone can put one, or in no file at all"});
}
std::string mover_reason(const FileSubject& s) {
  return text({image_name(s.process()), " is a ", s.role.word()});
}
std::string client_reason(const FileSubject& s) {
  return text({s.process().exe, " is a Kerberos client at its own path"});
}
std::string copied_reason(const FileSubject& s) {
  return s.is_output()
             ? text({"a process that read the ticket writes ", copied_to(s)})
             : text({"the process had opened ", copied_to(s), " for writing before it read"});
}
std::string hidden_reason(const FileSubject& s) {
  return text({copied_to(s), " has a hidden name"});
}
std::string used_reason(const FileSubject& s) {
  return text({"the copy is opened by ", image_name(s.process())});
}
std::string handed_over_reason(const FileSubject& s) {
  return s.event.new_owner ? text({"the copy is given to uid ", std::to_string(*s.event.new_owner)})
                           : std::string{"the copy's mode is changed"};
}
std::string renamed_reason(const FileSubject& s) {
  const std::string before = s.event.previous ? s.event.previous->path : std::string{"a ticket"};
  return text({before, " is ", to_string(s.event.action), " to ", quoted_path(s)});
}
std::string planted_reason(const FileSubject& s) {
  return text({"the name says uid ", std::to_string(*s.seen.name.uid),
               ", the file belongs to somebody else"});
}
std::string namespace_reason(const FileSubject& s) {
  return text({quoted_path(s), " reaches into another process's file system"});
}
std::string looked_reason(const FileSubject& /*s*/) {
  return "tickets were looked for in this session within the ten minutes before";
}
std::string own_use_reason(const FileSubject& s) {
  return text({image_name(s.process()), " uses its own user's ticket, which no argument names"});
}
std::string one_of_many_reason(const FileSubject& /*s*/) {
  return "the process reads file after file of that folder, as a backup or a scan does";
}
std::string walk_reason(const FileSubject& /*s*/) {
  return "the process walks folders, as a backup or a scan does";
}

using S = Signal<FileSubject>;

constexpr std::array kFileSignals = {
    S{"object", "deleted", 5, is_deletion, deletion_reason},
    S{"object", "copy", 30, is_sure_copy, copy_reason},
    S{"object", "possible_copy", 15, is_copy, copy_reason},
    S{"object", "host_secret", 45, is_host_object, host_object_reason},
    S{"object", "ticket", 20, is_ticket_object, ticket_reason},
    S{"object", "unknown_cache", 30, is_unknown_cache, unknown_cache_reason},
    S{"owner", "other_uid", 35, owner_is<OwnerTest::other_uid>, owner_value},
    S{"owner", "login_as_root", 40, owner_is<OwnerTest::login_as_root>, owner_value},
    S{"owner", "root", 20, owner_is<OwnerTest::root>, owner_value},
    S{"owner", "login_as_owner", 15, owner_is<OwnerTest::login_as_owner>, owner_value},
    S{"owner", "login_at_host_keys", 15, owner_is<OwnerTest::login_at_host_keys>, owner_value},
    S{"", "denied", -15, was_denied, denied_reason},
    S{"actor", "odd_place", 25, in_odd_place, odd_place_reason},
    S{"actor", "mover", 15, is_mover, mover_reason},
    S{"actor", "debugger", 15, is_debugger, mover_reason},
    S{"actor", "client", -15, is_client, client_reason},
    S{"copied", "copied", 20, makes_sure_copy, copied_reason},
    S{"copied", "possibly_copied", 10, makes_copy, copied_reason},
    S{"", "hidden_name", 10, is_hidden_name, hidden_reason},
    S{"", "copy_used", 30, is_used_copy, used_reason},
    S{"", "copy_handed_over", 15, is_handed_over, handed_over_reason},
    S{"", "renamed", 15, is_renamed_object, renamed_reason},
    S{"", "planted", 20, is_foreign_owner_for_name, planted_reason},
    S{"", "other_namespace", 15, in_other_namespace, namespace_reason},
    S{"", "looked_for", 10, looked_before, looked_reason},
    S{"", "own_use", -20, is_discounted_own_use, own_use_reason},
    S{"sweep", "one_of_many", -35, is_one_of_many, one_of_many_reason},
    S{"sweep", "walk", -30, is_on_a_walk, walk_reason},
};

}  // namespace

std::span<const Rule<FileSubject>> file_rules() {
  return kFileRules;
}

std::span<const Signal<FileSubject>> file_signals() {
  return kFileSignals;
}

}  // namespace krbtrail::detect::extended
