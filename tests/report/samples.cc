// SPDX-License-Identifier: Apache-2.0
#include "report/samples.h"

#include <chrono>
#include <cstdint>

namespace krbtrail::test {
namespace {

using model::Timestamp;

Timestamp at(std::int64_t milliseconds) {
  return Timestamp{std::chrono::milliseconds{1'700'000'000'000 + milliseconds}};
}

model::ProcessFacts process(std::uint32_t pid, std::string name, std::string command_line) {
  return {.pid = pid,
          .name = name,
          .exe = "/usr/bin/" + name,
          .command_line = std::move(command_line),
          .command_line_source = "execve",
          .source = "exec"};
}

model::Evidence evidence(std::string event, std::uint64_t line) {
  return {.input = "audit.log",
          .line = line,
          .event = std::move(event),
          .node = "web01",
          .record_id = {},
          .offset = {},
          .recovered = false,
          .records = {}};
}

model::WindowsLogon logon() {
  return {.time = at(0),
          .record_id = 72742,
          .logon_id = 0x8a38de,
          .target_user_name = "Administrator",
          .target_domain_name = "CORP",
          .target_user_sid = "S-1-5-21-1-2-3-500",
          .subject_user_name = "alice",
          .subject_user_sid = "S-1-5-21-1-2-3-1104",
          .ip_address = "127.0.0.1",
          .ip_port = "50163",
          .logon_type = "3",
          .authentication_package = "Kerberos",
          .elevated_token = "%%1842",
          .process_id = "0x0",
          .logon_guid = "{6A2F0F7C-0A6B-4B7E-9A0A-000000000000}",
          .logon_process = "Kerberos",
          .target_linked_logon_id = "0x0"};
}

model::WindowsService service() {
  return {.time = at(854),
          .record_id = 72745,
          .logon_id = 0x8a38de,
          .name = "KrbSCM",
          .file_name = R"(%COMSPEC% /Q /c echo cd ^> \\127.0.0.1\C$\__output 2^>^&1)",
          .account = "LocalSystem",
          .start_type = "3",
          .type = "0x10",
          .subject_user_name = "Administrator",
          .subject_user_sid = "S-1-5-21-1-2-3-500",
          .client_process_id = "0",
          .parent_process_id = "0",
          .traits = {{.text = "KrbSCM is the name a public attack tool uses", .points = 30},
                     {.text = "it runs a command shell", .points = {}}}};
}

}  // namespace

model::Finding theft() {
  model::Finding finding;
  finding.id = "4f3c2b1a09876543";
  finding.time = at(123);
  finding.rule = "seed-file-access";
  finding.rules = {"seed-file-access"};
  finding.rule_set = model::RuleSet::seed;
  finding.detection_type = "UnexpectedCcacheFileAccess";
  finding.title = "A program that is no Kerberos client reached a ticket cache";
  finding.severity = model::Severity::medium;
  finding.attack = {"T1558.005"};
  finding.host = "web01";
  finding.account = {
      .name = "alice", .uid = 1000, .euid = 1000, .fsuid = 1000, .auid = 1000, .session = 3};
  finding.process = process(4242, "cp", "cp /tmp/krb5cc_1001 /tmp/.svc_cache_bak");
  finding.parent = process(4200, "bash", "-bash");
  finding.ancestry = {*finding.parent, process(4100, "sshd", "sshd: alice@pts/0")};
  finding.action_type = "FileRead";
  finding.file = {.path = "/tmp/krb5cc_1001",
                  .old_path = {},
                  .action = "read",
                  .path_confidence = "absolute",
                  .owner_uid = 1001,
                  .device = "fd:01",
                  .inode = 1234};
  finding.reasons = {
      {.text = "/tmp/krb5cc_1001 lies under /tmp/ and its name is krb5cc_ and a number",
       .points = {}},
      {.text = "cp is not one of the 15 programs that the rule lets pass", .points = {}}};
  finding.audit_keys = {"kerberos_ccache"};
  finding.evidence = {evidence("1700000000.123:42", 17)};
  return finding;
}

model::Finding full_linux_finding() {
  model::Finding finding = theft();
  finding.rules = {"seed-file-access", "E02"};
  finding.rule_set = model::RuleSet::extended;
  finding.severity = model::Severity::critical;
  finding.score = 95;
  finding.confidence = "high";
  finding.count = 12;
  finding.account.fsuid = 1001;
  finding.account.euid = 0;
  finding.matched_name = "cp";
  finding.file->old_path = "/tmp/krb5cc_1001.tmp";
  finding.contact = {.address = "192.0.2.7", .port = 443};
  finding.reasons.push_back({.text = "the ticket belongs to another user", .points = 35});
  finding.audit_keys = {"kerberos_ccache", "tickets"};
  finding.suppressed_by = "nightly backup";
  finding.incident = "0123456789abcdef";
  finding.evidence.push_back(evidence("1700000001.000:43", 21));
  finding.evidence.front().records = {
      "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes exit=3",
      "type=PATH msg=audit(1700000000.123:42): item=0 name=\"/tmp/krb5cc_1001\" inode=1234"};
  finding.trail = {{.number = 0,
                    .time = at(123),
                    .action = "read",
                    .path = "/tmp/krb5cc_1001",
                    .process = "cp",
                    .pid = 4242,
                    .confidence = "high",
                    .evidence = evidence("1700000000.123:42", 17)},
                   {.number = 1,
                    .time = at(124),
                    .action = "created",
                    .path = "/tmp/.svc_cache_bak",
                    .process = "cp",
                    .pid = 4242,
                    .confidence = "high",
                    .evidence = evidence("1700000000.124:43", 21)}};
  return finding;
}

model::Finding full_windows_finding() {
  model::Finding finding;
  finding.id = "aaaabbbbccccdddd";
  finding.verdict = model::Verdict::near_miss;
  finding.time = at(854);
  finding.rule = "service-creation-local-kerberos";
  finding.rules = {"service-creation-local-kerberos"};
  finding.rule_set = model::RuleSet::windows;
  finding.title = "Service Creation via Local Kerberos Authentication";
  finding.severity = model::Severity::high;
  finding.score = 73;
  finding.attack = {"T1543.003", "T1557", "T1558"};
  finding.host = "PC01.corp.example";
  finding.predicates = {
      {.name = "AuthenticationPackageName",
       .held = true,
       .value = "Kerberos",
       .wanted = "Kerberos"},
      {.name = "ElevatedToken", .held = false, .value = "%%1842 (Yes)", .wanted = "%%1843 (No)"},
      {.name = "ProcessId", .held = std::nullopt, .value = "", .wanted = "0"}};
  model::WindowsPair pair;
  pair.computer = finding.host;
  pair.variant = "v214";
  pair.span = std::chrono::milliseconds{854};
  pair.logon = logon();
  pair.service = service();
  pair.session = {{.time = at(10),
                   .event_id = 4672,
                   .record_id = 72743,
                   .summary = "special privileges assigned"}};
  pair.leads = {{.why = "the ticket of this logon",
                 .host = "DC01.corp.example",
                 .event = {.time = at(-5),
                           .event_id = 4769,
                           .record_id = 901,
                           .summary = "Kerberos service ticket for PC01$ given to alice"}}};
  pair.related = {
      {.id = "1111222233334444", .time = at(-3'600'000), .text = "near miss on the same host"}};
  pair.normalisations = {"::ffff:127.0.0.1 read as 127.0.0.1"};
  pair.caveats = {"no 4648 at all: enable the policy Audit Logon"};
  pair.conclusion = "review";
  pair.conclusion_reasons = {{.text = "the service runs a command shell", .points = {}}};
  pair.next_steps = {"keep both records and the hash of the service's file"};
  finding.windows = pair;
  finding.evidence = {{.input = "Security.evtx",
                       .line = 3,
                       .event = "PC01.corp.example#72745",
                       .node = {},
                       .record_id = 72745,
                       .offset = 4096,
                       .recovered = true,
                       .records = {"<Event/>"}}};
  return finding;
}

model::Incident full_incident() {
  model::Incident incident;
  incident.id = "0123456789abcdef";
  incident.host = "web01";
  incident.first = at(123);
  incident.last = at(60'000);
  incident.severity = model::Severity::critical;
  incident.title = "The ticket of uid 1001 was copied and used";
  incident.actor = theft().account;
  incident.owner_uid = 1001;
  incident.ticket = "/tmp/krb5cc_1001";
  incident.copies = {"/tmp/.svc_cache_bak"};
  incident.used_by = {"klist (pid 4300) of uid 1000 in session 3"};
  incident.contacts = {"192.0.2.7:88"};
  incident.ancestry = theft().ancestry;
  incident.timeline = {{.time = at(123),
                        .text = "cp read /tmp/krb5cc_1001",
                        .event = "1700000000.123:42",
                        .confidence = "high"},
                       {.time = at(60'000),
                        .text = "klist opened /tmp/.svc_cache_bak",
                        .event = "1700000060.000:99",
                        .confidence = "medium"}};
  incident.findings = {"4f3c2b1a09876543"};
  incident.not_visible = {"network connections are not audited on this host"};
  incident.linked = {"fedcba9876543210"};
  return incident;
}

model::Coverage full_coverage() {
  model::Coverage coverage;
  coverage.bytes_read = 1'234'567;
  coverage.used = {.lines = 900, .bytes = 200'000};
  coverage.not_needed = {.lines = 4'112, .bytes = 1'030'000};
  coverage.reject(model::Rejection::blank, 3, 3);
  coverage.reject(model::Rejection::malformed, 12, 4'564);
  coverage.records = 5'012;
  coverage.events = 1'234;
  coverage.events_evaluated = 456;
  coverage.events_displaced = 1;
  coverage.decode_failures = 2;
  coverage.inputs = {{.name = "audit.log",
                      .kind = "audit",
                      .bytes = 1'234'567,
                      .problem = {},
                      .unread = false,
                      .sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                     {.name = "audit.log.1",
                      .kind = "unknown",
                      .bytes = 0,
                      .problem = "cannot open: Permission denied",
                      .unread = true,
                      .sha256 = {}}};
  coverage.hosts = {{.host = "web01",
                     .first = at(0),
                     .last = at(60'000),
                     .events = 1'234,
                     .records = 5'012,
                     .statements = {{.key = "no_execve",
                                     .text = "no EXECVE records: branches 2 and 3 are blind",
                                     .reason = "of 5,012 records none is an EXECVE",
                                     .count = 0,
                                     .limits = true},
                                    {.key = "clock_jump",
                                     .text = "the clock jumped back once",
                                     .reason = "by 3,600 s at 2023-11-14T22:13:40.000Z",
                                     .count = 1,
                                     .limits = false}}}};
  coverage.notes = {"empty.log: is empty"};
  coverage.evictions = {{"processes", 7}};
  return coverage;
}

model::Summary full_summary() {
  model::Summary summary;
  summary.findings_by_severity = {0, 0, 1, 0, 1};
  summary.findings = 2;
  summary.hidden = 4;
  summary.suppressed = 1;
  summary.filtered = 5;
  summary.near_misses = 1;
  summary.indeterminate = 1;
  summary.incidents = 1;
  summary.rule_set = "seed";
  summary.windows_rule = "v214";
  summary.version = "0.1.0";
  summary.sandbox = {"Landlock: paths restricted (ABI 3)", "seccomp: no network, no exec"};
  return summary;
}

}  // namespace krbtrail::test
