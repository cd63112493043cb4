// SPDX-License-Identifier: Apache-2.0
#include "report/totals.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "krbtrail/model/finding.h"
namespace krbtrail::report {

using model::Coverage;
using model::Rejection;
using model::Summary;

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t behind = 3; behind < digits.size(); behind += 4)
    digits.insert(digits.size() - behind, ",");
  return digits;
}

std::string counted(std::uint64_t number, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", grouped(number), number == 1 ? singular : plural);
}

std::string findings_in_words(const Summary& summary) {
  std::vector<std::string> parts;
  for (std::size_t i = summary.findings_by_severity.size(); i-- > 0;) {
    if (const std::uint64_t number = summary.findings_by_severity[i]; number != 0)
      parts.push_back(fmt::format("{} {}", grouped(number),
                                  to_string(model::Severity{static_cast<std::uint8_t>(i)})));
  }
  std::string words = counted(summary.findings, "finding", "findings");
  if (!parts.empty())
    words += fmt::format(" ({})", fmt::join(parts, ", "));
  return words;
}

std::vector<std::string> losses(const Coverage& coverage) {
  std::vector<std::string> phrases;

  const auto unread = std::ranges::count_if(coverage.inputs, &model::InputCoverage::unread);
  if (unread != 0)
    phrases.push_back(counted(static_cast<std::uint64_t>(unread), "input", "inputs") +
                      " not read, or not to the end");
  for (std::size_t i = 0; i < coverage.rejected.size(); ++i) {
    const auto why = static_cast<Rejection>(i);
    const model::Count& count = coverage.rejected[i];
    if (count.lines != 0 && is_loss(why))
      phrases.push_back(fmt::format("{}: {} ({})", describe(why), grouped(count.lines),
                                    counted(count.bytes, "byte", "bytes")));
  }
  const auto blind = std::ranges::count_if(coverage.hosts, [](const model::HostCoverage& host) {
    return std::ranges::any_of(host.statements, &model::Statement::limits);
  });
  if (blind != 0)
    phrases.push_back(counted(static_cast<std::uint64_t>(blind), "host", "hosts") +
                      " of which not everything could be seen, as COVERAGE says");
  if (coverage.decode_failures != 0)
    phrases.push_back(counted(coverage.decode_failures, "record", "records") +
                      " that libauparse refused");
  return phrases;
}

std::string summary_sentence(const Coverage& coverage, const Summary& summary) {
  std::string sentence = fmt::format(
      "{}; {} hidden; {} suppressed; {} filtered; {}; {} indeterminate; {}",
      findings_in_words(summary), grouped(summary.hidden), grouped(summary.suppressed),
      grouped(summary.filtered), counted(summary.near_misses, "near miss", "near misses"),
      grouped(summary.indeterminate), counted(coverage.bytes_read, "byte read", "bytes read"));
  if (const std::vector<std::string> causes = losses(coverage); !causes.empty())
    sentence += fmt::format("; INCOMPLETE: {}", fmt::join(causes, "; "));
  return sentence;
}

}  // namespace krbtrail::report
