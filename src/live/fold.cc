// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/fold.h"

#include <optional>
#include <string_view>
#include <utility>

namespace krbtrail::live {
namespace {

// NUL separates: no field of an audit record can hold one.
void add(std::string& key, std::string_view part) {
  key += part;
  key += '\0';
}

void add(std::string& key, const std::optional<std::uint32_t>& number) {
  add(key, number ? std::to_string(*number) : std::string{"-"});
}

std::string key_of(const model::Finding& finding) {
  std::string key;
  add(key, finding.host);
  add(key, finding.rule);
  add(key, model::to_string(finding.severity));
  add(key, finding.account.uid);
  add(key, finding.account.auid);
  if (finding.process) {
    add(key, finding.process->exe);
    add(key, finding.process->command_line);
  }
  if (finding.file) {
    add(key, finding.file->path);
    add(key, finding.file->old_path);
    add(key, finding.file->action);
  }
  return key;
}

}  // namespace

bool Fold::admits(const model::Finding& finding, Instant now) {
  if (limits_.window.count() == 0)
    return is_within_limit(finding.severity, now);
  std::string key = key_of(finding);
  if (const auto known = counts_.find(key); known != counts_.end()) {
    ++known->second;
    ++folded_;
    return false;
  }
  if (!is_within_limit(finding.severity, now))
    return false;
  if (told_.size() >= limits_.keys)
    end_first(crowded_out_);
  counts_.emplace(key, 1);
  told_.push_back({.key = std::move(key), .finding = finding, .until = now + limits_.window});
  return true;
}

std::vector<model::Finding> Fold::due(Instant now) {
  std::vector<model::Finding> ended = std::exchange(crowded_out_, {});
  while (!told_.empty() && told_.front().until <= now)
    end_first(ended);
  return ended;
}

std::vector<model::Finding> Fold::all() {
  std::vector<model::Finding> ended = std::exchange(crowded_out_, {});
  while (!told_.empty())
    end_first(ended);
  return ended;
}

void Fold::end_first(std::vector<model::Finding>& ended) {
  Told& first = told_.front();
  const auto count = counts_.find(first.key);
  if (count->second > 1) {
    first.finding.count = count->second;
    ended.push_back(std::move(first.finding));
  }
  counts_.erase(count);
  told_.pop_front();
}

bool Fold::is_within_limit(model::Severity severity, Instant now) {
  Minute& minute = minutes_.at(static_cast<std::size_t>(severity));
  if (now - minute.since >= std::chrono::minutes{1})
    minute = {.since = now, .findings = 0};
  if (limits_.per_minute == 0 || minute.findings < limits_.per_minute) {
    ++minute.findings;
    return true;
  }
  ++limited_;
  return false;
}

}  // namespace krbtrail::live
