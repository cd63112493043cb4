// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail merge`: the NDJSON of many runs becomes one report, in two passes over what they found:
// files → lines → objects → (each once) → links between hosts; then filter → sink → status.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <unistd.h>

#include "cli/command.h"
#include "cli/filter_options.h"
#include "cli/interruption.h"
#include "cli/line_reader.h"
#include "cli/merged_runs.h"
#include "cli/messages.h"
#include "cli/passwd_file.h"
#include "cli/progress.h"
#include "cli/report_output.h"
#include "cli/sandbox.h"
#include "krbtrail/activity/accounts.h"
#include "krbtrail/detect/incident_linker.h"
#include "krbtrail/input/file_source.h"
#include "krbtrail/input/pipe_source.h"
#include "krbtrail/report/gathering.h"
#include "krbtrail/report/ndjson_reader.h"

namespace krbtrail::cli {

namespace {

using model::Error;
using model::Finding;
using model::Incident;
using model::Result;
using model::Status;
using report::NdjsonObject;
using report::NdjsonReader;

constexpr std::size_t kMostRejected = 100;  // lines before the first good one

struct MergeOptions {
  std::vector<std::string> paths;
  std::string passwd;
  FindingFilter filter;
  ReportOptions report;
  When progress = When::automatic;
  bool quiet = false;
};

Status check_paths(const MergeOptions& options) {
  if (options.paths.empty())
    return Error{
        .message = "no findings are given",
        .hint = "name what krbtrail scan --format ndjson wrote, or '-' for standard input"};
  if (std::ranges::count(options.paths, "-") > 1)
    return Error{.message = "standard input can be read only once", .hint = ""};
  for (const std::string& path : options.paths) {
    if (would_replace(options.report, path))
      return Error{.message = "--output " + options.report.output + " would replace the findings",
                   .hint = ""};
  }
  return {};
}

Result<MergeOptions> read_options(const Arguments& arguments) {
  Result<ReportOptions> report = read_report_options(arguments);
  if (!report)
    return report.error();
  Result<FindingFilter> filter = read_filter(arguments);
  if (!filter)
    return filter.error();
  MergeOptions options{.paths = arguments.operands(),
                       .passwd = std::string{arguments.value("passwd").value_or("")},
                       .filter = std::move(filter.value()),
                       .report = std::move(report.value()),
                       .progress = as_enum<When>(*arguments.value("progress"), kWhens),
                       .quiet = arguments.has("quiet")};
  if (const Status paths = check_paths(options); !paths)
    return paths.error();
  return options;
}

SandboxPaths sandbox_paths(const MergeOptions& options) {
  SandboxPaths paths{.readable = options.paths};
  std::erase(paths.readable, "-");
  paths.readable.push_back(options.passwd);
  allow_output(options.report, paths);
  return paths;
}

Result<std::unique_ptr<input::ByteSource>> open(const std::string& path) {
  if (path == "-")
    return input::open_pipe(STDIN_FILENO, path);
  return input::open_file(path, path);
}

// Known only where all of it lies on a disk.
std::optional<std::uint64_t> bytes_of(const std::vector<std::string>& paths) {
  std::uint64_t total = 0;
  for (const std::string& path : paths) {
    std::error_code failure;
    const std::uintmax_t size = std::filesystem::file_size(path, failure);
    if (failure)
      return std::nullopt;
    total += size;
  }
  return total;
}

// Everything that the runs wrote, on its way to one report.
class Merge {
 public:
  Merge(const MergeOptions& options, const activity::Accounts& accounts,
        const Interruption& interruption)
      : options_(options),
        interruption_(interruption),
        gathering_({.directory = spill_directory()}),
        linker_({}, accounts),
        progress_({.enabled = shows_progress(options.progress, options.quiet),
                   .total = bytes_of(options.paths)},
                  std::chrono::steady_clock::now()) {}

  // An Error means that there is no place to keep what is read.
  [[nodiscard]] Status read(const std::string& path) {
    runs_.begin(path);
    const Result<std::unique_ptr<input::ByteSource>> source = open(path);
    if (!source) {
      runs_.end(source.error());
      return {};
    }
    LineReader lines{*source.value(), NdjsonReader::kLineLimit};
    std::uint64_t good = 0;
    std::uint64_t rejected = 0;
    while (const auto line = lines.next()) {
      if (interruption_.requested())
        return interrupted();
      progress_.update(bytes_before_ + lines.bytes_read(), std::chrono::steady_clock::now());
      const Result<NdjsonObject> object = object_of(*line);
      if (!object) {
        runs_.reject(line->number, object.error().message);
        if (++rejected == kMostRejected && good == 0) {
          runs_.give_up();
          return {};
        }
        continue;
      }
      ++good;
      if (Status taken = take(object.value(), line->text); !taken)
        return taken;
    }
    bytes_before_ += lines.bytes_read();
    if (good == 0 && rejected != 0 && lines.status())
      runs_.give_up();
    else
      runs_.end(lines.status());
    return {};
  }

  [[nodiscard]] Status link() {
    progress_.clear();
    Status known = gathering_.drop_copies({.on_finding =
                                               [&](const Finding& finding) {
                                                 linker_.add(finding);
                                                 return going_on();
                                               },
                                           .on_incident =
                                               [&](const Incident& incident) {
                                                 linker_.add(incident);
                                                 return going_on();
                                               }});
    linker_.link();
    return known;
  }

  [[nodiscard]] Status write(report::Sink& sink, model::Coverage& coverage,
                             model::Summary& summary) {
    const Status told = gathering_.drain({.on_finding = [&](Finding finding) -> Status {
                                            linker_.annotate(finding);
                                            if (!options_.filter.admits(finding, summary))
                                              return going_on();
                                            return sink.push(finding);
                                          },
                                          .on_incident = [&](Incident incident) -> Status {
                                            linker_.annotate(incident);
                                            if (!options_.filter.admits(incident, summary))
                                              return going_on();
                                            return sink.push(incident);
                                          }});
    return told ? sink.close(coverage, summary) : told;
  }

  [[nodiscard]] model::Coverage coverage() const { return runs_.coverage(); }
  [[nodiscard]] model::Summary summary() const { return runs_.summary(); }

  // What is to be said of the merging itself.
  [[nodiscard]] std::vector<std::string> notes() const {
    std::vector<std::string> notes = runs_.notes();
    if (gathering_.copies() != 0)
      notes.push_back(std::to_string(gathering_.copies()) +
                      " findings and incidents came more than once; each is told once");
    if (linker_.left_out() != 0)
      notes.push_back(std::to_string(linker_.left_out()) +
                      " incidents were not linked to others: there are too many");
    return notes;
  }

 private:
  [[nodiscard]] Result<NdjsonObject> object_of(const LineReader::Line& line) {
    if (line.too_long)
      return Error{.message = "is longer than a line of NDJSON can be", .hint = ""};
    return reader_.read(line.text);
  }

  [[nodiscard]] Status take(const NdjsonObject& object, std::string_view line) {
    if (const auto* const finding = std::get_if<Finding>(&object)) {
      runs_.saw(*finding);
      return gathering_.push(*finding, line);
    }
    if (const auto* const incident = std::get_if<Incident>(&object)) {
      runs_.saw(*incident);
      return gathering_.push(*incident, line);
    }
    if (const auto* const host = std::get_if<model::HostCoverage>(&object))
      runs_.add(*host);
    else if (const auto* const coverage = std::get_if<model::Coverage>(&object))
      runs_.add(*coverage);
    else if (const auto* const run = std::get_if<report::RunSummary>(&object))
      runs_.add(*run);
    return {};
  }

  [[nodiscard]] static Status interrupted() {
    return Error{.message = "interrupted: the output is not whole", .hint = ""};
  }
  [[nodiscard]] Status going_on() const {
    return interruption_.requested() ? interrupted() : Status{};
  }

  const MergeOptions& options_;
  const Interruption& interruption_;
  NdjsonReader reader_;
  MergedRuns runs_;
  report::Gathering gathering_;
  detect::IncidentLinker linker_;
  Progress progress_;
  std::uint64_t bytes_before_ = 0;  // of the files before this one
};

Result<ExitStatus> output_lost(const Error& error) {
  print_error(error);
  return ExitStatus::output_lost;
}

Result<ExitStatus> merge(const MergeOptions& options, const activity::Accounts& accounts,
                         const Interruption& interruption, std::vector<std::string> sandbox) {
  const Result<std::unique_ptr<report::Sink>> sink = open_report(options.report);
  if (!sink)
    return output_lost(sink.error());
  Merge merge{options, accounts, interruption};
  for (const std::string& path : options.paths) {
    if (const Status read = merge.read(path); !read)
      return output_lost(read.error());
  }
  if (const Status linked = merge.link(); !linked)
    return output_lost(linked.error());
  model::Coverage coverage = merge.coverage();
  const std::vector<std::string> notes = merge.notes();
  coverage.notes.insert(coverage.notes.end(), notes.begin(), notes.end());
  model::Summary summary = merge.summary();
  summary.version = KRBTRAIL_VERSION;
  summary.sandbox = std::move(sandbox);
  if (const Status written = merge.write(*sink.value(), coverage, summary); !written)
    return output_lost(written.error());
  if (!options.quiet)
    print_warnings(notes);
  print_problems(coverage.inputs);
  return status_of(coverage, summary);
}

Result<ExitStatus> run(const Arguments& arguments) {
  const Result<MergeOptions> options = read_options(arguments);
  if (!options)
    return options.error();
  std::vector<std::string> sandbox = enter_sandbox(sandbox_paths(options.value()));
  const Result<std::string> passwd = read_passwd(options.value().passwd);
  if (!passwd)
    return passwd.error();
  const activity::Accounts accounts{passwd.value()};
  const Interruption interruption;
  Result<ExitStatus> status = merge(options.value(), accounts, interruption, std::move(sandbox));
  if (interruption.requested())
    interruption.end_process();
  return status;
}

constexpr std::array kOptions{
    kMinSeverityOption,
    kSinceOption,
    kUntilOption,
    kHostOption,
    Option{.name = "passwd",
           .value = "FILE",
           .help = "names for uids, as in /etc/passwd",
           .group = "What to look for"},
    kFormatOption,
    kOutputOption,
    kShowSuppressedOption,
    kDisplayZoneOption,
    kStatsOption,
    kColorOption,
    kProgressOption,
    Option{
        .name = "quiet", .letter = 'q', .help = "no progress and no warnings", .group = "Output"},
};
constexpr std::array<Example, 3> kExamples{{
    {"krbtrail merge findings/*.ndjson", "many hosts, one report"},
    {"krbtrail merge --min-severity high findings/*.ndjson", "the worst of it"},
    {"cat findings/*.ndjson | krbtrail merge --format csv -", "into a spreadsheet"},
}};

}  // namespace

const Command& merge_command() {
  static const Command command{
      .name = "merge",
      .summary = "join the NDJSON of many runs; link hosts by account",
      .operands = "FINDINGS...",
      .about =
          "Reads what `krbtrail scan --format ndjson` wrote on many hosts, or on one again\n"
          "and again: each finding once, incidents of the same accounts on different hosts\n"
          "linked, what the runs could not see added up; one report.\n",
      .options = kOptions,
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
