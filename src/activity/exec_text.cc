// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/exec_text.h"

#include <algorithm>
#include <cstddef>

#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {
namespace {

using audit::RecordType;
using audit::Syscall;

// A SYSCALL record that cannot be read in place may be one.
bool may_be_exec(const audit::Event& event) {
  if (event.parts.execves != 0 || event.syscall == nullptr)
    return event.parts.execves != 0;
  if (!event.call)
    return true;
  const Syscall syscall = audit::syscall_of(event.call->arch, event.call->syscall);
  return syscall == Syscall::execve || syscall == Syscall::execveat;
}

// From comm to exe, which follows it; all of a record that is not in the kernel's order.
std::string_view names_in(const audit::Event& event) {
  const std::string_view body = event.syscall->body_text();
  if (!event.call || event.call->exe.empty())
    return body;
  const std::string_view actor = event.call->actor.empty() ? body : event.call->actor;
  const auto exe = static_cast<std::size_t>(event.call->exe.data() - actor.data());
  const std::size_t comm = actor.find("comm=");
  return comm < exe ? actor.substr(comm, exe + event.call->exe.size() - comm) : body;
}

// "argc=3 a0=": with an argument the title is not asked for.
bool has_argument(std::string_view execve) {
  const std::size_t blank = execve.find(' ');
  return execve.starts_with("argc=") && blank != std::string_view::npos &&
         execve.substr(blank).starts_with(" a0=");
}

}  // namespace

std::string_view ExecText::of(const audit::Event& event) {
  text_.clear();
  if (!may_be_exec(event))
    return text_;
  if (event.syscall != nullptr)
    text_ += names_in(event);
  bool needs_title = true;
  for (const audit::Record& record : event.records) {
    if (record.type != RecordType::execve)
      continue;
    (text_ += '\n') += record.body_text();
    needs_title = needs_title && !has_argument(record.body_text());
  }
  for (const audit::Record& record : event.records) {
    if (needs_title && record.type == RecordType::proctitle)
      (text_ += '\n') += record.body_text();
  }
  return text_;
}

}  // namespace krbtrail::activity
