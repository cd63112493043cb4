// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/interpreter.h"

#include <optional>
#include <utility>
#include <variant>

#include "activity/call_acts.h"
#include "activity/file_acts.h"
#include "activity/process_facts.h"
#include "krbtrail/activity/command_line.h"

namespace krbtrail::activity {
namespace {

bool has_arguments(const Process& process) {
  return process.command_line_source == CommandLineSource::execve ||
         process.command_line_source == CommandLineSource::execve_truncated ||
         process.command_line_source == CommandLineSource::proc;
}

// The actor of an event, from its own record. What the exec of its image said, and what a URINGOP
// record leaves out, comes from the process table.
Process complete(Process actor, Process known, const audit::DecodedEvent& event) {
  actor.source = known.source == ProcessSource::unknown ? ProcessSource::actor : known.source;
  actor.cwd = std::move(known.cwd);
  actor.file_owner = known.file_owner;
  actor.file_mode = known.file_mode;
  if (const auto* cwd = event.first(audit::RecordType::cwd); actor.cwd.empty() && cwd != nullptr)
    actor.cwd = text_of(*cwd, "cwd");
  if (event.first(audit::RecordType::syscall) == nullptr) {
    actor.exe = std::move(known.exe);
    actor.comm = std::move(known.comm);
    actor.identity.auid = known.identity.auid;
    actor.identity.ses = known.identity.ses;
    actor.identity.tty = std::move(known.identity.tty);
  }
  if (has_arguments(known)) {
    actor.argv = std::move(known.argv);
    actor.command_line = std::move(known.command_line);
    actor.command_line_source = known.command_line_source;
    return actor;
  }
  CommandLine line = substitute_command_line(event);
  actor.command_line = std::move(line.text);
  actor.command_line_source = line.source;
  return actor;
}

}  // namespace

void Interpreter::push(const audit::DecodedEvent& event) {
  if (is_exec(event)) {
    push_exec(event);
  } else {
    push_file_acts(event);
    push_call(event);
  }
}

void Interpreter::push_exec(const audit::DecodedEvent& event) {
  ProcessEvent exec;
  exec.source = &event;
  exec.key = event.key;
  exec.keys = keys_of(event);
  exec.lineage.process = new_image_of(event, accounts_);
  if (const Process& process = exec.lineage.process; process.pid)
    exec.lineage.ancestry = Ancestry{table_, event.key.host, *process.pid, process.ppid};
  sink_.push(exec);
  names_.forget(*event.raw);
}

// Names are asked before the event makes them out of date, and learned after it.
void Interpreter::push_file_acts(const audit::DecodedEvent& event) {
  FileReading reading = read_files(event, names_);
  if (!reading.acts.empty())
    push_acts(event, std::move(reading.acts));
  names_.forget(*event.raw);
  for (const FileObject& object : reading.named)
    names_.remember(event.key.host, object);
}

void Interpreter::push_acts(const audit::DecodedEvent& event, std::vector<FileAct> acts) {
  FileEvent happened;
  happened.source = &event;
  happened.key = event.key;
  happened.keys = keys_of(event);
  happened.lineage = lineage_of(event);
  for (FileAct& act : acts) {
    happened.action = act.action;
    happened.success = act.action != FileAction::attempted;
    happened.flags_known = act.flags_known;
    happened.object = std::move(act.object);
    happened.previous = std::move(act.previous);
    happened.replaced = std::move(act.replaced);
    happened.new_owner = act.new_owner;
    happened.new_mode = act.new_mode;
    sink_.push(happened);
  }
}

void Interpreter::push_call(const audit::DecodedEvent& event) {
  std::optional<CallAct> act = read_call(event);
  if (!act)
    return;
  CallEvent happened;
  happened.source = &event;
  happened.key = event.key;
  happened.keys = keys_of(event);
  happened.success = act->success;
  happened.act = std::move(act->act);
  happened.lineage = lineage_of(event);
  if (auto* access = std::get_if<MemoryAccess>(&happened.act); access != nullptr)
    know_target(event.key.host, *access);
  sink_.push(happened);
}

// Whoever acts in an event that has an actor's record.
Lineage Interpreter::lineage_of(const audit::DecodedEvent& event) {
  Lineage lineage;
  Process actor = actor_of(*actor_record(event), accounts_);
  if (actor.pid) {
    lineage.ancestry = Ancestry{table_, event.key.host, *actor.pid, actor.ppid};
    lineage.process = event.first(audit::RecordType::syscall) != nullptr
                          ? table_.words(event.key.host, *actor.pid)
                          : table_.lineage(event.key.host, *actor.pid, actor.ppid).process;
  }
  lineage.process = complete(std::move(actor), std::move(lineage.process), event);
  return lineage;
}

void Interpreter::know_target(model::HostId host, MemoryAccess& access) {
  if (access.target_recorded || !access.pid)
    return;
  Process target = table_.lineage(host, *access.pid, std::nullopt).process;
  access.uid = target.identity.uid;
  access.auid = target.identity.auid;
  access.comm = std::move(target.comm);
}

}  // namespace krbtrail::activity
