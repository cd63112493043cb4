// SPDX-License-Identifier: Apache-2.0
//
// What Windows evidence shows of each computer and what it cannot show: whole categories that are
// not audited, gaps in record ids, a cleared log, logons too old to carry ElevatedToken, a span cut
// by the edge of the log, text in a language that is not read.
//
//   WindowsCoverage hosts{RuleVariant::v214};
//   hosts.observe("PC01", event);            // each event
//   hosts.add_log(facts);                    // each log of each input
//   hosts.count_cut_span("PC01");            // a service whose logon may lie before the log
//   coverage.hosts = hosts.report();
//   finding.windows->caveats = hosts.caveats("PC01");
//
// Knows at most kHostsKept computers; `dropped()` counts what came of others. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/detect/local_kerberos_service.h"
#include "krbtrail/model/coverage.h"
#include "krbtrail/windows/event.h"
#include "krbtrail/windows/reader.h"

namespace krbtrail::detect {

inline constexpr std::size_t kHostsKept = 10'000;

class WindowsCoverage {
 public:
  explicit WindowsCoverage(RuleVariant variant) : variant_(variant) {}

  void observe(std::string_view computer, const windows::WindowsEvent& event);
  void add_log(const windows::LogFacts& log);
  void count_duplicate(std::string_view computer);
  void count_cut_span(std::string_view computer);

  // The earliest event of any of its logs; unset if none has a time that can be compared.
  [[nodiscard]] std::optional<model::Timestamp> first_event(std::string_view computer) const;
  // In order of name.
  [[nodiscard]] std::vector<model::HostCoverage> report() const;
  // The statements that limit what can be said of this computer, in words.
  [[nodiscard]] std::vector<std::string> caveats(std::string_view computer) const;
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  struct Host {
    std::optional<model::Timestamp> first;
    std::optional<model::Timestamp> last;
    std::uint64_t events = 0;   // handed on by the readers
    std::uint64_t records = 0;  // in the logs, wanted or not
    std::map<std::uint32_t, std::uint64_t> by_event_id;
    std::uint64_t old_logons = 0;
    std::uint64_t gaps = 0;
    std::uint64_t cut_spans = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t localised = 0;
    std::uint64_t recovered = 0;
    std::uint64_t rendered = 0;
    std::uint64_t without_zone = 0;
    std::uint64_t half_day = 0;
    std::uint64_t without_time = 0;
    std::uint64_t rule_hits = 0;
    std::uint64_t forwarded = 0;
  };

  [[nodiscard]] Host* host_of(std::string_view computer);
  static void widen(Host& host, const windows::EventTime& time);
  [[nodiscard]] std::vector<model::Statement> statements(const Host& host) const;

  RuleVariant variant_;
  std::map<std::string, Host, std::less<>> hosts_;
  std::uint64_t dropped_ = 0;
};

}  // namespace krbtrail::detect
