// SPDX-License-Identifier: Apache-2.0
#include "cli/scan_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/filter_options.h"
#include "krbtrail/model/timestamp.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::cli {

namespace {

constexpr std::array<std::string_view, 2> kRuleSets{"full", "seed"};
constexpr std::array<std::string_view, 3> kKinds{"auto", "audit", "windows"};
constexpr std::array<std::string_view, 2> kWindowsRules{"v214", "pre2025"};

constexpr std::array kOptions{
    Option{.name = "rules",
           .value = "SET",
           .help = "full, or seed: the query's three branches alone",
           .fallback = "full",
           .words = kRuleSets,
           .group = "What to look for"},
    Option{.name = "strict-kql",
           .help = "with seed: to the letter, no reads, no other names",
           .group = "What to look for"},
    Option{.name = "config",
           .value = "FILE",
           .help = "the site's settings, krbtrail.conf(5)",
           .group = "What to look for"},
    Option{.name = "windows-rule",
           .value = "RULE",
           .help = "v214, or pre2025: before June 2025",
           .fallback = "v214",
           .words = kWindowsRules,
           .group = "What to look for"},
    Option{.name = "exceptions",
           .value = "FILE",
           .help = "what the site has decided is no theft",
           .group = "What to look for"},
    kMinSeverityOption,
    kSinceOption,
    kUntilOption,
    kHostOption,
    Option{.name = "kind",
           .value = "KIND",
           .help = "auto, or audit or windows for every file",
           .fallback = "auto",
           .words = kKinds,
           .group = "Evidence"},
    Option{.name = "root",
           .value = "DIR",
           .help = "a mounted image, in place of PATH",
           .group = "Evidence"},
    Option{.name = "passwd",
           .value = "FILE",
           .help = "names for uids, as in /etc/passwd",
           .group = "Evidence"},
    Option{.name = "hostname",
           .value = "NAME",
           .help = "the host of records that name none",
           .group = "Evidence"},
    Option{.name = "input-zone",
           .value = "ZONE",
           .help = "of Windows times that name none: +HH:MM",
           .group = "Evidence"},
    Option{.name = "recovered",
           .help = "EVTX: deleted records in slack too, flagged",
           .group = "Evidence"},
    Option{.name = "hash", .help = "the SHA-256 of each input in the summary", .group = "Evidence"},
    Option{.name = "jobs",
           .value = "N",
           .help = "threads, at most 16; the findings are the same",
           .fallback = "1",
           .group = "Evidence"},
    Option{.name = "no-prefilter",
           .help = "decode every event; the findings are the same",
           .group = "Evidence"},
    kFormatOption,
    kOutputOption,
    Option{
        .name = "evidence", .help = "with the records that a finding rests on", .group = "Output"},
    kShowSuppressedOption,
    Option{.name = "propose-exception",
           .value = "ID",
           .help = "write an exception for that finding instead",
           .group = "Output"},
    kDisplayZoneOption,
    kStatsOption,
    kColorOption,
    kProgressOption,
    Option{
        .name = "quiet", .letter = 'q', .help = "no progress and no warnings", .group = "Output"},
};

std::string text_of(const Arguments& arguments, std::string_view name) {
  return std::string{arguments.value(name).value_or("")};
}

model::Status check_paths(const ScanOptions& options) {
  const auto& paths = options.paths;
  if (!options.root.empty() && !paths.empty())
    return model::Error{.message = "--root and a path exclude each other",
                        .hint = "--root DIR reads DIR/var/log/audit"};
  if (options.root.empty() && paths.empty())
    return model::Error{.message = "no evidence is given",
                        .hint = "name files or directories, or '-' for standard input"};
  if (std::ranges::count(paths, "-") > 1)
    return model::Error{.message = "standard input can be read only once", .hint = ""};
  if (options.hash && std::ranges::count(paths, "-") != 0)
    return model::Error{.message = "--hash cannot be had of standard input",
                        .hint = "sha256sum can: … | tee >(sha256sum) | krbtrail scan -"};
  return {};
}

model::Status read_input_zone(const Arguments& arguments, ScanOptions& options) {
  if (const auto text = arguments.value("input-zone")) {
    const auto zone = model::parse_zone(*text);
    if (!zone)
      return about_option("input-zone", zone.error());
    options.input_zone = zone.value();
  }
  return {};
}

model::Status read_jobs(const Arguments& arguments, ScanOptions& options) {
  const std::string_view text = *arguments.value("jobs");
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), options.jobs);
  const bool is_number = failure == std::errc{} && end == text.data() + text.size();
  if (!is_number || options.jobs < 1 || options.jobs > windows::kMostJobs)
    return about_option("jobs", {.message = "'" + std::string{text} + "' is no number from 1 to " +
                                            std::to_string(windows::kMostJobs),
                                 .hint = ""});
  return {};
}

model::Status check_rules(const ScanOptions& options) {
  if (options.strict_kql && !options.seed_only)
    return model::Error{.message = "--strict-kql is for --rules seed only",
                        .hint = "the full rule set knows one reading"};
  return {};
}

}  // namespace

std::span<const Option> scan_option_table() {
  return kOptions;
}

model::Result<ScanOptions> read_scan_options(const Arguments& arguments) {
  model::Result<ReportOptions> report = read_report_options(arguments);
  if (!report)
    return report.error();
  model::Result<FindingFilter> filter = read_filter(arguments);
  if (!filter)
    return filter.error();
  ScanOptions options;
  options.report = std::move(report.value());
  options.filter = std::move(filter.value());
  options.paths = arguments.operands();
  options.root = text_of(arguments, "root");
  options.passwd = text_of(arguments, "passwd");
  options.config = text_of(arguments, "config");
  options.exceptions = text_of(arguments, "exceptions");
  options.proposed = text_of(arguments, "propose-exception");
  options.hostname = text_of(arguments, "hostname");
  options.kind = as_enum<input::KindChoice>(*arguments.value("kind"), kKinds);
  options.seed_only = arguments.value("rules") == "seed";
  options.strict_kql = arguments.has("strict-kql");
  options.windows_rule =
      as_enum<detect::RuleVariant>(*arguments.value("windows-rule"), kWindowsRules);
  options.recovered = arguments.has("recovered");
  options.prefilter = !arguments.has("no-prefilter");
  options.evidence = arguments.has("evidence");
  options.hash = arguments.has("hash");
  options.progress = as_enum<When>(*arguments.value("progress"), kWhens);
  options.quiet = arguments.has("quiet");
  if (const model::Status paths = check_paths(options); !paths)
    return paths.error();
  if (const model::Status rules = check_rules(options); !rules)
    return rules.error();
  if (const model::Status jobs = read_jobs(arguments, options); !jobs)
    return jobs.error();
  if (const model::Status zone = read_input_zone(arguments, options); !zone)
    return zone.error();
  return options;
}

}  // namespace krbtrail::cli
