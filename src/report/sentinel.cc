// SPDX-License-Identifier: Apache-2.0
//
// One JSON object a line for a custom table of Log Analytics (Azure Monitor's Logs Ingestion API):
// TimeGenerated, then the nine columns of the query "Detect Ccache Files in Microsoft Sentinel"
// under its names, then ours. Column names are those that the service allows: up to 45 letters,
// digits and underscores, beginning with a letter, none of its reserved ones.
#include <cstdint>
#include <optional>
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

void begin(JsonWriter& json, model::Timestamp time, std::string_view kind) {
  json.begin_object();
  json.time("TimeGenerated", time);
  json.text("RecordKind", kind);
}

void query_columns(JsonWriter& json, const Finding& finding) {
  const model::ProcessFacts process = finding.process.value_or(model::ProcessFacts{});
  json.time("Timestamp", finding.time);
  json.text("DeviceName", finding.host);
  json.text("AccountName", user_name_of(finding));
  json.text("AccessedPath", finding.file ? finding.file->path : "");
  json.text("ActionType", finding.action_type);
  json.text("TriggerProcess", process.name);
  json.text("TriggerCommandLine", process.command_line);
  json.text("ParentProcess", finding.parent ? finding.parent->name : "");
  json.text("DetectionType", finding.detection_type);
}

[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string words;
  for (const std::string& part : parts) {
    words += words.empty() ? "" : between;
    words += part;
  }
  return words;
}

void append_finding(std::string& out, const Finding& finding) {
  JsonWriter json{out, JsonText::natural};
  begin(json, finding.time, to_string(finding.verdict));
  query_columns(json, finding);
  json.text("FindingId", finding.id);
  json.text("Title", finding.title);
  json.text("Severity", to_string(finding.severity));
  json.number_or_null("Score", finding.score);
  json.text("Confidence", finding.confidence);
  json.text("RuleId", finding.rule);
  json.text("Techniques", joined(finding.attack, ","));
  std::vector<std::string> reasons;
  reasons.reserve(finding.reasons.size());
  for (const model::Reason& reason : finding.reasons)
    reasons.push_back(reason_in_words(reason));
  json.text("Reasons", joined(reasons, "; "));
  json.text("IncidentId", finding.incident.value_or(""));
  json.text("SuppressedBy", finding.suppressed_by.value_or(""));
  json.text("RemoteAddress", finding.contact ? address_in_words(*finding.contact) : "");
  json.text("ServiceName", finding.windows ? finding.windows->service.name.value_or("") : "");
  json.text("SourceEvent", finding.evidence.empty() ? "" : finding.evidence.front().event);
  json.text("SourceFile", finding.evidence.empty() ? "" : finding.evidence.front().input);
  json.end_object();
  out += '\n';
}

void append_incident(std::string& out, const model::Incident& incident) {
  JsonWriter json{out, JsonText::natural};
  begin(json, incident.last, "incident");
  json.text("DeviceName", incident.host);
  json.text("AccessedPath", incident.ticket);
  json.text("Title", message_of(incident));
  json.text("Severity", to_string(incident.severity));
  json.text("IncidentId", incident.id);
  json.time("FirstSeen", incident.first);
  json.time("LastSeen", incident.last);
  json.text("NotVisible", joined(incident.not_visible, "; "));
  json.end_object();
  out += '\n';
}

void append_remark(std::string& out, model::Timestamp time, std::string_view kind,
                   std::string_view host, std::string_view title) {
  JsonWriter json{out, JsonText::natural};
  begin(json, time, kind);
  json.text("DeviceName", host);
  json.text("Title", title);
  json.end_object();
  out += '\n';
}

void append_end(std::string& out, const model::Coverage& coverage, const model::Summary& summary) {
  const model::Timestamp end = end_of(coverage);
  for (const Limitation& limitation : limitations(coverage))
    append_remark(out, limitation.time.value_or(end), "coverage", limitation.host, limitation.text);
  append_remark(out, end, "summary", "", summary_sentence(coverage, summary));
}

}  // namespace

LineFormat sentinel_format() {
  return {.head = [](std::string&) {},
          .finding = append_finding,
          .incident = append_incident,
          .end = append_end};
}

}  // namespace krbtrail::report
