// SPDX-License-Identifier: Apache-2.0
//
// One life of `krbtrail live`, from the first byte to the exit status:
//
//   feed → reader thread → queue → pipeline → exceptions, filter → folding → outlets
//
// The reader thread is live::Intake; all else is done here, on one thread, between two blocks of
// the queue: time-outs, reloads, heartbeats, what outlets could not take at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "cli/audit_pipeline.h"
#include "cli/exit_status.h"
#include "cli/live_log.h"
#include "cli/live_options.h"
#include "cli/live_outputs.h"
#include "cli/reloadable.h"
#include "krbtrail/detect/exceptions.h"
#include "krbtrail/live/feed.h"
#include "krbtrail/live/fold.h"
#include "krbtrail/live/intake.h"
#include "krbtrail/live/line_queue.h"
#include "krbtrail/live/proc_snapshot.h"
#include "krbtrail/live/saved_state.h"
#include "krbtrail/live/signals.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::cli {

// What a SIGHUP reads again: all of it, or nothing.
struct LiveRules {
  Configuration configuration;
  std::vector<detect::Exception> exceptions;
};

// What was found out before the first thread.
struct LiveStart {
  std::vector<std::string> confinement;  // for the heartbeat
  live::ProcSnapshot running;
  bool starts_programs = false;  // an output does
  std::string state_file;        // empty: nothing is kept
  std::string boot_id;
};

class LiveRun {
 public:
  // `rules` have been loaded. Everything must outlive the run.
  LiveRun(const LiveOptions& options, Reloadable<LiveRules>& rules, LiveOutputs& outputs,
          LiveStart start, LiveLog& log);

  // To the end of the feed, or until a signal. An Error means that nothing could be looked for.
  [[nodiscard]] model::Result<ExitStatus> run(live::Feed& feed, const live::Signals& signals);

 private:
  using Clock = std::chrono::steady_clock;
  using Instant = Clock::time_point;

  [[nodiscard]] model::Status make_pipeline();
  void know_what_was_learned();
  [[nodiscard]] model::Result<live::SavedState> saved_state() const;
  void know_what_runs();
  void save(Instant now, bool ended);
  [[nodiscard]] std::size_t read(std::span<char> buffer);
  void look_after(Instant now);
  void reload();
  void tell(model::Finding finding);
  void recall(const model::Finding& finding);
  void tell(const model::Incident& incident);
  void write(const model::Finding& finding);
  void write_heartbeat(Instant now);
  [[nodiscard]] bool is_our_own(std::string_view host, const audit::Event& event);
  void end();
  void flush_outputs(Instant until);
  void finish_outputs(Instant until);
  [[nodiscard]] Instant deadline(Instant now) const;

  const LiveOptions& options_;
  Reloadable<LiveRules>& rules_;
  LiveOutputs& outputs_;
  LiveLog& log_;
  LiveStart start_;
  std::string host_;
  std::string own_exe_;

  live::LineQueue queue_;
  live::Intake* intake_ = nullptr;
  model::Coverage coverage_;
  model::Summary summary_;
  detect::Exceptions exceptions_;
  live::Fold fold_;
  live::TaughtEvents taught_;
  std::optional<live::StateWriter> state_writer_;
  std::string state_ = "off";  // for the heartbeat
  // While what was learned before is learned again: its findings were told in their time.
  bool is_recalling_ = false;
  bool tells_recalled_incidents_ = false;
  std::unordered_set<std::string> told_;  // open incidents of which a finding was written
  std::unique_ptr<AuditPipeline> pipeline_;

  Instant began_;
  Instant looked_after_;
  Instant last_beat_;
  Instant last_save_;
  std::uint64_t written_ = 0;
  std::uint64_t own_events_ = 0;
  std::uint64_t own_events_told_ = 0;
  std::uint64_t dropped_told_ = 0;
  std::uint64_t reloads_ = 0;
  std::uint64_t known_from_proc_ = 0;
};

}  // namespace krbtrail::cli
