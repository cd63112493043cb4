// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/activity.h"

#include "krbtrail/activity/process_table.h"

namespace krbtrail::activity {
namespace {

constexpr std::uint32_t kFileType = 0170000;  // S_IFMT
constexpr std::uint32_t kRegular = 0100000;   // S_IFREG
constexpr std::string_view kDeleted = " (deleted)";

std::string_view base_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: no slash, all of it
}

}  // namespace

std::string_view to_string(CommandLineSource source) {
  switch (source) {
    case CommandLineSource::execve:
      return "execve";
    case CommandLineSource::execve_truncated:
      return "execve_truncated";
    case CommandLineSource::proc:
      return "proc";
    case CommandLineSource::proctitle:
      return "proctitle";
    case CommandLineSource::comm:
      return "comm";
    case CommandLineSource::none:
      return "none";
  }
  return "none";
}

std::string_view to_string(ProcessSource source) {
  switch (source) {
    case ProcessSource::exec:
      return "exec";
    case ProcessSource::fork:
      return "fork";
    case ProcessSource::actor:
      return "actor";
    case ProcessSource::proc:
      return "proc";
    case ProcessSource::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(FileAction action) {
  switch (action) {
    case FileAction::read:
      return "read";
    case FileAction::created:
      return "created";
    case FileAction::modified:
      return "modified";
    case FileAction::renamed:
      return "renamed";
    case FileAction::deleted:
      return "deleted";
    case FileAction::linked:
      return "linked";
    case FileAction::symlinked:
      return "symlinked";
    case FileAction::attributes:
      return "attributes";
    case FileAction::attempted:
      return "attempted";
  }
  return "attempted";
}

std::string_view to_string(PathConfidence confidence) {
  switch (confidence) {
    case PathConfidence::absolute:
      return "absolute";
    case PathConfidence::joined:
      return "joined";
    case PathConfidence::known_inode:
      return "inode";
    case PathConfidence::unresolved:
      return "unresolved";
    case PathConfidence::null:
      return "null";
  }
  return "null";
}

std::string_view to_string(AddressFamily family) {
  switch (family) {
    case AddressFamily::inet:
      return "inet";
    case AddressFamily::inet6:
      return "inet6";
    case AddressFamily::local:
      return "unix";
  }
  return "unix";
}

std::string_view to_string(KeyringOperation operation) {
  switch (operation) {
    case KeyringOperation::get_persistent:
      return "get_persistent";
    case KeyringOperation::read:
      return "read";
    case KeyringOperation::describe:
      return "describe";
    case KeyringOperation::search:
      return "search";
    case KeyringOperation::link:
      return "link";
    case KeyringOperation::other:
      return "other";
  }
  return "other";
}

std::string_view to_string(MemoryAccessKind kind) {
  switch (kind) {
    case MemoryAccessKind::attach:
      return "attach";
    case MemoryAccessKind::seize:
      return "seize";
    case MemoryAccessKind::read_memory:
      return "read_memory";
  }
  return "read_memory";
}

std::string Process::name() const {
  std::string_view image = exe;
  if (image.empty())
    return comm;
  if (image.ends_with(kDeleted))
    image.remove_suffix(kDeleted.size());
  return std::string{base_name_of(image)};
}

Ancestry& Ancestry::operator=(const Ancestry& other) {
  if (this != &other) {
    processes_ = other.processes();
    table_ = nullptr;
  }
  return *this;
}

const std::vector<Process>& Ancestry::processes() const {
  if (table_ != nullptr) {
    processes_ = table_->ancestry(host_, pid_, ppid_);
    table_ = nullptr;
  }
  return processes_;
}

std::string_view FileObject::base_name() const {
  return base_name_of(path);
}

bool FileObject::is_regular() const {
  return !mode || (*mode & kFileType) == kRegular;
}

}  // namespace krbtrail::activity
