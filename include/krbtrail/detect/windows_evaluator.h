// SPDX-License-Identifier: Apache-2.0
//
// The Windows side from events to findings: takes what the readers of all inputs hand on, and when
// all is read, finds the sequences and investigates each.
//
//   WindowsEvaluator evaluator{{.variant = RuleVariant::v214, .spool = …}, inputs, coverage};
//   const windows::ReadReport report = windows::read_evtx(read, name, {}, evaluator);
//   evaluator.input_done(name.input, report);
//   const model::Status whole = evaluator.finish([&](model::Finding finding) { … });
//
// Inputs may come in any order, overlap and repeat each other. Findings come in the order of their
// services. finish() reads the spooled events three times: for the logons that a service can belong
// to, for what belongs to the pairs found, and for the pairs themselves.
//
// Bounded: kServicesKept services and kLogonsKept logons that one of them asks for, as tuples of
// some 150 bytes; kSessionEventsKept events of the session of one pair, the pair among them. What
// goes beyond is counted in Coverage::evictions. Not thread-safe. `inputs` and `coverage` must
// outlive this object.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/detect/event_explainer.h"
#include "krbtrail/detect/local_kerberos_service.h"
#include "krbtrail/detect/windows_coverage.h"
#include "krbtrail/detect/windows_sequence.h"
#include "krbtrail/detect/windows_spool.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/origin.h"
#include "krbtrail/windows/event.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::detect {

struct Investigation;

inline constexpr std::size_t kServicesKept = 20'000;
inline constexpr std::size_t kLogonsKept = 150'000;
inline constexpr std::size_t kComputersKept = 10'000;
inline constexpr std::size_t kSessionEventsKept = 100;
inline constexpr std::size_t kRelatedKept = 50;

struct WindowsEvaluatorOptions {
  RuleVariant variant = RuleVariant::v214;
  // Of stamps that name no zone; without it they are comparable within their input only.
  std::optional<std::chrono::minutes> input_zone;
  std::string host_name = {};  // of events that name no computer; empty: they stay unnamed
  bool keep_records = false;   // evidence carries its events as XML
  SpoolOptions spool;
};

class WindowsEvaluator final : public windows::EventSink {
 public:
  WindowsEvaluator(WindowsEvaluatorOptions options, const model::InputNames& inputs,
                   model::Coverage& coverage);

  void push(windows::WindowsEvent&& event) override;
  void input_done(model::InputId input, const windows::ReadReport& report);

  // Adds to coverage.hosts, in order of name. An error means that the spool failed and findings are
  // lacking.
  [[nodiscard]] model::Status finish(const std::function<void(model::Finding)>& on_finding);

  // In place of finish(): what the rule sees in the pairs that the record is part of, or in the one
  // that comes nearest to a pair; without a rule where the rule does not look at such an event.
  // Empty if the record is not in the evidence. Of records that share computer and id the first.
  [[nodiscard]] model::Result<std::vector<ExplainedActivity>> explain(std::string_view computer,
                                                                      std::uint64_t record_id);

 private:
  struct AskedRecord;
  // A pair by its places in `logons_` and `services_`.
  struct AskedPair {
    std::size_t logon = 0;
    std::size_t service = 0;
    std::string_view what;  // in words, behind its service
  };
  [[nodiscard]] model::Result<std::optional<AskedRecord>> find_record(std::string_view computer,
                                                                      std::uint64_t record_id);
  [[nodiscard]] std::vector<AskedPair> pairs_of(const SequenceEvent& asked, bool is_logon) const;
  [[nodiscard]] model::Result<ExplainedActivity> explain_match(const SequenceEvent& logon,
                                                               const SequenceEvent& service,
                                                               std::string_view what);
  [[nodiscard]] ExplainedActivity explain_lone(const AskedRecord& asked) const;
  // Puts services and the logons that they ask for in order, each once.
  [[nodiscard]] model::Status prepare();

  using SessionKey = std::pair<std::uint32_t, std::uint64_t>;  // alike computers, logon id

  // What belongs to the pairs of one session, by reference into the spool.
  struct Gathered {
    std::vector<std::uint64_t> events;
    std::optional<model::Timestamp> first;  // of the services, for the hour before and after
    std::optional<model::Timestamp> last;
  };
  // A pair as the others are told of it.
  struct Told {
    std::string id;
    model::Timestamp time;
    std::uint32_t computers = 0;
    model::Verdict verdict{};
    std::string user_sid;
    std::string service_name;
    std::string service_file;
    std::string logon_guid;  // without braces, in lower case; empty if it names no ticket
  };

  // Fills in what the user said of stamps and events that do not say it themselves.
  void complete(std::optional<windows::EventTime>& time) const;
  void complete(windows::WindowsEvent& event) const;
  [[nodiscard]] std::optional<ComputerId> computer_of(const windows::WindowsEvent& event);
  [[nodiscard]] SequenceEvent tuple_of(const windows::WindowsEvent& event, ComputerId computer,
                                       std::uint64_t reference) const;
  [[nodiscard]] std::string_view name_of(ComputerId computer) const {
    return computers_[static_cast<std::size_t>(computer)].name;
  }
  [[nodiscard]] std::uint32_t group_of(ComputerId computer) const {
    return groups_[static_cast<std::size_t>(computer)];
  }
  void add_hosts();
  void drop_duplicates(std::vector<SequenceEvent>& events);
  [[nodiscard]] model::Status collect_logons();
  void note_cut_spans(const std::vector<SequenceMatch>& matches);
  [[nodiscard]] model::Status gather(const std::vector<SequenceMatch>& matches);
  void gather_event(std::uint64_t reference, const windows::WindowsEvent& event);
  void take(Gathered& gathered, std::uint64_t reference, const windows::WindowsEvent& event);
  [[nodiscard]] model::Status tell(const std::vector<SequenceMatch>& matches);
  [[nodiscard]] model::Result<model::Finding> finding_of(const SequenceMatch& match,
                                                         std::size_t index);
  [[nodiscard]] model::Status add_events(const std::vector<std::uint64_t>& references,
                                         const SequenceMatch& match,
                                         std::vector<windows::WindowsEvent>& into);
  [[nodiscard]] model::Status add_leads(const SequenceMatch& match, std::size_t index,
                                        Investigation& asked);
  [[nodiscard]] std::vector<model::RelatedFinding> related_to(std::size_t index) const;

  WindowsEvaluatorOptions options_;
  const model::InputNames& inputs_;
  model::Coverage& coverage_;
  WindowsSpool spool_;
  WindowsCoverage hosts_;
  std::optional<model::Error> failure_;  // of the spool

  std::vector<ComputerName> computers_;                 // by ComputerId
  std::vector<std::uint32_t> groups_;                   // by ComputerId: alike computers
  std::map<std::string, ComputerId, std::less<>> ids_;  // by name, or marked input
  std::map<std::string, std::uint32_t, std::less<>> group_ids_;
  std::map<model::InputId, windows::FileOrder> orders_;
  std::vector<SequenceEvent> services_;
  std::vector<SequenceEvent> logons_;
  std::map<SessionKey, Gathered> sessions_;
  std::map<std::pair<std::uint32_t, std::string>, Gathered> system_log_;  // 7045 by service
  Gathered prerequisites_;
  std::map<std::uint32_t, Gathered> credentials_;         // by alike computers
  std::map<std::string, Gathered, std::less<>> tickets_;  // by LogonGuid
  std::vector<Told> told_;
};

}  // namespace krbtrail::detect
