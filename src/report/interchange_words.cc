// SPDX-License-Identifier: Apache-2.0
#include "report/interchange_words.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "report/finding_words.h"

namespace krbtrail::report {

using model::Finding;

std::string message_of(const Finding& finding) {
  std::string words = finding.title;
  if (!finding.windows && (finding.process || finding.file))
    words += ": " + act_in_words(finding);
  if (finding.windows && finding.windows->service.name)
    words += ": service " + *finding.windows->service.name;
  if (!finding.host.empty())
    words += " on " + finding.host;
  return words;
}

std::string message_of(const model::Incident& incident) {
  std::string words = fmt::format("Incident: {}", incident.title);
  if (!incident.ticket.empty())
    words += fmt::format("; ticket {}", incident.ticket);
  if (!incident.copies.empty())
    words += fmt::format("; copied to {}", fmt::join(incident.copies, ", "));
  if (!incident.used_by.empty())
    words += fmt::format("; used by {}", fmt::join(incident.used_by, "; "));
  return words;
}

std::string user_name_of(const Finding& finding) {
  if (finding.windows) {
    const auto& logon = finding.windows->logon;
    return logon ? logon->target_user_name.value_or("") : "";
  }
  if (finding.account.name)
    return *finding.account.name;
  return finding.account.uid ? std::to_string(*finding.account.uid) : "";
}

std::string technique_of(std::string_view attack) {
  return std::string{attack.substr(0, attack.find('.'))};
}

bool is_sub_technique(std::string_view attack) {
  return attack.find('.') != std::string_view::npos;
}

bool is_ip_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return text.find('\0') == std::string::npos &&
         (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
          inet_pton(AF_INET6, text.c_str(), address.data()) == 1);
}

std::vector<Limitation> limitations(const model::Coverage& coverage) {
  std::vector<Limitation> found;
  for (const model::HostCoverage& host : coverage.hosts) {
    for (const model::Statement& statement : host.statements) {
      if (statement.limits)
        found.push_back({.host = host.host,
                         .text = statement.reason.empty()
                                     ? statement.text
                                     : fmt::format("{} ({})", statement.text, statement.reason),
                         .time = host.last});
    }
  }
  for (const model::InputCoverage& input : coverage.inputs) {
    if (input.unread)
      found.push_back({.host = "", .text = input.name + ": " + input.problem, .time = {}});
  }
  return found;
}

model::Timestamp end_of(const model::Coverage& coverage) {
  std::optional<model::Timestamp> last;
  for (const model::HostCoverage& host : coverage.hosts)
    last = std::max(last, host.last);
  return last.value_or(model::Timestamp{});
}

std::int64_t milliseconds_of(model::Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::int64_t microseconds_of(model::Timestamp time) {
  return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace krbtrail::report
