// SPDX-License-Identifier: Apache-2.0
//
// Decoded audit events become process events, file events and call events.
//
//   Interpreter interpreter{table, accounts, names, sink};
//   table.observe(event);                            // every event
//   if (event.relevant)
//     interpreter.push(decoder.decode(event));
//   else
//     interpreter.skip(event);                       // only lets file names be forgotten
//
// A ProcessEvent is an exec that succeeded. FileEvents are what a call did to the objects of its
// PATH records, one per object and act:
//   open, openat, openat2, creat, open_by_handle_at, io_uring's opens
//                         created (item CREATE), modified (a write mode, O_TRUNC, or creat), else
//                         read
//   rename*, link*, symlink*   one event with the new name (item CREATE); `previous` is the old
//   name unlink*               deleted (item DELETE) truncate, mknod*      modified, created chmod,
//   chown, xattr and utime families   attributes any of these that failed   attempted, one per
//   object
// No events: O_PATH opens, opens of directories, stat, access, readlink and getxattr families,
// mkdir, rmdir, calls without PATH records, and an exec's own PATH records. An open whose flags are
// not recorded (openat2 without its OPENAT2 record, io_uring) is a read with `flags_known` false.
// A call's number is read together with its arch; where the arch is not in audit/syscall_name.h the
// enriched name is taken.
//
// A CallEvent, one per audit event, is made from
//   connect, sendto, sendmsg, sendmmsg, their socketcall and io_uring's   NetworkContact, if there
//                         is a SOCKADDR record of an internet or a local address
//   keyctl                KeyringAccess
//   ptrace (attach, seize), process_vm_readv   MemoryAccess
//
// Records that an event lost are not waited for: what is there is read. An EXECVE without its
// SYSCALL is an exec of an unknown pid; PATH records without a SYSCALL or URINGOP are nothing. At
// most 4,096 PATH items of an event are looked at (the kernel writes 6). Not thread-safe.
// Everything handed in must outlive this object.
#pragma once

#include <vector>

#include "krbtrail/activity/accounts.h"
#include "krbtrail/activity/activity.h"
#include "krbtrail/activity/file_names.h"
#include "krbtrail/activity/process_table.h"
#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/event.h"

namespace krbtrail::activity {

struct FileAct;

class Interpreter {
 public:
  Interpreter(ProcessTable& table, const Accounts& accounts, FileNames& names, ActivitySink& sink)
      : table_(table), accounts_(accounts), names_(names), sink_(sink) {}

  void push(const audit::DecodedEvent& event);
  void skip(const audit::Event& event) { names_.forget(event); }

 private:
  void push_exec(const audit::DecodedEvent& event);
  void push_file_acts(const audit::DecodedEvent& event);
  void push_acts(const audit::DecodedEvent& event, std::vector<FileAct> acts);
  void push_call(const audit::DecodedEvent& event);
  [[nodiscard]] Lineage lineage_of(const audit::DecodedEvent& event);
  void know_target(model::HostId host, MemoryAccess& access);

  ProcessTable& table_;
  const Accounts& accounts_;
  FileNames& names_;
  ActivitySink& sink_;
};

}  // namespace krbtrail::activity
