// SPDX-License-Identifier: Apache-2.0
#include "detect/seed_branches.h"

#include <array>
#include <charconv>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "detect/seed_lists.h"
#include "detect/seed_rule_text.h"
#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect::seed {
namespace {

using activity::FileAction;

const Pattern& ticket_name() {
  static const Pattern pattern{kTicketName};
  return pattern;
}

const Pattern& ticket_in_command_line() {
  static const Pattern pattern{kTicketInCommandLine};
  return pattern;
}

std::string text(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const std::string_view part : parts)
    joined += part;
  return joined;
}

// Branch 1.

bool is_counted_action(const FileSubject& subject) {
  if (!subject.event.success)
    return false;
  switch (subject.event.action) {
    case FileAction::read:
      return !subject.is_strict();
    case FileAction::created:
    case FileAction::modified:
    case FileAction::renamed:
    case FileAction::deleted:
    case FileAction::linked:
    case FileAction::symlinked:
      return true;
    case FileAction::attributes:
    case FileAction::attempted:
      return false;
  }
  return false;
}

std::string action_value(const FileSubject& subject) {
  return text({to_string(subject.event.action), subject.event.success ? "" : ", failed"});
}

std::string action_reason(const FileSubject& subject) {
  switch (subject.event.action) {
    case FileAction::read:
      return subject.event.flags_known ? "the file was read"
                                       : "the file was opened, with flags that are not on record";
    case FileAction::created:
      return "the file was created";
    case FileAction::modified:
      return "the file was opened for writing or truncated";
    case FileAction::renamed:
      return "a file was renamed to this name";
    case FileAction::deleted:
      return "the file was deleted";
    case FileAction::linked:
      return "a hard link of this name was made";
    case FileAction::symlinked:
      return "a symbolic link of this name was made";
    case FileAction::attributes:
    case FileAction::attempted:
      break;
  }
  return {};
}

// A symbolic link is an inode of its own, and never a regular one.
bool is_counted_file(const FileSubject& subject) {
  return subject.event.action == FileAction::symlinked || subject.event.object.is_regular();
}

std::string mode_value(const FileSubject& subject) {
  if (!subject.event.object.mode)
    return "mode not on record";
  std::array<char, 16> octal{};  // 32 bits are 11 octal digits
  const auto end =
      std::to_chars(octal.data(), octal.data() + octal.size(), *subject.event.object.mode, 8);
  return text({"mode 0", {octal.data(), end.ptr}});
}

bool is_path_usable(const FileSubject& subject) {
  return !subject.event.object.path.empty() && (subject.is_resolved() || !subject.is_strict());
}

std::string path_value(const FileSubject& subject) {
  return text({subject.event.object.path, " (", to_string(subject.event.object.confidence), ")"});
}

std::string base_name_value(const FileSubject& subject) {
  return std::string{subject.base_name()};
}

std::string actor_value(const FileSubject& subject) {
  return std::string{subject.actor_name()};
}

bool is_not_exempt(const FileSubject& subject) {
  return !in_ignore_case(subject.actor_name(), kLegitKerbProcesses);
}

std::string not_exempt_reason(const FileSubject& subject) {
  if (subject.actor_name().empty())
    return "the process has no name on record, so that it cannot be exempt";
  return text(
      {subject.actor_name(), " is not on the list of programs that may open a ticket cache"});
}

bool is_in_ticket_folder(const FileSubject& subject) {
  return !subject.is_resolved() || starts_with(subject.event.object.path, kTicketFolder);
}

std::string ticket_folder_reason(const FileSubject& subject) {
  if (!subject.is_resolved())
    return "its directory is not on record, so that it is judged by its name";
  return text({subject.event.object.path, " is below ", kTicketFolder});
}

bool is_ticket_name(const FileSubject& subject) {
  return ticket_name().matches(subject.base_name());
}

std::string ticket_name_reason(const FileSubject& subject) {
  return text({subject.base_name(), " is the name of a user's ticket cache"});
}

bool is_default_ccache(const FileSubject& subject) {
  return equals_ignore_case(subject.base_name(), kDefaultCcache);
}

std::string default_ccache_reason(const FileSubject& subject) {
  return text({"its name is ", subject.base_name()});
}

// Whatever the directory of an unresolved path is, the base name comes behind a slash.
bool is_in_kerberos_folder(const FileSubject& subject) {
  if (subject.is_resolved())
    return contains(subject.event.object.path, kKerberosFolder);
  return starts_with(subject.base_name(), kKerberosFolder.substr(1));
}

std::string kerberos_folder_reason(const FileSubject& /*subject*/) {
  return text({"its path contains ", kKerberosFolder});
}

bool is_ccache_suffix(const FileSubject& subject) {
  return ends_with(subject.base_name(), kCcacheSuffix);
}

std::string ccache_suffix_reason(const FileSubject& subject) {
  return text({"its name, ", subject.base_name(), ", ends with ", kCcacheSuffix});
}

constexpr std::array kFileRequired = {
    Predicate<FileSubject>{.name = "action_counts",
                           .wanted = "a file created, modified, renamed or deleted, and unless "
                                     "strict read",
                           .holds = is_counted_action,
                           .value = action_value,
                           .reason = action_reason},
    Predicate<FileSubject>{.name = "regular_file",
                           .wanted = "a regular file, or a new symbolic link",
                           .holds = is_counted_file,
                           .value = mode_value},
    Predicate<FileSubject>{.name = "path_usable",
                           .wanted = "a path on record; unless strict, a base name will do",
                           .holds = is_path_usable,
                           .value = path_value},
    Predicate<FileSubject>{.name = "process_not_exempt",
                           .wanted = "InitiatingProcessFileName !in~ (LegitKerbProcesses)",
                           .holds = is_not_exempt,
                           .value = actor_value,
                           .reason = not_exempt_reason},
};

constexpr std::array kTicketOfUser = {
    Predicate<FileSubject>{.name = "path_in_tmp",
                           .wanted = R"(FolderPath startswith "/tmp/")",
                           .holds = is_in_ticket_folder,
                           .value = path_value,
                           .reason = ticket_folder_reason},
    Predicate<FileSubject>{.name = "name_is_ticket",
                           .wanted = R"(FileName matches regex @"^krb5cc_[0-9]+$")",
                           .holds = is_ticket_name,
                           .value = base_name_value,
                           .reason = ticket_name_reason,
                           .literals = kTicketPatternLiteral},
};

constexpr std::array<std::string_view, 1> kDefaultCcacheLiteral = {kDefaultCcache};
constexpr std::array<std::string_view, 1> kCcacheSuffixLiteral = {kCcacheSuffix};

constexpr std::array kDefaultName = {
    Predicate<FileSubject>{.name = "name_is_krb5_ccache",
                           .wanted = R"(FileName =~ "krb5.ccache")",
                           .holds = is_default_ccache,
                           .value = base_name_value,
                           .reason = default_ccache_reason,
                           .literals = kDefaultCcacheLiteral},
};

constexpr std::array kCcacheOfKerberos = {
    Predicate<FileSubject>{.name = "path_contains_krb5",
                           .wanted = R"(FolderPath contains "/krb5")",
                           .holds = is_in_kerberos_folder,
                           .value = path_value,
                           .reason = kerberos_folder_reason},
    Predicate<FileSubject>{.name = "name_ends_with_ccache",
                           .wanted = R"(FileName endswith ".ccache")",
                           .holds = is_ccache_suffix,
                           .value = base_name_value,
                           .reason = ccache_suffix_reason,
                           .literals = kCcacheSuffixLiteral},
};

constexpr std::array<Clause<FileSubject>, 3> kFileAlternatives = {kTicketOfUser, kDefaultName,
                                                                  kCcacheOfKerberos};

// Branches 2 and 3.

std::string command_line_value(const ProcessSubject& subject) {
  return std::string{subject.command_line()};
}

// What to hold against a command line that EXECVE does not vouch for.
std::string_view command_line_doubt(const ProcessSubject& subject) {
  switch (subject.event.lineage.process.command_line_source) {
    case activity::CommandLineSource::execve:
    case activity::CommandLineSource::none:
      return "";
    case activity::CommandLineSource::execve_truncated:
      return " (part of its arguments is not on record)";
    case activity::CommandLineSource::proc:
      return " (known from /proc, not from a record)";
    case activity::CommandLineSource::proctitle:
      return " (known from PROCTITLE alone, which may be stale or cut)";
    case activity::CommandLineSource::comm:
      return " (known from comm alone)";
  }
  return "";
}

std::string command_line_reason(const ProcessSubject& subject, std::string_view what) {
  return text({"its command line ", what, command_line_doubt(subject)});
}

std::string names_value(const ProcessSubject& subject) {
  std::string listed;
  for (const Candidate& candidate : subject.names.candidates()) {
    if (!listed.empty())
      listed += ", ";
    listed += text({candidate.name, " (", to_string(candidate.source), ")"});
  }
  return listed;
}

std::string_view name_on(const ProcessSubject& subject, std::span<const std::string_view> list) {
  const Candidate* candidate = subject.names.find(list);
  return candidate == nullptr ? std::string_view{} : candidate->name;
}

std::string name_reason(const ProcessSubject& subject, std::span<const std::string_view> list,
                        std::string_view what) {
  const Candidate* candidate = subject.names.find(list);
  if (candidate == nullptr)
    return {};
  return text({candidate->name, ", by its ", to_string(candidate->source), ", is ", what});
}

bool has_impacket_tool(const ProcessSubject& subject) {
  return has_any(subject.command_line(), kImpacketKerbTools) != nullptr;
}

std::string impacket_tool_reason(const ProcessSubject& subject) {
  const std::string_view* tool = has_any(subject.command_line(), kImpacketKerbTools);
  return command_line_reason(subject,
                             text({"names ", *tool, ", a tool that forges or requests tickets"}));
}

bool is_python(const ProcessSubject& subject) {
  return subject.names.find(kPythonNames) != nullptr;
}

std::string python_reason(const ProcessSubject& subject) {
  return name_reason(subject, kPythonNames, "a Python interpreter");
}

std::string_view python_name(const ProcessSubject& subject) {
  return name_on(subject, kPythonNames);
}

bool has_ccache_word(const ProcessSubject& subject) {
  return has_any(subject.command_line(), kCcacheWords) != nullptr;
}

std::string ccache_word_reason(const ProcessSubject& subject) {
  const std::string_view* word = has_any(subject.command_line(), kCcacheWords);
  return command_line_reason(subject, text({"contains the word ", *word}));
}

bool is_copy_command(const ProcessSubject& subject) {
  return subject.names.find(kExfilCommands) != nullptr;
}

std::string copy_command_reason(const ProcessSubject& subject) {
  return name_reason(subject, kExfilCommands, "a program that copies, encodes or sends files");
}

std::string_view copy_command_name(const ProcessSubject& subject) {
  return name_on(subject, kExfilCommands);
}

bool has_ticket_path(const ProcessSubject& subject) {
  return ticket_in_command_line().matches(subject.command_line());
}

std::string ticket_path_reason(const ProcessSubject& subject) {
  return command_line_reason(subject, "names a user's ticket cache");
}

bool has_default_ccache(const ProcessSubject& subject) {
  return has(subject.command_line(), kDefaultCcache);
}

std::string has_default_ccache_reason(const ProcessSubject& subject) {
  return command_line_reason(subject, text({"names ", kDefaultCcache}));
}

constexpr std::array kToolNamed = {
    Predicate<ProcessSubject>{.name = "command_line_has_tool",
                              .wanted = "ProcessCommandLine has_any (ImpacketKerbTools)",
                              .holds = has_impacket_tool,
                              .value = command_line_value,
                              .reason = impacket_tool_reason,
                              .literals = kImpacketKerbTools},
};

constexpr std::array kPythonWithCcache = {
    Predicate<ProcessSubject>{.name = "process_is_python",
                              .wanted = R"(FileName in~ ("python", "python3", "python2"))",
                              .holds = is_python,
                              .value = names_value,
                              .reason = python_reason,
                              .matched_name = python_name},
    Predicate<ProcessSubject>{
        .name = "command_line_has_ccache_word",
        .wanted =
            R"(ProcessCommandLine has_any ("CCache", "ccache", "krb5cc", "KRB5CCNAME", ".ccache"))",
        .holds = has_ccache_word,
        .value = command_line_value,
        .reason = ccache_word_reason,
        .literals = kCcacheWords},
};

constexpr std::array<Clause<ProcessSubject>, 2> kToolAlternatives = {kToolNamed, kPythonWithCcache};

constexpr std::array kCopyRequired = {
    Predicate<ProcessSubject>{.name = "process_is_copy_command",
                              .wanted = "FileName in~ (ExfilCommands)",
                              .holds = is_copy_command,
                              .value = names_value,
                              .reason = copy_command_reason,
                              .matched_name = copy_command_name},
};

constexpr std::array kTicketNamed = {
    Predicate<ProcessSubject>{.name = "command_line_names_ticket",
                              .wanted = R"(ProcessCommandLine matches regex @"krb5cc_[0-9]+")",
                              .holds = has_ticket_path,
                              .value = command_line_value,
                              .reason = ticket_path_reason,
                              .literals = kTicketPatternLiteral},
};

constexpr std::array kDefaultNamed = {
    Predicate<ProcessSubject>{.name = "command_line_has_krb5_ccache",
                              .wanted = R"(ProcessCommandLine has "krb5.ccache")",
                              .holds = has_default_ccache,
                              .value = command_line_value,
                              .reason = has_default_ccache_reason,
                              .literals = kDefaultCcacheLiteral},
};

constexpr std::array<Clause<ProcessSubject>, 2> kCopyAlternatives = {kTicketNamed, kDefaultNamed};

constexpr Rule<FileSubject> kFileAccess{
    .info = &kFileAccessInfo, .required = kFileRequired, .alternatives = kFileAlternatives};

constexpr Rule<ProcessSubject> kImpacketTool{
    .info = &kImpacketToolInfo, .required = {}, .alternatives = kToolAlternatives};

constexpr Rule<ProcessSubject> kCopyExfil{
    .info = &kCopyExfilInfo, .required = kCopyRequired, .alternatives = kCopyAlternatives};

}  // namespace

const Rule<FileSubject>& file_access() {
  return kFileAccess;
}

const Rule<ProcessSubject>& impacket_tool() {
  return kImpacketTool;
}

const Rule<ProcessSubject>& copy_exfil() {
  return kCopyExfil;
}

}  // namespace krbtrail::detect::seed
