// SPDX-License-Identifier: Apache-2.0
#include "report/json_objects.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/json_writer.h"

namespace krbtrail::report {
namespace {

using model::Coverage;
using model::Finding;
using model::Incident;
using model::Rejection;

constexpr std::uint64_t kSchema = 1;

void begin(JsonWriter& json, std::string_view type) {
  json.begin_object();
  json.text("type", type);
  json.number("schema", kSchema);
}

void texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.begin_array(key);
  for (const std::string& value : values)
    json.text(value);
  json.end_array();
}

void reasons(JsonWriter& json, std::string_view key, const std::vector<model::Reason>& values) {
  json.begin_array(key);
  for (const model::Reason& reason : values) {
    json.begin_object();
    json.text("text", reason.text);
    json.number_or_null("points", reason.points);
    json.end_object();
  }
  json.end_array();
}

void account(JsonWriter& json, const model::Account& account) {
  json.begin_object("account");
  json.text_if_set("name", account.name);
  json.number_or_null("uid", account.uid);
  json.number_or_null("auid", account.auid);
  json.number_or_null("euid", account.euid);
  json.number_or_null("fsuid", account.fsuid);
  json.number_or_null("session", account.session);
  json.end_object();
}

void process_members(JsonWriter& json, const model::ProcessFacts& process) {
  json.number_or_null("pid", process.pid);
  json.text_if_any("name", process.name);
  json.text_if_any("exe", process.exe);
  json.text_if_any("command_line", process.command_line);
  json.text_if_any("command_line_source", process.command_line_source);
  json.text_if_any("source", process.source);
}

void ancestry(JsonWriter& json, const std::vector<model::ProcessFacts>& ancestors) {
  json.begin_array("ancestry");
  for (const model::ProcessFacts& ancestor : ancestors) {
    json.begin_object();
    process_members(json, ancestor);
    json.end_object();
  }
  json.end_array();
}

void process(JsonWriter& json, const Finding& finding) {
  if (!finding.process)
    return;
  json.begin_object("process");
  process_members(json, *finding.process);
  if (finding.parent) {
    json.begin_object("parent");
    process_members(json, *finding.parent);
    json.end_object();
  }
  ancestry(json, finding.ancestry);
  json.end_object();
}

void file(JsonWriter& json, const Finding& finding) {
  if (!finding.file)
    return;
  const model::FileFacts& facts = *finding.file;
  json.begin_object("file");
  json.text_if_any("path", facts.path);
  json.text_if_any("old_path", facts.old_path);
  json.text_if_any("action", facts.action);
  json.number_or_null("owner_uid", facts.owner_uid);
  json.text_if_any("device", facts.device);
  json.number_or_null("inode", facts.inode);
  json.text_if_any("path_confidence", facts.path_confidence);
  json.end_object();
}

void contact(JsonWriter& json, const Finding& finding) {
  if (!finding.contact)
    return;
  json.begin_object("contact");
  json.text("address", finding.contact->address);
  json.number_or_null("port", finding.contact->port);
  json.end_object();
}

void evidence_members(JsonWriter& json, const model::Evidence& evidence, bool windows) {
  json.text("input", evidence.input);
  if (evidence.line != 0)
    json.number("line", evidence.line);
  json.text_if_any("event", evidence.event);
  json.text_if_any("node", evidence.node);
  if (windows) {
    json.number_or_null("record_id", evidence.record_id);
    json.number_or_null("offset", evidence.offset);
  }
  if (evidence.recovered)
    json.boolean("recovered", true);
  if (!evidence.records.empty())
    texts(json, "records", evidence.records);
}

void evidence(JsonWriter& json, const Finding& finding) {
  json.begin_array("evidence");
  for (const model::Evidence& source : finding.evidence) {
    json.begin_object();
    evidence_members(json, source, finding.windows.has_value());
    json.end_object();
  }
  json.end_array();
}

void trail(JsonWriter& json, const std::vector<model::Hop>& hops) {
  if (hops.empty())
    return;
  json.begin_array("trail");
  for (const model::Hop& hop : hops) {
    json.begin_object();
    json.number("number", hop.number);
    json.time("time", hop.time);
    json.text("action", hop.action);
    json.text("path", hop.path);
    json.text_if_any("process", hop.process);
    json.number_or_null("pid", hop.pid);
    json.text("confidence", hop.confidence);
    json.begin_object("evidence");
    evidence_members(json, hop.evidence, false);
    json.end_object();
    json.end_object();
  }
  json.end_array();
}

void predicates(JsonWriter& json, const std::vector<model::Predicate>& values) {
  json.begin_array("predicates");
  for (const model::Predicate& predicate : values) {
    json.begin_object();
    json.text("name", predicate.name);
    if (predicate.held)
      json.boolean("held", *predicate.held);
    else
      json.null("held");
    json.text("value", predicate.value);
    json.text("wanted", predicate.wanted);
    json.end_object();
  }
  json.end_array();
}

// As Windows prints it; a number of 64 bits would lose digits in many JSON readers.
void logon_id(JsonWriter& json, const std::optional<std::uint64_t>& id) {
  if (id)
    json.text("logon_id", fmt::format("{:#x}", *id));
}

void logon(JsonWriter& json, const std::optional<model::WindowsLogon>& leg) {
  if (!leg)
    return;
  json.begin_object("logon");
  json.time_if_any("time", leg->time);
  json.number_or_null("record_id", leg->record_id);
  logon_id(json, leg->logon_id);
  json.text_if_set("target_user_name", leg->target_user_name);
  json.text_if_set("target_domain_name", leg->target_domain_name);
  json.text_if_set("target_user_sid", leg->target_user_sid);
  json.text_if_set("subject_user_name", leg->subject_user_name);
  json.text_if_set("subject_user_sid", leg->subject_user_sid);
  json.text_if_set("ip_address", leg->ip_address);
  json.text_if_set("ip_port", leg->ip_port);
  json.text_if_set("logon_type", leg->logon_type);
  json.text_if_set("authentication_package", leg->authentication_package);
  json.text_if_set("elevated_token", leg->elevated_token);
  json.text_if_set("process_id", leg->process_id);
  json.text_if_set("logon_guid", leg->logon_guid);
  json.text_if_set("logon_process", leg->logon_process);
  json.text_if_set("target_linked_logon_id", leg->target_linked_logon_id);
  json.end_object();
}

void service(JsonWriter& json, const model::WindowsService& leg) {
  json.begin_object("service");
  json.time_if_any("time", leg.time);
  json.number_or_null("record_id", leg.record_id);
  logon_id(json, leg.logon_id);
  json.text_if_set("name", leg.name);
  json.text_if_set("file_name", leg.file_name);
  json.text_if_set("account", leg.account);
  json.text_if_set("start_type", leg.start_type);
  json.text_if_set("type", leg.type);
  json.text_if_set("subject_user_name", leg.subject_user_name);
  json.text_if_set("subject_user_sid", leg.subject_user_sid);
  json.text_if_set("client_process_id", leg.client_process_id);
  json.text_if_set("parent_process_id", leg.parent_process_id);
  reasons(json, "traits", leg.traits);
  json.end_object();
}

void session_event(JsonWriter& json, const model::WindowsSessionEvent& event) {
  json.time_if_any("time", event.time);
  json.number("event_id", event.event_id);
  json.number_or_null("record_id", event.record_id);
  json.text("text", event.summary);
}

void session(JsonWriter& json, const std::vector<model::WindowsSessionEvent>& events) {
  json.begin_array("session");
  for (const model::WindowsSessionEvent& event : events) {
    json.begin_object();
    session_event(json, event);
    json.end_object();
  }
  json.end_array();
}

void leads(JsonWriter& json, const std::vector<model::WindowsLead>& all) {
  json.begin_array("leads");
  for (const model::WindowsLead& lead : all) {
    json.begin_object();
    json.text("why", lead.why);
    json.text("host", lead.host);
    session_event(json, lead.event);
    json.end_object();
  }
  json.end_array();
}

void related(JsonWriter& json, const std::vector<model::RelatedFinding>& findings) {
  json.begin_array("related");
  for (const model::RelatedFinding& finding : findings) {
    json.begin_object();
    json.text("id", finding.id);
    json.time("time", finding.time);
    json.text("text", finding.text);
    json.end_object();
  }
  json.end_array();
}

void windows(JsonWriter& json, const Finding& finding) {
  if (!finding.windows)
    return;
  const model::WindowsPair& pair = *finding.windows;
  json.text("computer", pair.computer);
  json.text("variant", pair.variant);
  if (pair.span)
    json.seconds("span_seconds", *pair.span);
  else
    json.null("span_seconds");
  logon(json, pair.logon);
  service(json, pair.service);
  session(json, pair.session);
  leads(json, pair.leads);
  related(json, pair.related);
  predicates(json, finding.predicates);
  texts(json, "normalisations", pair.normalisations);
  texts(json, "caveats", pair.caveats);
  json.text_if_any("verdict", pair.conclusion);
  reasons(json, "verdict_reasons", pair.conclusion_reasons);
  texts(json, "next_steps", pair.next_steps);
}

// The kernel separates several keys by a byte 0x01, which nobody wants to read.
[[nodiscard]] std::string audit_key(const Finding& finding) {
  return fmt::format("{}", fmt::join(finding.audit_keys, ","));
}

void count_members(JsonWriter& json, std::string_view key, const model::Count& count) {
  json.begin_object(key);
  json.number("lines", count.lines);
  json.number("bytes", count.bytes);
  json.end_object();
}

void rejected(JsonWriter& json, const Coverage& coverage) {
  json.begin_object("rejected");
  for (std::size_t i = 0; i < coverage.rejected.size(); ++i)
    count_members(json, to_string(static_cast<Rejection>(i)), coverage.rejected[i]);
  json.end_object();
}

void inputs(JsonWriter& json, const std::vector<model::InputCoverage>& inputs) {
  json.begin_array("inputs");
  for (const model::InputCoverage& input : inputs) {
    json.begin_object();
    json.text("name", input.name);
    json.text_if_any("kind", input.kind);
    json.number("bytes", input.bytes);
    json.boolean("unread", input.unread);
    json.text_if_any("problem", input.problem);
    json.text_if_any("sha256", input.sha256);
    json.end_object();
  }
  json.end_array();
}

void findings_by_severity(JsonWriter& json, const model::Summary& summary) {
  json.begin_object("findings_by_severity");
  for (std::size_t i = 0; i < summary.findings_by_severity.size(); ++i)
    json.number(to_string(static_cast<model::Severity>(i)), summary.findings_by_severity[i]);
  json.end_object();
}

void byte_totals(JsonWriter& json, const Coverage& coverage) {
  std::uint64_t rejected_bytes = 0;
  for (const model::Count& count : coverage.rejected)
    rejected_bytes += count.bytes;
  json.begin_object("bytes");
  json.number("read", coverage.bytes_read);
  json.number("used", coverage.used.bytes);
  json.number("not_needed", coverage.not_needed.bytes);
  json.number("rejected", rejected_bytes);
  json.end_object();
}

}  // namespace

void append_finding(std::string& out, const Finding& finding) {
  JsonWriter json{out};
  begin(json, to_string(finding.verdict));
  json.text("id", finding.id);
  json.time("time", finding.time);
  json.text("rule", finding.rule);
  texts(json, "rules", finding.rules);
  json.text("rule_set", to_string(finding.rule_set));
  json.text_if_any("detection_type", finding.detection_type);
  json.text("title", finding.title);
  json.text("severity", to_string(finding.severity));
  json.number_or_null("score", finding.score);
  json.text_if_any("confidence", finding.confidence);
  texts(json, "attack", finding.attack);
  json.text("host", finding.host);
  if (!finding.windows)
    account(json, finding.account);
  process(json, finding);
  json.text_if_any("matched_name", finding.matched_name);
  json.text_if_any("action_type", finding.action_type);
  file(json, finding);
  contact(json, finding);
  trail(json, finding.trail);
  reasons(json, "reasons", finding.reasons);
  json.text_if_any("audit_key", audit_key(finding));
  json.text_if_set("suppressed_by", finding.suppressed_by);
  json.text_if_set("incident", finding.incident);
  if (finding.count > 1)
    json.number("count", finding.count);
  windows(json, finding);
  evidence(json, finding);
  json.end_object();
}

void append_incident(std::string& out, const Incident& incident) {
  JsonWriter json{out};
  begin(json, "incident");
  json.text("id", incident.id);
  json.time("first", incident.first);
  json.time("last", incident.last);
  json.text("title", incident.title);
  json.text("severity", to_string(incident.severity));
  json.text("host", incident.host);
  account(json, incident.actor);
  json.number_or_null("owner_uid", incident.owner_uid);
  json.text_if_any("ticket", incident.ticket);
  texts(json, "copies", incident.copies);
  texts(json, "used_by", incident.used_by);
  texts(json, "contacts", incident.contacts);
  ancestry(json, incident.ancestry);
  json.begin_array("timeline");
  for (const model::IncidentStep& step : incident.timeline) {
    json.begin_object();
    json.time("time", step.time);
    json.text("text", step.text);
    json.text_if_any("event", step.event);
    json.text_if_any("confidence", step.confidence);
    json.end_object();
  }
  json.end_array();
  texts(json, "findings", incident.findings);
  texts(json, "not_visible", incident.not_visible);
  texts(json, "linked", incident.linked);
  json.end_object();
}

void append_host_coverage(std::string& out, const model::HostCoverage& host) {
  JsonWriter json{out};
  begin(json, "coverage");
  json.text("host", host.host);
  json.time_if_any("first", host.first);
  json.time_if_any("last", host.last);
  json.number("events", host.events);
  json.number("records", host.records);
  json.begin_array("statements");
  for (const model::Statement& statement : host.statements) {
    json.begin_object();
    json.text("key", statement.key);
    json.text("text", statement.text);
    json.text_if_any("reason", statement.reason);
    json.number("count", statement.count);
    json.boolean("limits", statement.limits);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

void append_coverage(std::string& out, const Coverage& coverage) {
  JsonWriter json{out};
  begin(json, "coverage");
  json.number("bytes_read", coverage.bytes_read);
  count_members(json, "used", coverage.used);
  count_members(json, "not_needed", coverage.not_needed);
  rejected(json, coverage);
  json.boolean("adds_up", coverage.adds_up());
  json.number("records", coverage.records);
  json.number("events", coverage.events);
  json.number("events_evaluated", coverage.events_evaluated);
  json.number("events_displaced", coverage.events_displaced);
  json.number("decode_failures", coverage.decode_failures);
  json.begin_object("evictions");
  for (const auto& [table, count] : coverage.evictions)
    json.number(table, count);
  json.end_object();
  texts(json, "notes", coverage.notes);
  json.end_object();
}

void append_summary(std::string& out, const Coverage& coverage, const model::Summary& summary,
                    bool with_sandbox) {
  JsonWriter json{out};
  begin(json, "summary");
  json.text("version", summary.version);
  json.text("rule_set", summary.rule_set);
  json.text_if_any("windows_rule", summary.windows_rule);
  json.boolean("incomplete", coverage.incomplete());
  json.number("findings", summary.findings);
  findings_by_severity(json, summary);
  json.number("hidden", summary.hidden);
  json.number("suppressed", summary.suppressed);
  json.number("filtered", summary.filtered);
  json.number("near_misses", summary.near_misses);
  json.number("indeterminate", summary.indeterminate);
  json.number("incidents", summary.incidents);
  json.number("hosts", coverage.hosts.size());
  byte_totals(json, coverage);
  json.number("events", coverage.events);
  json.number("records", coverage.records);
  inputs(json, coverage.inputs);
  if (with_sandbox)
    texts(json, "sandbox", summary.sandbox);
  json.end_object();
}

}  // namespace krbtrail::report
