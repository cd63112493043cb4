// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail live`: from the options to a running plugin, each step once:
// signals → options → rules → confinement → outputs → feed → run.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/confinement.h"
#include "cli/exceptions_file.h"
#include "cli/kerberos_configuration.h"
#include "cli/live_log.h"
#include "cli/live_options.h"
#include "cli/live_outputs.h"
#include "cli/live_run.h"
#include "krbtrail/input/mounted_image.h"
#include "krbtrail/live/feed.h"
#include "krbtrail/live/proc_snapshot.h"
#include "krbtrail/live/saved_state.h"
#include "krbtrail/live/signals.h"

namespace krbtrail::cli {

namespace {

using model::Result;

// What this host's own configuration says of its tickets. Read as root and once: sssd's is root's.
KerberosConfiguration own_kerberos_configuration() {
  const Result<input::MountedImage> root = input::MountedImage::open("/");
  return root ? read_kerberos_configuration(root.value()) : KerberosConfiguration{};
}

const std::string& exceptions_file(const LiveOptions& options, const Configuration& configuration) {
  return options.exceptions.empty() ? configuration.live.exceptions : options.exceptions;
}

LiveRules load_rules(const LiveOptions& options, const KerberosConfiguration& places,
                     Mistakes& mistakes) {
  LiveRules rules{.configuration = load_configuration(options.config, mistakes), .exceptions = {}};
  add_ticket_places(rules.configuration, places);
  rules.exceptions = load_exceptions(exceptions_file(options, rules.configuration), mistakes);
  return rules;
}

const std::string& state_file(const LiveOptions& options, const Configuration& configuration) {
  return options.state.empty() ? configuration.live.state : options.state;
}

RuntimeNeeds needs_of(const LiveOptions& options, const Configuration& configuration,
                      const std::vector<OutputTarget>& targets) {
  RuntimeNeeds needs{.user = options.user.empty() ? configuration.live.user : options.user};
  for (const std::string* file :
       {&options.config, &exceptions_file(options, configuration), &options.follow}) {
    if (!file->empty())
      needs.reread.push_back(*file);
  }
  if (!options.socket.empty())
    needs.connected.push_back(options.socket);
  if (const std::string& state = state_file(options, configuration); !state.empty())
    needs.written.push_back(state);
  for (const OutputTarget& target : targets) {
    if (target.kind == OutputTarget::Kind::ndjson)
      needs.written.push_back(target.target);
    needs.starts_programs |= target.kind == OutputTarget::Kind::exec;
  }
  return needs;
}

// A log that somebody kept may be of another computer, and is of another time.
bool is_kept_log(const LiveOptions& options) {
  struct stat facts {};
  return options.is_plugin() && fstat(STDIN_FILENO, &facts) == 0 && S_ISREG(facts.st_mode);
}

// While it is still root: others' programs and folders are not shown to anybody else.
live::ProcSnapshot running_processes(const LiveOptions& options) {
  return options.proc && !is_kept_log(options) ? live::read_proc() : live::ProcSnapshot{};
}

std::unique_ptr<live::Feed> make_feed(const LiveOptions& options) {
  if (!options.socket.empty())
    return live::feed_from_socket(options.socket);
  if (!options.follow.empty())
    return live::feed_from_file(options.follow);
  return live::feed_from_descriptor(STDIN_FILENO, "standard input");
}

Result<ExitStatus> run(const Arguments& arguments) {
  const live::Signals signals;
  umask(S_IRWXG | S_IRWXO);
  const Result<LiveOptions> read = read_live_options(arguments);
  LiveLog log{read && read.value().quiet};
  if (!read) {
    log.error(read.error());
    return ExitStatus::usage;
  }
  const LiveOptions& options = read.value();
  const KerberosConfiguration places = own_kerberos_configuration();
  Reloadable<LiveRules> rules{
      [&](Mistakes& mistakes) { return load_rules(options, places, mistakes); }};
  const Mistakes mistakes = rules.reload();
  for (const model::Error& mistake : mistakes)
    log.error(mistake);
  if (!mistakes.empty())
    return ExitStatus::usage;
  const Configuration& configuration = rules.current().configuration;
  std::vector<OutputTarget> targets = configuration.outputs;
  targets.insert(targets.end(), options.outputs.begin(), options.outputs.end());
  live::ProcSnapshot running = running_processes(options);
  std::string boot = live::boot_id();
  const RuntimeNeeds needs = needs_of(options, configuration, targets);
  const Result<Confinement> confined = confine(needs);
  if (!confined) {
    log.error(confined.error());
    return ExitStatus::usage;
  }
  if (!confined.value().warning.empty())
    log.warning(confined.value().warning);
  LiveOutputs outputs{targets};
  if (outputs.leads_nowhere())
    log.warning("findings go nowhere: no output is given, and standard output is /dev/null");
  const std::unique_ptr<live::Feed> feed = make_feed(options);
  log.note("started, listening to " + std::string{feed->name()});
  LiveStart start{.confinement = confined.value().layers,
                  .running = std::move(running),
                  .starts_programs = needs.starts_programs,
                  .state_file = state_file(options, configuration),
                  .boot_id = std::move(boot)};
  Result<ExitStatus> status =
      LiveRun{options, rules, outputs, std::move(start), log}.run(*feed, signals);
  if (!status) {
    log.error(status.error());
    return ExitStatus::usage;
  }
  log.note("ended");
  return status;
}

constexpr std::array<Example, 3> kExamples{{
    {"krbtrail live <audit.log", "a log as if it came now"},
    {"krbtrail live --socket /run/audit/audispd_events", "from the af_unix plugin"},
    {"krbtrail live --follow audit.log -o syslog:auth", "without a plugin"},
}};

}  // namespace

const Command& live_command() {
  static const Command command{
      .name = "live",
      .summary = "report thefts as they happen, as a plugin of auditd",
      .operands = "",
      .about =
          "Reads the records that auditd sends to a plugin on standard input, and writes\n"
          "each finding the moment its event ends: krbtrail-live(8).\n",
      .options = live_option_table(),
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
