// SPDX-License-Identifier: Apache-2.0
#include "detect/finding_draft.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "detect/process_names.h"

namespace krbtrail::detect {
namespace {

model::Account account_of(const activity::Identity& identity) {
  return {.name = identity.account_name,
          .uid = identity.uid,
          .euid = identity.euid,
          .fsuid = identity.fsuid,
          .auid = identity.auid,
          .session = identity.ses};
}

model::ProcessFacts facts_of(const activity::Process& process) {
  return {.pid = process.pid,
          .name = std::string{image_name(process)},
          .exe = process.exe,
          .command_line = process.command_line,
          .command_line_source = std::string{to_string(process.command_line_source)},
          .source = std::string{to_string(process.source)}};
}

model::FileFacts facts_of(const activity::FileEvent& event) {
  const bool has_old_name = event.previous && (event.action == activity::FileAction::renamed ||
                                               event.action == activity::FileAction::linked);
  return {.path = event.object.path,
          .old_path = has_old_name ? event.previous->path : std::string{},
          .action = std::string{to_string(event.action)},
          .path_confidence = std::string{to_string(event.object.confidence)},
          .owner_uid = event.object.owner_uid,
          .device = event.object.device,
          .inode = event.object.inode};
}

// The query's word. A link or symlink is a file that was not there before.
std::string_view action_type(activity::FileAction action) {
  using enum activity::FileAction;
  switch (action) {
    case read:
      return "FileRead";
    case created:
    case linked:
    case symlinked:
      return "FileCreated";
    case modified:
      return "FileModified";
    case renamed:
      return "FileRenamed";
    case deleted:
      return "FileDeleted";
    case attributes:
    case attempted:
      break;
  }
  return "";
}

// One entry an input, in the order of reading: the records of an event that a rotation cut apart
// lie in two.
std::vector<model::Evidence> evidence_of(const audit::DecodedEvent* source,
                                         const audit::EventKey& key, const EvidenceNames& names) {
  std::vector<model::Evidence> evidence;
  const model::Evidence where{.input = {},
                              .event = key.to_string(),
                              .node = {},
                              .record_id = {},
                              .offset = {},
                              .records = {}};
  if (source == nullptr)
    return {where};
  for (const audit::DecodedRecord& record : source->records) {
    const std::string_view input = names.inputs.name(record.origin.input);
    auto entry = std::ranges::find(evidence, input, &model::Evidence::input);
    if (entry == evidence.end()) {
      entry = evidence.insert(entry, where);
      entry->input = input;
      entry->line = record.origin.line;
      if (record.has_node)
        entry->node = names.hosts.name(key.host);
    }
    entry->line = std::min(entry->line, record.origin.line);
    if (names.keep_records)
      entry->records.emplace_back(record.text);
  }
  return evidence;
}

template <class Event>
model::Finding draft_common(const RuleInfo& rule, const Event& event, const EvidenceNames& names) {
  const activity::Lineage& lineage = event.lineage;
  model::Finding finding;
  finding.time = event.key.time();
  finding.rule = rule.id;
  finding.rules = {finding.rule};
  finding.rule_set = rule.rule_set;
  finding.detection_type = rule.detection_type;
  finding.title = rule.title;
  finding.severity = rule.severity;
  finding.attack.assign(rule.attack.begin(), rule.attack.end());
  finding.host = names.hosts.name(event.key.host);
  finding.id = model::finding_id(finding.host, event.key.to_string(), rule.id, "");
  finding.account = account_of(lineage.process.identity);
  finding.process = facts_of(lineage.process);
  for (const activity::Process& ancestor : lineage.ancestry)
    finding.ancestry.push_back(facts_of(ancestor));
  if (!finding.ancestry.empty())
    finding.parent = finding.ancestry.front();
  finding.audit_keys = event.keys;
  finding.evidence = evidence_of(event.source, event.key, names);
  return finding;
}

}  // namespace

model::Finding draft_finding(const RuleInfo& rule, const activity::ProcessEvent& event,
                             const EvidenceNames& names) {
  model::Finding finding = draft_common(rule, event, names);
  finding.action_type = "ProcessExecution";
  return finding;
}

model::Finding draft_finding(const RuleInfo& rule, const activity::FileEvent& event,
                             const EvidenceNames& names) {
  model::Finding finding = draft_common(rule, event, names);
  finding.action_type = action_type(event.action);
  finding.file = facts_of(event);
  return finding;
}

model::Finding draft_finding(const RuleInfo& rule, const activity::CallEvent& event,
                             const EvidenceNames& names) {
  return draft_common(rule, event, names);
}

}  // namespace krbtrail::detect
