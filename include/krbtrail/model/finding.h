// SPDX-License-Identifier: Apache-2.0
//
// What a rule concluded about one event, and everything a report says of it.
//
// The strings hold bytes as the evidence had them (argv, paths and comm are not text until they
// leave through report/escape). An unset optional is null or absent in the output, as
// docs/SCHEMA.md says key by key. A finding owns all it refers to and outlives the events it came
// from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/timestamp.h"

namespace krbtrail::model {

enum class Severity : std::uint8_t { info, low, medium, high, critical };
[[nodiscard]] std::string_view to_string(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view word);

enum class RuleSet : std::uint8_t { seed, extended, windows };
[[nodiscard]] std::string_view to_string(RuleSet rule_set);

// finding: the rule held. near_miss: exactly one predicate failed. indeterminate: none failed, but
// at least one could not be read. Only finding occurs on the Linux side.
enum class Verdict : std::uint8_t { finding, near_miss, indeterminate };
[[nodiscard]] std::string_view to_string(Verdict verdict);

// One signal that contributed, in plain words. `points` is unset where a rule does not score.
struct Reason {
  std::string text;
  std::optional<int> points;
};

// One predicate of a rule with the value it saw. `held` is unset if the value was unknown.
struct Predicate {
  std::string name;
  std::optional<bool> held;
  std::string value;
  std::string wanted;
};

// A source event. `event` is SECONDS.MILLISECONDS:SERIAL as the record spells it (Linux); a Windows
// record has `record_id` and the byte `offset` of the record in its file, and a 0 `line` if binary.
struct Evidence {
  std::string input;
  std::uint64_t line = 0;  // of the event's first record in that input, from 1
  std::string event;
  std::string node;
  std::optional<std::uint64_t> record_id;
  std::optional<std::uint64_t> offset;
  bool recovered = false;            // from the slack of an EVTX file, only where asked for
  std::vector<std::string> records;  // the records themselves, only where they were asked for
};

// One step of a ticket's way: who did what to which file, and how sure that is.
struct Hop {
  std::uint32_t number = 0;  // 0: the ticket itself, 1: its first copy, …
  Timestamp time;
  std::string action;  // activity::FileAction's word
  std::string path;
  std::string process;               // name of the process that did it
  std::optional<std::uint32_t> pid;  // of that process
  std::string confidence;            // "high", "medium", "low"
  Evidence evidence;
};

// `uid` is who acted, `auid` who logged in; the name is set only if the evidence or --passwd has
// it.
struct Account {
  std::optional<std::string> name;
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> euid;
  std::optional<std::uint32_t> fsuid;
  std::optional<std::uint32_t> auid;
  std::optional<std::uint32_t> session;
};

// A process as far as the evidence shows it.
struct ProcessFacts {
  std::optional<std::uint32_t> pid;
  std::string name;  // basename of exe without " (deleted)"; comm where exe is absent
  std::string exe;
  std::string command_line;         // argv joined by single blanks
  std::string command_line_source;  // as activity::CommandLineSource is printed
  std::string source;               // "exec", "fork", "actor", "unknown": how it came to be known
};

struct FileFacts {
  std::string path;             // full and lexically normalised, or the recorded name if unresolved
  std::string old_path;         // of a rename or link, else empty
  std::string action;           // activity::FileAction's word: "read", "created", …
  std::string path_confidence;  // "absolute", "joined", "inode", "unresolved", "null"
  std::optional<std::uint32_t> owner_uid;
  std::string device;  // "fd:01" as the record spells it
  std::optional<std::uint64_t> inode;
};

// Whom a process connected to: an address and port, or a socket's path without a port.
struct NetworkContact {
  std::string address;  // "192.0.2.7", "2001:db8::7", "/run/.heim_org.h5l.kcm-socket"
  std::optional<std::uint16_t> port;
};

// The two legs of the Windows rule. A field that the export lacks is unset, '-' stays "-".
struct WindowsLogon {
  std::optional<Timestamp> time;
  std::optional<std::uint64_t> record_id;
  std::optional<std::uint64_t> logon_id;
  std::optional<std::string> target_user_name, target_domain_name, target_user_sid;
  std::optional<std::string> subject_user_name, subject_user_sid;
  std::optional<std::string> ip_address, ip_port;
  std::optional<std::string> logon_type, authentication_package, elevated_token, process_id;
  std::optional<std::string> logon_guid, logon_process, target_linked_logon_id;
};

struct WindowsService {
  std::optional<Timestamp> time;
  std::optional<std::uint64_t> record_id;
  std::optional<std::uint64_t> logon_id;
  std::optional<std::string> name, file_name, account, start_type, type;
  std::optional<std::string> subject_user_name, subject_user_sid;
  std::optional<std::string> client_process_id, parent_process_id;
  std::vector<Reason> traits;  // what is suspicious about the service, each with its reason
};

// Another event of the same logon session or a related lead, in words.
struct WindowsSessionEvent {
  std::optional<Timestamp> time;
  std::uint32_t event_id = 0;
  std::optional<std::uint64_t> record_id;
  std::string summary;
};

// An event outside the session that says how it may have come about.
struct WindowsLead {
  std::string why;   // "explicit credentials were used on the host before"
  std::string host;  // the event's computer; a ticket's is the domain controller
  WindowsSessionEvent event;
};

// A finding or near miss of the same host or user id within 48 hours, or an incident of the same
// account on another host.
struct RelatedFinding {
  std::string id;
  Timestamp time;
  std::string text;
};

struct WindowsPair {
  std::string computer;
  std::string variant;  // "v214", "pre2025"
  std::optional<Ticks> span;
  std::optional<WindowsLogon> logon;
  WindowsService service;
  std::vector<WindowsSessionEvent> session;
  std::vector<WindowsLead> leads;
  std::vector<RelatedFinding> related;
  std::vector<std::string> normalisations;  // what was read generously, each in words
  std::vector<std::string> caveats;
  std::string conclusion;  // "escalate", "review", "preserve"
  std::vector<Reason> conclusion_reasons;
  std::vector<std::string> next_steps;
};

struct Finding {
  std::string id;  // finding_id()
  Verdict verdict = Verdict::finding;
  Timestamp time;
  std::string rule;                // the strongest contributor: "seed-file-access"
  std::vector<std::string> rules;  // all of them, `rule` included
  RuleSet rule_set = RuleSet::seed;
  std::string detection_type;  // the seed's own name; empty for other rules
  std::string title;
  Severity severity = Severity::medium;
  std::optional<int> score;         // unset for the seed's rules, which do not score
  std::string confidence;           // "high", "medium", "low"; empty for rules that do not grade it
  std::uint64_t count = 1;          // events folded into this one; more than 1 only in live
  std::vector<std::string> attack;  // technique ids: "T1558.005"
  std::string host;
  Account account;
  std::optional<ProcessFacts> process;
  std::optional<ProcessFacts> parent;
  std::vector<ProcessFacts> ancestry;  // parent first, then its parent, as far as known
  std::string matched_name;            // the candidate name that matched a list; empty if none did
  std::string action_type;             // the query's ActionType: "FileRead", "ProcessExecution"
  std::optional<FileFacts> file;
  std::optional<NetworkContact> contact;
  std::vector<Hop> trail;  // from the ticket to this finding's file, as far as it was followed
  std::vector<Reason> reasons;
  std::vector<Predicate> predicates;  // of near misses and indeterminates, and of Windows findings
  std::vector<std::string> audit_keys;
  std::optional<std::string> suppressed_by;  // the exception's name
  std::optional<std::string> incident;       // the incident's id
  std::vector<Evidence> evidence;            // the event the finding is about comes first
  std::optional<WindowsPair> windows;
};

// 16 hexadecimal digits: stable over runs, versions and input paths. `object` tells apart several
// findings of one rule about one event; the seed's rules leave it empty.
[[nodiscard]] std::string finding_id(std::string_view host, std::string_view event,
                                     std::string_view rule, std::string_view object);

}  // namespace krbtrail::model
