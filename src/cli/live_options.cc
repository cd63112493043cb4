// SPDX-License-Identifier: Apache-2.0
#include "cli/live_options.h"

#include <array>
#include <string_view>
#include <utility>

#include "cli/confinement.h"
#include "cli/filter_options.h"
#include "krbtrail/model/finding.h"

namespace krbtrail::cli {

namespace {

constexpr std::array<std::string_view, 2> kRuleSets{"full", "seed"};

constexpr std::array kOptions{
    Option{.name = "socket",
           .value = "PATH",
           .help = "read auditd's af_unix plugin, not standard input",
           .group = "What to listen to"},
    Option{.name = "follow",
           .value = "FILE",
           .help = "read what is added to a log, through rotation",
           .group = "What to listen to"},
    Option{.name = "hostname",
           .value = "NAME",
           .help = "the host of records that name none",
           .group = "What to listen to"},
    Option{.name = "user",
           .value = "NAME",
           .help = "become NAME after the start; else krbtrail",
           .group = "What to listen to"},
    Option{.name = "state",
           .value = "FILE",
           .help = "keep what was learned there for the next start",
           .group = "What to listen to"},
    Option{.name = "no-proc",
           .help = "do not look at what runs already at the start",
           .group = "What to listen to"},
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
    Option{.name = "exceptions",
           .value = "FILE",
           .help = "what the site has decided is no theft",
           .group = "What to look for"},
    kMinSeverityOption,
    Option{.name = "no-prefilter",
           .help = "decode every event; the findings are the same",
           .group = "What to look for"},
    Option{.name = "output",
           .letter = 'o',
           .value = "KIND:TARGET",
           .help = "ndjson:FILE, syslog:FACILITY, unix:SOCKET or\n"
                   "exec:PROGRAM; may be repeated; else stdout",
           .repeatable = true,
           .group = "Output"},
    Option{
        .name = "evidence", .help = "with the records that a finding rests on", .group = "Output"},
    kShowSuppressedOption,
    Option{.name = "quiet", .letter = 'q', .help = "no warnings; errors stay", .group = "Output"},
};

std::string text_of(const Arguments& arguments, std::string_view name) {
  return std::string{arguments.value(name).value_or("")};
}

model::Status read_outputs(const Arguments& arguments, LiveOptions& options) {
  for (const std::string& value : arguments.values("output")) {
    model::Result<OutputTarget> output = read_output_target(value);
    if (!output)
      return model::Error{.message = "--output: " + output.error().message,
                          .hint = output.error().hint};
    options.outputs.push_back(std::move(output.value()));
  }
  return {};
}

}  // namespace

std::span<const Option> live_option_table() {
  return kOptions;
}

model::Result<LiveOptions> read_live_options(const Arguments& arguments) {
  LiveOptions options;
  options.socket = text_of(arguments, "socket");
  options.follow = text_of(arguments, "follow");
  options.config = text_of(arguments, "config");
  options.exceptions = text_of(arguments, "exceptions");
  options.hostname = text_of(arguments, "hostname");
  options.user = text_of(arguments, "user");
  options.seed_only = arguments.value("rules") == "seed";
  options.strict_kql = arguments.has("strict-kql");
  options.prefilter = !arguments.has("no-prefilter");
  options.evidence = arguments.has("evidence");
  options.filter.min_severity = *model::parse_severity(*arguments.value("min-severity"));
  options.filter.shows_suppressed = arguments.has("show-suppressed");
  options.state = text_of(arguments, "state");
  options.proc = !arguments.has("no-proc");
  options.quiet = arguments.has("quiet");
  if (!options.socket.empty() && !options.follow.empty())
    return model::Error{.message = "--socket and --follow exclude each other", .hint = ""};
  if (arguments.has("user")) {
    if (const model::Status checked = check_user_name(options.user); !checked)
      return about_option("user", checked.error());
  }
  if (arguments.has("state")) {
    if (const model::Status checked = check_file_of_live(options.state); !checked)
      return about_option("state", checked.error());
  }
  if (options.strict_kql && !options.seed_only)
    return model::Error{.message = "--strict-kql is for --rules seed only",
                        .hint = "the full rule set knows one reading"};
  if (const model::Status outputs = read_outputs(arguments, options); !outputs)
    return outputs.error();
  return options;
}

}  // namespace krbtrail::cli
