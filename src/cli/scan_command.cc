// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail scan`: from the options to the report and the exit status, each step once:
// options → sandbox → what was named becomes evidence → pipeline → filter → sink → status.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cli/audit_pipeline.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/digest.h"
#include "cli/exceptions_file.h"
#include "cli/interruption.h"
#include "cli/kerberos_configuration.h"
#include "cli/messages.h"
#include "cli/passwd_file.h"
#include "cli/progress.h"
#include "cli/report_output.h"
#include "cli/sandbox.h"
#include "cli/scan_options.h"
#include "cli/windows_pipeline.h"
#include "krbtrail/activity/accounts.h"
#include "krbtrail/detect/exceptions.h"
#include "krbtrail/input/file_source.h"
#include "krbtrail/input/files.h"
#include "krbtrail/report/delivery.h"
#include "krbtrail/report/sink.h"

namespace krbtrail::cli {

namespace {

using model::Error;
using model::Result;
using model::Status;

SandboxPaths sandbox_paths(const ScanOptions& options) {
  SandboxPaths paths{.readable = options.paths};
  std::erase(paths.readable, "-");
  paths.readable.push_back(options.root);
  paths.readable.push_back(options.passwd);
  allow_output(options.report, paths);
  return paths;
}

input::Evidence gather(const ScanOptions& options) {
  input::GatherOptions gathering{.kind = options.kind, .host_name = options.hostname};
  if (!options.root.empty())
    gathering.root = options.root;
  return input::gather(options.paths, gathering);
}

std::vector<const input::LogFile*> files_of(const input::Evidence& evidence) {
  std::vector<const input::LogFile*> files;
  for (const input::LogSet& set : evidence.sets) {
    for (const input::LogFile& file : set.files)
      files.push_back(&file);
  }
  for (const input::LogFile& file : evidence.windows)
    files.push_back(&file);
  return files;
}

// A report must never take the place of what it is about.
Status spare_the_evidence(const ScanOptions& options, const input::Evidence& evidence) {
  for (const input::LogFile* file : files_of(evidence)) {
    const std::string path = file->image ? file->image->display_name(file->path) : file->path;
    if (would_replace(options.report, path))
      return Error{.message = "--output " + options.report.output + " would replace the evidence",
                   .hint = ""};
  }
  return {};
}

// Known only where every file is read as it lies on the disk.
std::optional<std::uint64_t> bytes_to_read(const input::Evidence& evidence) {
  std::uint64_t total = 0;
  for (const input::LogFile* file : files_of(evidence)) {
    if (!file->size || file->compression != input::Compression::none)
      return std::nullopt;
    total += *file->size;
  }
  return total;
}

// What a run produces beside findings.
struct Account {
  detect::Exceptions exceptions;
  model::Coverage coverage;
  model::Summary summary;
  std::unordered_set<std::string> told;  // open incidents of which a finding was printed
};

// What both sides are given.
struct Wiring {
  std::function<void(std::uint64_t)> on_progress;
  std::function<bool()> stop;
  std::function<void(const model::Finding&)> on_finding;
  std::function<void(const model::Incident&)> on_incident;
};

Status scan_audit_logs(const ScanOptions& options, const Configuration& configuration,
                       const input::Evidence& evidence, const std::string& passwd,
                       const Wiring& wiring, model::Coverage& coverage) {
  const auto pipeline = AuditPipeline::make({.prefilter = options.prefilter,
                                             .seed_only = options.seed_only,
                                             .strict_kql = options.strict_kql,
                                             .keep_records = options.evidence,
                                             .settings = configuration.settings,
                                             .passwd = passwd,
                                             .jobs = options.jobs,
                                             .on_progress = wiring.on_progress,
                                             .stop = wiring.stop},
                                            coverage, wiring.on_finding, wiring.on_incident);
  if (!pipeline)
    return pipeline.error();
  for (const input::LogSet& set : evidence.sets) {
    if (!wiring.stop())
      pipeline.value()->scan(set);
  }
  pipeline.value()->finish();
  return {};
}

// An Error means that findings are lacking.
Status scan_windows_logs(const ScanOptions& options, const input::Evidence& evidence,
                         const Wiring& wiring, model::Coverage& coverage) {
  if (evidence.windows.empty())
    return {};
  WindowsPipeline pipeline{{.variant = options.windows_rule,
                            .input_zone = options.input_zone,
                            .host_name = options.hostname,
                            .recovered = options.recovered,
                            .jobs = options.jobs,
                            .keep_records = options.evidence,
                            .spill_directory = spill_directory(),
                            .on_progress = wiring.on_progress,
                            .stop = wiring.stop},
                           coverage};
  for (const input::LogFile& file : evidence.windows) {
    if (!wiring.stop())
      pipeline.scan(file);
  }
  return wiring.stop() ? Status{} : pipeline.finish(wiring.on_finding);
}

// Where what is found goes.
struct Receivers {
  std::function<void(const model::Finding&)> on_finding;
  std::function<void(const model::Incident&)> on_incident;
};

// Reads all logs. An Error in `written` means that the output is not whole.
Status scan_logs(const ScanOptions& options, const Configuration& configuration,
                 const input::Evidence& evidence, const std::string& passwd,
                 const Interruption& interruption, const Receivers& to, model::Coverage& coverage,
                 Status& written) {
  Progress progress{{.enabled = shows_progress(options.progress, options.quiet),
                     .total = bytes_to_read(evidence)},
                    std::chrono::steady_clock::now()};
  const Wiring wiring{
      .on_progress =
          [&](std::uint64_t bytes) { progress.update(bytes, std::chrono::steady_clock::now()); },
      .stop = [&] { return interruption.requested() || !written; },
      .on_finding = to.on_finding,
      .on_incident = to.on_incident};
  if (Status scanned = scan_audit_logs(options, configuration, evidence, passwd, wiring, coverage);
      !scanned)
    return scanned;
  Status whole = scan_windows_logs(options, evidence, wiring, coverage);
  if (written && !whole)
    written = std::move(whole);
  return {};
}

Result<std::unique_ptr<input::ByteSource>> open_as_it_lies(const input::LogFile& file) {
  if (file.image)
    return file.image->open_file(file.path, file.name);
  return input::open_regular_file(file.path, file.name);
}

// A file without a digest is one that could not be read, which its InputCoverage says already.
void add_digests(const input::Evidence& evidence, std::vector<model::InputCoverage>& inputs) {
  std::map<std::string, std::string> digests;
  for (const input::LogFile* file : files_of(evidence)) {
    if (file->stream)  // a FIFO: its bytes came once
      continue;
    Result<std::unique_ptr<input::ByteSource>> source = open_as_it_lies(*file);
    if (!source)
      continue;
    if (const Result<std::string> digest = sha256_of(*source.value()); digest)
      digests[file->name] = digest.value();
  }
  for (model::InputCoverage& input : inputs) {
    if (const auto digest = digests.find(input.name); digest != digests.end())
      input.sha256 = digest->second;
  }
}

void add_unread(const input::Evidence& evidence, std::vector<model::InputCoverage>& inputs) {
  inputs.insert(inputs.end(), evidence.unread.begin(), evidence.unread.end());
}

std::string_view what_was_sought(input::KindChoice kind) {
  switch (kind) {
    case input::KindChoice::automatic:
      return "no audit record and no Windows event";
    case input::KindChoice::audit:
      return "no audit record, and --kind audit asks for nothing else,";
    case input::KindChoice::windows:
      return "no Windows event, and --kind windows asks for nothing else,";
  }
  return "";
}

// "Nothing found" may only be said of evidence.
void say_if_there_is_none(const ScanOptions& options, model::Coverage& coverage) {
  const auto says_why = [](const model::InputCoverage& input) { return !input.problem.empty(); };
  if (coverage.records != 0 || std::ranges::any_of(coverage.inputs, says_why))
    return;
  const std::string name = options.root.empty() ? options.paths.front() : options.root;
  auto input = std::ranges::find(coverage.inputs, name, &model::InputCoverage::name);
  if (input == coverage.inputs.end())
    input = coverage.inputs.insert(
        input,
        {.name = name, .kind = "unknown", .bytes = 0, .problem = "", .unread = true, .sha256 = ""});
  input->problem = std::string{what_was_sought(options.kind)} + " was found";
  input->unread = true;
}

// Nor of a host that is not in the evidence.
void say_which_hosts_are_missing(const ScanOptions& options, model::Coverage& coverage) {
  for (const std::string& host : options.filter.hosts) {
    const auto is_it = [&](const model::HostCoverage& seen) {
      return is_same_host(host, seen.host);
    };
    if (std::ranges::none_of(coverage.hosts, is_it))
      coverage.inputs.push_back({.name = "--host " + host,
                                 .kind = "unknown",
                                 .bytes = 0,
                                 .problem = "no record of this host was found",
                                 .unread = true,
                                 .sha256 = ""});
  }
}

ExitStatus output_lost(const Error& error) {
  print_error(error);
  return ExitStatus::output_lost;
}

// From a finding to the report, past all that holds one back.
Status pass_on(const ScanOptions& options, model::Finding finding, Account& account,
               report::Sink& sink) {
  if (options.filter.is_asked_for(finding))
    finding.suppressed_by = account.exceptions.judge(finding);
  if (!options.filter.admits(finding, account.summary))
    return {};
  if (finding.incident && !finding.suppressed_by)
    account.told.insert(*finding.incident);
  return sink.push(finding);
}

// A story of which no finding is told is none.
Status pass_on(const model::Incident& incident, Account& account, report::Sink& sink) {
  if (account.told.erase(incident.id) == 0)
    return {};
  ++account.summary.incidents;
  return sink.push(incident);
}

void add_notes_of_exceptions(Account& account) {
  std::optional<model::Timestamp> newest;
  for (const model::HostCoverage& host : account.coverage.hosts)
    newest = std::max(newest, host.last);
  const std::vector<std::string> notes = account.exceptions.notes(newest);
  account.coverage.notes.insert(account.coverage.notes.end(), notes.begin(), notes.end());
}

// Everything from the opened output on. It ends early, with the output not whole, if a signal
// comes.
Result<ExitStatus> scan_into_sink(const ScanOptions& options, const Configuration& configuration,
                                  const input::Evidence& evidence, const std::string& passwd,
                                  const Interruption& interruption, Account& account) {
  const Result<std::unique_ptr<report::Sink>> opened = open_report(options.report);
  if (!opened)
    return output_lost(opened.error());
  report::Sink& sink = *opened.value();
  const std::size_t notes_said = account.coverage.notes.size();
  Status written;
  const Receivers to{.on_finding =
                         [&](const model::Finding& finding) {
                           if (written)
                             written = pass_on(options, finding, account, sink);
                         },
                     .on_incident =
                         [&](const model::Incident& incident) {
                           if (written)
                             written = pass_on(incident, account, sink);
                         }};
  if (const Status scanned = scan_logs(options, configuration, evidence, passwd, interruption, to,
                                       account.coverage, written);
      !scanned)
    return scanned.error();
  if (!written)
    return output_lost(written.error());
  if (interruption.requested())
    return output_lost({.message = "interrupted: the output is not whole", .hint = ""});
  model::Coverage& coverage = account.coverage;
  if (options.hash)
    add_digests(evidence, coverage.inputs);
  add_unread(evidence, coverage.inputs);
  say_if_there_is_none(options, coverage);
  say_which_hosts_are_missing(options, coverage);
  add_notes_of_exceptions(account);
  if (const Status closed = sink.close(coverage, account.summary); !closed)
    return output_lost(closed.error());
  if (!options.quiet)
    print_warnings(std::span{coverage.notes}.subspan(notes_said));
  print_problems(coverage.inputs);
  return status_of(coverage, account.summary);
}

// --propose-exception: the entry for one finding takes the place of the report.
Result<ExitStatus> propose(const ScanOptions& options, const Configuration& configuration,
                           const input::Evidence& evidence, const std::string& passwd,
                           const Interruption& interruption, Account& account) {
  std::optional<Result<std::string>> proposal;
  Status whole;
  const Receivers to{.on_finding =
                         [&](const model::Finding& finding) {
                           if (!proposal && finding.id == options.proposed)
                             proposal = propose_exception(finding);
                         },
                     .on_incident = [](const model::Incident& /*incident*/) {}};
  if (const Status scanned = scan_logs(options, configuration, evidence, passwd, interruption, to,
                                       account.coverage, whole);
      !scanned)
    return scanned.error();
  add_unread(evidence, account.coverage.inputs);
  print_problems(account.coverage.inputs);
  if (!proposal)
    return Error{.message = "--propose-exception: no finding has the id '" + options.proposed + "'",
                 .hint = "a scan of the same evidence with the same --hostname prints the ids"};
  if (!*proposal)
    return proposal->error();
  Result<std::unique_ptr<report::Delivery>> delivery = open_delivery(options.report);
  if (!delivery)
    return output_lost(delivery.error());
  if (const Status written = delivery.value()->write(proposal->value()); !written)
    return output_lost(written.error());
  if (const Status finished = delivery.value()->finish(); !finished)
    return output_lost(finished.error());
  return ExitStatus::clean;
}

// What the image says about itself is evidence, and a mistake in it no mistake of the user.
void add_settings_of_image(const input::MountedImage& image, Configuration& configuration,
                           std::vector<std::string>& notes) {
  const KerberosConfiguration host = read_kerberos_configuration(image);
  add_ticket_places(configuration, host);
  notes.insert(notes.end(), host.notes.begin(), host.notes.end());
}

std::string rule_set_text(const ScanOptions& options) {
  if (!options.seed_only)
    return "full";
  return options.strict_kql ? "seed, strict" : "seed";
}

Result<ExitStatus> run(const Arguments& arguments) {
  const Result<ScanOptions> read = read_scan_options(arguments);
  if (!read)
    return read.error();
  const ScanOptions& options = read.value();
  Mistakes mistakes;
  Configuration configuration = load_configuration(options.config, mistakes);
  Account account;
  account.exceptions = detect::Exceptions{load_exceptions(options.exceptions, mistakes)};
  if (!mistakes.empty()) {
    print_errors(mistakes);
    return ExitStatus::usage;
  }
  account.summary.version = KRBTRAIL_VERSION;
  account.summary.rule_set = rule_set_text(options);
  account.summary.sandbox = enter_sandbox(sandbox_paths(options));
  const input::Evidence evidence = gather(options);
  if (const Status spared = spare_the_evidence(options, evidence); !spared)
    return spared.error();
  account.coverage.notes = evidence.notes;
  if (!evidence.windows.empty())
    account.summary.windows_rule = to_string(options.windows_rule);
  const Result<std::string> passwd =
      account_names(options.passwd, evidence, account.coverage.notes);
  if (!passwd)
    return passwd.error();
  if (evidence.image)
    add_settings_of_image(*evidence.image, configuration, account.coverage.notes);
  if (!options.quiet)
    print_warnings(account.coverage.notes);
  const Interruption interruption;
  const auto act = options.proposed.empty() ? scan_into_sink : propose;
  Result<ExitStatus> status =
      act(options, configuration, evidence, passwd.value(), interruption, account);
  if (interruption.requested())
    interruption.end_process();
  return status;
}

constexpr std::array<Example, 3> kExamples{{
    {"krbtrail scan /var/log/audit", "this host, now"},
    {"krbtrail scan --format csv -o found.csv evidence/", "into a spreadsheet"},
    {"zcat audit.log.gz | krbtrail scan --evidence -", "with the records"},
}};

}  // namespace

const Command& scan_command() {
  static const Command command{
      .name = "scan",
      .summary = "find stolen Kerberos tickets in Linux and Windows logs",
      .operands = "PATH...",
      .about =
          "Reads Linux audit logs and Windows Security logs, original or exported, in PATH\n"
          "(files, directories, or - for standard input): who took Kerberos tickets or used\n"
          "a relayed one, on which records that rests, and what could not be seen.\n",
      .options = scan_option_table(),
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
