// SPDX-License-Identifier: Apache-2.0
//
// Elastic Common Schema 8.11: the field reference and its tables of allowed values
// (elastic.co/guide/en/ecs/8.11). What has no field there lies under krbtrail.*, as "Custom fields"
// of that document asks.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/finding_words.h"
#include "report/interchange_words.h"
#include "report/json_writer.h"
#include "report/line_format.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Finding;
using model::Severity;

// Elastic's own numbers for its severities: detection rules use them as default risk scores.
[[nodiscard]] std::uint64_t number_of(Severity severity) {
  constexpr std::array<std::uint64_t, 5> kNumbers = {0, 21, 47, 73, 99};
  return kNumbers[static_cast<std::size_t>(severity)];
}

struct Classification {
  std::string_view category;
  std::string_view type;
};

[[nodiscard]] Classification of_action(std::string_view action) {
  if (action == "created" || action == "linked" || action == "symlinked")
    return {"file", "creation"};
  if (action == "deleted")
    return {"file", "deletion"};
  if (action == "modified" || action == "renamed" || action == "attributes")
    return {"file", "change"};
  return {"file", "access"};
}

[[nodiscard]] Classification classification_of(const Finding& finding) {
  if (finding.windows)
    return {"authentication", "start"};
  if (finding.contact)
    return {"network", "connection"};
  if (finding.file)
    return of_action(finding.file->action);
  return {"process", finding.action_type.empty() ? "access" : "start"};
}

void one(JsonWriter& json, std::string_view key, std::string_view value) {
  json.begin_array(key);
  json.text(value);
  json.end_array();
}

void texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& values) {
  json.begin_array(key);
  for (const std::string& value : values)
    json.text(value);
  json.end_array();
}

void begin(JsonWriter& json, model::Timestamp time, std::string_view message) {
  json.begin_object();
  json.time("@timestamp", time);
  json.begin_object("ecs");
  json.text("version", "8.11.0");
  json.end_object();
  json.text("message", message);
}

void host(JsonWriter& json, std::string_view name) {
  if (name.empty())
    return;
  json.begin_object("host");
  json.text("name", name);
  json.text("hostname", name);
  json.end_object();
}

void event(JsonWriter& json, const Finding& finding) {
  const Classification kind = classification_of(finding);
  json.begin_object("event");
  json.text("kind", finding.verdict == model::Verdict::finding ? "alert" : "event");
  one(json, "category", kind.category);
  one(json, "type", kind.type);
  json.text_if_any("action", finding.file ? finding.file->action : finding.action_type);
  json.text("id", finding.id);
  json.text("module", "krbtrail");
  json.text("dataset", "krbtrail.findings");
  json.number("severity", number_of(finding.severity));
  if (finding.score && *finding.score >= 0)
    json.number("risk_score", static_cast<std::uint64_t>(*finding.score));
  std::string reasons;
  for (const model::Reason& reason : finding.reasons)
    reasons += (reasons.empty() ? "" : "; ") + reason_in_words(reason);
  json.text_if_any("reason", reasons);
  json.end_object();
}

void rule(JsonWriter& json, const Finding& finding) {
  json.begin_object("rule");
  json.text("id", finding.rule);
  json.text("name", finding.title);
  json.text("ruleset", to_string(finding.rule_set));
  json.end_object();
}

void threat(JsonWriter& json, const Finding& finding) {
  if (finding.attack.empty())
    return;
  json.begin_object("threat");
  json.text("framework", "MITRE ATT&CK");
  json.begin_object("technique");
  json.begin_array("id");
  for (const std::string& attack : finding.attack)
    json.text(technique_of(attack));
  json.end_array();
  json.begin_object("subtechnique");
  json.begin_array("id");
  for (const std::string& attack : finding.attack) {
    if (is_sub_technique(attack))
      json.text(attack);
  }
  json.end_array();
  json.end_object();
  json.end_object();
  json.end_object();
}

void number_if_set(JsonWriter& json, std::string_view key,
                   const std::optional<std::uint32_t>& value) {
  if (value)
    json.number(key, *value);
}

void process_members(JsonWriter& json, const model::ProcessFacts& process) {
  number_if_set(json, "pid", process.pid);
  json.text_if_any("name", process.name);
  json.text_if_any("executable", process.exe);
  json.text_if_any("command_line", process.command_line);
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
  json.end_object();
}

void user(JsonWriter& json, const Finding& finding) {
  json.begin_object("user");
  if (finding.windows && finding.windows->logon) {
    const model::WindowsLogon& logon = *finding.windows->logon;
    json.text_if_set("name", logon.target_user_name);
    json.text_if_set("domain", logon.target_domain_name);
    json.text_if_set("id", logon.target_user_sid);
  } else {
    json.text_if_set("name", finding.account.name);
    if (finding.account.uid)
      json.text("id", std::to_string(*finding.account.uid));
    if (finding.account.euid) {
      json.begin_object("effective");
      json.text("id", std::to_string(*finding.account.euid));
      json.end_object();
    }
  }
  json.end_object();
}

void file(JsonWriter& json, const Finding& finding) {
  if (!finding.file)
    return;
  const model::FileFacts& facts = *finding.file;
  json.begin_object("file");
  json.text_if_any("path", facts.path);
  if (const std::size_t slash = facts.path.rfind('/'); slash != std::string::npos) {
    json.text_if_any("name", std::string_view{facts.path}.substr(slash + 1));
    json.text("directory", slash == 0 ? "/" : std::string_view{facts.path}.substr(0, slash));
  }
  if (facts.inode)
    json.text("inode", std::to_string(*facts.inode));
  if (facts.owner_uid)
    json.text("uid", std::to_string(*facts.owner_uid));
  json.text_if_any("device", facts.device);
  json.end_object();
}

void endpoint(JsonWriter& json, std::string_view key, const std::string& address,
              std::optional<std::uint64_t> port) {
  json.begin_object(key);
  json.text("address", address);
  if (is_ip_address(address))
    json.text("ip", address);
  if (port)
    json.number("port", *port);
  json.end_object();
}

void ours(JsonWriter& json, const Finding& finding) {
  json.begin_object("krbtrail");
  json.text("type", to_string(finding.verdict));
  texts(json, "rules", finding.rules);
  json.text_if_any("detection_type", finding.detection_type);
  json.text_if_any("confidence", finding.confidence);
  json.text_if_set("incident", finding.incident);
  json.text_if_set("suppressed_by", finding.suppressed_by);
  number_if_set(json, "login_uid", finding.account.auid);
  number_if_set(json, "session", finding.account.session);
  if (!finding.evidence.empty()) {
    json.text("event", finding.evidence.front().event);
    json.number("line", finding.evidence.front().line);
  }
  std::vector<std::string> trail;
  trail.reserve(finding.trail.size());
  for (const model::Hop& hop : finding.trail)
    trail.push_back(hop.process + " " + hop.action + " " + hop.path);
  texts(json, "trail", trail);
  if (finding.windows) {
    json.text("variant", finding.windows->variant);
    json.text_if_any("verdict", finding.windows->conclusion);
    json.text_if_set("service_name", finding.windows->service.name);
    json.text_if_set("service_file_name", finding.windows->service.file_name);
  }
  json.end_object();
}

void append_finding(std::string& out, const Finding& finding) {
  JsonWriter json{out, JsonText::natural};
  begin(json, finding.time, message_of(finding));
  event(json, finding);
  rule(json, finding);
  threat(json, finding);
  host(json, finding.host);
  user(json, finding);
  process(json, finding);
  file(json, finding);
  if (finding.contact)
    endpoint(json, "destination", finding.contact->address, finding.contact->port);
  if (finding.windows && finding.windows->logon && finding.windows->logon->ip_address)
    endpoint(json, "source", *finding.windows->logon->ip_address, std::nullopt);
  if (!finding.evidence.empty()) {
    json.begin_object("log");
    json.begin_object("file");
    json.text("path", finding.evidence.front().input);
    json.end_object();
    json.end_object();
  }
  ours(json, finding);
  json.end_object();
  out += '\n';
}

void append_incident(std::string& out, const model::Incident& incident) {
  JsonWriter json{out, JsonText::natural};
  begin(json, incident.last, message_of(incident));
  json.begin_object("event");
  json.text("kind", "alert");
  one(json, "category", "intrusion_detection");
  one(json, "type", "info");
  json.text("id", incident.id);
  json.text("module", "krbtrail");
  json.text("dataset", "krbtrail.incidents");
  json.number("severity", number_of(incident.severity));
  json.time("start", incident.first);
  json.time("end", incident.last);
  json.end_object();
  host(json, incident.host);
  json.begin_object("krbtrail");
  json.text("type", "incident");
  json.text_if_any("ticket", incident.ticket);
  number_if_set(json, "ticket_owner_uid", incident.owner_uid);
  texts(json, "copies", incident.copies);
  texts(json, "used_by", incident.used_by);
  texts(json, "contacts", incident.contacts);
  texts(json, "findings", incident.findings);
  texts(json, "not_visible", incident.not_visible);
  texts(json, "linked", incident.linked);
  json.end_object();
  json.end_object();
  out += '\n';
}

void append_state(std::string& out, model::Timestamp time, std::string_view message,
                  std::string_view host_name, std::string_view dataset, bool whole) {
  JsonWriter json{out, JsonText::natural};
  begin(json, time, message);
  json.begin_object("event");
  json.text("kind", "state");
  one(json, "category", "intrusion_detection");
  one(json, "type", "info");
  json.text("module", "krbtrail");
  json.text("dataset", dataset);
  json.text("outcome", whole ? "success" : "unknown");
  json.end_object();
  host(json, host_name);
  json.end_object();
  out += '\n';
}

void append_end(std::string& out, const model::Coverage& coverage, const model::Summary& summary) {
  const model::Timestamp end = end_of(coverage);
  for (const Limitation& limitation : limitations(coverage))
    append_state(out, limitation.time.value_or(end), limitation.text, limitation.host,
                 "krbtrail.coverage", false);
  append_state(out, end, summary_sentence(coverage, summary), "", "krbtrail.summary",
               !coverage.incomplete());
}

}  // namespace

LineFormat ecs_format() {
  return {.head = [](std::string&) {},
          .finding = append_finding,
          .incident = append_incident,
          .end = append_end};
}

}  // namespace krbtrail::report
