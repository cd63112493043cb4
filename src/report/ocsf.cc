// SPDX-License-Identifier: Apache-2.0
//
// Open Cybersecurity Schema Framework 1.4.0: Detection Finding (2004) for findings and incidents,
// Scan Activity (6007) for what the run came to. Attributes and what they require are those of
// events/findings, events/application and objects of github.com/ocsf/ocsf-schema. `time` is the
// evidence's: there is no clock in an offline analysis.
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

constexpr std::uint64_t kDetectionFinding = 2004;
constexpr std::uint64_t kScanActivity = 6007;

struct Class {
  std::uint64_t uid;
  std::uint64_t activity;
  std::string_view activity_name;
};

void time(JsonWriter& json, std::string_view key, model::Timestamp value) {
  json.number_or_null(key, std::optional{milliseconds_of(value)});
}

void severity(JsonWriter& json, Severity value) {
  constexpr std::array<std::string_view, 5> kCaptions = {"Informational", "Low", "Medium", "High",
                                                         "Critical"};
  const auto index = static_cast<std::size_t>(value);
  json.number("severity_id", index + 1);
  json.text("severity", kCaptions[index]);
}

void begin(JsonWriter& json, const Class& of, model::Timestamp when, std::string_view message) {
  json.begin_object();
  json.number("class_uid", of.uid);
  json.number("category_uid", of.uid / 1'000);
  json.number("activity_id", of.activity);
  json.text("activity_name", of.activity_name);
  json.number("type_uid", of.uid * 100 + of.activity);
  time(json, "time", when);
  json.text("message", message);
  json.begin_object("metadata");
  json.text("version", "1.4.0");
  json.begin_object("product");
  json.text("name", "krbtrail");
  json.text("vendor_name", "krbtrail");
  json.end_object();
  json.end_object();
}

void confidence(JsonWriter& json, std::string_view word) {
  constexpr std::array<std::string_view, 4> kWords = {"", "low", "medium", "high"};
  constexpr std::array<std::string_view, 4> kCaptions = {"Unknown", "Low", "Medium", "High"};
  for (std::size_t i = 1; i < kWords.size(); ++i) {
    if (word != kWords[i])
      continue;
    json.number("confidence_id", i);
    json.text("confidence", kCaptions[i]);
  }
}

void attacks(JsonWriter& json, const std::vector<std::string>& techniques) {
  if (techniques.empty())
    return;
  json.begin_array("attacks");
  for (const std::string& technique : techniques) {
    json.begin_object();
    json.begin_object("technique");
    json.text("uid", technique_of(technique));
    json.end_object();
    if (is_sub_technique(technique)) {
      json.begin_object("sub_technique");
      json.text("uid", technique);
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void one(JsonWriter& json, std::string_view key, std::string_view value) {
  json.begin_array(key);
  json.text(value);
  json.end_array();
}

void finding_info(JsonWriter& json, const Finding& finding) {
  json.begin_object("finding_info");
  json.text("uid", finding.id);
  json.text("title", finding.title);
  std::string reasons;
  for (const model::Reason& reason : finding.reasons)
    reasons += (reasons.empty() ? "" : "; ") + reason_in_words(reason);
  json.text_if_any("desc", reasons);
  one(json, "types", to_string(finding.verdict));
  json.begin_object("analytic");
  json.number("type_id", 1);
  json.text("type", "Rule");
  json.text("uid", finding.rule);
  json.text("name", finding.title);
  json.end_object();
  attacks(json, finding.attack);
  time(json, "first_seen_time", finding.time);
  time(json, "last_seen_time", finding.time);
  if (!finding.evidence.empty())
    one(json, "data_sources", finding.evidence.front().input);
  json.end_object();
}

void file_of(JsonWriter& json, std::string_view path, const std::optional<std::uint32_t>& owner) {
  json.begin_object("file");
  json.text("name", path.substr(path.rfind('/') + 1));  // npos + 1 is 0
  json.text("path", path);
  json.number("type_id", 1);
  if (owner) {
    json.begin_object("owner");
    json.text("uid", std::to_string(*owner));
    json.end_object();
  }
  json.end_object();
}

void process_members(JsonWriter& json, const model::ProcessFacts& process) {
  json.number("pid", *process.pid);
  json.text_if_any("name", process.name);
  json.text_if_any("cmd_line", process.command_line);
  if (!process.exe.empty())
    file_of(json, process.exe, std::nullopt);
}

void user(JsonWriter& json, const Finding& finding) {
  const std::string name = user_name_of(finding);
  if (name.empty())
    return;
  json.begin_object("user");
  json.text("name", name);
  if (finding.windows)
    json.text_if_set("uid", finding.windows->logon->target_user_sid);
  else if (finding.account.uid)
    json.text("uid", std::to_string(*finding.account.uid));
  json.end_object();
}

void evidence(JsonWriter& json, const Finding& finding) {
  json.begin_array("evidences");
  json.begin_object();
  if (finding.process && finding.process->pid) {
    json.begin_object("process");
    process_members(json, *finding.process);
    user(json, finding);
    if (finding.parent && finding.parent->pid) {
      json.begin_object("parent_process");
      process_members(json, *finding.parent);
      json.end_object();
    }
    json.end_object();
  }
  if (finding.windows && !user_name_of(finding).empty()) {
    json.begin_object("actor");
    user(json, finding);
    json.end_object();
  }
  if (finding.file && !finding.file->path.empty())
    file_of(json, finding.file->path, finding.file->owner_uid);
  if (finding.contact && is_ip_address(finding.contact->address)) {
    json.begin_object("dst_endpoint");
    json.text("ip", finding.contact->address);
    if (finding.contact->port)
      json.number("port", *finding.contact->port);
    json.end_object();
  }
  json.begin_object("data");
  if (!finding.evidence.empty())
    json.text("source", place_in_words(finding.evidence.front()));
  json.text("act", message_of(finding));
  json.end_object();
  json.end_object();
  json.end_array();
}

void resources(JsonWriter& json, std::string_view host) {
  if (host.empty())
    return;
  json.begin_array("resources");
  json.begin_object();
  json.text("name", host);
  json.text("type", "host");
  json.end_object();
  json.end_array();
}

void append_finding(std::string& out, const Finding& finding) {
  JsonWriter json{out, JsonText::natural};
  const bool is_finding = finding.verdict == model::Verdict::finding;
  begin(json, {kDetectionFinding, 1, "Create"}, finding.time, message_of(finding));
  severity(json, finding.severity);
  json.boolean("is_alert", is_finding && !finding.suppressed_by);
  json.number("status_id", finding.suppressed_by ? 3 : 1);
  json.text("status", finding.suppressed_by ? "Suppressed" : "New");
  confidence(json, finding.confidence);
  if (finding.score && *finding.score >= 0)
    json.number("risk_score", static_cast<std::uint64_t>(*finding.score));
  finding_info(json, finding);
  evidence(json, finding);
  resources(json, finding.host);
  json.begin_object("unmapped");
  json.text_if_set("incident", finding.incident);
  json.text_if_any("detection_type", finding.detection_type);
  json.text_if_set("suppressed_by", finding.suppressed_by);
  json.end_object();
  json.end_object();
  out += '\n';
}

void append_incident(std::string& out, const model::Incident& incident) {
  JsonWriter json{out, JsonText::natural};
  begin(json, {kDetectionFinding, 1, "Create"}, incident.last, message_of(incident));
  severity(json, incident.severity);
  json.boolean("is_alert", true);
  json.number("status_id", 1);
  json.text("status", "New");
  time(json, "start_time", incident.first);
  time(json, "end_time", incident.last);
  json.begin_object("finding_info");
  json.text("uid", incident.id);
  json.text("title", incident.title.empty() ? "Incident" : incident.title);
  one(json, "types", "incident");
  time(json, "first_seen_time", incident.first);
  time(json, "last_seen_time", incident.last);
  json.begin_array("related_events");
  for (const std::string& id : incident.findings) {
    json.begin_object();
    json.text("uid", id);
    json.number("type_uid", kDetectionFinding * 100 + 1);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  resources(json, incident.host);
  json.begin_object("unmapped");
  json.begin_array("not_visible");
  for (const std::string& words : incident.not_visible)
    json.text(words);
  json.end_array();
  json.end_object();
  json.end_object();
  out += '\n';
}

void append_end(std::string& out, const model::Coverage& coverage, const model::Summary& summary) {
  JsonWriter json{out, JsonText::natural};
  const bool whole = !coverage.incomplete();
  begin(json, {kScanActivity, 2, "Completed"}, end_of(coverage),
        summary_sentence(coverage, summary));
  severity(json, Severity::info);
  json.number("status_id", whole ? 1 : 99);
  json.text("status", whole ? "Success" : "Incomplete");
  json.begin_object("scan");
  json.text("name", "krbtrail scan");
  json.number("type_id", 1);
  json.text("type", "Manual");
  json.end_object();
  const std::vector<Limitation> unseen = limitations(coverage);
  json.number("num_files", coverage.inputs.size());
  json.number("num_detections", summary.findings);
  json.begin_object("unmapped");
  json.begin_array("not_visible");
  for (const Limitation& limitation : unseen)
    json.text(limitation.host.empty() ? limitation.text : limitation.host + ": " + limitation.text);
  json.end_array();
  json.end_object();
  json.end_object();
  out += '\n';
}

}  // namespace

LineFormat ocsf_format() {
  return {.head = [](std::string&) {},
          .finding = append_finding,
          .incident = append_incident,
          .end = append_end};
}

}  // namespace krbtrail::report
