// SPDX-License-Identifier: Apache-2.0
#include "cli/merged_runs.h"

#include <algorithm>
#include <utility>

namespace krbtrail::cli {

namespace {

constexpr std::size_t kByteLimit = std::size_t{16} << 20U;
constexpr std::size_t kMostStatements = 256;  // a host
constexpr std::size_t kOverhead = 128;        // of an entry beside its texts

std::size_t bytes_of(const model::Statement& statement) {
  return kOverhead + statement.key.size() + statement.text.size() + statement.reason.size();
}

bool is_same(const model::Statement& one, const model::Statement& other) {
  return one.key == other.key && one.text == other.text && one.limits == other.limits;
}

void add(model::Count& sum, const model::Count& count) {
  sum.lines += count.lines;
  sum.bytes += count.bytes;
}

// Words of few: a hostile file cannot make this grow.
void note_word(std::set<std::string>& words, const std::string& word) {
  constexpr std::size_t kMost = 8;
  constexpr std::size_t kLength = 64;
  if (!word.empty() && words.size() < kMost)
    words.insert(word.substr(0, kLength));
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : "; ") + word;
  return text;
}

}  // namespace

bool MergedRuns::afford(std::size_t bytes) {
  if (bytes > kByteLimit - bytes_)
    too_much_ = true;
  else
    bytes_ += bytes;
  return !too_much_;
}

void MergedRuns::begin(std::string file) {
  file_ = {.name = std::move(file), .first_rejected = {}};
}

void MergedRuns::saw(const model::Finding& finding) {
  go_on();
  file_.nameless = file_.nameless || finding.host.empty();
  file_.suppressed += finding.suppressed_by ? 1 : 0;
}

void MergedRuns::saw(const model::Incident& /*incident*/) {
  go_on();
}

void MergedRuns::add(const model::HostCoverage& host) {
  go_on();
  if (!hosts_.contains(host.host) && !afford(kOverhead + host.host.size()))
    return;
  model::HostCoverage& sum = hosts_[host.host];
  sum.host = host.host;
  if (host.first && (!sum.first || *host.first < *sum.first))
    sum.first = host.first;
  sum.last = std::max(sum.last, host.last);
  sum.events += host.events;
  sum.records += host.records;
  for (const model::Statement& statement : host.statements)
    add(sum, statement);
}

void MergedRuns::add(model::HostCoverage& sum, const model::Statement& statement) {
  const auto same = std::ranges::find_if(
      sum.statements, [&](const model::Statement& known) { return is_same(known, statement); });
  if (same == sum.statements.end()) {
    if (sum.statements.size() == kMostStatements)
      too_much_ = true;
    else if (afford(bytes_of(statement)))
      sum.statements.push_back(statement);
    return;
  }
  same->count += statement.count;
  if (same->reason != statement.reason)
    same->reason.clear();
}

void MergedRuns::add(const model::Coverage& coverage) {
  go_on();
  coverage_.bytes_read += coverage.bytes_read;
  cli::add(coverage_.used, coverage.used);
  cli::add(coverage_.not_needed, coverage.not_needed);
  for (std::size_t i = 0; i < coverage_.rejected.size(); ++i)
    cli::add(coverage_.rejected[i], coverage.rejected[i]);
  coverage_.records += coverage.records;
  coverage_.events += coverage.events;
  coverage_.events_evaluated += coverage.events_evaluated;
  coverage_.events_displaced += coverage.events_displaced;
  coverage_.decode_failures += coverage.decode_failures;
  for (const auto& [table, count] : coverage.evictions) {
    if (coverage_.evictions.contains(table) || afford(kOverhead + table.size()))
      coverage_.evictions[table] += count;
  }
  for (const std::string& note : coverage.notes) {
    if (afford(kOverhead + file_.name.size() + note.size()))
      coverage_.notes.push_back(file_.name + ": " + note);
  }
}

void MergedRuns::add(const report::RunSummary& run) {
  file_.empty = false;
  file_.whole = true;
  note_word(rule_sets_, run.summary.rule_set);
  note_word(windows_rules_, run.summary.windows_rule);
  held_back_.hidden += run.summary.hidden;
  held_back_.filtered += run.summary.filtered;
  // With --show-suppressed they are in the file and are counted when they are told.
  held_back_.suppressed +=
      run.summary.suppressed - std::min(run.summary.suppressed, std::exchange(file_.suppressed, 0));
  for (model::InputCoverage input : run.inputs) {
    input.name = file_.name + ": " + input.name;
    add_input(std::move(input));
  }
}

void MergedRuns::add_input(model::InputCoverage input) {
  if (afford(kOverhead + input.name.size() + input.problem.size() + input.sha256.size()))
    coverage_.inputs.push_back(std::move(input));
}

void MergedRuns::reject(std::uint64_t line, std::string_view why) {
  file_.empty = false;
  if (file_.rejected++ == 0)
    file_.first_rejected = "line " + std::to_string(line) + " " + std::string{why};
}

void MergedRuns::add_problem(std::string problem) {
  add_input({.name = file_.name,
             .kind = "ndjson",
             .bytes = 0,
             .problem = std::move(problem),
             .unread = true,
             .sha256 = ""});
}

void MergedRuns::give_up() {
  add_problem("is not what krbtrail scan --format ndjson writes: " + file_.first_rejected);
}

void MergedRuns::end(const model::Status& read) {
  nameless_ += file_.nameless ? 1 : 0;
  if (!read) {
    std::string_view why = read.error().message;  // begins with the name, as the input will
    if (why.starts_with(file_.name + ": "))
      why.remove_prefix(file_.name.size() + 2);
    return add_problem(std::string{why});
  }
  if (file_.empty)
    return add_problem("is empty: the run that was to write it did not end");
  if (file_.rejected > 1)
    add_problem(file_.first_rejected + ", nor can " + std::to_string(file_.rejected - 1) +
                " more lines be read");
  else if (file_.rejected == 1)
    add_problem(file_.first_rejected);
  if (!file_.whole)
    add_problem("has no summary at its end: the run did not end, or the file is cut");
}

std::vector<std::string> MergedRuns::notes() const {
  std::vector<std::string> notes;
  if (nameless_ > 1)
    notes.push_back(std::to_string(nameless_) +
                    " files have findings of a host without a name, which cannot be told apart: "
                    "krbtrail scan --hostname NAME names it");
  if (windows_rules_.size() > 1)
    notes.push_back("the runs held different versions of the Windows rule against their events: " +
                    joined(windows_rules_));
  return notes;
}

model::Coverage MergedRuns::coverage() const {
  model::Coverage coverage = coverage_;
  for (const auto& [name, host] : hosts_)
    coverage.hosts.push_back(host);
  if (too_much_)
    coverage.inputs.push_back({.name = "merge",
                               .kind = "ndjson",
                               .bytes = 0,
                               .problem =
                                   "what the runs say about their coverage is more than can be "
                                   "kept; the rest is left out",
                               .unread = true,
                               .sha256 = ""});
  return coverage;
}

model::Summary MergedRuns::summary() const {
  model::Summary summary = held_back_;
  summary.rule_set = rule_sets_.empty() ? "unknown" : joined(rule_sets_);
  if (windows_rules_.size() == 1)
    summary.windows_rule = *windows_rules_.begin();
  return summary;
}

}  // namespace krbtrail::cli
