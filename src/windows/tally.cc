// SPDX-License-Identifier: Apache-2.0
#include "tally.h"

#include <algorithm>
#include <array>
#include <utility>

namespace krbtrail::windows {
namespace {

// What the predicates of the rule read, and the key that joins its legs.
constexpr std::array kOfLogons = {
    Field::target_logon_id, Field::logon_type, Field::authentication_package_name,
    Field::ip_address,      Field::ip_port,    Field::elevated_token,
    Field::process_id};
constexpr std::array kOfServices = {Field::subject_logon_id, Field::service_name,
                                    Field::service_file_name, Field::service_account};
constexpr std::uint32_t kLogon = 4624;
constexpr std::uint32_t kServiceInstalled = 4697;

std::string_view text_or_empty(const Reading<std::string>& reading) {
  const std::string* text = value_of(reading);
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

template <class T>
std::optional<T> if_read(const Reading<T>& reading) {
  const T* value = value_of(reading);
  return value == nullptr ? std::nullopt : std::optional<T>{*value};
}

void widen(LogFacts& log, const EventTime& time) {
  if (!log.first || time.earliest < log.first->earliest)
    log.first = time;
  if (!log.last || time.earliest > log.last->earliest)
    log.last = time;
}

}  // namespace

bool ReadReport::adds_up() const {
  std::uint64_t sum = used.bytes + not_needed.bytes;
  for (const model::Count& count : rejected)
    sum += count.bytes;
  return sum == bytes;
}

void Tally::record(const WindowsEvent& event) {
  ++report_.records;
  ++report_.shapes[event.shape];
  if (report_.by_event_id.size() < kEventIdsKept || report_.by_event_id.contains(event.event_id))
    ++report_.by_event_id[event.event_id];
  // What lies in slack or in a chunk without its header is not part of the log's own order.
  if (event.recovered)
    return;
  const std::size_t index = log_of(event);
  if (index == report_.logs.size())
    return;
  LogFacts& log = report_.logs[index];
  ++log.records;
  const Neighbour now{if_read(event.record_id), if_read(event.time)};
  if (now.time)
    widen(log, *now.time);
  follow_order(last_of_log_[index], now);
  if (now.record_id)
    follow_ids(log, last_of_log_[index], *now.record_id);
  last_of_log_[index] = now;
}

// The log's place in the report; its size if there are too many logs already.
std::size_t Tally::log_of(const WindowsEvent& event) {
  const std::string_view computer = text_or_empty(event.computer);
  const std::string_view channel = text_or_empty(event.channel);
  const auto is_it = [&](const LogFacts& log) {
    return log.computer == computer && log.channel == channel;
  };
  std::vector<LogFacts>& logs = report_.logs;
  if (last_log_ < logs.size() && is_it(logs[last_log_]))
    return last_log_;
  const auto found = std::ranges::find_if(logs, is_it);
  if (found == logs.end()) {
    if (logs.size() == kLogsKept)
      return kLogsKept;
    LogFacts log;
    log.computer = computer;
    log.channel = channel;
    logs.push_back(std::move(log));
    last_of_log_.emplace_back();
    return last_log_ = logs.size() - 1;
  }
  return last_log_ = static_cast<std::size_t>(found - logs.begin());
}

void Tally::follow_order(const Neighbour& before, const Neighbour& now) {
  const bool by_id = before.record_id && now.record_id;
  const bool by_time = !by_id && before.time && now.time;
  if (by_id ? *before.record_id < *now.record_id
            : by_time && before.time->earliest < now.time->earliest)
    ++rises_;
  else if (by_id ? *before.record_id > *now.record_id
                 : by_time && before.time->earliest > now.time->earliest)
    ++falls_;
}

void Tally::follow_ids(LogFacts& log, const Neighbour& before, std::uint64_t record_id) {
  log.lowest_record_id = std::min(log.lowest_record_id.value_or(record_id), record_id);
  log.highest_record_id = std::max(log.highest_record_id.value_or(record_id), record_id);
  if (!before.record_id)
    return;
  const auto [low, high] = std::minmax(*before.record_id, record_id);
  if (low == high)
    ++log.repeated_record_ids;
  else if (high - low > 1)
    ++log.record_id_gaps;
}

void Tally::hand_on(WindowsEvent&& event, std::uint64_t bytes) {
  ++report_.used.lines;
  report_.used.bytes += bytes;
  event.position = report_.handed_on++;
  event.origin.input = name_.input;
  report_.recovered += event.recovered ? 1U : 0U;
  report_.localised += event.localised ? 1U : 0U;
  report_.repaired += event.repaired ? 1U : 0U;
  count_missing(event);
  sink_.push(std::move(event));
}

void Tally::settle(WindowsEvent&& event, std::uint64_t bytes) {
  record(event);
  if (is_wanted(event.event_id))
    hand_on(std::move(event), bytes);
  else
    pass(bytes);
}

void Tally::count_missing(const WindowsEvent& event) {
  const auto count = [&event](const auto& fields, std::map<Field, std::uint64_t>& missing) {
    for (const Field field : fields) {
      if (!event.carries(field))
        ++missing[field];
    }
  };
  if (event.event_id == kLogon)
    count(kOfLogons, report_.missing_of_logons);
  if (event.event_id == kServiceInstalled)
    count(kOfServices, report_.missing_of_services);
}

void Tally::pass(std::uint64_t bytes) {
  ++report_.not_needed.lines;
  report_.not_needed.bytes += bytes;
}

void Tally::unreadable(std::uint64_t line, std::uint64_t offset, std::uint64_t bytes,
                       std::string why) {
  ++report_.unreadable;
  reject(model::Rejection::unreadable, 1, bytes);
  problem(line, offset, std::move(why));
}

void Tally::reject(model::Rejection why, std::uint64_t lines, std::uint64_t bytes) {
  model::Count& count = report_.rejected.at(static_cast<std::size_t>(why));
  count.lines += lines;
  count.bytes += bytes;
}

void Tally::problem(std::uint64_t line, std::uint64_t offset, std::string text) {
  ++report_.problems_in_all;
  if (report_.problems.size() < kProblemsKept)
    report_.problems.push_back({line, offset, std::move(text)});
}

ReadReport Tally::finish() {
  if (rises_ > 0 || falls_ > 0)
    report_.order = falls_ == 0   ? FileOrder::oldest_first
                    : rises_ == 0 ? FileOrder::newest_first
                                  : FileOrder::mixed;
  return std::move(report_);
}

}  // namespace krbtrail::windows
