// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/log_health.h"

#include <algorithm>
#include <string>
#include <utility>

namespace krbtrail::audit {
namespace {

// A serial that falls by more than this is a new boot's or a roll-over; the kernel's own disorder
// was at most 425 in a capture of a hundred steps at once.
constexpr std::uint32_t kRestartDrop = 100'000;

bool is_daemon_record(RecordType type) {
  return type >= RecordType::daemon_start && type <= RecordType::daemon_last;
}

// "1,234,567"
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return grouped(number) + ' ' + std::string{noun} + (number == 1 ? "" : "s");
}

// A field of a record that the kernel wrote, outside of quotes.
bool has_field(std::string_view body, std::string_view field) {
  bool quoted = false;
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (body[at] == '"')
      quoted = !quoted;
    else if (!quoted && (at == 0 || body[at - 1] == ' ') && body.substr(at).starts_with(field) &&
             (at + field.size() == body.size() || body[at + field.size()] == ' '))
      return true;
  }
  return false;
}

}  // namespace

void LogHealth::Serials::add(std::uint32_t serial) {
  if (lowest_ && serial < highest_ && highest_ - serial > kRestartDrop) {
    absent_before_ = absent();
    ++restarts_;
    lowest_.reset();
    seen_ = 0;
  }
  lowest_ = lowest_ ? std::min(*lowest_, serial) : serial;
  highest_ = seen_ == 0 ? serial : std::max(highest_, serial);
  ++seen_;
}

std::uint64_t LogHealth::Serials::absent() const {
  if (!lowest_)
    return absent_before_;
  const std::uint64_t span = std::uint64_t{highest_} - *lowest_ + 1;
  return absent_before_ + (span > seen_ ? span - seen_ : 0);
}

void LogHealth::observe(const Event& event) {
  const auto index = static_cast<std::size_t>(event.key.host);
  if (hosts_.size() <= index)
    hosts_.resize(index + 1);
  Host& host = hosts_[index];
  const model::Timestamp time = event.key.time();
  host.first = host.first ? std::min(*host.first, time) : time;
  host.last = host.last ? std::max(*host.last, time) : time;
  ++host.events;
  host.has_relevant_event = host.has_relevant_event || event.relevant;
  host.records += event.records.size();
  if (!is_daemon_record(event.records.front().type))
    host.serials.add(event.key.serial);
  observe_files(event, host);
}

void LogHealth::observe_files(const Event& event, Host& host) {
  const EventParts& parts = event.parts;
  const bool has_execve = parts.execves != 0;
  const bool is_headless = (has_execve || parts.has_cwd || parts.paths != 0) && !parts.has_head;
  if (parts.has_others) {
    for (const Record& record : event.records)
      observe_configuration(record, host);
  }
  host.execves += has_execve ? 1 : 0;
  host.paths += parts.paths;
  host.headless_events += is_headless ? 1 : 0;
  host.short_events += event.call && parts.paths < event.call->items ? 1 : 0;
  if (parts.paths == 0 || has_execve || (host.names_ccache_place && host.names_created_file))
    return;
  for (const Record& record : event.records) {
    const std::string_view body = record.body_text();
    host.names_ccache_place =
        host.names_ccache_place || event.relevant || body.find("=\"/tmp") != std::string_view::npos;
    host.names_created_file =
        host.names_created_file || body.find("nametype=CREATE") != std::string_view::npos;
  }
}

void LogHealth::observe_configuration(const Record& record, Host& host) {
  switch (record.type) {
    case RecordType::config_change:
      host.rules_removed += has_field(record.body_text(), "op=remove_rule") ? 1 : 0;
      host.switched_off += has_field(record.body_text(), "audit_enabled=0") ? 1 : 0;
      break;
    case RecordType::daemon_end:
    case RecordType::daemon_abort:
      ++host.daemon_ends;
      break;
    default:
      break;
  }
}

std::vector<model::HostCoverage> LogHealth::report(const model::HostNames& hosts,
                                                   std::span<const LaneNotices> notices) const {
  std::vector<model::HostCoverage> report;
  for (std::size_t i = 0; i < std::max(hosts_.size(), notices.size()); ++i) {
    const Host host = i < hosts_.size() ? hosts_[i] : Host{};
    const LaneNotices lane = i < notices.size() ? notices[i] : LaneNotices{};
    std::vector<model::Statement> said = statements(host, lane);
    if (host.events == 0 && said.empty())
      continue;
    report.push_back({.host = std::string{hosts.name(static_cast<model::HostId>(i))},
                      .first = host.first,
                      .last = host.last,
                      .events = host.events,
                      .records = host.records,
                      .statements = std::move(said)});
  }
  std::ranges::sort(report, {}, &model::HostCoverage::host);
  return report;
}

std::vector<model::Statement> LogHealth::statements(const Host& host, const LaneNotices& notices) {
  std::vector<model::Statement> said;
  const auto say = [&](bool holds, std::string_view key, std::string_view text, std::string reason,
                       std::uint64_t count = 0, bool limits = false) {
    if (holds)
      said.push_back({.key = std::string{key},
                      .text = std::string{text},
                      .reason = std::move(reason),
                      .count = count,
                      .limits = limits});
  };
  if (host.events != 0) {
    const std::string records = counted(host.records, "record");
    // Where no rule could have seen anything, "nothing found" would be a lie.
    const bool blind = host.execves == 0 && !host.names_ccache_place && !host.has_relevant_event;
    say(host.execves == 0, "no_execve",
        "no program starts are recorded: the rules on tools and on copying commands are blind",
        "no EXECVE among " + records, 0, blind);
    say(!host.names_ccache_place, "no_ccache_paths",
        "no file records under the ccache paths: the rule on file access is blind",
        "no file event names /tmp or a ccache among " + counted(host.paths, "PATH record"), 0,
        blind);
    say(!host.names_created_file, "no_writes",
        "no file creation is recorded: copies of a ticket cannot be followed",
        "no PATH with nametype=CREATE among " + counted(host.paths, "PATH record"));
  }
  say(host.serials.absent() != 0, "serial_gaps",
      "event serials are missing: events were lost, or the log was filtered",
      counted(host.serials.absent(), "serial") + " absent between the first and the last",
      host.serials.absent());
  say(host.serials.restarts() != 0, "serial_restarts",
      "the serials start anew: a reboot, or a roll-over",
      counted(host.serials.restarts(), "fall") + " by more than " + grouped(kRestartDrop),
      host.serials.restarts());
  say(notices.lost_notices != 0, "lost_records", "the kernel reports lost records",
      counted(notices.lost_notices, "audit_lost notice"), notices.lost_notices);
  say(host.short_events != 0, "short_events", "events lack some of their file records",
      counted(host.short_events, "event") + " with fewer PATH records than items= announces",
      host.short_events);
  say(host.headless_events != 0, "headless_events",
      "events lack their SYSCALL record: the process that acted is unknown",
      counted(host.headless_events, "event") + " with PATH, CWD or EXECVE alone",
      host.headless_events);
  say(host.switched_off != 0, "auditing_off", "auditing was switched off meanwhile",
      counted(host.switched_off, "CONFIG_CHANGE record") + " with audit_enabled=0",
      host.switched_off);
  say(host.rules_removed != 0, "rules_removed", "audit rules were removed meanwhile",
      counted(host.rules_removed, "CONFIG_CHANGE record") + " with op=remove_rule",
      host.rules_removed);
  say(host.daemon_ends != 0, "daemon_stopped", "the audit daemon was stopped meanwhile",
      counted(host.daemon_ends, "DAEMON_END or DAEMON_ABORT record"), host.daemon_ends);
  say(notices.clock_jumps_back != 0, "clock_jumps", "the clock jumps backwards",
      counted(notices.clock_jumps_back, "event") +
          " stamped more than 5 s before one that stands earlier",
      notices.clock_jumps_back);
  say(notices.cut_last_lines != 0, "cut_last_line", "a file ends in the middle of a line",
      counted(notices.cut_last_lines, "input") + " without a last line end",
      notices.cut_last_lines);
  return said;
}

}  // namespace krbtrail::audit
