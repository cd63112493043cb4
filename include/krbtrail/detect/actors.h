// SPDX-License-Identifier: Apache-2.0
//
// Who acts: what kind of program a process runs, as far as tickets are concerned.
//
//   const Actor actor = actor_of(process, settings);
//   actor.kind              kerberos_client, for /usr/bin/klist
//   actor.is_mover          true for cp, cat, python3, sh, curl, by whatever name they are called
//   actor.at_odd_place      true for /tmp/sshd and /memfd:x (deleted)
//
// Kinds that speak for a process are told by the full path of exe alone, /bin, /sbin and /lib being
// the same as below /usr and sbin the same as bin; and where the exec was seen, its file has to be
// root's and nobody else's to write. comm and argv[0] are set at will and excuse nothing. What
// speaks against a process (is_mover, sends, at_odd_place) is told by any of its names.
//
// An exemption is for an act, which the caller knows: a cleaner's is for deletions, a client's and
// a data platform's for tickets of the own uid.
//
// Pure functions on views; safe to call from any thread. Each takes time proportional to the lists.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/settings.h"

namespace krbtrail::detect {

// In the order in which they are asked. kerberos_client: kinit, klist and their kin. ticket_keeper:
// logins and daemons that make, renew or hand over tickets by trade. cleaner: removes old files.
// backup … configuration_management: the site's groups, each only where Settings::exempt has it.
// network_client: uses a ticket to log in somewhere (ssh, curl, psql). Those by full path; the rest
// by any name. other: nothing is known of it.
enum class ActorKind : std::uint8_t {
  kerberos_client,
  ticket_keeper,
  cleaner,
  backup,
  scanner,
  data_platform,
  continuous_integration,
  configuration_management,
  network_client,
  debugger,
  network_tool,
  interpreter,
  shell,
  mover,
  other,
};
[[nodiscard]] std::string_view to_string(ActorKind kind);  // "kerberos_client"

struct Actor {
  ActorKind kind = ActorKind::other;
  std::string_view matched = {};  // the list's entry; empty for `other`
  // By name a mover, an interpreter, a shell or a network tool, whatever `kind` says: ssh and curl
  // are network clients that send as well.
  bool is_mover = false;
  // Takes what it is given to another host: a network tool; rsync only with a remote name.
  bool sends = false;
  // exe in a folder that anyone or one user may write, in memory only, or removed since.
  bool at_odd_place = false;
};

[[nodiscard]] Actor actor_of(const activity::Process& process, const Settings& settings);

// Whether an exemption may hold for the file that the process runs: it is root's and writable by
// root alone, or its exec was not seen.
[[nodiscard]] bool is_roots_file(const activity::Process& process);

// /tmp, /var/tmp, /dev/shm, /home, /run/user; "/memfd:…"; "… (deleted)" outside of the system's own
// folders, whose files an upgrade removes under running daemons.
[[nodiscard]] bool is_odd_place(std::string_view exe);

// Whether `exe` is that program; both are full paths: is_program("/bin/cp", "/usr/bin/cp"). An exe
// that was removed since is the same program if it lay in a folder of the system.
[[nodiscard]] bool is_program(std::string_view exe, std::string_view path);

// A list in force, for `krbtrail rules`: every kind but `other` has one. `entries` are full paths
// (a folder with a slash at its end stands for all in it) or names.
[[nodiscard]] std::span<const std::string_view> actor_list(ActorKind kind);

}  // namespace krbtrail::detect
