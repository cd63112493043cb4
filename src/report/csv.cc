// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/csv.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "krbtrail/report/escape.h"
#include "report/finding_order.h"
#include "report/finding_words.h"
#include "report/sorted_spill.h"
#include "report/totals.h"

namespace krbtrail::report {
namespace {

using model::Evidence;
using model::Finding;
using model::Incident;
using model::Status;

// The query's nine first, in its order and spelling (the seed's `project`), then ours.
constexpr std::array<std::string_view, 36> kColumns = {"Timestamp",
                                                       "DeviceName",
                                                       "AccountName",
                                                       "AccessedPath",
                                                       "ActionType",
                                                       "TriggerProcess",
                                                       "TriggerCommandLine",
                                                       "ParentProcess",
                                                       "DetectionType",
                                                       "id",
                                                       "type",
                                                       "rule",
                                                       "rules",
                                                       "rule_set",
                                                       "severity",
                                                       "score",
                                                       "confidence",
                                                       "title",
                                                       "host",
                                                       "uid",
                                                       "auid",
                                                       "pid",
                                                       "exe",
                                                       "matched_name",
                                                       "path_confidence",
                                                       "owner_uid",
                                                       "device",
                                                       "inode",
                                                       "event",
                                                       "input",
                                                       "line",
                                                       "record_id",
                                                       "audit_key",
                                                       "suppressed_by",
                                                       "incident",
                                                       "reasons"};
constexpr std::size_t kQueryColumns = 9;

// One row. Cells must be added in the order of kColumns; finish() fills up the rest.
class Row {
 public:
  Row& text(std::string_view bytes) {
    separate();
    append_csv_cell(line_, bytes);
    return *this;
  }

  // Unset is an empty cell. Numbers are ours, so a minus sign is no formula.
  template <class Number>
  Row& number(const std::optional<Number>& value) {
    separate();
    if (value)
      line_ += std::to_string(*value);
    return *this;
  }

  Row& skip(std::size_t cells) {
    for (; cells > 0; --cells)
      separate();
    return *this;
  }

  [[nodiscard]] std::string finish() {
    skip(kColumns.size() - cells_);
    line_ += "\r\n";
    return std::move(line_);
  }

 private:
  void separate() {
    if (cells_++ != 0)
      line_ += ',';
  }

  std::string line_;
  std::size_t cells_ = 0;
};

[[nodiscard]] std::string header() {
  Row row;
  for (const std::string_view column : kColumns)
    row.text(column);
  return row.finish();
}

[[nodiscard]] std::string account_name(const Finding& finding) {
  if (finding.windows) {
    const auto& logon = finding.windows->logon;
    return logon ? logon->target_user_name.value_or("") : "";
  }
  if (finding.account.name)
    return *finding.account.name;
  return finding.account.uid ? std::to_string(*finding.account.uid) : "";
}

[[nodiscard]] std::string reasons_in_words(const std::vector<model::Reason>& reasons) {
  std::string words;
  for (const model::Reason& reason : reasons) {
    words += words.empty() ? "" : "; ";
    words += reason_in_words(reason);
  }
  return words;
}

void add_query_columns(Row& row, const Finding& finding) {
  const model::ProcessFacts process = finding.process.value_or(model::ProcessFacts{});
  row.text(model::format_utc(finding.time))
      .text(finding.host)
      .text(account_name(finding))
      .text(finding.file ? finding.file->path : "")
      .text(finding.action_type)
      .text(process.name)
      .text(process.command_line)
      .text(finding.parent ? finding.parent->name : "")
      .text(finding.detection_type);
}

void add_our_columns(Row& row, const Finding& finding) {
  const model::ProcessFacts process = finding.process.value_or(model::ProcessFacts{});
  const model::FileFacts file = finding.file.value_or(model::FileFacts{});
  const Evidence source = finding.evidence.empty() ? Evidence{} : finding.evidence.front();
  const auto line = source.line == 0 ? std::nullopt : std::optional{source.line};
  row.text(finding.id)
      .text(to_string(finding.verdict))
      .text(finding.rule)
      .text(fmt::format("{}", fmt::join(finding.rules, "; ")))
      .text(to_string(finding.rule_set))
      .text(to_string(finding.severity))
      .number(finding.score)
      .text(finding.confidence)
      .text(finding.title)
      .text(finding.host)
      .number(finding.account.uid)
      .number(finding.account.auid)
      .number(process.pid)
      .text(process.exe)
      .text(finding.matched_name)
      .text(file.path_confidence)
      .number(file.owner_uid)
      .text(file.device)
      .number(file.inode)
      .text(source.event)
      .text(source.input)
      .number(line)
      .number(source.record_id)
      .text(fmt::format("{}", fmt::join(finding.audit_keys, ",")))
      .text(finding.suppressed_by.value_or(""))
      .text(finding.incident.value_or(""))
      .text(reasons_in_words(finding.reasons));
}

// A row that only says something: about a host if one is named.
[[nodiscard]] std::string remark(std::string_view type, std::string_view host,
                                 std::string_view title) {
  Row row;
  row.skip(kQueryColumns + 1).text(type).skip(6).text(title).text(host);
  return row.finish();
}

[[nodiscard]] std::string incident_row(const Incident& incident) {
  Row row;
  row.skip(kQueryColumns).text(incident.id).text("incident").skip(3);
  row.text(to_string(incident.severity)).skip(2);
  row.text(fmt::format("{} to {}: {}", model::format_utc(incident.first),
                       model::format_utc(incident.last), incident.title));
  row.text(incident.host);
  return row.finish();
}

class CsvSink : public Sink {
 public:
  CsvSink(std::unique_ptr<Delivery> delivery, const SpillOptions& spill)
      : delivery_(std::move(delivery)), rows_(spill) {}

  [[nodiscard]] Status push(const Finding& finding) override {
    Row row;
    add_query_columns(row, finding);
    add_our_columns(row, finding);
    return rows_.push("1" + newest_first(finding), row.finish());
  }

  [[nodiscard]] Status push(const Incident& incident) override {
    return rows_.push("2" + most_severe_first(incident), incident_row(incident));
  }

  [[nodiscard]] Status close(const model::Coverage& coverage,
                             const model::Summary& summary) override {
    Status status = delivery_->write(header());
    if (status)
      status = rows_.drain(
          [this](std::string_view, std::string_view row) { return delivery_->write(row); });
    if (status)
      status = write_coverage(coverage);
    if (status)
      status = delivery_->write(remark("summary", "", summary_sentence(coverage, summary)));
    return status ? delivery_->finish() : status;
  }

 private:
  [[nodiscard]] Status write_coverage(const model::Coverage& coverage) {
    std::string rows;
    for (const model::HostCoverage& host : coverage.hosts) {
      for (const model::Statement& statement : host.statements)
        rows += remark("coverage", host.host,
                       statement.reason.empty()
                           ? statement.text
                           : fmt::format("{} ({})", statement.text, statement.reason));
    }
    for (const model::InputCoverage& input : coverage.inputs) {
      if (!input.problem.empty())
        rows += remark("coverage", "", input.name + ": " + input.problem);
    }
    for (const std::string& note : coverage.notes)
      rows += remark("coverage", "", note);
    return delivery_->write(rows);
  }

  std::unique_ptr<Delivery> delivery_;
  SortedSpill rows_;
};

}  // namespace

std::unique_ptr<Sink> make_csv_sink(std::unique_ptr<Delivery> delivery, const SpillOptions& spill) {
  return std::make_unique<CsvSink>(std::move(delivery), spill);
}

}  // namespace krbtrail::report
