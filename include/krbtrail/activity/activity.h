// SPDX-License-Identifier: Apache-2.0
//
// What happened on a Linux host, in the words of processes, files and the calls that touch neither.
//
// A ProcessEvent, FileEvent or CallEvent lives for one push(); a rule copies what it keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "krbtrail/audit/decoder.h"
#include "krbtrail/audit/event.h"
#include "krbtrail/model/origin.h"

namespace krbtrail::activity {

class ProcessTable;

// Unset (4294967295, -1, absent or not a number) is nullopt.
struct Identity {
  std::optional<std::uint32_t> auid, uid, euid, fsuid, ses;
  std::string tty;                          // "(none)" is empty
  std::optional<std::string> account_name;  // of uid: enriched record, else --passwd, else unset
};

// How a command line came to be known; the later ones are last resorts. execve_truncated: arguments
// are cut, lost, or left out because they were empty; what is missing between others stands as
// empty. proc: from /proc when krbtrail started, which a process can change.
enum class CommandLineSource : std::uint8_t {
  execve,
  execve_truncated,
  proc,
  proctitle,
  comm,
  none
};
[[nodiscard]] std::string_view to_string(CommandLineSource source);

// How a process came to be known. exec: its execve was seen. fork: its parent's fork was seen, the
// image is the parent's. actor: only its own later records were. proc: it ran before krbtrail did,
// and /proc told of it, no record. unknown: nothing but a pid.
enum class ProcessSource : std::uint8_t { exec, fork, actor, proc, unknown };
[[nodiscard]] std::string_view to_string(ProcessSource source);

struct Process {
  std::optional<std::uint32_t> pid, ppid;
  Identity identity;
  std::string exe;   // bytes, " (deleted)" kept; empty if absent
  std::string comm;  // at most 15 bytes, set by the process itself
  std::vector<std::string> argv;
  std::string command_line;  // argv joined by single blanks, or PROCTITLE, or comm
  CommandLineSource command_line_source = CommandLineSource::none;
  std::string cwd;
  // Of the file that the exec named: a program, or the script that its interpreter runs. Unset
  // where the exec was not seen.
  std::optional<std::uint32_t> file_owner, file_mode;
  ProcessSource source = ProcessSource::unknown;

  // basename(exe) without " (deleted)"; comm where exe is absent.
  [[nodiscard]] std::string name() const;
};

// Parent, its parent and so on: at most 32. The last one may be known by its pid only. Asked of the
// process table at first use, because most events are never cited: within the push() of its event.
// A copy is complete and may be kept.
class Ancestry {
 public:
  Ancestry() = default;
  Ancestry(std::vector<Process> processes) : processes_(std::move(processes)) {}
  Ancestry(ProcessTable& table, model::HostId host, std::uint32_t pid,
           std::optional<std::uint32_t> ppid)
      : table_(&table), host_(host), pid_(pid), ppid_(ppid) {}
  Ancestry(const Ancestry& other) : processes_(other.processes()) {}
  Ancestry& operator=(const Ancestry& other);
  Ancestry(Ancestry&&) = default;
  Ancestry& operator=(Ancestry&&) = default;
  ~Ancestry() = default;

  [[nodiscard]] auto begin() const { return processes().begin(); }
  [[nodiscard]] auto end() const { return processes().end(); }
  [[nodiscard]] bool empty() const { return processes().empty(); }
  [[nodiscard]] std::size_t size() const { return processes().size(); }
  [[nodiscard]] const Process& front() const { return processes().front(); }
  [[nodiscard]] const Process& operator[](std::size_t index) const { return processes()[index]; }

 private:
  [[nodiscard]] const std::vector<Process>& processes() const;

  mutable std::vector<Process> processes_;
  mutable ProcessTable* table_ = nullptr;  // null once asked
  model::HostId host_{};
  std::uint32_t pid_ = 0;
  std::optional<std::uint32_t> ppid_;
};

// A process and what led to it. ancestry[0] is the parent.
struct Lineage {
  Process process;
  Ancestry ancestry;
};

// An exec that succeeded. `lineage.process` is the new image.
struct ProcessEvent {
  const audit::DecodedEvent* source = nullptr;  // valid for this push()
  audit::EventKey key;
  Lineage lineage;
  std::vector<std::string> keys;  // the audit rule's key= values
};

enum class FileAction : std::uint8_t {
  read,
  created,
  modified,
  renamed,
  deleted,
  linked,
  symlinked,
  attributes,  // chmod, chown, xattr and the like
  attempted,   // the call failed
};
[[nodiscard]] std::string_view to_string(FileAction action);

// How far a path can be trusted. absolute: recorded so. joined: CWD and a name relative to it.
// known_inode: the name an earlier record gave the same (dev, inode), with the same base name.
// unresolved: relative to a directory descriptor. null: the record has no name. The name was
// relative to an open folder in known_inode and unresolved, and in no other.
enum class PathConfidence : std::uint8_t { absolute, joined, known_inode, unresolved, null };
[[nodiscard]] std::string_view to_string(PathConfidence confidence);

struct FileObject {
  std::string path;  // lexically normalised if resolved, as recorded if not; empty if null
  PathConfidence confidence = PathConfidence::null;
  std::string device;  // "fd:01" as recorded; empty if absent
  std::optional<std::uint64_t> inode;
  std::optional<std::uint32_t> mode;  // with the file type bits
  std::optional<std::uint32_t> owner_uid;

  [[nodiscard]] std::string_view base_name() const;  // of path; views into it
  [[nodiscard]] bool is_regular() const;             // unknown mode counts as regular
};

// One act on one object. A rename or link is one event with two names.
struct FileEvent {
  const audit::DecodedEvent* source = nullptr;  // valid for this push()
  audit::EventKey key;
  FileAction action = FileAction::read;
  bool success = true;
  bool flags_known = true;  // false: an io_uring or openat2 open without its flags, taken as a read
  FileObject object;        // the new name of a rename, link or symlink
  std::optional<FileObject> previous;  // the old name of a rename or link; a symlink's target
  std::optional<FileObject> replaced;  // the file that had the new name of a rename before
  // What the chown or chmod of an `attributes` act, or the attempt of one, sets. Unset where the
  // call leaves it as it is.
  std::optional<std::uint32_t> new_owner;
  std::optional<std::uint32_t> new_mode;  // without file type bits
  Lineage lineage;                        // who acted: the current image of that pid
  std::vector<std::string> keys;
};

enum class AddressFamily : std::uint8_t { inet, inet6, local };
[[nodiscard]] std::string_view to_string(AddressFamily family);  // local is "unix"

// A connection, or data sent without one. A connect that is under way (EINPROGRESS) is a success.
struct NetworkContact {
  AddressFamily family = AddressFamily::inet;
  std::string address;                // "192.0.2.7", "2001:db8::7"; empty for local
  std::optional<std::uint16_t> port;  // unset for local
  // Of local: bytes as they were passed, "@name" for an abstract one, empty for one without a name.
  std::string socket_path;
};

enum class KeyringOperation : std::uint8_t { get_persistent, read, describe, search, link, other };
[[nodiscard]] std::string_view to_string(KeyringOperation operation);

// keyctl(2).
struct KeyringAccess {
  KeyringOperation operation = KeyringOperation::other;
  std::uint32_t number = 0;                 // KEYCTL_* of linux/keyctl.h
  std::optional<std::uint32_t> target_uid;  // of get_persistent; unset: the caller's own
  // What was acted on: the key that was read, described or linked, the keyring that was searched or
  // that get_persistent found. Negative ones are the caller's: -3 is its session keyring.
  std::optional<std::int32_t> key;
};

enum class MemoryAccessKind : std::uint8_t { attach, seize, read_memory };
[[nodiscard]] std::string_view to_string(MemoryAccessKind kind);

// ptrace(2) with PTRACE_ATTACH or PTRACE_SEIZE, or process_vm_readv(2). The target is what its
// OBJ_PID record says. Without one (process_vm_readv never has one) the pid is the call's argument,
// as the caller's pid namespace counts, and the rest what the process table knows of it.
struct MemoryAccess {
  MemoryAccessKind kind = MemoryAccessKind::attach;
  bool target_recorded = false;  // by an OBJ_PID record
  std::optional<std::uint32_t> pid, uid, auid;
  std::string comm;
};

// A call that takes effect on neither a program nor a file's name.
struct CallEvent {
  const audit::DecodedEvent* source = nullptr;  // valid for this push()
  audit::EventKey key;
  bool success = true;
  std::variant<NetworkContact, KeyringAccess, MemoryAccess> act;
  Lineage lineage;  // who acted: the current image of that pid
  std::vector<std::string> keys;
};

// Where the interpreter hands what it rebuilt: rules, explain.
class ActivitySink {
 public:
  ActivitySink() = default;
  ActivitySink(const ActivitySink&) = delete;
  ActivitySink& operator=(const ActivitySink&) = delete;
  ActivitySink(ActivitySink&&) = delete;
  ActivitySink& operator=(ActivitySink&&) = delete;
  virtual ~ActivitySink() = default;
  virtual void push(const ProcessEvent& event) = 0;
  virtual void push(const FileEvent& event) = 0;
  virtual void push(const CallEvent& event) = 0;
};

}  // namespace krbtrail::activity
