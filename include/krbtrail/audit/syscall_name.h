// SPDX-License-Identifier: Apache-2.0
//
// System calls by architecture and number: the ones that krbtrail asks about, no others.
//
//   syscall_of(0xc000003e, 257) == Syscall::openat
//   syscall_of(0x40000003, 257) == Syscall::other     // a number means nothing without its arch
//
// Architectures are x86_64 (with x32), i386 and aarch64; on any other one every call is `other`.
// Variants that differ in the width of a number (stat64, chown32, truncate64) share one enumerator.
// Numbers: Linux 5.16 as libaudit 3.0.9 has them; fchmodat2 from Linux 6.6 and the *xattrat family
// from Linux 6.13, include/uapi/asm-generic/unistd.h; x32 from
// arch/x86/entry/syscalls/syscall_64.tbl.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace krbtrail::audit {

// AUDIT_ARCH_* of linux/audit.h.
inline constexpr std::uint32_t kArchAmd64 = 0xC000003E;
inline constexpr std::uint32_t kArchI386 = 0x40000003;
inline constexpr std::uint32_t kArchAarch64 = 0xC00000B7;

enum class Syscall : std::uint8_t {
  other,
  execve,
  execveat,
  fork,
  vfork,
  clone,
  clone3,
  open,
  openat,
  openat2,
  creat,
  open_by_handle_at,
  rename,
  renameat,
  renameat2,
  link,
  linkat,
  symlink,
  symlinkat,
  unlink,
  unlinkat,
  rmdir,
  truncate,
  mkdir,
  mkdirat,
  mknod,
  mknodat,
  chmod,
  fchmod,
  fchmodat,
  fchmodat2,
  chown,
  fchown,
  lchown,
  fchownat,
  setxattr,
  lsetxattr,
  fsetxattr,
  setxattrat,
  removexattr,
  lremovexattr,
  fremovexattr,
  removexattrat,
  utime,
  utimes,
  futimesat,
  utimensat,
  stat,
  lstat,
  fstat,
  newfstatat,
  statx,
  access,
  faccessat,
  faccessat2,
  readlink,
  readlinkat,
  getxattr,
  lgetxattr,
  fgetxattr,
  getxattrat,
  listxattr,
  llistxattr,
  flistxattr,
  listxattrat,
  ptrace,
  process_vm_readv,
  process_vm_writev,
  keyctl,
  add_key,
  request_key,
  connect,
  sendto,
  sendmsg,
  sendmmsg,
  socketcall,
  memfd_create,
  io_uring_setup,
  io_uring_enter,
  io_uring_register,
};

// "openat", "io_uring_enter"; "other" for a call that is not in the list.
[[nodiscard]] std::string_view to_string(Syscall syscall);

// The call of that name, `other` if it is not in the list: for architectures that are not.
[[nodiscard]] Syscall syscall_named(std::string_view name);

namespace syscall_table {

struct Row {
  Syscall syscall;
  std::uint16_t x86_64, i386, aarch64;
};

inline constexpr std::uint16_t kNone = 0xFFFF;  // the architecture lacks the call
inline constexpr std::size_t kNumbers = 512;

inline constexpr auto kRows = std::to_array<Row>({
    {Syscall::execve, 59, 11, 221},
    {Syscall::execveat, 322, 358, 281},
    {Syscall::fork, 57, 2, kNone},
    {Syscall::vfork, 58, 190, kNone},
    {Syscall::clone, 56, 120, 220},
    {Syscall::clone3, 435, 435, 435},
    {Syscall::open, 2, 5, kNone},
    {Syscall::openat, 257, 295, 56},
    {Syscall::openat2, 437, 437, 437},
    {Syscall::creat, 85, 8, kNone},
    {Syscall::open_by_handle_at, 304, 342, 265},
    {Syscall::rename, 82, 38, kNone},
    {Syscall::renameat, 264, 302, 38},
    {Syscall::renameat2, 316, 353, 276},
    {Syscall::link, 86, 9, kNone},
    {Syscall::linkat, 265, 303, 37},
    {Syscall::symlink, 88, 83, kNone},
    {Syscall::symlinkat, 266, 304, 36},
    {Syscall::unlink, 87, 10, kNone},
    {Syscall::unlinkat, 263, 301, 35},
    {Syscall::rmdir, 84, 40, kNone},
    {Syscall::truncate, 76, 92, 45},
    {Syscall::truncate, kNone, 193, kNone},
    {Syscall::mkdir, 83, 39, kNone},
    {Syscall::mkdirat, 258, 296, 34},
    {Syscall::mknod, 133, 14, kNone},
    {Syscall::mknodat, 259, 297, 33},
    {Syscall::chmod, 90, 15, kNone},
    {Syscall::fchmod, 91, 94, 52},
    {Syscall::fchmodat, 268, 306, 53},
    {Syscall::fchmodat2, 452, 452, 452},
    {Syscall::chown, 92, 182, kNone},
    {Syscall::chown, kNone, 212, kNone},
    {Syscall::fchown, 93, 95, 55},
    {Syscall::fchown, kNone, 207, kNone},
    {Syscall::lchown, 94, 16, kNone},
    {Syscall::lchown, kNone, 198, kNone},
    {Syscall::fchownat, 260, 298, 54},
    {Syscall::setxattr, 188, 226, 5},
    {Syscall::lsetxattr, 189, 227, 6},
    {Syscall::fsetxattr, 190, 228, 7},
    {Syscall::setxattrat, 463, 463, 463},
    {Syscall::removexattr, 197, 235, 14},
    {Syscall::lremovexattr, 198, 236, 15},
    {Syscall::fremovexattr, 199, 237, 16},
    {Syscall::removexattrat, 466, 466, 466},
    {Syscall::utime, 132, 30, kNone},
    {Syscall::utimes, 235, 271, kNone},
    {Syscall::futimesat, 261, 299, kNone},
    {Syscall::utimensat, 280, 320, 88},
    {Syscall::utimensat, kNone, 412, kNone},
    {Syscall::stat, 4, 106, kNone},
    {Syscall::stat, kNone, 195, kNone},
    {Syscall::lstat, 6, 107, kNone},
    {Syscall::lstat, kNone, 196, kNone},
    {Syscall::fstat, 5, 108, kNone},
    {Syscall::fstat, kNone, 197, kNone},
    {Syscall::newfstatat, 262, kNone, 79},
    {Syscall::newfstatat, kNone, 300, kNone},
    {Syscall::statx, 332, 383, 291},
    {Syscall::access, 21, 33, kNone},
    {Syscall::faccessat, 269, 307, 48},
    {Syscall::faccessat2, 439, 439, 439},
    {Syscall::readlink, 89, 85, kNone},
    {Syscall::readlinkat, 267, 305, 78},
    {Syscall::getxattr, 191, 229, 8},
    {Syscall::lgetxattr, 192, 230, 9},
    {Syscall::fgetxattr, 193, 231, 10},
    {Syscall::getxattrat, 464, 464, 464},
    {Syscall::listxattr, 194, 232, 11},
    {Syscall::llistxattr, 195, 233, 12},
    {Syscall::flistxattr, 196, 234, 13},
    {Syscall::listxattrat, 465, 465, 465},
    {Syscall::ptrace, 101, 26, 117},
    {Syscall::process_vm_readv, 310, 347, 270},
    {Syscall::process_vm_writev, 311, 348, 271},
    {Syscall::keyctl, 250, 288, 219},
    {Syscall::add_key, 248, 286, 217},
    {Syscall::request_key, 249, 287, 218},
    {Syscall::connect, 42, 362, 203},
    {Syscall::sendto, 44, 369, 206},
    {Syscall::sendmsg, 46, 370, 211},
    {Syscall::sendmmsg, 307, 345, 269},
    {Syscall::socketcall, kNone, 102, kNone},
    {Syscall::memfd_create, 319, 356, 279},
    {Syscall::io_uring_setup, 425, 425, 425},
    {Syscall::io_uring_enter, 426, 426, 426},
    {Syscall::io_uring_register, 427, 427, 427},
});

using Numbers = std::array<Syscall, kNumbers>;

constexpr Numbers by_number(std::uint16_t Row::*column) {
  Numbers numbers{};
  for (const Row& row : kRows)
    if (row.*column != kNone)
      numbers[row.*column] = row.syscall;
  return numbers;
}

inline constexpr Numbers kAmd64 = by_number(&Row::x86_64);
inline constexpr Numbers kI386 = by_number(&Row::i386);
inline constexpr Numbers kAarch64 = by_number(&Row::aarch64);

constexpr Syscall at(const Numbers& numbers, std::uint32_t number) {
  return number < kNumbers ? numbers[number] : Syscall::other;
}

// x32 marks its numbers and has own ones, from 512 on, for calls that pass pointers to pointers.
inline constexpr std::uint32_t kX32Bit = 0x40000000;

constexpr Syscall x32_syscall(std::uint32_t number) {
  switch (number) {
    case 520:
      return Syscall::execve;
    case 518:
      return Syscall::sendmsg;
    case 521:
      return Syscall::ptrace;
    case 538:
      return Syscall::sendmmsg;
    case 539:
      return Syscall::process_vm_readv;
    case 540:
      return Syscall::process_vm_writev;
    case 545:
      return Syscall::execveat;
    default:
      return at(kAmd64, number);
  }
}

}  // namespace syscall_table

[[nodiscard]] constexpr Syscall syscall_of(std::uint32_t arch, std::uint32_t number) {
  namespace table = syscall_table;
  switch (arch) {
    case kArchAmd64:
      if ((number & table::kX32Bit) == 0)
        return table::at(table::kAmd64, number);
      return table::x32_syscall(number & ~table::kX32Bit);
    case kArchI386:
      return table::at(table::kI386, number);
    case kArchAarch64:
      return table::at(table::kAarch64, number);
    default:
      return Syscall::other;
  }
}

// True if such a call alone makes its event relevant: it reaches for tickets in a keyring or in
// another process's memory, and its records hold no word to look for.
[[nodiscard]] constexpr bool is_call_of_interest(Syscall syscall) {
  return syscall == Syscall::keyctl || syscall == Syscall::ptrace ||
         syscall == Syscall::process_vm_readv;
}

// True if the call may take data to another process or host: where it does, its event has a
// SOCKADDR record. (io_uring's connect and sendmsg come as URINGOP records instead.)
[[nodiscard]] constexpr bool may_contact_network(Syscall syscall) {
  return syscall == Syscall::connect || syscall == Syscall::sendto || syscall == Syscall::sendmsg ||
         syscall == Syscall::sendmmsg || syscall == Syscall::socketcall;
}

}  // namespace krbtrail::audit
