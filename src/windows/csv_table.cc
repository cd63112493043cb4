// SPDX-License-Identifier: Apache-2.0
#include "csv_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "event_draft.h"
#include "event_time.h"
#include "field_names.h"
#include "message_text.h"
#include "text_event.h"
#include "xml_event.h"

namespace krbtrail::windows {
namespace {

struct HeadColumn {
  std::string_view name;
  Target target;
};
constexpr std::array kHeadColumns = {
    HeadColumn{"EventID", Target::event_id},     // Log Analytics
    HeadColumn{"EventId", Target::event_id},     // EvtxECmd
    HeadColumn{"Id", Target::event_id},          // Get-WinEvent
    HeadColumn{"EventCode", Target::event_id},   // Splunk
    HeadColumn{"event.code", Target::event_id},  // Kibana
    HeadColumn{"winlog.event_id", Target::event_id},
    HeadColumn{"Computer", Target::computer},
    HeadColumn{"ComputerName", Target::computer},
    HeadColumn{"MachineName", Target::computer},
    HeadColumn{"winlog.computer_name", Target::computer},
    HeadColumn{"RecordId", Target::record_id},
    HeadColumn{"EventRecordId", Target::record_id},
    HeadColumn{"EventRecordID", Target::record_id},
    HeadColumn{"winlog.record_id", Target::record_id},
    HeadColumn{"Channel", Target::channel},
    HeadColumn{"LogName", Target::channel},
    HeadColumn{"winlog.channel", Target::channel},
    HeadColumn{"Provider", Target::provider},
    HeadColumn{"ProviderName", Target::provider},
    HeadColumn{"winlog.provider_name", Target::provider},
    HeadColumn{"Version", Target::version},
    HeadColumn{"winlog.version", Target::version},
    HeadColumn{"TimeCreated", Target::time},
    HeadColumn{"TimeGenerated", Target::time},
    HeadColumn{"TimeGenerated [UTC]", Target::time},
    HeadColumn{"@timestamp", Target::time},
    HeadColumn{"_time", Target::time},
};

constexpr std::string_view kEventData = "winlog.event_data.";

std::optional<Shape> shape_of(const std::vector<std::string>& names) {
  const auto has = [&names](std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  const auto is_ecs = [](std::string_view name) { return name.starts_with("winlog."); };
  if (has("_raw"))
    return Shape::csv_splunk;
  if (has("Payload") && has("EventId"))
    return Shape::csv_evtxecmd;
  if (has("event.code") || std::ranges::any_of(names, is_ecs))
    return Shape::csv_kibana;
  if (has("EventID") && (has("TimeGenerated") || has("TimeGenerated [UTC]")))
    return Shape::csv_sentinel;
  if (has("Id") && (has("TimeCreated") || has("MachineName")))
    return Shape::csv_get_winevent;
  // Five names, the sixth column has none or an empty one.
  if (names.size() == 5 || (names.size() == 6 && names.back().empty()))
    return Shape::csv_event_viewer;
  return std::nullopt;
}

Zone zone_of(Shape shape) {
  return shape == Shape::csv_sentinel || shape == Shape::csv_evtxecmd ? Zone::utc : Zone::local;
}

std::string_view value_or_empty(const Reading<std::string>& reading) {
  const std::string* text = value_of(reading);
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

// Kibana groups the digits of a number: "72,745".
std::string without_commas(std::string text) {
  std::erase(text, ',');
  return text;
}

}  // namespace

CsvTable::CsvTable(const std::vector<std::string>& names) : shape_(shape_of(names)) {
  if (shape_ == Shape::csv_event_viewer) {
    set_event_viewer_columns();
    return;
  }
  for (const std::string& name : names)
    columns_.push_back(column_of(name));
}

// Keywords, date and time, source, event id, task category, message.
void CsvTable::set_event_viewer_columns() {
  columns_ = {{.use = Use::outcome},
              {.use = Use::time},
              {.use = Use::head, .target = Target::provider},
              {.use = Use::head, .target = Target::event_id},
              {},
              {.use = Use::message}};
}

CsvTable::Column CsvTable::column_of(std::string_view name) const {
  const auto* const head = std::ranges::find(kHeadColumns, name, &HeadColumn::name);
  if (head != kHeadColumns.end())
    return {.use = head->target == Target::time ? Use::time : Use::head, .target = head->target};
  if (name == "_raw")
    return {.use = Use::raw};
  if (name == "Payload")
    return {.use = Use::payload};
  if (name == "Message" || name == "message")
    return {.use = Use::message};
  if (name == "event.outcome")
    return {.use = Use::outcome};
  if (name == "host.os.type")
    return {.use = Use::os_type};
  if (name == "host.name" || (name == "host" && shape_ == Shape::csv_splunk))
    return {.use = Use::collector};
  // EvtxECmd's and Get-WinEvent's own columns are about the log's writer: ProcessId is LSASS.
  if (shape_ == Shape::csv_evtxecmd || shape_ == Shape::csv_get_winevent)
    return {};
  const std::string_view raw = name.starts_with(kEventData) ? name.substr(kEventData.size()) : name;
  if (const auto field = field_of_column(raw))
    return {.use = Use::field, .field = *field};
  return {.use = shape_ == Shape::csv_kibana ? Use::ecs : Use::nothing, .path = std::string{name}};
}

// An empty cell is a field that the event does not have; Kibana writes "-" for it.
bool CsvTable::is_absent(const std::string& cell) const {
  return cell.empty() || (shape_ == Shape::csv_kibana && cell == "-");
}

RowOutcome CsvTable::read(const std::vector<std::string>& cells, WindowsEvent& event) {
  event.shape = *shape_;
  assumed_date_ = false;
  const std::size_t count = std::min(cells.size(), columns_.size());
  // The raw event knows its time best.
  for (std::size_t i = 0; i < count; ++i) {
    if (columns_[i].use == Use::raw)
      read_raw(cells[i], event);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_absent(cells[i]))
      read_cell(columns_[i], cells[i], event);
  }
  event.shape = *shape_;
  // What a field or a message means depends on the event.
  for (std::size_t i = 0; i < count && event.event_id != 0; ++i) {
    if (!is_absent(cells[i]))
      read_detail(columns_[i], cells[i], event);
  }
  return {event.event_id != 0, assumed_date_};
}

void CsvTable::read_cell(const Column& column, const std::string& cell, WindowsEvent& event) {
  switch (column.use) {
    case Use::head:
      return set_head(event, column.target,
                      shape_ == Shape::csv_kibana ? without_commas(cell) : cell);
    case Use::time: {
      const Stamp stamp = parse_stamp(cell, zone_of(*shape_));
      const EventTime* written = value_of(event.time);
      const EventTime* time = value_of(stamp.time);
      if (written == nullptr)
        event.time = stamp.time;
      else if (time != nullptr)
        event.time = with_zone_of(*written, *time);
      assumed_date_ = assumed_date_ || stamp.assumed;
      return;
    }
    case Use::outcome:
      if (cell == "Audit Success" || cell == "success")
        event.outcome = "success";
      else if (cell == "Audit Failure" || cell == "failure")
        event.outcome = "failure";
      return;
    case Use::os_type:
      event.os_type = cell;
      return;
    case Use::nothing:
    case Use::raw:
    case Use::field:
    case Use::ecs:
    case Use::message:
    case Use::payload:
    case Use::collector:
      return;
  }
}

void CsvTable::read_detail(const Column& column, const std::string& cell, WindowsEvent& event) {
  if (column.use == Use::field)
    event.set(column.field, std::string_view{cell}.substr(0, kFieldLimit));
  else if (column.use == Use::message)
    read_message(cell, event);
  else if (column.use == Use::payload)
    json_.read_payload(cell, event);
  else if (column.use == Use::collector && value_or_empty(event.computer) != cell)
    event.collector = cell;
  else if (column.use == Use::ecs) {
    if (const auto field = field_of_ecs(column.path, event.event_id))
      event.set(*field, std::string_view{cell}.substr(0, kFieldLimit));
  }
}

// Splunk's raw event: XML, or its classic text.
void CsvTable::read_raw(const std::string& raw, WindowsEvent& event) {
  std::string text = unescape_element(raw);
  if (text.starts_with('<'))
    static_cast<void>(read_event_xml(text, event));
  else
    assumed_date_ = read_event_text(text, event).assumed_date;
}

}  // namespace krbtrail::windows
