// SPDX-License-Identifier: Apache-2.0
#include "cli/live_run.h"

#include <algorithm>
#include <array>
#include <climits>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

#include "krbtrail/input/files.h"
#include "krbtrail/report/json_lines.h"

namespace krbtrail::cli {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kQueueBytes = std::size_t{16} << 20U;  // some 60,000 records
constexpr auto kBetweenLooks = 200ms;
constexpr auto kToStop = 900ms;      // after SIGTERM, for all that is left to do
constexpr auto kToFinish = 2'000ms;  // after the end of the feed, for outlets that are slow
constexpr auto kBetweenSaves = 60s;
constexpr std::size_t kTaughtBytes = std::size_t{4} << 20U;
constexpr std::size_t kProcessBytes = std::size_t{4} << 20U;
constexpr std::uint64_t kOwnLoop = 1'000;  // events of our own between two heartbeats

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string own_exe() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  return size <= 0 ? std::string{} : std::string{path.data(), static_cast<std::size_t>(size)};
}

std::string hexadecimal(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string hex;
  for (const char c : text) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4U];
    hex += kDigits[static_cast<unsigned char>(c) & 0xFU];
  }
  return hex;
}

// As the kernel spells it in a record, before and after an upgrade took the file away: in quotes,
// or in hexadecimal where there is a blank.
bool is_exe(std::string_view recorded, const std::string& path) {
  return recorded == "\"" + path + "\"" || recorded == hexadecimal(path) ||
         recorded == hexadecimal(path + " (deleted)");
}

model::Timestamp now_on_the_wall() {
  return std::chrono::time_point_cast<model::Ticks>(std::chrono::system_clock::now());
}

std::string rule_set_text(const LiveOptions& options) {
  if (!options.seed_only)
    return "full";
  return options.strict_kql ? "seed, strict" : "seed";
}

live::Fold::Limits fold_limits(const LiveSettings& settings) {
  return {.window = std::chrono::seconds{settings.fold},
          .per_minute = static_cast<std::uint32_t>(settings.limit)};
}

std::uint64_t counted(const std::vector<model::HostCoverage>& hosts, std::string_view key) {
  std::uint64_t sum = 0;
  for (const model::HostCoverage& host : hosts) {
    for (const model::Statement& statement : host.statements)
      sum += statement.key == key ? statement.count : 0;
  }
  return sum;
}

}  // namespace

LiveRun::LiveRun(const LiveOptions& options, Reloadable<LiveRules>& rules, LiveOutputs& outputs,
                 LiveStart start, LiveLog& log)
    : options_(options),
      rules_(rules),
      outputs_(outputs),
      log_(log),
      start_(std::move(start)),
      host_(options.hostname.empty() ? host_name() : options.hostname),
      own_exe_(own_exe()),
      queue_(kQueueBytes),
      exceptions_(rules.current().exceptions),
      fold_(fold_limits(rules.current().configuration.live)),
      taught_(kTaughtBytes),
      began_(Clock::now()),
      looked_after_(began_),
      last_beat_(began_),
      last_save_(began_) {
  summary_.version = KRBTRAIL_VERSION;
  summary_.rule_set = rule_set_text(options);
}

model::Result<ExitStatus> LiveRun::run(live::Feed& feed, const live::Signals& signals) {
  // First of all: auditd must not wait while rules are compiled.
  std::optional<live::Intake> intake;
  try {
    intake.emplace(live::IntakeOptions{.is_plugin = options_.is_plugin()}, feed, signals, queue_);
  } catch (const std::system_error& error) {
    return model::Error{
        .message = "no thread can be started for the reader: " + error.code().message(),
        .hint = {}};
  }
  intake_ = &*intake;
  if (const model::Status made = make_pipeline(); !made)
    return made.error();
  know_what_was_learned();
  know_what_runs();
  pipeline_->listen({.name = std::string{feed.name()},
                     .host = host_,
                     .read = [this](std::span<char> buffer) { return read(buffer); }});
  intake->stop();
  if (intake->refused())
    return model::Error{.message = std::string{feed.name()} + ": auditd sends its binary format",
                        .hint = "format = string in the plugin's file is wanted"};
  if (const auto failure = intake->failure()) {
    model::InputCoverage& input = coverage_.inputs.back();  // the one just listened to
    input.problem = input::problem_text(*failure, input.name);
    input.unread = true;
  }
  end();
  intake_ = nullptr;
  if (outputs_.has_lost())
    return ExitStatus::output_lost;
  return intake->failure() ? ExitStatus::incomplete : ExitStatus::clean;
}

model::Status LiveRun::make_pipeline() {
  auto pipeline = AuditPipeline::make(
      {.prefilter = options_.prefilter,
       .seed_only = options_.seed_only,
       .strict_kql = options_.strict_kql,
       .keep_records = options_.evidence,
       .settings = rules_.current().configuration.settings,
       .passwd = {},
       .live = true,
       .is_our_own = [this](std::string_view host,
                            const audit::Event& event) { return is_our_own(host, event); },
       .on_taught = [this](std::string lines) { taught_.keep(std::move(lines)); },
       .on_progress = {},
       .stop = {}},
      coverage_, [this](model::Finding finding) { tell(std::move(finding)); },
      [this](const model::Incident& incident) { tell(incident); });
  if (!pipeline)
    return pipeline.error();
  pipeline_ = std::move(pipeline.value());
  return {};
}

// Nothing that is wrong with the file keeps it from starting.
void LiveRun::know_what_was_learned() {
  if (start_.state_file.empty())
    return;
  state_writer_.emplace(start_.state_file);
  const model::Result<live::SavedState> saved = saved_state();
  if (!saved) {
    state_ = saved.error().message;
    return;
  }
  is_recalling_ = true;
  tells_recalled_incidents_ = !saved->ended;
  const Restored restored = pipeline_->restore({.name = start_.state_file,
                                                .host = host_,
                                                .processes = saved->processes,
                                                .events = saved->events});
  is_recalling_ = false;
  state_ = "restored " + std::to_string(restored.processes) + " processes and " +
           std::to_string(restored.events) + " events";
  if (restored.senseless_lines != 0)
    log_.warning(start_.state_file + ": " + std::to_string(restored.senseless_lines) +
                 " lines make no sense");
}

// An Error is why there is none, as the heartbeat says it.
model::Result<live::SavedState> LiveRun::saved_state() const {
  const auto discarded = [&](const std::string& why) {
    log_.warning("began without what was learned before: " + why);
    return model::Error{.message = "discarded: " + why, .hint = {}};
  };
  model::Result<std::optional<std::string>> text = live::read_state_file(start_.state_file);
  if (!text)
    return discarded(text.error().message);
  if (!*text)
    return model::Error{.message = "none was kept", .hint = {}};
  model::Result<live::SavedState> saved = live::parse_saved_state(**text);
  if (!saved)
    return discarded(start_.state_file + ": " + saved.error().message);
  if (saved->boot_id != start_.boot_id || start_.boot_id.empty())
    return discarded(start_.state_file + ": is of another boot");
  if (saved->host != host_)
    return discarded(start_.state_file + ": is of another host");
  return saved;
}

void LiveRun::save(Instant now, bool ended) {
  if (!state_writer_)
    return;
  last_save_ = now;
  state_writer_->begin(live::to_text({.boot_id = start_.boot_id,
                                      .host = host_,
                                      .ended = ended,
                                      .processes = pipeline_->processes(kProcessBytes),
                                      .events = taught_.text() + pipeline_->recent_writes()}));
}

void LiveRun::know_what_runs() {
  const live::ProcSnapshot running = std::exchange(start_.running, {});
  known_from_proc_ = running.processes.size();
  if (known_from_proc_ != 0)
    coverage_.notes.push_back(std::to_string(known_from_proc_) +
                              " processes ran before krbtrail did and are known from /proc, not "
                              "from records");
  if (running.left_out != 0)
    log_.warning(std::to_string(running.left_out) + " processes ran beyond those that are known");
  pipeline_->know(host_, running.processes, now_on_the_wall());
}

std::size_t LiveRun::read(std::span<char> buffer) {
  while (true) {
    const Instant now = Clock::now();
    pipeline_->tick(now);
    if (intake_->take_reload_request())
      reload();
    if (now - looked_after_ >= kBetweenLooks)
      look_after(now);
    if (now >= deadline(now))
      queue_.drop_rest();
    const live::LineQueue::Taken taken = queue_.pop(buffer, now + kBetweenLooks);
    if (taken.bytes != 0)
      return taken.bytes;
    if (taken.ended)
      return 0;
  }
}

// When the process is to be gone; as good as never where nobody has asked for that.
LiveRun::Instant LiveRun::deadline(Instant now) const {
  const std::optional<Instant> stopped = intake_->stopped_at();
  return stopped ? *stopped + kToStop : now + kToFinish;
}

void LiveRun::look_after(Instant now) {
  looked_after_ = now;
  log_.pump();
  for (const model::Error& notice : intake_->take_notices())
    log_.error(notice);
  for (const model::Finding& finding : fold_.due(now))
    write(finding);
  outputs_.pump();
  for (const model::Error& problem : outputs_.take_problems())
    log_.error(problem);
  if (now - last_save_ >= kBetweenSaves)
    save(now, false);
  if (const auto problem = state_writer_ ? state_writer_->take_problem() : std::nullopt)
    log_.error(*problem);
  if (now - last_beat_ >= std::chrono::seconds{rules_.current().configuration.live.heartbeat})
    write_heartbeat(now);
}

void LiveRun::reload() {
  const std::vector<OutputTarget> outputs_before = rules_.current().configuration.outputs;
  const LiveSettings before = rules_.current().configuration.live;
  const Mistakes mistakes = rules_.reload();
  for (const model::Error& mistake : mistakes)
    log_.error(mistake);
  if (!mistakes.empty()) {
    log_.warning("not reloaded: the rules are those of before");
    return;
  }
  pipeline_->reload(rules_.current().configuration.settings);
  exceptions_ = detect::Exceptions{rules_.current().exceptions};
  ++reloads_;
  save(Clock::now(), false);
  log_.note("reloaded");
  const Configuration& now = rules_.current().configuration;
  if (now.outputs != outputs_before)
    log_.warning("other outputs take effect at the next start");
  if (now.live.fold != before.fold || now.live.limit != before.limit)
    log_.warning("another fold or limit takes effect at the next start");
}

void LiveRun::tell(model::Finding finding) {
  finding.suppressed_by = exceptions_.judge(finding);
  if (is_recalling_) {
    recall(finding);
    return;
  }
  if (!options_.filter.admits(finding, summary_))
    return;
  if (finding.incident && !finding.suppressed_by)
    told_.insert(*finding.incident);
  if (fold_.admits(finding, Clock::now())) {
    ++written_;
    write(finding);
  }
}

// A story that goes on after a death is told at its end; after a proper end it has been told.
void LiveRun::recall(const model::Finding& finding) {
  model::Summary uncounted;
  if (tells_recalled_incidents_ && finding.incident && !finding.suppressed_by &&
      options_.filter.admits(finding, uncounted))
    told_.insert(*finding.incident);
}

// A story of which no finding is told is none.
void LiveRun::tell(const model::Incident& incident) {
  if (told_.erase(incident.id) == 0 || is_recalling_)
    return;
  ++summary_.incidents;
  outputs_.push({.text = report::json_line(incident), .severity = incident.severity});
}

void LiveRun::write(const model::Finding& finding) {
  outputs_.push({.text = report::json_line(finding), .severity = finding.severity});
}

void LiveRun::write_heartbeat(Instant now) {
  const std::vector<model::HostCoverage> hosts = pipeline_->hosts();
  const live::LineQueue::Counts queue = queue_.counts();
  model::Heartbeat beat{.time = now_on_the_wall(),
                        .host = host_,
                        .uptime = std::chrono::duration_cast<std::chrono::seconds>(now - began_),
                        .lines = queue.lines,
                        .dropped_lines = queue.dropped_lines,
                        .dropped_bytes = queue.dropped_bytes,
                        .queue_high_water = queue.high_water,
                        .events = coverage_.events,
                        .events_evaluated = coverage_.events_evaluated,
                        .partial = counted(hosts, "short_events"),
                        .malformed = coverage_.rejections(model::Rejection::malformed).lines,
                        .duplicates = coverage_.rejections(model::Rejection::duplicate).lines,
                        .late = coverage_.rejections(model::Rejection::late).lines,
                        .serial_gaps = counted(hosts, "serial_gaps"),
                        .own_events = own_events_,
                        .reloads = reloads_,
                        .findings = written_,
                        .folded = fold_.folded(),
                        .limited = fold_.limited(),
                        .suppressed = summary_.suppressed,
                        .hidden = summary_.hidden,
                        .incidents = summary_.incidents,
                        .outputs = outputs_.counts(),
                        .confinement = start_.confinement,
                        .known_from_proc = known_from_proc_,
                        .state = state_,
                        .states_saved = state_writer_ ? state_writer_->written() : 0};
  outputs_.push({.text = report::json_line(beat), .is_status = true});
  last_beat_ = now;
  if (queue.dropped_lines != std::exchange(dropped_told_, queue.dropped_lines))
    log_.warning(std::to_string(queue.dropped_lines) +
                 " lines were dropped so far: they came faster than they could be worked on");
  if (own_events_ - std::exchange(own_events_told_, own_events_) > kOwnLoop)
    log_.warning("the audit rules record krbtrail itself: -a never,exit -F exe=" + own_exe_);
}

// What we do, and the programs that we start and those that they start, is recorded as well and
// would be found again for ever.
bool LiveRun::is_our_own(std::string_view host, const audit::Event& event) {
  if (!event.call || host != host_)
    return false;
  const auto self = static_cast<std::uint32_t>(getpid());
  const bool is_ours =
      (event.call->pid == self && is_exe(event.call->exe, own_exe_)) || event.call->ppid == self ||
      (start_.starts_programs && pipeline_->descends_from(event.key.host, event.call->pid, self));
  own_events_ += is_ours ? 1 : 0;
  return is_ours;
}

void LiveRun::end() {
  for (const model::Finding& finding : fold_.all())
    write(finding);
  if (state_writer_)  // one that was begun shortly before knows less
    state_writer_->wait_until(deadline(Clock::now()));
  save(Clock::now(), true);
  pipeline_->finish();
  if (taught_.left_out() != 0)
    coverage_.evictions["saved_events"] = taught_.left_out();
  const live::LineQueue::Counts queue = queue_.counts();
  coverage_.bytes_read += queue.dropped_bytes;
  coverage_.reject(model::Rejection::dropped, queue.dropped_lines, queue.dropped_bytes);
  const Instant until = deadline(Clock::now());
  flush_outputs(until);  // no outlet takes a status line behind lines that wait
  write_heartbeat(Clock::now());
  for (const std::string& line : report::closing_lines(coverage_, summary_))
    outputs_.push({.text = line, .is_status = true});
  flush_outputs(until);
  finish_outputs(until);
}

void LiveRun::finish_outputs(Instant until) {
  outputs_.give_up();
  if (state_writer_ && !state_writer_->wait_until(until))
    log_.error(
        {.message = start_.state_file + ": cannot write: the disk takes too long", .hint = {}});
  if (const auto problem = state_writer_ ? state_writer_->take_problem() : std::nullopt)
    log_.error(*problem);
  for (const model::Error& problem : outputs_.take_problems())
    log_.error(problem);
  for (const model::Error& notice : intake_->take_notices())
    log_.error(notice);
  log_.pump();
}

void LiveRun::flush_outputs(Instant until) {
  outputs_.pump();
  while (!outputs_.is_idle() && Clock::now() < until) {
    std::this_thread::sleep_for(5ms);
    outputs_.pump();
  }
}

}  // namespace krbtrail::cli
