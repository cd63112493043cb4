// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/finding.h"

#include <array>
#include <cstdint>

namespace krbtrail::model {
namespace {

constexpr std::array kSeverities = {Severity::info, Severity::low, Severity::medium, Severity::high,
                                    Severity::critical};

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::low:
      return "low";
    case Severity::medium:
      return "medium";
    case Severity::high:
      return "high";
    case Severity::critical:
      return "critical";
  }
  return "";
}

std::optional<Severity> parse_severity(std::string_view word) {
  for (const Severity severity : kSeverities) {
    if (to_string(severity) == word)
      return severity;
  }
  return std::nullopt;
}

std::string_view to_string(RuleSet rule_set) {
  switch (rule_set) {
    case RuleSet::seed:
      return "seed";
    case RuleSet::extended:
      return "extended";
    case RuleSet::windows:
      return "windows";
  }
  return "";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::finding:
      return "finding";
    case Verdict::near_miss:
      return "near_miss";
    case Verdict::indeterminate:
      return "indeterminate";
  }
  return "";
}

// FNV-1a of 64 bits, each part followed by a byte 0xFF, which no UTF-8 text contains, so that
// moving a letter from one part to the next changes the id.
std::string finding_id(std::string_view host, std::string_view event, std::string_view rule,
                       std::string_view object) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::string_view part : {host, event, rule, object}) {
    for (const char c : part)
      hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
    hash = (hash ^ 0xFFU) * kPrime;
  }
  std::string id(16, '0');
  for (std::size_t i = id.size(); i-- > 0; hash >>= 4U)
    id[i] = "0123456789abcdef"[hash & 0xFU];
  return id;
}

}  // namespace krbtrail::model
