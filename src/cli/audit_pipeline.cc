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
  const std::string_view type = record.substr(equals == record.npos ? 0 : equals + 1);
  return type.substr(0, type.find(' '));
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
  void know(std::string_view host, const std::vector<activity::RunningProcess>& processes,
            model::Timestamp now);
  void listen(const LiveStream& stream);
  void tick(std::chrono::steady_clock::time_point now) { lane_.tick(now); }
  void reload(const detect::Settings& settings);
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
  void push(const audit::Event& event);
  void teach(const audit::Event& event);
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

void AuditPipeline::Impl::know(std::string_view host,
                               const std::vector<activity::RunningProcess>& processes,
                               model::Timestamp now) {
  const model::HostId id = hosts_.intern(host);
  for (const activity::RunningProcess& process : processes)
    table_.know(activity::known_process(process, id, now));
}

void AuditPipeline::Impl::listen(const LiveStream& stream) {
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
void AuditPipeline::finish() {
  impl_->finish();
}

}  // namespace krbtrail::cli
