// SPDX-License-Identifier: Apache-2.0
//
// The Linux side from bytes to findings. Reading audit_pipeline.cc from top to bottom is reading
// the architecture:
//
//   ByteSource → ScanLane → Event → ProcessTable → (relevance) → Decoder → Interpreter → rules
//
//   AuditPipeline pipeline{{.prefilter = true}, coverage, [&](model::Finding finding) { … },
//                          [&](model::Incident incident) { … }};
//   pipeline.scan(set);      // one host's files, as often as there are hosts
//   pipeline.finish();       // fills coverage.hosts, ends the open incidents
//
// `live` has one stream and says what time it is while it waits:
//
//   pipeline.listen({.name = "-", .host = "web1", .read = …});   // read() calls pipeline.tick(now)
//
// Findings come in the order in which their events complete, incidents when they end. The same
// findings come with and without the prefilter, which only leaves out the decoding of events that
// no rule can want.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/activity/known_process.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/detect/event_explainer.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/input/files.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/incident.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::cli {

// One event to be explained; it is decoded whatever the literals say.
struct ExplanationWanted {
  detect::EventName event;
  // Called with the names of its record types when it is read, before its acts.
  std::function<void(const std::vector<std::string>&)> on_event;
  std::function<void(detect::ExplainedActivity)> on_activity;  // for each act in it
};

struct AuditPipelineOptions {
  bool prefilter = true;      // false: every event is decoded
  bool seed_only = false;     // the query's three branches, nothing else
  bool strict_kql = false;    // with `seed_only`: the seed's rules without the three liberties
  bool keep_records = false;  // --evidence: findings carry their records
  detect::Settings settings;  // what a site and the host's own configuration set about the rules
  std::string passwd;         // the text of a passwd file: names for uids; empty for none
  std::optional<ExplanationWanted> explain = {};
  // An event of `live` ends at its EOE or when it is idle; see audit/scan_lane.h.
  bool live = false;
  // Threads that may work at once, the caller's among them: the others read ahead. 1 or more.
  unsigned jobs = 1;
  // Asked of each event; true if it is our own doing, which no rule is to see. May be empty.
  std::function<bool(std::string_view host, const audit::Event&)> is_our_own = {};
  // Called with the records of each event that a later one may be judged by, as lines that
  // restore() reads, the write-opens of its process before it among them. May be empty.
  std::function<void(std::string lines)> on_taught = {};
  // Called with the bytes read so far in all, every few MiB; may be empty.
  std::function<void(std::uint64_t)> on_progress;
  // Asked after each block; true stops the reading (an interrupt, a closed output).
  std::function<bool()> stop;
};

// What `live` listens to. `read` fills the buffer from its start, waiting for bytes, and gives 0 at
// the end; meanwhile it may call tick() and reload(), and nothing else.
struct LiveStream {
  std::string name;
  std::string host;  // of records that name none
  std::function<std::size_t(std::span<char>)> read;
};

// What an earlier run learned: processes() and what on_taught was called with, in its order.
struct LearnedBefore {
  std::string name;  // of the file, for evidence
  std::string host;  // of records that name none
  std::string_view processes;
  std::string_view events;
};
struct Restored {
  std::uint64_t processes = 0;
  std::uint64_t events = 0;
  std::uint64_t senseless_lines = 0;  // which are skipped
};

class AuditPipeline {
 public:
  // `coverage` must outlive it. Fails only if the literals cannot be compiled.
  [[nodiscard]] static model::Result<std::unique_ptr<AuditPipeline>> make(
      AuditPipelineOptions options, model::Coverage& coverage,
      std::function<void(model::Finding)> on_finding,
      std::function<void(model::Incident)> on_incident);
  ~AuditPipeline();
  AuditPipeline(const AuditPipeline&) = delete;
  AuditPipeline& operator=(const AuditPipeline&) = delete;
  AuditPipeline(AuditPipeline&&) = delete;
  AuditPipeline& operator=(AuditPipeline&&) = delete;

  // Reads the files of one host, merged by time. What cannot be read is an InputCoverage with its
  // problem; each input gets one.
  void scan(const input::LogSet& set);

  // Learns again what an earlier run had learned. The findings and incidents of before come again,
  // which is for the caller to know; the coverage does not change, but for evictions. Nothing may
  // have been read yet.
  Restored restore(const LearnedBefore& before);
  // The processes that are known, the latest of them in `most_bytes`.
  [[nodiscard]] std::string processes(std::size_t most_bytes) const;
  // The write-opens that a later read may be judged by, as on_taught has them: behind all that it
  // was called with.
  [[nodiscard]] std::string recent_writes() const;
  // Takes what is told of processes that run already. Before the first event.
  void know(std::string_view host, const std::vector<activity::RunningProcess>& processes,
            model::Timestamp now);
  // Reads the stream to its end.
  void listen(const LiveStream& stream);
  // What time it is on the monotonic clock: events that were idle for two seconds end.
  void tick(std::chrono::steady_clock::time_point now);
  // From the next bytes on other settings are in force; what is known and followed stays.
  void reload(const detect::Settings& settings);

  // What the log shows about itself so far.
  [[nodiscard]] std::vector<model::HostCoverage> hosts() const;

  // Whether the process is known to descend from `ancestor` by way of one that began while this
  // listened.
  [[nodiscard]] bool descends_from(model::HostId host, std::uint32_t pid,
                                   std::uint32_t ancestor) const;

  // Fills coverage.hosts and ends the open incidents. Nothing may be scanned after it.
  void finish();

 private:
  class Impl;
  explicit AuditPipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace krbtrail::cli
