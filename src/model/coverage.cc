// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/coverage.h"

#include <algorithm>
#include <cstddef>

namespace krbtrail::model {

std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::blank:
      return "blank";
    case Rejection::nul:
      return "nul";
    case Rejection::malformed:
      return "malformed";
    case Rejection::too_long:
      return "too_long";
    case Rejection::interpreted:
      return "interpreted";
    case Rejection::duplicate:
      return "duplicate";
    case Rejection::late:
      return "late";
    case Rejection::over_limit:
      return "over_limit";
    case Rejection::unreadable:
      return "unreadable";
    case Rejection::dropped:
      return "dropped";
  }
  return "";
}

std::string_view describe(Rejection rejection) {
  switch (rejection) {
    case Rejection::blank:
      return "blank lines and separators";
    case Rejection::nul:
      return "NUL bytes";
    case Rejection::malformed:
      return "lines without a record's head";
    case Rejection::too_long:
      return "lines longer than a record can be";
    case Rejection::interpreted:
      return "lines of interpreted ausearch output";
    case Rejection::duplicate:
      return "repeated records";
    case Rejection::late:
      return "records that came after their event was evaluated";
    case Rejection::over_limit:
      return "records beyond the limit of one event";
    case Rejection::unreadable:
      return "bytes that could not be read";
    case Rejection::dropped:
      return "lines that came faster than they could be worked on";
  }
  return "";
}

bool is_loss(Rejection rejection) {
  switch (rejection) {
    case Rejection::malformed:
    case Rejection::too_long:
    case Rejection::interpreted:
    case Rejection::late:
    case Rejection::over_limit:
    case Rejection::unreadable:
    case Rejection::dropped:
      return true;
    case Rejection::blank:
    case Rejection::nul:
    case Rejection::duplicate:
      break;
  }
  return false;
}

void Coverage::add(const Coverage& part) {
  const auto add_count = [](Count& to, const Count& from) {
    to.lines += from.lines;
    to.bytes += from.bytes;
  };
  bytes_read += part.bytes_read;
  add_count(used, part.used);
  add_count(not_needed, part.not_needed);
  for (std::size_t i = 0; i < rejected.size(); ++i)
    add_count(rejected[i], part.rejected[i]);
  records += part.records;
  events += part.events;
  events_evaluated += part.events_evaluated;
  events_displaced += part.events_displaced;
  decode_failures += part.decode_failures;
  for (const auto& [table, count] : part.evictions)
    evictions[table] += count;
}

bool Coverage::adds_up() const {
  std::uint64_t sum = used.bytes + not_needed.bytes;
  for (const Count& count : rejected)
    sum += count.bytes;
  return sum == bytes_read;
}

bool Coverage::incomplete() const {
  for (std::size_t i = 0; i < rejected.size(); ++i) {
    if (rejected[i].bytes != 0 && is_loss(static_cast<Rejection>(i)))
      return true;
  }
  const auto is_limited = [](const HostCoverage& host) {
    return std::ranges::any_of(host.statements, &Statement::limits);
  };
  return decode_failures != 0 || std::ranges::any_of(inputs, &InputCoverage::unread) ||
         std::ranges::any_of(hosts, is_limited);
}

}  // namespace krbtrail::model
