// SPDX-License-Identifier: Apache-2.0
//
// A table's rows as events, by what its header line says: Event Viewer, Get-WinEvent | Export-Csv,
// Kibana, Log Analytics, EvtxECmd, Splunk.
//
// Event Viewer's header is localised and its columns are not: five names and a sixth column without
// one, always in the same order, whatever the language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event_path.h"
#include "json_event.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::windows {

struct RowOutcome {
  bool read = false;
  bool assumed_date = false;
};

class CsvTable {
 public:
  // `names` are the header's. shape() is unset if they are of no known export.
  explicit CsvTable(const std::vector<std::string>& names);

  [[nodiscard]] std::optional<Shape> shape() const { return shape_; }
  // False if the row has no event id.
  [[nodiscard]] RowOutcome read(const std::vector<std::string>& cells, WindowsEvent& event);

 private:
  enum class Use : std::uint8_t {
    nothing,
    head,
    time,
    field,
    ecs,
    message,
    raw,
    payload,
    outcome,
    os_type,
    collector
  };
  struct Column {
    Use use = Use::nothing;
    Target target = Target::none;
    Field field{};
    std::string path = {};  // of Use::ecs
  };

  [[nodiscard]] Column column_of(std::string_view name) const;
  void set_event_viewer_columns();
  [[nodiscard]] bool is_absent(const std::string& cell) const;
  void read_cell(const Column& column, const std::string& cell, WindowsEvent& event);
  void read_detail(const Column& column, const std::string& cell, WindowsEvent& event);
  void read_raw(const std::string& raw, WindowsEvent& event);

  std::optional<Shape> shape_;
  std::vector<Column> columns_;
  JsonEventReader json_;
  bool assumed_date_ = false;
};

}  // namespace krbtrail::windows
