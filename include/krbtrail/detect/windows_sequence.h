// SPDX-License-Identifier: Apache-2.0
//
// The sequence of the local Kerberos service rule over the logons and services of all inputs, with
// the meaning of Elasticsearch's EQL:
//
//   By (computer, logon id) the newest logon that satisfies the first leg is pending; a service
//   consumes it; 300 s are inclusive. A B B gives one finding, A A B B one, A B A B two, B A none.
//
// Beyond that each service gives at most one object: against the newest earlier logon of its
// session, judged condition by condition; without such a logon against the newest complete first
// leg of another session within the span before it. A service that follows one which consumed the
// logon is listed with that finding. What EQL would match is always a finding, even where a logon
// that fails the first leg stands between; that can only be a logon id used twice.
//
//   for (const SequenceMatch& match : match_sequences(variant, computers, logons, services)) …
//
// Matches come in total_order() of their services. Duplicates must have been removed. Time is
// n log n, as each service looks at no more than kLogonsLookedAt logons of its session, which a
// session of a person never has: only the system's own 0x3e7 does, whose logons are not loopback.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "krbtrail/detect/local_kerberos_service.h"
#include "krbtrail/detect/logon_session.h"
#include "krbtrail/model/finding.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::detect {

inline constexpr std::size_t kLogonsLookedAt = 1024;

// A 4624 or 4697 as far as the sequence needs it.
struct SequenceEvent {
  LogPlace place;
  ComputerId computer{};
  std::optional<std::uint64_t> logon_id;
  Conditions conditions;        // that it decides alone
  std::uint64_t reference = 0;  // the caller's
};

// How computers are spelt. `named` is false for the events of an input whose shape has no computer:
// they are of one computer, whatever it is called.
struct ComputerName {
  std::string name;
  bool named = true;
};

struct SequenceMatch {
  model::Verdict verdict = model::Verdict::finding;
  std::size_t logon = 0;    // index into the logons
  std::size_t service = 0;  // index into the services
  Conditions conditions;
  std::optional<SpanBounds> span;
  std::vector<std::size_t> additional;  // services that came when the logon was consumed
};

// The conditions of both and those of the pair, whether or not it is one that matches.
[[nodiscard]] Conditions conditions_of_pair(std::span<const ComputerName> computers,
                                            const SequenceEvent& logon,
                                            const SequenceEvent& service);

[[nodiscard]] std::vector<SequenceMatch> match_sequences(RuleVariant variant,
                                                         std::span<const ComputerName> computers,
                                                         std::span<const SequenceEvent> logons,
                                                         std::span<const SequenceEvent> services);

}  // namespace krbtrail::detect
