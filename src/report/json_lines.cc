// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/json_lines.h"

#include "report/json_objects.h"
#include "report/json_writer.h"

namespace krbtrail::report {
namespace {

void append_output(JsonWriter& json, const model::OutputCounts& output) {
  json.begin_object();
  json.text("name", output.name);
  json.number("written", output.written);
  json.number("waiting", output.waiting);
  json.number("lost", output.lost);
  json.end_object();
}

}  // namespace

std::string json_line(const model::Finding& finding) {
  std::string line;
  append_finding(line, finding);
  return line;
}

std::string json_line(const model::Incident& incident) {
  std::string line;
  append_incident(line, incident);
  return line;
}

std::string json_line(const model::Heartbeat& heartbeat) {
  std::string line;
  JsonWriter json{line};
  json.begin_object();
  json.text("type", "heartbeat");
  json.number("schema", 1);
  json.time("time", heartbeat.time);
  json.text("host", heartbeat.host);
  json.number("uptime", static_cast<std::uint64_t>(heartbeat.uptime.count()));
  json.number("lines", heartbeat.lines);
  json.number("dropped_lines", heartbeat.dropped_lines);
  json.number("dropped_bytes", heartbeat.dropped_bytes);
  json.number("queue_high_water", heartbeat.queue_high_water);
  json.number("events", heartbeat.events);
  json.number("events_evaluated", heartbeat.events_evaluated);
  json.number("partial", heartbeat.partial);
  json.number("malformed", heartbeat.malformed);
  json.number("duplicates", heartbeat.duplicates);
  json.number("late", heartbeat.late);
  json.number("serial_gaps", heartbeat.serial_gaps);
  json.number("own_events", heartbeat.own_events);
  json.number("reloads", heartbeat.reloads);
  json.number("findings", heartbeat.findings);
  json.number("folded", heartbeat.folded);
  json.number("limited", heartbeat.limited);
  json.number("suppressed", heartbeat.suppressed);
  json.number("hidden", heartbeat.hidden);
  json.number("incidents", heartbeat.incidents);
  json.begin_array("outputs");
  for (const model::OutputCounts& output : heartbeat.outputs)
    append_output(json, output);
  json.end_array();
  json.number("known_from_proc", heartbeat.known_from_proc);
  json.text("state", heartbeat.state);
  json.number("states_saved", heartbeat.states_saved);
  json.begin_array("confinement");
  for (const std::string& sentence : heartbeat.confinement)
    json.text(sentence);
  json.end_array();
  json.end_object();
  return line;
}

std::vector<std::string> closing_lines(const model::Coverage& coverage,
                                       const model::Summary& summary) {
  std::vector<std::string> lines;
  for (const model::HostCoverage& host : coverage.hosts)
    append_host_coverage(lines.emplace_back(), host);
  append_coverage(lines.emplace_back(), coverage);
  append_summary(lines.emplace_back(), coverage, summary, false);
  return lines;
}

}  // namespace krbtrail::report
