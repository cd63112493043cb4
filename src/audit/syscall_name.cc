// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_name.h"

#include <algorithm>
#include <iterator>

namespace krbtrail::audit {

std::string_view to_string(Syscall syscall) {
  switch (syscall) {
    case Syscall::other:
      return "other";
    case Syscall::execve:
      return "execve";
    case Syscall::execveat:
      return "execveat";
    case Syscall::fork:
      return "fork";
    case Syscall::vfork:
      return "vfork";
    case Syscall::clone:
      return "clone";
    case Syscall::clone3:
      return "clone3";
    case Syscall::open:
      return "open";
    case Syscall::openat:
      return "openat";
    case Syscall::openat2:
      return "openat2";
    case Syscall::creat:
      return "creat";
    case Syscall::open_by_handle_at:
      return "open_by_handle_at";
    case Syscall::rename:
      return "rename";
    case Syscall::renameat:
      return "renameat";
    case Syscall::renameat2:
      return "renameat2";
    case Syscall::link:
      return "link";
    case Syscall::linkat:
      return "linkat";
    case Syscall::symlink:
      return "symlink";
    case Syscall::symlinkat:
      return "symlinkat";
    case Syscall::unlink:
      return "unlink";
    case Syscall::unlinkat:
      return "unlinkat";
    case Syscall::rmdir:
      return "rmdir";
    case Syscall::truncate:
      return "truncate";
    case Syscall::mkdir:
      return "mkdir";
    case Syscall::mkdirat:
      return "mkdirat";
    case Syscall::mknod:
      return "mknod";
    case Syscall::mknodat:
      return "mknodat";
    case Syscall::chmod:
      return "chmod";
    case Syscall::fchmod:
      return "fchmod";
    case Syscall::fchmodat:
      return "fchmodat";
    case Syscall::fchmodat2:
      return "fchmodat2";
    case Syscall::chown:
      return "chown";
    case Syscall::fchown:
      return "fchown";
    case Syscall::lchown:
      return "lchown";
    case Syscall::fchownat:
      return "fchownat";
    case Syscall::setxattr:
      return "setxattr";
    case Syscall::lsetxattr:
      return "lsetxattr";
    case Syscall::fsetxattr:
      return "fsetxattr";
    case Syscall::setxattrat:
      return "setxattrat";
    case Syscall::removexattr:
      return "removexattr";
    case Syscall::lremovexattr:
      return "lremovexattr";
    case Syscall::fremovexattr:
      return "fremovexattr";
    case Syscall::removexattrat:
      return "removexattrat";
    case Syscall::utime:
      return "utime";
    case Syscall::utimes:
      return "utimes";
    case Syscall::futimesat:
      return "futimesat";
    case Syscall::utimensat:
      return "utimensat";
    case Syscall::stat:
      return "stat";
    case Syscall::lstat:
      return "lstat";
    case Syscall::fstat:
      return "fstat";
    case Syscall::newfstatat:
      return "newfstatat";
    case Syscall::statx:
      return "statx";
    case Syscall::access:
      return "access";
    case Syscall::faccessat:
      return "faccessat";
    case Syscall::faccessat2:
      return "faccessat2";
    case Syscall::readlink:
      return "readlink";
    case Syscall::readlinkat:
      return "readlinkat";
    case Syscall::getxattr:
      return "getxattr";
    case Syscall::lgetxattr:
      return "lgetxattr";
    case Syscall::fgetxattr:
      return "fgetxattr";
    case Syscall::getxattrat:
      return "getxattrat";
    case Syscall::listxattr:
      return "listxattr";
    case Syscall::llistxattr:
      return "llistxattr";
    case Syscall::flistxattr:
      return "flistxattr";
    case Syscall::listxattrat:
      return "listxattrat";
    case Syscall::ptrace:
      return "ptrace";
    case Syscall::process_vm_readv:
      return "process_vm_readv";
    case Syscall::process_vm_writev:
      return "process_vm_writev";
    case Syscall::keyctl:
      return "keyctl";
    case Syscall::add_key:
      return "add_key";
    case Syscall::request_key:
      return "request_key";
    case Syscall::connect:
      return "connect";
    case Syscall::sendto:
      return "sendto";
    case Syscall::sendmsg:
      return "sendmsg";
    case Syscall::sendmmsg:
      return "sendmmsg";
    case Syscall::socketcall:
      return "socketcall";
    case Syscall::memfd_create:
      return "memfd_create";
    case Syscall::io_uring_setup:
      return "io_uring_setup";
    case Syscall::io_uring_enter:
      return "io_uring_enter";
    case Syscall::io_uring_register:
      return "io_uring_register";
  }
  return "other";
}

Syscall syscall_named(std::string_view name) {
  const auto* const found = std::ranges::find_if(
      syscall_table::kRows,
      [name](const syscall_table::Row& row) { return to_string(row.syscall) == name; });
  return found == std::end(syscall_table::kRows) ? Syscall::other : found->syscall;
}

}  // namespace krbtrail::audit
