// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

#include "detect/extended_rule_text.h"
#include "detect/ticket_rules.h"

namespace krbtrail::detect::extended {
namespace {

std::string text(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts)
    joined += part;
  return joined;
}

std::string actor_value(const ProcessSubject& subject) {
  return text({subject.process().exe, " (", subject.role.word(), ")"});
}

std::string tool_value(const ProcessSubject& subject) {
  if (!subject.tool)
    return "no tool's name";
  return text({subject.tool.name, " (", to_string(subject.tool.kind),
               subject.tool.runs ? ")"
                                 : ", "
                                   "only named)"});
}

std::string discovery_value(const ProcessSubject& subject) {
  return subject.discovery
             ? text({to_string(subject.discovery->target), ": ", subject.discovery->word})
             : std::string{"nothing is looked for"};
}

std::string argument_value(const ProcessSubject& subject) {
  return subject.argument ? std::string{subject.argument->path}
                          : std::string{"no argument names a ticket"};
}

std::string dump_value(const ProcessSubject& subject) {
  if (!subject.dump)
    return "no process is dumped";
  const std::string pid =
      subject.dump->pid ? " of pid " + std::to_string(*subject.dump->pid) : std::string{};
  return text({subject.dump->tool, pid});
}

std::string argument_owner_value(const ProcessSubject& subject) {
  if (!subject.argument)
    return argument_value(subject);
  return describe(subject.owner_test, subject.argument->ticket.uid, subject.process().identity);
}

bool names_tool(const ProcessSubject& subject) {
  return bool{subject.tool};
}

bool looks_for_tickets(const ProcessSubject& subject) {
  return subject.discovery.has_value();
}

bool names_ticket(const ProcessSubject& subject) {
  return subject.argument.has_value();
}

bool dumps_process(const ProcessSubject& subject) {
  return subject.dump.has_value();
}

bool is_network_tool(const ProcessSubject& subject) {
  return subject.role.actor.sends;
}

bool moves_data(const ProcessSubject& subject) {
  return subject.role.moves;
}

using P = Predicate<ProcessSubject>;

constexpr P kNamesTool{.name = "names_ticket_tool",
                       .wanted =
                           "a tool for tickets, or a general attack tool, among exe, comm and "
                           "the words",
                       .holds = names_tool,
                       .value = tool_value};
constexpr P kLooks{.name = "looks_for_tickets",
                   .wanted =
                       "find, grep, ls or the like with a word about tickets, keytabs or "
                       "KRB5CCNAME",
                   .holds = looks_for_tickets,
                   .value = discovery_value};
constexpr P kNamesTicket{.name = "argument_is_ticket",
                         .wanted = "an argument with a ticket's path or name",
                         .holds = names_ticket,
                         .value = argument_value};
constexpr P kNetworkTool{.name = "actor_is_network_tool",
                         .wanted = "a program that sends files",
                         .holds = is_network_tool,
                         .value = actor_value};
constexpr P kMoves{.name = "actor_moves_data",
                   .wanted =
                       "a data mover, interpreter, shell or network tool, or a program in a "
                       "place where anyone can put one",
                   .holds = moves_data,
                   .value = actor_value};
constexpr P kDumps{.name = "dumps_process",
                   .wanted = "gcore, or a debugger told to attach",
                   .holds = dumps_process,
                   .value = dump_value};

constexpr std::array kTool = {kNamesTool};
constexpr std::array kDump = {kDumps};
constexpr std::array kSends = {kNamesTicket, kNetworkTool};
constexpr std::array kNamed = {kNamesTicket, kMoves};
constexpr std::array kDiscovery = {kLooks};

constexpr std::array kProcessRules = {
    Rule<ProcessSubject>{.info = &kTicketToolInfo, .required = kTool, .alternatives = {}},
    Rule<ProcessSubject>{.info = &kProcessMemoryReadInfo, .required = kDump, .alternatives = {}},
    Rule<ProcessSubject>{.info = &kTicketSentInfo, .required = kSends, .alternatives = {}},
    Rule<ProcessSubject>{.info = &kTicketOnCommandLineInfo, .required = kNamed, .alternatives = {}},
    Rule<ProcessSubject>{.info = &kTicketDiscoveryInfo, .required = kDiscovery, .alternatives = {}},
};

bool runs_ticket_tool(const ProcessSubject& s) {
  return s.tool.runs && (s.tool.kind == ToolKind::ticket_specific || s.tool.kind == ToolKind::site);
}
bool runs_generic_tool(const ProcessSubject& s) {
  return s.tool.runs && s.tool.kind == ToolKind::generic;
}
bool uses_ticket(const ProcessSubject& s) {
  return s.tool && s.tool.runs && s.tool.uses_ticket;
}
bool names_tool_only(const ProcessSubject& s) {
  return s.tool && !s.tool.runs;
}
bool names_anothers_ticket(const ProcessSubject& s) {
  return s.argument && !s.discovery && is_foreign(s.owner_test);
}
bool says_ticket(const ProcessSubject& s) {
  return !s.tool && !s.discovery && !s.dump;
}
bool in_odd_place(const ProcessSubject& s) {
  return s.role.odd;
}
bool is_client(const ProcessSubject& s) {
  return s.role.client;
}
bool moves_ticket(const ProcessSubject& s) {
  return moves_data(s) && says_ticket(s) && s.argument;
}
bool sends_ticket(const ProcessSubject& s) {
  return is_network_tool(s) && s.argument;
}
bool holds_ticket(const ProcessSubject& s) {
  return !s.taints.empty();
}

std::string tool_reason(const ProcessSubject& s) {
  return text({s.tool.name, " is a tool made for tickets"});
}
std::string generic_reason(const ProcessSubject& s) {
  return text({s.tool.name, " attacks networks, with tickets among other things"});
}
std::string uses_ticket_reason(const ProcessSubject& s) {
  return text({s.tool.name, " is told to use a ticket that is there"});
}
std::string named_only_reason(const ProcessSubject& s) {
  return text({s.tool.name, " is only named: ", image_name(s.process()), " reads or moves files"});
}
std::string dump_reason(const ProcessSubject& s) {
  return text({"the memory of a process is read: ", dump_value(s)});
}
std::string discovery_reason(const ProcessSubject& s) {
  return text({"it looks for ", to_string(s.discovery->target), ": ", s.discovery->word});
}
std::string command_line_reason(const ProcessSubject& s) {
  return s.argument ? text({"the command line names ", s.argument->path})
                    : std::string{"the command line speaks of tickets"};
}
std::string odd_place_reason(const ProcessSubject& s) {
  return text(
      {s.process().exe, " or its script lies where anyone can put one, or in no file at all"});
}
std::string mover_reason(const ProcessSubject& s) {
  return text({image_name(s.process()), " is a ", s.role.word()});
}
std::string client_reason(const ProcessSubject& s) {
  return text({s.process().exe, " is a Kerberos client at its own path"});
}
std::string sends_reason(const ProcessSubject& s) {
  return text({image_name(s.process()), " sends files, and is given the ticket's path"});
}
std::string holds_reason(const ProcessSubject& s) {
  return text({"the process or its parent has read ", s.taints.front().descent.ticket->path});
}

using S = Signal<ProcessSubject>;

constexpr std::array kProcessSignals = {
    S{"words", "ticket_tool", 50, runs_ticket_tool, tool_reason},
    S{"words", "generic_tool", 30, runs_generic_tool, generic_reason},
    S{"words", "process_dump", 30, dumps_process, dump_reason},
    S{"words", "discovery", 20, looks_for_tickets, discovery_reason},
    S{"words", "tool_named", 5, names_tool_only, named_only_reason},
    S{"words", "command_line", 5, says_ticket, command_line_reason},
    S{"", "uses_ticket", 20, uses_ticket, uses_ticket_reason},
    S{"", "anothers_ticket", 20, names_anothers_ticket, argument_owner_value},
    S{"actor", "odd_place", 25, in_odd_place, odd_place_reason},
    S{"actor", "mover", 15, moves_ticket, mover_reason},
    S{"actor", "client", -15, is_client, client_reason},
    S{"", "sends", 15, sends_ticket, sends_reason},
    S{"", "holds_ticket", 10, holds_ticket, holds_reason},
};

}  // namespace

std::span<const Rule<ProcessSubject>> process_rules() {
  return kProcessRules;
}

std::span<const Signal<ProcessSubject>> process_signals() {
  return kProcessSignals;
}

}  // namespace krbtrail::detect::extended
