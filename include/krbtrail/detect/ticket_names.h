// SPDX-License-Identifier: Apache-2.0
//
// What a path says about the Kerberos secrets that lie there: rules E01, E10, E11 and E16.
//
//   ticket_name("/tmp/krb5cc_1000_AbC123", settings)    user_ccache, uid 1000
//   ticket_name("/run/user/1000/krb5cc/tkt", settings)  collection_member, uid 1000
//   ticket_name("/proc/77/root/tmp/krb5cc_0", settings) user_ccache, uid 0, in another namespace
//   ticket_name("krb5cc_1000", settings)                user_ccache, uid 1000
//   ticket_name("/tmp/krb5cc_readme.txt", settings)     none
//
// A path that does not begin with '/' is the end of one whose folder nobody recorded, mostly a bare
// base name. It is judged by what there is of it, and names that mean something in their folder
// only (tkt, primary, cc) then mean nothing.
//
// A name is a claim, not a fact: a thief's copy has any name, and any file may have a ticket's.
// Pure functions on views; safe to call from any thread. Each takes time proportional to the path's
// length and to the number of the site's templates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/settings.h"

namespace krbtrail::detect {

// user_ccache: tickets of an account, in one file. machine_ccache: the host's own, as rpc.gssd
// keeps them. keytab: long-term keys. store: the tickets or keys of many, kept by SSSD, Samba or
// gssproxy. collection_member: a file of a DIR collection. kirbi: a ticket in the spelling of
// Windows tools.
enum class TicketKind : std::uint8_t {
  none,
  user_ccache,
  machine_ccache,
  keytab,
  store,
  collection_member,
  kirbi,
};
[[nodiscard]] std::string_view to_string(TicketKind kind);  // "user_ccache"

struct TicketName {
  TicketKind kind = TicketKind::none;
  // Whose it is, as the name or its folder say: krb5cc_1000, /run/user/1000/…, …/user/1000/….
  std::optional<std::uint32_t> uid = {};
  // Or an account's or realm's name (krb5cc_alice, krb5ccmachine_EXAMPLE.TEST), where what stands
  // there looks like one; it may also be a word such as "backup". Views into the path.
  std::string_view account = {};
  // Reached from outside of its own file system: through /proc/PID/root, a container's layers or a
  // service's private /tmp.
  bool other_namespace = false;

  explicit operator bool() const { return kind != TicketKind::none; }
};

// `path` is lexically normalised.
[[nodiscard]] TicketName ticket_name(std::string_view path, const Settings& settings);

// An object without a path has no name.
[[nodiscard]] TicketName ticket_name(const activity::FileObject& object, const Settings& settings);

// A path through which another process's file system is reached.
struct NamespacePath {
  std::string_view inner;  // as a process there would call it; all of the path if it is not such
  bool is_other = false;
};
[[nodiscard]] NamespacePath namespace_path(std::string_view path);

// The socket of the KCM daemon, SSSD's or Heimdal's, in any folder.
[[nodiscard]] bool is_kcm_socket(std::string_view path);

// Every path that ticket_name() knows without the help of the settings, and KCM's socket, has at
// least one of these within one of its names, in any case. So whichever part of the path a record
// gives, a record of the event has it whole. No literal contains another.
[[nodiscard]] std::span<const std::string_view> ticket_literals();

}  // namespace krbtrail::detect
