// SPDX-License-Identifier: Apache-2.0
#include "report/finding_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace krbtrail::report {
namespace {

using model::Finding;

struct Wording {
  std::string_view word;
  std::string_view phrase;
};

template <std::size_t N>
[[nodiscard]] std::string_view phrase_for(const std::array<Wording, N>& wordings,
                                          std::string_view word) {
  const auto* const found = std::ranges::find(wordings, word, &Wording::word);
  return found == wordings.end() ? std::string_view{} : found->phrase;
}

// What is less than certain is said before anybody relies on it.
constexpr std::array<Wording, 5> kPathConfidence = {{
    {"absolute", "path recorded in full"},
    {"joined", "path joined from the working directory and a relative name"},
    {"inode", "path known from the inode"},
    {"unresolved", "name certain, directory unknown: it was opened relative to a descriptor"},
    {"null", "the record names no path"},
}};
constexpr std::array<Wording, 6> kCommandLineSource = {{
    {"execve", "command line as executed"},
    {"execve_truncated", "command line cut short by the audit system"},
    {"proc", "command line from /proc when krbtrail started, which a process can change"},
    {"proctitle", "command line from PROCTITLE, which a process can change and which may be stale"},
    {"comm", "command line unknown: only the process's own name for itself"},
    {"none", "command line unknown"},
}};
constexpr std::array<Wording, 5> kProcessSource = {{
    {"exec", "its start was seen"},
    {"fork", "only its parent's fork was seen"},
    {"actor", "its start was not seen"},
    {"proc", "it ran before krbtrail did: known from /proc, not from a record"},
    {"unknown", "nothing but its pid is known"},
}};

[[nodiscard]] std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string name_and_uid(const model::Account& account) {
  if (!account.uid)
    return account.name.value_or("unknown user");
  if (!account.name)
    return fmt::format("uid {}", *account.uid);
  return fmt::format("{} (uid {})", *account.name, *account.uid);
}

std::string account_in_words(const model::Account& account) {
  std::vector<std::string> parts{name_and_uid(account)};
  if (account.euid && account.euid != account.uid)
    parts.push_back(fmt::format("effective uid {}", *account.euid));
  if (account.fsuid && account.fsuid != account.euid)
    parts.push_back(fmt::format("file access as uid {}", *account.fsuid));
  if (account.auid)
    parts.push_back(fmt::format("logged in as uid {}", *account.auid));
  else
    parts.emplace_back("no login: a service or a boot process");
  if (account.session)
    parts.push_back(fmt::format("session {}", *account.session));
  return joined(parts);
}

std::string process_name(const model::ProcessFacts& process) {
  const std::string& name = process.name.empty() ? process.exe : process.name;
  return name.empty() ? "an unknown process" : name;
}

std::string_view verb_of(std::string_view action) {
  if (action == "attributes")
    return "changed the attributes of";
  if (action == "attempted")
    return "tried to reach";
  return action;
}

std::string act_in_words(const Finding& finding) {
  const std::string actor = finding.process ? process_name(*finding.process) : "an unknown process";
  if (finding.contact)
    return fmt::format("{} connected to {}", actor, address_in_words(*finding.contact));
  if (!finding.file)
    return actor + (finding.action_type.empty() ? " made a system call" : " was executed");
  const model::FileFacts& file = *finding.file;
  std::string words = fmt::format("{} {} {}", actor, verb_of(file.action),
                                  file.path.empty() ? "a file without a name" : file.path);
  if (!file.old_path.empty())
    words += fmt::format(", from {}", file.old_path);
  return words;
}

std::string address_in_words(const model::NetworkContact& contact) {
  return contact.port ? fmt::format("{} port {}", contact.address, *contact.port) : contact.address;
}

std::string details_in_words(const model::FileFacts& file) {
  std::vector<std::string> parts;
  if (file.owner_uid)
    parts.push_back(fmt::format("owner uid {}", *file.owner_uid));
  if (file.inode)
    parts.push_back(fmt::format("inode {}", *file.inode));
  if (!file.device.empty())
    parts.push_back(fmt::format("device {}", file.device));
  return joined(parts);
}

std::string process_and_pid(const model::ProcessFacts& process) {
  if (!process.pid)
    return process_name(process);
  return fmt::format("{} (pid {})", process_name(process), *process.pid);
}

std::string_view source_in_words(const model::ProcessFacts& process) {
  return phrase_for(kProcessSource, process.source);
}

std::string certainty_in_words(const Finding& finding) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view phrase) {
    if (!phrase.empty())
      parts.emplace_back(phrase);
  };
  if (!finding.confidence.empty())
    add(finding.confidence + " confidence");
  if (finding.file)
    add(phrase_for(kPathConfidence, finding.file->path_confidence));
  if (finding.process) {
    add(phrase_for(kCommandLineSource, finding.process->command_line_source));
    add(source_in_words(*finding.process));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string place_in_words(const model::Evidence& evidence) {
  std::vector<std::string> parts{evidence.input};
  if (evidence.line != 0)
    parts.push_back(fmt::format("line {}", evidence.line));
  if (evidence.offset)
    parts.push_back(fmt::format("offset {}", *evidence.offset));
  if (evidence.recovered)
    parts.emplace_back("recovered from slack");
  if (!evidence.node.empty())
    parts.push_back(fmt::format("node {}", evidence.node));
  if (evidence.record_id)
    parts.push_back(fmt::format("record {}", *evidence.record_id));
  if (!evidence.event.empty())
    parts.push_back(fmt::format("event {}", evidence.event));
  return joined(parts);
}

std::string reason_in_words(const model::Reason& reason) {
  return reason.points ? fmt::format("{} ({:+})", reason.text, *reason.points) : reason.text;
}

}  // namespace krbtrail::report
