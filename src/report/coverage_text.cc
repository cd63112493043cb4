// SPDX-License-Identifier: Apache-2.0
#include "report/coverage_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Coverage;
using model::Rejection;
using model::Summary;

// Of inputs with a problem and of notes; the rest is counted.
constexpr std::size_t kMostLines = 50;

void write_host(Page& page, const model::HostCoverage& host, std::chrono::minutes zone) {
  page.paragraph(host.host.empty() ? "a host without a name" : host.host);
  if (host.first && host.last)
    page.field("time", fmt::format("{} to {}", model::format_at(*host.first, zone),
                                   model::format_at(*host.last, zone)));
  page.field("seen", fmt::format("{} in {}", counted(host.records, "record", "records"),
                                 counted(host.events, "event", "events")));
  for (const model::Statement& statement : host.statements)
    page.field(statement.limits ? "blind" : "note",
               statement.reason.empty() ? statement.text
                                        : fmt::format("{} ({})", statement.text, statement.reason),
               statement.limits ? Paint::yellow : Paint::none);
}

void write_inputs(Page& page, const Coverage& coverage) {
  std::size_t count = 0;
  for (const model::InputCoverage& input : coverage.inputs) {
    if (input.problem.empty() || ++count > kMostLines)
      continue;
    page.field(input.unread ? "unread" : "note", fmt::format("{}: {}", input.name, input.problem),
               input.unread ? Paint::yellow : Paint::none);
  }
  if (count > kMostLines)
    page.field("",
               fmt::format("and {} more, all in the NDJSON output", grouped(count - kMostLines)));
}

void write_notes(Page& page, const Coverage& coverage) {
  for (std::size_t i = 0; i < std::min(coverage.notes.size(), kMostLines); ++i)
    page.field("note", coverage.notes[i]);
  if (coverage.notes.size() > kMostLines)
    page.field("", fmt::format("and {} more, all in the NDJSON output",
                               grouped(coverage.notes.size() - kMostLines)));
}

void write_hashes(Page& page, const Coverage& coverage) {
  for (const model::InputCoverage& input : coverage.inputs) {
    if (input.sha256.empty())
      continue;
    page.field("sha256", input.sha256);
    page.field("", input.name);
  }
}

[[nodiscard]] bool has_remarks(const Coverage& coverage) {
  return !coverage.notes.empty() ||
         std::ranges::any_of(coverage.inputs, [](const model::InputCoverage& input) {
           return !input.problem.empty() || !input.sha256.empty();
         });
}

// 50 columns of words, then two numbers.
[[nodiscard]] std::string account_line(std::string_view words, const model::Count& count) {
  return fmt::format("{:<50}{:>12}{:>16}", words, grouped(count.lines), grouped(count.bytes));
}

void write_lanes(Page& page, const Coverage& coverage) {
  page.row(fmt::format("{:<50}{:>12}{:>16}", "", "lines", "bytes"));
  page.row(account_line("used", coverage.used));
  page.row(account_line("not needed", coverage.not_needed));
  for (std::size_t i = 0; i < coverage.rejected.size(); ++i)
    page.row(account_line(describe(static_cast<Rejection>(i)), coverage.rejected[i]));
  page.row(fmt::format("{:<62}{:>16}", "read", grouped(coverage.bytes_read)));
  page.row(coverage.adds_up() ? "The bytes add up."
                              : "THE BYTES DO NOT ADD UP: this is a defect, please report it.");
}

void write_optional_count(Page& page, std::string_view label, std::uint64_t number,
                          std::string_view words) {
  if (number != 0)
    page.field(label, fmt::format("{} {}", grouped(number), words));
}

[[nodiscard]] std::string hosts_and_inputs(const Coverage& coverage) {
  return fmt::format("{} of {} in {}", counted(coverage.bytes_read, "byte", "bytes"),
                     counted(coverage.hosts.size(), "host", "hosts"),
                     counted(coverage.inputs.size(), "input", "inputs"));
}

[[nodiscard]] std::string share(std::uint64_t part, std::uint64_t whole) {
  if (part == 0)
    return "0 %";
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return percent < 1.0 ? "under 1 %" : fmt::format("{:.0f} %", percent);
}

[[nodiscard]] std::string read_in_words(const Coverage& coverage) {
  std::uint64_t rejected = 0;
  for (const model::Count& count : coverage.rejected)
    rejected += count.bytes;
  return fmt::format("{}: {} used, {} not needed, {} rejected", hosts_and_inputs(coverage),
                     share(coverage.used.bytes, coverage.bytes_read),
                     share(coverage.not_needed.bytes, coverage.bytes_read),
                     share(rejected, coverage.bytes_read));
}

[[nodiscard]] std::string verdict_in_words(const Coverage& coverage, const Summary& summary) {
  if (summary.findings != 0)
    return findings_in_words(summary);
  return coverage.incomplete() ? "no finding in what could be read" : "no finding";
}

[[nodiscard]] std::string rules_in_words(const Summary& summary) {
  return summary.windows_rule.empty()
             ? summary.rule_set
             : fmt::format("{}; Windows rule {}", summary.rule_set, summary.windows_rule);
}

}  // namespace

void write_coverage(Page& page, const Coverage& coverage, std::chrono::minutes zone) {
  page.heading("COVERAGE");
  for (const model::HostCoverage& host : coverage.hosts)
    write_host(page, host, zone);
  if (coverage.hosts.empty())
    page.paragraph("no host: nothing in the input was evidence");
  if (!has_remarks(coverage))
    return;
  page.paragraph("inputs");
  write_inputs(page, coverage);
  write_notes(page, coverage);
  write_hashes(page, coverage);
}

void write_accounting(Page& page, const Coverage& coverage, const Summary& summary) {
  page.heading("ACCOUNTING");
  write_lanes(page, coverage);
  page.field("records", grouped(coverage.records));
  page.field("events",
             fmt::format("{}, {} evaluated, {} displaced by a bound", grouped(coverage.events),
                         grouped(coverage.events_evaluated), grouped(coverage.events_displaced)));
  page.field("refused", fmt::format("{} by libauparse",
                                    counted(coverage.decode_failures, "record", "records")));
  for (const auto& [table, count] : coverage.evictions)
    page.field("evicted", fmt::format("{} from the table of {}", grouped(count), table));
  for (const model::InputCoverage& input : coverage.inputs)
    page.field("input",
               fmt::format("{}: {}, {}", input.name, input.kind.empty() ? "unknown" : input.kind,
                           counted(input.bytes, "byte", "bytes")));
  for (const std::string& layer : summary.sandbox)
    page.field("sandbox", layer);
}

void write_summary(Page& page, const Coverage& coverage, const Summary& summary) {
  page.heading("SUMMARY");
  page.field("found", verdict_in_words(coverage, summary),
             summary.findings != 0 ? Paint::bold : Paint::none);
  if (summary.incidents != 0)
    page.field("", "in " + counted(summary.incidents, "incident", "incidents"));
  if (summary.near_misses != 0)
    page.field("near", counted(summary.near_misses, "near miss", "near misses"));
  write_optional_count(page, "unclear", summary.indeterminate, "that could not be decided");
  write_optional_count(page, "hidden", summary.hidden, "below --min-severity");
  write_optional_count(page, "excepted", summary.suppressed, "suppressed by exceptions");
  write_optional_count(page, "filtered", summary.filtered, "outside the time or hosts asked for");
  page.field("read", read_in_words(coverage));
  page.field("rules", fmt::format("{}, krbtrail {}", rules_in_words(summary), summary.version));
  if (!coverage.incomplete())
    return;
  page.opening("INCOMPLETE", Paint::bold_red, "not everything was evaluated:");
  for (const std::string& loss : losses(coverage))
    page.field("", loss);
}

}  // namespace krbtrail::report
