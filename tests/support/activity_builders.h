// SPDX-License-Identifier: Apache-2.0
//
// Process and file events as the interpreter would hand them over, for tests of rules.
//
//   push(exec("/usr/bin/cp", {"cp", "/tmp/krb5cc_1000", "/tmp/x"}));
//   push(act(FileAction::read, "/tmp/krb5cc_1000", actor("/usr/bin/cp")));
//
// Each event gets a key of its own; two events of one audit event share one by `.key = …`. Header
// only. Nothing here belongs to a log: `source` is null unless a test sets it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "krbtrail/activity/activity.h"

namespace krbtrail::test {

inline constexpr std::uint32_t kRegularFile = 0100600;
inline constexpr std::uint32_t kSymbolicLink = 0120777;
inline constexpr std::uint32_t kDirectory = 0040755;

// Serials count up from 1, so that no two calls give the same key.
inline audit::EventKey next_key() {
  static std::uint32_t serial = 0;
  return {.host = {}, .seconds = 1'700'000'000, .milliseconds = 123, .serial = ++serial};
}

inline std::string joined(const std::vector<std::string>& argv) {
  std::string line;
  for (std::size_t i = 0; i < argv.size(); ++i)
    line.append(i == 0 ? "" : " ").append(argv[i]);
  return line;
}

// What the kernel would put into comm: the base name of argv[0], cut at 15 bytes.
inline std::string comm_of(const std::vector<std::string>& argv) {
  if (argv.empty())
    return {};
  return argv[0].substr(argv[0].rfind('/') + 1).substr(0, 15);
}

// A process whose exec was seen: root, logged in as 1001.
inline activity::Process process(std::string exe, std::vector<std::string> argv) {
  activity::Process made;
  made.pid = 4242;
  made.ppid = 4200;
  made.identity.auid = 1001;
  made.identity.uid = 0;
  made.identity.euid = 0;
  made.identity.fsuid = 0;
  made.identity.ses = 7;
  made.exe = std::move(exe);
  made.comm = comm_of(argv);
  made.command_line = joined(argv);
  made.command_line_source = activity::CommandLineSource::execve;
  made.argv = std::move(argv);
  made.cwd = "/root";
  made.source = activity::ProcessSource::exec;
  return made;
}

// A process called by its base name, without arguments.
inline activity::Process actor(const std::string& exe) {
  return process(exe, {exe.substr(exe.rfind('/') + 1)});
}

inline activity::ProcessEvent exec(activity::Process image) {
  activity::ProcessEvent event;
  event.key = next_key();
  event.lineage.process = std::move(image);
  return event;
}

inline activity::ProcessEvent exec(std::string exe, std::vector<std::string> argv) {
  return exec(process(std::move(exe), std::move(argv)));
}

// An exec as auditd shows it when the arguments are one shell line.
inline activity::ProcessEvent exec_line(std::string exe, std::string_view line) {
  std::vector<std::string> argv;
  while (!line.empty()) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    argv.emplace_back(line.substr(0, blank));
    line.remove_prefix(std::min(blank + 1, line.size()));
  }
  return exec(std::move(exe), std::move(argv));
}

inline activity::FileObject file(
    std::string path, activity::PathConfidence confidence = activity::PathConfidence::absolute) {
  activity::FileObject object;
  object.path = std::move(path);
  object.confidence = confidence;
  object.device = "fd:01";
  object.inode = 131;
  object.mode = kRegularFile;
  object.owner_uid = 1000;
  return object;
}

inline activity::FileEvent act(activity::FileAction action, activity::FileObject object,
                               activity::Process who) {
  activity::FileEvent event;
  event.key = next_key();
  event.action = action;
  event.success = action != activity::FileAction::attempted;
  event.object = std::move(object);
  event.lineage.process = std::move(who);
  return event;
}

inline activity::FileEvent act(activity::FileAction action, std::string path,
                               activity::Process who) {
  return act(action, file(std::move(path)), std::move(who));
}

}  // namespace krbtrail::test
