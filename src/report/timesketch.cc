// SPDX-License-Identifier: Apache-2.0
//
// A Timesketch timeline (timesketch.org/guides/user/import-from-json-csv): message, datetime and
// timestamp_desc are what it wants, timestamp is in microseconds; the rest is ours. JSON lines and
// CSV have the same rows and the same columns.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "krbtrail/report/escape.h"
#include "report/interchange_words.h"
#include "report/json_writer.h"
#include "report/line_format.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Finding;

struct Row {
  std::string message;
  model::Timestamp time;
  std::string_view time_means;
  std::string_view type;
  std::string severity, score, confidence, rule, attack, hostname, username, path, command_line;
  std::string id, incident, event, source;
};

struct Column {
  std::string_view name;
  std::string Row::*text;
};

// Behind message, timestamp, datetime, timestamp_desc and type.
constexpr std::array<Column, 13> kColumns = {{{"severity", &Row::severity},
                                              {"score", &Row::score},
                                              {"confidence", &Row::confidence},
                                              {"rule", &Row::rule},
                                              {"attack", &Row::attack},
                                              {"hostname", &Row::hostname},
                                              {"username", &Row::username},
                                              {"path", &Row::path},
                                              {"command_line", &Row::command_line},
                                              {"id", &Row::id},
                                              {"incident", &Row::incident},
                                              {"event", &Row::event},
                                              {"source", &Row::source}}};

void write_json(std::string& out, const Row& row) {
  JsonWriter json{out, JsonText::natural};
  json.begin_object();
  json.text("message", row.message);
  json.number_or_null("timestamp", std::optional{microseconds_of(row.time)});
  json.time("datetime", row.time);
  json.text("timestamp_desc", row.time_means);
  json.text("type", row.type);
  for (const Column& column : kColumns)
    json.text_if_any(column.name, row.*column.text);
  json.end_object();
  out += '\n';
}

void write_csv_head(std::string& out) {
  out += "message,timestamp,datetime,timestamp_desc,type";
  for (const Column& column : kColumns) {
    out += ',';
    out += column.name;
  }
  out += "\r\n";
}

void write_csv(std::string& out, const Row& row) {
  append_csv_cell(out, row.message);
  out += ',' + std::to_string(microseconds_of(row.time)) + ',' + model::format_utc(row.time) + ',';
  append_csv_cell(out, row.time_means);
  out += ',';
  append_csv_cell(out, row.type);
  for (const Column& column : kColumns) {
    out += ',';
    append_csv_cell(out, row.*column.text);
  }
  out += "\r\n";
}

[[nodiscard]] Row row_of(const Finding& finding) {
  Row row;
  row.message = message_of(finding);
  row.time = finding.time;
  row.time_means = "Event Logged";
  row.type = to_string(finding.verdict);
  row.severity = to_string(finding.severity);
  row.score = finding.score ? std::to_string(*finding.score) : "";
  row.confidence = finding.confidence;
  row.rule = finding.rule;
  for (const std::string& attack : finding.attack)
    row.attack += (row.attack.empty() ? "" : " ") + attack;
  row.hostname = finding.host;
  row.username = user_name_of(finding);
  row.path = finding.file ? finding.file->path : "";
  row.command_line = finding.process ? finding.process->command_line : "";
  row.id = finding.id;
  row.incident = finding.incident.value_or("");
  if (!finding.evidence.empty()) {
    row.event = finding.evidence.front().event;
    row.source = finding.evidence.front().input;
  }
  return row;
}

[[nodiscard]] Row row_of(const model::Incident& incident, bool first) {
  Row row;
  row.message = message_of(incident);
  row.time = first ? incident.first : incident.last;
  row.time_means = first ? "Incident Begins" : "Incident Ends";
  row.type = "incident";
  row.severity = to_string(incident.severity);
  row.hostname = incident.host;
  row.path = incident.ticket;
  row.id = incident.id;
  row.incident = incident.id;
  return row;
}

[[nodiscard]] Row remark(std::string_view type, std::string message, model::Timestamp time,
                         std::string host) {
  Row row;
  row.message = std::move(message);
  row.time = time;
  row.time_means = "Log Ends";
  row.type = type;
  row.hostname = std::move(host);
  return row;
}

using Write = void (*)(std::string& out, const Row& row);

template <Write kWrite>
void append_finding(std::string& out, const Finding& finding) {
  kWrite(out, row_of(finding));
}

template <Write kWrite>
void append_incident(std::string& out, const model::Incident& incident) {
  kWrite(out, row_of(incident, true));
  kWrite(out, row_of(incident, false));
}

template <Write kWrite>
void append_end(std::string& out, const model::Coverage& coverage, const model::Summary& summary) {
  const model::Timestamp end = end_of(coverage);
  for (const Limitation& limitation : limitations(coverage))
    kWrite(out,
           remark("coverage", limitation.text, limitation.time.value_or(end), limitation.host));
  kWrite(out, remark("summary", summary_sentence(coverage, summary), end, ""));
}

}  // namespace

LineFormat timesketch_format() {
  return {.head = [](std::string&) {},
          .finding = append_finding<write_json>,
          .incident = append_incident<write_json>,
          .end = append_end<write_json>};
}

LineFormat timesketch_csv_format() {
  return {.head = write_csv_head,
          .finding = append_finding<write_csv>,
          .incident = append_incident<write_csv>,
          .end = append_end<write_csv>};
}

}  // namespace krbtrail::report
