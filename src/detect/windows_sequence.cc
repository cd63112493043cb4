// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_sequence.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace krbtrail::detect {
namespace {

constexpr std::size_t kOtherSessionsLookedAt = 64;
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

using Indices = std::vector<std::size_t>;

class Matcher {
 public:
  Matcher(RuleVariant variant, std::span<const ComputerName> computers,
          std::span<const SequenceEvent> logons, std::span<const SequenceEvent> services)
      : variant_(variant), computers_(computers), logons_(logons), services_(services) {}

  std::vector<SequenceMatch> run();

 private:
  using SessionKey = std::pair<std::uint32_t, std::uint64_t>;  // group of alike computers, logon id

  // What the logons of a service's session come to.
  struct Candidates {
    std::size_t pending = kNone;    // newest that satisfies the first leg, computer to the letter
    std::size_t newest = kNone;     // newest that surely came before
    std::size_t undecided = kNone;  // newest of which it is not known whether it came before
  };

  void group();
  [[nodiscard]] std::uint32_t group_of(ComputerId computer) const {
    return groups_[static_cast<std::size_t>(computer)];
  }
  [[nodiscard]] const ComputerName& computer_of(const SequenceEvent& event) const {
    return computers_[static_cast<std::size_t>(event.computer)];
  }
  [[nodiscard]] bool can_be_one_computer(const SequenceEvent& a, const SequenceEvent& b) const;
  [[nodiscard]] bool is_newer(std::size_t logon, std::size_t other) const;
  [[nodiscard]] Conditions conditions_of(const SequenceEvent& logon,
                                         const SequenceEvent& service) const;
  [[nodiscard]] std::span<const std::size_t> near(const Indices& logons,
                                                  const SequenceEvent& service,
                                                  std::size_t count) const;
  [[nodiscard]] Candidates candidates(const SequenceEvent& service) const;

  void match(std::size_t service);
  bool match_finding(std::size_t service, const Candidates& found);
  bool match_with(std::size_t logon, std::size_t service);
  bool list_with_finding(std::size_t logon, std::size_t service);
  void match_other_session(std::size_t service);
  void add(model::Verdict verdict, std::size_t logon, std::size_t service);

  RuleVariant variant_;
  std::span<const ComputerName> computers_;
  std::span<const SequenceEvent> logons_;
  std::span<const SequenceEvent> services_;
  std::vector<std::uint32_t> groups_;            // by ComputerId
  std::map<SessionKey, Indices> sessions_;       // logons in total order
  std::map<std::uint32_t, Indices> first_legs_;  // of a group, none failed, in total order
  std::unordered_map<std::size_t, std::size_t> consumed_;  // logon -> match
  std::vector<SequenceMatch> matches_;
};

void sort_by_place(Indices& indices, std::span<const SequenceEvent> events) {
  std::ranges::sort(indices, [&](std::size_t a, std::size_t b) {
    const auto order = total_order(events[a].place, events[b].place);
    return order == std::strong_ordering::equal ? a < b : std::is_lt(order);
  });
}

Indices all_of(std::span<const SequenceEvent> events) {
  Indices indices(events.size());
  std::iota(indices.begin(), indices.end(), std::size_t{0});
  sort_by_place(indices, events);
  return indices;
}

void Matcher::group() {
  std::map<std::string, std::uint32_t> by_short_name;
  for (const ComputerName& computer : computers_) {
    // The marked key cannot be a computer's: an input without computers is a group of its own.
    const std::string key =
        computer.named ? short_name(computer.name) : std::string(1, '\0') + computer.name;
    groups_.push_back(
        by_short_name.try_emplace(key, static_cast<std::uint32_t>(by_short_name.size()))
            .first->second);
  }
  for (const std::size_t index : all_of(logons_)) {
    const SequenceEvent& logon = logons_[index];
    if (logon.logon_id)
      sessions_[{group_of(logon.computer), *logon.logon_id}].push_back(index);
    if (logon.conditions.failed(variant_) == 0)
      first_legs_[group_of(logon.computer)].push_back(index);
  }
}

bool Matcher::can_be_one_computer(const SequenceEvent& a, const SequenceEvent& b) const {
  if (a.computer == b.computer)
    return true;
  const ComputerName& one = computer_of(a);
  const ComputerName& other = computer_of(b);
  return one.named && other.named && is_alike(one.name, other.name);
}

bool Matcher::is_newer(std::size_t logon, std::size_t other) const {
  const LogPlace& place = logons_[logon].place;
  const LogPlace& other_place = logons_[other].place;
  if (const Held before = precedes(other_place, place))
    return *before;
  return std::is_lt(total_order(other_place, place));
}

Conditions Matcher::conditions_of(const SequenceEvent& logon, const SequenceEvent& service) const {
  return conditions_of_pair(computers_, logon, service);
}

// The `count` logons around the place that the service has among them, most of them before it.
std::span<const std::size_t> Matcher::near(const Indices& logons, const SequenceEvent& service,
                                           std::size_t count) const {
  if (logons.size() <= count)
    return logons;
  const auto place = std::ranges::partition_point(logons, [&](std::size_t logon) {
    return std::is_lteq(total_order(logons_[logon].place, service.place));
  });
  const auto before = static_cast<std::size_t>(place - logons.begin());
  const std::size_t end = std::min(logons.size(), before + count / 4);
  const std::size_t begin = end - std::min(end, count);
  return std::span{logons}.subspan(begin, end - begin);
}

Matcher::Candidates Matcher::candidates(const SequenceEvent& service) const {
  Candidates found;
  const auto session = sessions_.find({group_of(service.computer), *service.logon_id});
  if (session == sessions_.end())
    return found;
  const auto take = [&](std::size_t& best, std::size_t logon) {
    if (best == kNone || is_newer(logon, best))
      best = logon;
  };
  for (const std::size_t index : near(session->second, service, kLogonsLookedAt)) {
    const SequenceEvent& logon = logons_[index];
    if (!can_be_one_computer(logon, service))
      continue;
    const Held before = precedes(logon.place, service.place);
    if (!before)
      take(found.undecided, index);
    else if (*before)
      take(found.newest, index);
    const bool is_same_computer = logon.computer == service.computer && computer_of(logon).named;
    if (before == true && is_same_computer && logon.conditions.all_hold(variant_))
      take(found.pending, index);
  }
  return found;
}

void Matcher::add(model::Verdict verdict, std::size_t logon, std::size_t service) {
  matches_.push_back({.verdict = verdict,
                      .logon = logon,
                      .service = service,
                      .conditions = conditions_of(logons_[logon], services_[service]),
                      .span = span_between(logons_[logon].place, services_[service].place),
                      .additional = {}});
}

bool Matcher::match_finding(std::size_t service, const Candidates& found) {
  if (found.pending == kNone || consumed_.contains(found.pending))
    return false;
  const Conditions seen = conditions_of(logons_[found.pending], services_[service]);
  if (!seen.all_hold(variant_))
    return false;
  consumed_[found.pending] = matches_.size();
  add(model::Verdict::finding, found.pending, service);
  return true;
}

bool Matcher::match_with(std::size_t logon, std::size_t service) {
  const auto verdict = judge(variant_, conditions_of(logons_[logon], services_[service]));
  if (verdict)
    add(*verdict, logon, service);
  return verdict.has_value();
}

bool Matcher::list_with_finding(std::size_t logon, std::size_t service) {
  const auto consumed = consumed_.find(logon);
  if (consumed == consumed_.end())
    return false;
  matches_[consumed->second].additional.push_back(service);
  return true;
}

void Matcher::match_other_session(std::size_t service) {
  const SequenceEvent& event = services_[service];
  const auto legs = first_legs_.find(group_of(event.computer));
  if (legs == first_legs_.end())
    return;
  std::size_t complete = kNone;
  std::size_t incomplete = kNone;
  for (const std::size_t index : near(legs->second, event, kOtherSessionsLookedAt)) {
    const SequenceEvent& logon = logons_[index];
    if (!can_be_one_computer(logon, event))
      continue;
    const Conditions seen = conditions_of(logon, event);
    if (seen.get(Condition::order) != true || seen.get(Condition::within_span) == false ||
        !judge(variant_, seen))
      continue;
    std::size_t& best = logon.conditions.all_hold(variant_) ? complete : incomplete;
    if (best == kNone || is_newer(index, best))
      best = index;
  }
  if (const std::size_t best = complete != kNone ? complete : incomplete; best != kNone)
    match_with(best, service);
}

void Matcher::match(std::size_t service) {
  if (!services_[service].logon_id) {
    match_other_session(service);
    return;
  }
  const Candidates found = candidates(services_[service]);
  if (match_finding(service, found))
    return;
  if (found.newest == kNone && found.undecided == kNone) {
    match_other_session(service);
    return;
  }
  const bool matched = found.newest != kNone && (list_with_finding(found.newest, service) ||
                                                 match_with(found.newest, service));
  if (!matched && found.undecided != kNone)
    match_with(found.undecided, service);
}

std::vector<SequenceMatch> Matcher::run() {
  group();
  for (const std::size_t service : all_of(services_))
    match(service);
  return std::move(matches_);
}

}  // namespace

Conditions conditions_of_pair(std::span<const ComputerName> computers, const SequenceEvent& logon,
                              const SequenceEvent& service) {
  const auto computer_of = [&](const SequenceEvent& event) -> const ComputerName& {
    return computers[static_cast<std::size_t>(event.computer)];
  };
  Conditions seen = logon.conditions;
  seen.add(service.conditions);
  if (!logon.logon_id || !service.logon_id)
    seen.set(Condition::same_logon_id, std::nullopt);
  else
    seen.set(Condition::same_logon_id, *logon.logon_id == *service.logon_id);
  if (computer_of(logon).named && computer_of(service).named)
    seen.set(Condition::same_computer, logon.computer == service.computer);
  else
    seen.set(Condition::same_computer, std::nullopt);
  seen.set(Condition::within_span, is_within(span_between(logon.place, service.place), kMaxSpan));
  seen.set(Condition::order, precedes(logon.place, service.place));
  return seen;
}

std::vector<SequenceMatch> match_sequences(RuleVariant variant,
                                           std::span<const ComputerName> computers,
                                           std::span<const SequenceEvent> logons,
                                           std::span<const SequenceEvent> services) {
  return Matcher{variant, computers, logons, services}.run();
}

}  // namespace krbtrail::detect
