// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_pipeline.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/exec_text.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/interpreter.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/activity/recent_opens.h"
#include "krbtrail/activity/watch.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/literal_scanner.h"
#include "krbtrail/audit/log_health.h"
#include "krbtrail/audit/scan_lane.h"
#include "krbtrail/audit/syscall_name.h"
#include "krbtrail/detect/ccache_rules.h"
#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/detect/seed_ccache.h"
#include "krbtrail/input/read_ahead.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::cli {
namespace {

// Views into the options' settings.
detect::Literals literals_of(const AuditPipelineOptions& options) {
  return options.seed_only ? detect::seed_literals() : detect::ccache_literals(options.settings);
}

// "PATH" of "type=PATH msg=…"
std::string_view type_in(std::string_view record) {
  const auto equals = record.find('=');
  const std::string_view type = record.substr(equals == std::string_view::npos ? 0 : equals + 1);
  return type.substr(0, type.find(' '));
}

void append_line(std::string& lines, const std::string& node, std::string_view record) {
  lines += node;
  lines += record;
  lines += '\n';
}

// What restore() is handed: a line that says how the event behind it counts, and its records. Of
// one that was opened no rule saw more than that its process has the file open.
constexpr std::string_view kTaught = "taught\n";
constexpr std::string_view kOpened = "opened\n";
static_assert(kTaught.size() == kOpened.size());

// Where the next such line begins.
std::size_t end_of_event(std::string_view text) {
  for (std::size_t end = 0; end < text.size();
       end = std::min(text.find('\n', end), text.size() - 1) + 1) {
    const std::string_view rest = text.substr(end);
    if (rest.starts_with(kTaught) || rest.starts_with(kOpened))
      return end;
  }
  return text.size();
}

}  // namespace

class AuditPipeline::Impl {
 public:
  Impl(AuditPipelineOptions options, model::Coverage& coverage,
       std::function<void(model::Finding)> on_finding,
       std::function<void(model::Incident)> on_incident)
      : options_(std::move(options)),
        coverage_(coverage),
        scanner_(literals_of(options_).anywhere),
        exec_scanner_(literals_of(options_).in_execs),
        literals_(literals_of(options_).anywhere),
        accounts_(options_.passwd),
        table_({}, accounts_, coverage),
        file_names_(
            {}, [this](std::string_view base_name) { return may_be_wanted(base_name); }, coverage),
        decoder_(coverage),
        explainer_(make_explainer()),
        rules_(make_rules(std::move(on_finding), std::move(on_incident))),
        interpreter_(table_, accounts_, file_names_, sink()),
        lane_({.spare_threads = options_.jobs - 1,
               .on_block = [this] { return goes_on(); },
               .live = options_.live},
              scanner_, hosts_, coverage, [this](const audit::Event& event) { push(event); }) {}

  void scan(const input::LogSet& set);
  Restored restore(const LearnedBefore& before);
  [[nodiscard]] std::string processes(std::size_t most_bytes) const;
  [[nodiscard]] std::string recent_writes() const;
  void know(std::string_view host, const std::vector<activity::RunningProcess>& processes,
            model::Timestamp now);
  void listen(const LiveStream& stream);
  void tick(std::chrono::steady_clock::time_point now) { lane_.tick(now); }
  void reload(const detect::Settings& settings);
  [[nodiscard]] bool descends_from(model::HostId host, std::uint32_t pid,
                                   std::uint32_t ancestor) const {
    return table_.descends_from(host, pid, ancestor, known_before_);
  }
  [[nodiscard]] std::vector<model::HostCoverage> hosts() const {
    return health_.report(hosts_, lane_.notices());
  }
  void finish();

 private:
  // One input while it is read, by whichever thread does: opened at its first read, closed at its
  // end.
  struct Reading {
    const input::LogFile* file = nullptr;
    std::unique_ptr<input::ByteSource> source;
    std::uint64_t bytes = 0;
    std::optional<model::Error> failure;
    bool done = false;

    [[nodiscard]] std::size_t read(std::span<char> buffer);
    [[nodiscard]] bool open();
    void fail(model::Error error);
  };

  // What only the full rule set looks at: what it follows, and what it looks back at.
  struct Followed {
    Followed(const activity::ProcessTable& table, const activity::FileNames& names,
             model::Coverage& coverage)
        : opens(table, names, coverage) {}

    activity::Watch watch;
    activity::RecentOpens opens;
  };

  [[nodiscard]] std::unique_ptr<activity::ActivitySink> make_rules(
      std::function<void(model::Finding)> on_finding,
      std::function<void(model::Incident)> on_incident);
  [[nodiscard]] std::unique_ptr<detect::EventExplainer> make_explainer() const;
  // Where activity goes: to the rules, past the explainer where one was asked for.
  [[nodiscard]] activity::ActivitySink& sink();
  [[nodiscard]] bool is_explained(const audit::Event& event) const;
  [[nodiscard]] bool may_be_wanted(std::string_view base_name) const;
  void push(const audit::Event& read);
  void teach(const audit::Event& event);
  void pass_on(const audit::Event& event);
  void append_opened(std::string& lines, const activity::PastRecords& past) const;
  [[nodiscard]] std::string node_of(model::HostId host, bool has_node) const;
  void recall(const audit::Event& read, bool was_opened);
  [[nodiscard]] bool is_relevant(const audit::Event& event);
  [[nodiscard]] static model::InputCoverage account_of(const Reading& reading);
  [[nodiscard]] bool goes_on() const;

  AuditPipelineOptions options_;
  model::Coverage& coverage_;
  model::InputNames inputs_;
  model::HostNames hosts_;
  audit::LiteralScanner scanner_;
  audit::LiteralScanner exec_scanner_;
  std::vector<std::string_view> literals_;  // of scanner_
  activity::ExecText exec_text_;
  audit::LogHealth health_;
  activity::Accounts accounts_;
  activity::ProcessTable table_;
  activity::FileNames file_names_;
  audit::Decoder decoder_;
  std::unique_ptr<detect::EventExplainer> explainer_;  // where an event is to be explained
  std::optional<Followed> followed_;                   // unset with the seed's rules alone
  detect::CcacheRules* full_rules_ = nullptr;
  std::unique_ptr<activity::ActivitySink> rules_;
  activity::Interpreter interpreter_;
  audit::ScanLane lane_;
  std::string last_writes_;         // that were passed on
  std::uint64_t known_before_ = 0;  // incarnations, when it began to listen
  std::string home_;                // the host of records that name none
};

std::unique_ptr<activity::ActivitySink> AuditPipeline::Impl::make_rules(
    std::function<void(model::Finding)> on_finding,
    std::function<void(model::Incident)> on_incident) {
  if (options_.seed_only)
    return std::make_unique<detect::SeedCcache>(
        detect::SeedOptions{.strict_kql = options_.strict_kql,
                            .keep_records = options_.keep_records},
        inputs_, hosts_, std::move(on_finding));
  followed_.emplace(table_, file_names_, coverage_);
  auto rules = std::make_unique<detect::CcacheRules>(
      detect::CcacheRules::Options{.settings = options_.settings,
                                   .keep_records = options_.keep_records,
                                   .explainer = explainer_.get()},
      inputs_, hosts_, table_, followed_->watch, followed_->opens, coverage_, std::move(on_finding),
      std::move(on_incident));
  full_rules_ = rules.get();
  return rules;
}

std::unique_ptr<detect::EventExplainer> AuditPipeline::Impl::make_explainer() const {
  if (!options_.explain)
    return nullptr;
  return std::make_unique<detect::EventExplainer>(
      options_.explain->event, hosts_, options_.strict_kql, options_.explain->on_activity);
}

activity::ActivitySink& AuditPipeline::Impl::sink() {
  if (explainer_ == nullptr)
    return *rules_;
  explainer_->stand_before(*rules_);
  return *explainer_;
}

bool AuditPipeline::Impl::is_explained(const audit::Event& event) const {
  if (explainer_ == nullptr || !explainer_->is_asked_for(event.key))
    return false;
  std::vector<std::string> types;
  for (const audit::Record& record : event.records)
    types.emplace_back(type_in(record.text));
  options_.explain->on_event(types);
  return true;
}

// The names that a path relative to an open folder may be known by: a rule must be able to want the
// event that taught them, or the prefilter would change what is known.
bool AuditPipeline::Impl::may_be_wanted(std::string_view base_name) const {
  return std::ranges::any_of(
      literals_, [&](std::string_view literal) { return detect::contains(base_name, literal); });
}

void AuditPipeline::Impl::push(const audit::Event& read) {
  audit::Event event = read;
  event.relevant = is_relevant(read);
  const bool used = event.relevant || event.parts.execves != 0;
  model::Count& count = used ? coverage_.used : coverage_.not_needed;
  count.lines += event.lines;
  count.bytes += event.bytes;
  coverage_.events_evaluated += event.relevant ? 1 : 0;

  health_.observe(event);
  table_.observe(event);
  if (!options_.is_our_own || !options_.is_our_own(hosts_.name(event.key.host), event))
    teach(event);
}

void AuditPipeline::Impl::teach(const audit::Event& event) {
  if (followed_)
    followed_->opens.observe(event);
  if (is_explained(event) || event.relevant || !options_.prefilter)
    interpreter_.push(decoder_.decode(event));
  else
    interpreter_.skip(event);
  if (options_.on_taught && full_rules_ != nullptr && full_rules_->take_mark())
    pass_on(event);
}

// With what its process had open for writing: a copy may be told by that alone.
void AuditPipeline::Impl::pass_on(const audit::Event& event) {
  std::string writes;
  if (event.call) {
    for (const activity::PastRecords& past :
         followed_->opens.records_of_writes(event.key.host, event.call->pid)) {
      if (past.key != event.key)
        append_opened(writes, past);
    }
  }
  std::string lines = writes == last_writes_ ? std::string{} : writes;
  last_writes_ = std::move(writes);
  lines += kTaught;
  const bool has_node = !event.records.empty() && event.records.front().has_node;
  const std::string node = node_of(event.key.host, has_node);
  for (const audit::Record& record : event.records)
    append_line(lines, node, record.text);
  options_.on_taught(std::move(lines));
}

void AuditPipeline::Impl::append_opened(std::string& lines,
                                        const activity::PastRecords& past) const {
  lines += kOpened;
  const std::string node = node_of(past.key.host, false);
  for (const activity::PastRecords::Text& record : past.records)
    append_line(lines, node, record.text);
}

// What stands before a record that names its host, or has to because it is not the one at hand.
std::string AuditPipeline::Impl::node_of(model::HostId host, bool has_node) const {
  const std::string_view name = hosts_.name(host);
  return has_node || name != home_ ? "node=" + std::string{name} + " " : std::string{};
}

// As in its time, but that nothing of it counts.
void AuditPipeline::Impl::recall(const audit::Event& read, bool was_opened) {
  audit::Event event = read;
  event.relevant = !was_opened;
  table_.observe(event);
  if (!was_opened) {
    teach(event);
  } else if (followed_) {
    followed_->opens.observe(event);
    interpreter_.skip(event);
  }
}

// Asked when the event leaves the reassembler: what earlier events taught holds for it.
bool AuditPipeline::Impl::is_relevant(const audit::Event& event) {
  if (event.relevant || exec_scanner_.finds_any(exec_text_.of(event)))
    return true;
  if (!followed_)
    return false;
  const bool is_call = event.call && audit::is_call_of_interest(
                                         audit::syscall_of(event.call->arch, event.call->syscall));
  return is_call || followed_->watch.wants(event);
}

void AuditPipeline::Impl::finish() {
  if (full_rules_ != nullptr)
    full_rules_->finish();
  coverage_.hosts = hosts();
}

void AuditPipeline::Impl::scan(const input::LogSet& set) {
  std::vector<Reading> readings(set.files.size());
  std::vector<audit::LogInput> inputs;
  for (std::size_t i = 0; i < set.files.size(); ++i) {
    const input::LogFile& file = set.files[i];
    readings[i].file = &file;
    inputs.push_back(
        {.input = inputs_.intern(file.name),
         .default_host = hosts_.intern(set.host),
         .first_stamp = file.first_stamp,
         .read = [&reading = readings[i]](std::span<char> buffer) { return reading.read(buffer); },
         .may_wait = file.stream != nullptr});
  }
  lane_.scan(inputs);
  for (const Reading& reading : readings)
    coverage_.inputs.push_back(account_of(reading));
}

// The processes come twice: in front of the events, which name them, and behind them, because who
// has a number now is told by them and not by the events of before.
Restored AuditPipeline::Impl::restore(const LearnedBefore& before) {
  Restored restored;
  home_ = before.host;
  const auto know_processes = [&] {
    restored.processes = 0;
    return activity::read_known_processes(before.processes, hosts_,
                                          [&](const activity::KnownProcess& known) {
                                            ++restored.processes;
                                            table_.know(known);
                                          });
  };
  restored.senseless_lines = know_processes();
  model::Coverage coverage;
  bool was_opened = false;
  audit::ScanLane lane{{}, scanner_, hosts_, coverage, [&](const audit::Event& event) {
                         recall(event, was_opened);
                       }};
  const auto scan = [&](std::string_view records) {
    std::array inputs{audit::LogInput{.input = inputs_.intern(before.name),
                                      .default_host = hosts_.intern(before.host),
                                      .first_stamp = {},
                                      .read = [&](std::span<char> buffer) {
                                        const auto size = std::min(buffer.size(), records.size());
                                        std::ranges::copy(records.substr(0, size), buffer.begin());
                                        records.remove_prefix(size);
                                        return size;
                                      }}};
    lane.scan(inputs);
  };
  std::string_view left = before.events;
  while (!left.empty()) {
    was_opened = left.starts_with(kOpened);
    if (was_opened || left.starts_with(kTaught))
      left.remove_prefix(kTaught.size());
    const std::string_view records = left.substr(0, end_of_event(left));
    left.remove_prefix(records.size());
    scan(records);
  }
  static_cast<void>(know_processes());
  restored.events = coverage.events;
  restored.senseless_lines += coverage.rejections(model::Rejection::malformed).lines;
  coverage_.decode_failures = 0;
  return restored;
}

std::string AuditPipeline::Impl::recent_writes() const {
  std::string lines;
  if (followed_) {
    for (const activity::PastRecords& past : followed_->opens.records_of_writes())
      append_opened(lines, past);
  }
  return lines;
}

std::string AuditPipeline::Impl::processes(std::size_t most_bytes) const {
  std::string text;
  table_.tell(most_bytes, [&](const activity::KnownProcess& known) {
    activity::append_text(text, known, hosts_.name(known.key.host));
  });
  return text;
}

void AuditPipeline::Impl::know(std::string_view host,
                               const std::vector<activity::RunningProcess>& processes,
                               model::Timestamp now) {
  const model::HostId id = hosts_.intern(host);
  for (const activity::RunningProcess& process : processes)
    table_.know(activity::known_process(process, id, now));
}

void AuditPipeline::Impl::listen(const LiveStream& stream) {
  home_ = stream.host;
  known_before_ = table_.incarnations();
  const std::size_t index = coverage_.inputs.size();
  coverage_.inputs.push_back({.name = stream.name,
                              .kind = std::string{input::to_string(input::EvidenceKind::audit)},
                              .bytes = 0,
                              .problem = {},
                              .unread = false,
                              .sha256 = {}});
  std::array inputs{audit::LogInput{.input = inputs_.intern(stream.name),
                                    .default_host = hosts_.intern(stream.host),
                                    .first_stamp = {},
                                    .read = [&](std::span<char> buffer) {
                                      const std::size_t got = stream.read(buffer);
                                      coverage_.inputs[index].bytes += got;
                                      return got;
                                    }}};
  lane_.scan(inputs);
}

// Everything that refers to the settings looks at them anew for each event.
void AuditPipeline::Impl::reload(const detect::Settings& settings) {
  options_.settings = settings;
  const detect::Literals literals = literals_of(options_);
  literals_ = literals.anywhere;
  scanner_ = audit::LiteralScanner{literals.anywhere};
  exec_scanner_ = audit::LiteralScanner{literals.in_execs};
}

std::size_t AuditPipeline::Impl::Reading::read(std::span<char> buffer) {
  if (done || (source == nullptr && !open()))
    return 0;
  const model::Result<std::size_t> got = source->read(buffer);
  if (!got) {
    fail(got.error());
    return 0;
  }
  bytes += got.value();
  if (got.value() == 0) {
    done = true;
    source.reset();
  }
  return got.value();
}

bool AuditPipeline::Impl::Reading::open() {
  model::Result<std::unique_ptr<input::ByteSource>> opened = input::open(*file);
  if (!opened) {
    fail(opened.error());
    return false;
  }
  source = file->compression == input::Compression::none
               ? std::move(opened.value())
               : input::read_ahead(std::move(opened.value()));
  return true;
}

void AuditPipeline::Impl::Reading::fail(model::Error error) {
  failure = std::move(error);
  done = true;
  source.reset();
}

model::InputCoverage AuditPipeline::Impl::account_of(const Reading& reading) {
  const input::LogFile& file = *reading.file;
  return {.name = file.name,
          .kind = std::string{input::to_string(file.kind)},
          .bytes = reading.bytes,
          .problem = reading.failure ? input::problem_text(*reading.failure, file.name) : "",
          .unread = reading.failure.has_value(),
          .sha256 = {}};
}

bool AuditPipeline::Impl::goes_on() const {
  if (options_.on_progress)
    options_.on_progress(coverage_.bytes_read);
  return !options_.stop || !options_.stop();
}

model::Result<std::unique_ptr<AuditPipeline>> AuditPipeline::make(
    AuditPipelineOptions options, model::Coverage& coverage,
    std::function<void(model::Finding)> on_finding,
    std::function<void(model::Incident)> on_incident) {
  return std::unique_ptr<AuditPipeline>{new AuditPipeline{std::make_unique<Impl>(
      std::move(options), coverage, std::move(on_finding), std::move(on_incident))}};
}

AuditPipeline::AuditPipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditPipeline::~AuditPipeline() = default;

void AuditPipeline::scan(const input::LogSet& set) {
  impl_->scan(set);
}
Restored AuditPipeline::restore(const LearnedBefore& before) {
  return impl_->restore(before);
}
std::string AuditPipeline::recent_writes() const {
  return impl_->recent_writes();
}
std::string AuditPipeline::processes(std::size_t most_bytes) const {
  return impl_->processes(most_bytes);
}
void AuditPipeline::know(std::string_view host,
                         const std::vector<activity::RunningProcess>& processes,
                         model::Timestamp now) {
  impl_->know(host, processes, now);
}
void AuditPipeline::listen(const LiveStream& stream) {
  impl_->listen(stream);
}
void AuditPipeline::tick(std::chrono::steady_clock::time_point now) {
  impl_->tick(now);
}
void AuditPipeline::reload(const detect::Settings& settings) {
  impl_->reload(settings);
}
std::vector<model::HostCoverage> AuditPipeline::hosts() const {
  return impl_->hosts();
}
bool AuditPipeline::descends_from(model::HostId host, std::uint32_t pid,
                                  std::uint32_t ancestor) const {
  return impl_->descends_from(host, pid, ancestor);
}
void AuditPipeline::finish() {
  impl_->finish();
}

}  // namespace krbtrail::cli
