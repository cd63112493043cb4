// SPDX-License-Identifier: Apache-2.0
//
// What an exec's words say: that a tool for tickets runs (E08), that somebody looks for tickets
// (E09), that a process is dumped (E13), that a ticket is named as an argument (E14).
//
//   tool_name(process, settings)        python3 getST.py -k   {ticket_specific, "getST", runs, …}
//   discovery_of(process)               find /tmp -name 'krb5cc_*'   {tickets, "krb5cc_*"}
//   process_dump_of(process)            gdb -p 5601   {"gdb", 5601}
//   ticket_argument(process, settings)  curl -T /tmp/krb5cc_1000 …   {user_ccache of 1000, …}
//
// Words are what a caller typed: evidence of a purpose, never of an act. Where the arguments of an
// exec are not recorded, the words of its command line stand in.
//
// Answers view into the process, the settings and constant tables. Pure; safe to call from any
// thread. Each takes time proportional to the length of the words times that of a list.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "krbtrail/activity/activity.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/detect/ticket_names.h"

namespace krbtrail::detect {

// ticket_specific: made for tickets and little else. generic: attacks Windows networks, with
// tickets among other things. site: one of Settings::tool_names.
enum class ToolKind : std::uint8_t { none, ticket_specific, generic, site };
[[nodiscard]] std::string_view to_string(ToolKind kind);  // "ticket_specific"

struct ToolName {
  ToolKind kind = ToolKind::none;
  std::string_view name = {};  // as the list spells it
  std::string_view word = {};  // that it was found in
  // False: it is only an argument of a program that reads, lists, edits, copies or installs what it
  // is told (grep, less, vim, apt), or comes after one in the same command ("sudo less getST.py").
  bool runs = true;
  // -k, --kerberos, --use-kcache, -no-pass: it shall work with a ticket that is there already.
  bool uses_ticket = false;

  explicit operator bool() const { return kind != ToolKind::none; }
};

// The most telling one: one that runs before one that is named, then in the order of ToolKind.
// Held against the base names of exe, comm and of every word (blanks and shell punctuation end a
// word inside of an argument): a ticket-specific name is a term of it, a generic one its beginning;
// in both a data file's extension (.txt, .csv) makes it another thing's name.
[[nodiscard]] ToolName tool_name(const activity::Process& process, const Settings& settings);

enum class DiscoveryTarget : std::uint8_t { tickets, keytabs, variable, environments, keys };
[[nodiscard]] std::string_view to_string(DiscoveryTarget target);  // "tickets"

struct Discovery {
  DiscoveryTarget target = DiscoveryTarget::tickets;
  std::string_view word;
};

// find, ls, grep, locate and their like with a word about tickets, keytabs or KRB5CCNAME; any
// program with /proc/…/environ or /proc/keys.
[[nodiscard]] std::optional<Discovery> discovery_of(const activity::Process& process);

struct ProcessDump {
  std::string_view tool;             // "gdb"
  std::optional<std::uint32_t> pid;  // unset if no word is one
};

// gcore, procdump; gdb, gdbserver, lldb and strace where they are told to attach to a process.
[[nodiscard]] std::optional<ProcessDump> process_dump_of(const activity::Process& process);

struct TicketArgument {
  TicketName ticket;
  std::string_view path;  // as typed, without what an option or a file:// puts before it
};

// The first word, or part of a word (FILE:/tmp/krb5cc_1, --cache=…, @…, if=…), behind argv[0] that
// is a ticket's path or name. Patterns (krb5cc_*) are none.
[[nodiscard]] std::optional<TicketArgument> ticket_argument(const activity::Process& process,
                                                            const Settings& settings);

// Every exec that tool_name() without the site's names, discovery_of() or process_dump_of() know
// has one of these in activity::ExecText, in any case, plain or in hexadecimal; or an argument that
// auditd cut into pieces. ticket_argument() needs ticket_literals(). Some contain another: whoever
// puts lists together leaves those out.
[[nodiscard]] std::vector<std::string_view> tool_literals();

}  // namespace krbtrail::detect
