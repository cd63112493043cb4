// SPDX-License-Identifier: Apache-2.0
#include "cli/windows_pipeline.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/spool_file.h"
#include "krbtrail/detect/windows_evaluator.h"
#include "krbtrail/input/read_ahead.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::cli {
namespace {

using input::EvidenceKind;
using windows::ReadReport;

constexpr std::size_t kProblemsNoted = 10;  // of one input; the others are counted

ReadReport read_as(EvidenceKind kind, const windows::ReadBytes& read,
                   const windows::InputName& name, const windows::ReadOptions& options,
                   windows::EventSink& sink) {
  switch (kind) {
    case EvidenceKind::evtx:
      return windows::read_evtx(read, name, options, sink);
    case EvidenceKind::windows_xml:
      return windows::read_xml(read, name, options, sink);
    case EvidenceKind::windows_json:
      return windows::read_json(read, name, options, sink);
    case EvidenceKind::windows_csv:
      return windows::read_csv(read, name, options, sink);
    case EvidenceKind::windows_text:
    case EvidenceKind::empty:  // none of these is among Evidence::windows
    case EvidenceKind::unknown:
    case EvidenceKind::audit:
    case EvidenceKind::interpreted:
      break;
  }
  return windows::read_text(read, name, options, sink);
}

void add(const model::Count& count, model::Count& to) {
  to.lines += count.lines;
  to.bytes += count.bytes;
}

void add_counts(const ReadReport& report, model::Coverage& coverage) {
  coverage.bytes_read += report.bytes;
  add(report.used, coverage.used);
  add(report.not_needed, coverage.not_needed);
  for (std::size_t i = 0; i < report.rejected.size(); ++i)
    add(report.rejected[i], coverage.rejected[i]);
  coverage.records += report.records;
  coverage.events += report.records;
  coverage.events_evaluated += report.handed_on;
}

std::string in_words(const windows::Problem& problem) {
  return problem.line == 0 ? problem.text
                           : "line " + std::to_string(problem.line) + ": " + problem.text;
}

// Fields of the rule that this export lacks altogether: what it can decide is limited by them.
std::string lacking(const std::map<windows::Field, std::uint64_t>& missing, std::uint64_t events) {
  std::string names;
  for (const auto& [field, count] : missing) {
    if (count == events)
      names += (names.empty() ? "" : ", ") + std::string{windows::raw_name(field)};
  }
  return names;
}

std::uint64_t count_of(const ReadReport& report, std::uint32_t event_id) {
  const auto found = report.by_event_id.find(event_id);
  return found == report.by_event_id.end() ? 0 : found->second;
}

// What the user should know of an input that was read.
std::vector<std::string> remarks(const ReadReport& report) {
  std::vector<std::string> made;
  for (std::size_t i = 0; i < std::min(report.problems.size(), kProblemsNoted); ++i)
    made.push_back(in_words(report.problems[i]));
  if (report.problems_in_all > kProblemsNoted)
    made.push_back(std::to_string(report.problems_in_all - kProblemsNoted) + " more problems");
  if (report.assumed_dates != 0)
    made.push_back(std::to_string(report.assumed_dates) +
                   " dates that could be read in two ways were taken as month, day, year");
  for (const auto& [event_id, missing] :
       {std::pair{4624U, &report.missing_of_logons}, {4697U, &report.missing_of_services}}) {
    if (const std::string names = lacking(*missing, count_of(report, event_id)); !names.empty())
      made.push_back("its events " + std::to_string(event_id) + " lack " + names);
  }
  return made;
}

}  // namespace

class WindowsPipeline::Impl {
 public:
  Impl(WindowsPipelineOptions options, model::Coverage& coverage)
      : options_(std::move(options)),
        coverage_(coverage),
        evaluator_({.variant = options_.variant,
                    .input_zone = options_.input_zone,
                    .host_name = options_.host_name,
                    .keep_records = options_.keep_records,
                    .spool = {.make_file =
                                  [directory = options_.spill_directory] {
                                    return make_spool_file(directory);
                                  }}},
                   inputs_, coverage) {}

  void scan(const input::LogFile& file);
  [[nodiscard]] model::Status finish(const std::function<void(model::Finding)>& on_finding) {
    return evaluator_.finish(on_finding);
  }
  [[nodiscard]] model::Result<std::vector<detect::ExplainedActivity>> explain(
      std::string_view computer, std::uint64_t record_id) {
    return evaluator_.explain(computer, record_id);
  }

 private:
  [[nodiscard]] ReadReport read(const input::LogFile& file, const windows::InputName& name);
  void tell(const input::LogFile& file, const ReadReport& report);

  WindowsPipelineOptions options_;
  model::Coverage& coverage_;
  model::InputNames inputs_;
  detect::WindowsEvaluator evaluator_;
};

ReadReport WindowsPipeline::Impl::read(const input::LogFile& file, const windows::InputName& name) {
  model::Result<std::unique_ptr<input::ByteSource>> opened = input::open(file);
  if (!opened) {
    ReadReport unread;
    unread.failure = opened.error();
    return unread;
  }
  const std::unique_ptr<input::ByteSource> source =
      file.compression == input::Compression::none ? std::move(opened.value())
                                                   : input::read_ahead(std::move(opened.value()));
  std::uint64_t done = coverage_.bytes_read;
  const auto read_block = [&](std::span<char> buffer) -> model::Result<std::size_t> {
    if (options_.stop && options_.stop())
      return std::size_t{0};
    model::Result<std::size_t> got = source->read(buffer);
    if (got && options_.on_progress)
      options_.on_progress(done += got.value());
    return got;
  };
  return read_as(file.kind, read_block, name,
                 {.recovered = options_.recovered, .jobs = options_.jobs}, evaluator_);
}

void WindowsPipeline::Impl::scan(const input::LogFile& file) {
  const windows::InputName name{.input = inputs_.intern(file.name), .name = file.name};
  const ReadReport report = read(file, name);
  evaluator_.input_done(name.input, report);
  add_counts(report, coverage_);
  tell(file, report);
}

void WindowsPipeline::Impl::tell(const input::LogFile& file, const ReadReport& report) {
  std::vector<std::string> notes = remarks(report);
  model::InputCoverage input{.name = file.name,
                             .kind = std::string{input::to_string(file.kind)},
                             .bytes = report.bytes,
                             .problem = {},
                             .unread = report.failure.has_value(),
                             .sha256 = {}};
  if (report.failure) {
    input.problem = input::problem_text(*report.failure, file.name);
  } else if (report.records == 0 && !notes.empty()) {
    input.problem = notes.front();
    input.unread = true;
    notes.erase(notes.begin());
  } else if (report.records == 0) {
    notes.emplace_back("holds no event");
  }
  coverage_.inputs.push_back(std::move(input));
  for (const std::string& note : notes)
    coverage_.notes.push_back(file.name + ": " + note);
}

WindowsPipeline::WindowsPipeline(WindowsPipelineOptions options, model::Coverage& coverage)
    : impl_(std::make_unique<Impl>(std::move(options), coverage)) {}
WindowsPipeline::~WindowsPipeline() = default;

void WindowsPipeline::scan(const input::LogFile& file) {
  impl_->scan(file);
}
model::Status WindowsPipeline::finish(const std::function<void(model::Finding)>& on_finding) {
  return impl_->finish(on_finding);
}

model::Result<std::vector<detect::ExplainedActivity>> WindowsPipeline::explain(
    std::string_view computer, std::uint64_t record_id) {
  return impl_->explain(computer, record_id);
}

}  // namespace krbtrail::cli
