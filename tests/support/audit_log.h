// SPDX-License-Identifier: Apache-2.0
//
// Raw log text as audit events, without the scan lane: for tests of what stands behind it.
#pragma once

#include <cassert>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/audit/event.h"
#include "krbtrail/audit/record.h"

namespace krbtrail::test {

// The events of `text` in the order of their first record. Empty lines are skipped; any other line
// must have a readable head. Each node= is a host of its own, in order of first sight from 0.
// Keeps the text; events and records view into it.
class AuditLog {
 public:
  explicit AuditLog(std::string_view text) : text_(text) {
    std::string_view rest = text_;
    for (std::uint64_t line = 1; !rest.empty(); ++line) {
      const std::size_t end = rest.find('\n');
      add(rest.substr(0, end), line);
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  AuditLog(AuditLog&&) = delete;
  AuditLog& operator=(AuditLog&&) = delete;
  ~AuditLog() = default;

  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] audit::Event event(std::size_t index) const {
    audit::Event event{.key = events_[index].key, .records = events_[index].records};
    for (const audit::Record& record : event.records) {
      event.parts.count(record.type);
      if (record.type == audit::RecordType::syscall && event.syscall == nullptr) {
        event.syscall = &record;
        event.call = audit::glance(record);
      }
    }
    if (event.parts.execves == 0)
      event.paths = events_[index].paths;
    return event;
  }

 private:
  struct Kept {
    audit::EventKey key;
    std::vector<audit::Record> records;
    std::vector<audit::PathGlance> paths;
  };

  void add(std::string_view line, std::uint64_t number) {
    if (line.empty())
      return;
    const audit::HeadResult result = audit::parse_head(line);
    assert(result.problem == audit::HeadProblem::none);
    const audit::RecordHead& head = result.head;
    const audit::EventKey key{.host = hosts_.intern(head.node),
                              .seconds = head.seconds,
                              .milliseconds = head.milliseconds,
                              .serial = head.serial};
    Kept& event = event_of(key);
    event.records.push_back({.type = head.type,
                             .body = static_cast<std::uint16_t>(head.body_begin - head.text_begin),
                             .text = line.substr(head.text_begin),
                             .origin = {.input = {}, .line = number, .offset = 0}});
    if (const auto path = audit::glance_at_path(event.records.back()))
      event.paths.push_back(*path);
  }

  Kept& event_of(const audit::EventKey& key) {
    for (Kept& event : events_)
      if (event.key == key)
        return event;
    return events_.emplace_back(Kept{key, {}, {}});
  }

  std::string text_;
  model::HostNames hosts_;
  std::deque<Kept> events_;
};

}  // namespace krbtrail::test
