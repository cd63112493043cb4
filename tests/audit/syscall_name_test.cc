// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/syscall_name.h"

#include <string>

#include <libaudit.h>

#include "support/catch.h"

namespace krbtrail::audit {
namespace {

// The kernel's name without the mark of a wider variant, which shares our enumerator.
std::string without_width(std::string name) {
  if (name == "fstatat64")
    return "newfstatat";
  if (name == "utimensat_time64")
    return "utimensat";
  for (const std::string variant :
       {"stat64", "lstat64", "fstat64", "truncate64", "chown32", "fchown32", "lchown32"})
    if (name == variant)
      return name.substr(0, name.size() - 2);
  return name;
}

TEST_CASE("libaudit has the same name for every number in the table", "[audit][syscall_name]") {
  int known = 0;
  for (const auto& row : syscall_table::kRows) {
    const std::pair<std::uint16_t, int> columns[] = {
        {row.x86_64, MACH_86_64}, {row.i386, MACH_X86}, {row.aarch64, MACH_AARCH64}};
    for (const auto& [number, machine] : columns) {
      const char* name =
          number == syscall_table::kNone ? nullptr : audit_syscall_to_name(number, machine);
      if (name == nullptr)  // the table is newer than the library
        continue;
      ++known;
      CAPTURE(number, machine);
      CHECK(without_width(name) == to_string(row.syscall));
    }
  }
  CHECK(known >= 196);  // 3.0.9 has all but those of Linux 5.17 and later
}

TEST_CASE("every call in the table is known by libaudit under no second number",
          "[audit][syscall_name]") {
  const std::pair<std::uint32_t, int> machines[] = {
      {kArchAmd64, MACH_86_64}, {kArchI386, MACH_X86}, {kArchAarch64, MACH_AARCH64}};
  for (const auto& [arch, machine] : machines) {
    for (std::uint32_t number = 0; number < syscall_table::kNumbers; ++number) {
      const char* name = audit_syscall_to_name(static_cast<int>(number), machine);
      if (name == nullptr)
        continue;
      bool listed = false;
      for (const auto& row : syscall_table::kRows)
        listed = listed || to_string(row.syscall) == without_width(name);
      CAPTURE(machine, number, name);
      CHECK((syscall_of(arch, number) != Syscall::other) == listed);
    }
  }
}

TEST_CASE("a number means nothing without its architecture", "[audit][syscall_name]") {
  const auto [arch, number, expected] = GENERATE(table<std::uint32_t, std::uint32_t, Syscall>({
      {0xC000003E, 59, Syscall::execve},
      {0x40000003, 11, Syscall::execve},
      {0xC00000B7, 221, Syscall::execve},
      {0xC000003E, 11, Syscall::other},  // munmap
      {0x40000003, 295, Syscall::openat},
      {0xC000003E, 452, Syscall::fchmodat2},        // newer than libaudit 3.0.9
      {0xC000003E, 0x40000000 + 2, Syscall::open},  // x32 shares most numbers
      {0xC000003E, 0x40000000 + 520, Syscall::execve},
      {0xC000003E, 520, Syscall::other},  // x32's number without its mark
      {0xC000003E, 511, Syscall::other},
      {0xC000003E, 512, Syscall::other},
      {0xC000003E, 0xFFFFFFFF, Syscall::other},
      {0x80000015, 5, Syscall::other},  // ppc64: not in the table
  }));
  CAPTURE(arch, number);
  CHECK(syscall_of(arch, number) == expected);
}

TEST_CASE("a call is found by its name", "[audit][syscall_name]") {
  CHECK(syscall_named("openat") == Syscall::openat);
  CHECK(syscall_named("io_uring_enter") == Syscall::io_uring_enter);
  CHECK(syscall_named("read") == Syscall::other);
  CHECK(syscall_named("") == Syscall::other);
}

static_assert(syscall_of(kArchAarch64, 56) == Syscall::openat);

TEST_CASE("x32 has numbers of its own for calls that pass pointers to pointers",
          "[audit][syscall_name]") {
  constexpr std::uint32_t kX32 = 0x40000000;
  CHECK(syscall_of(kArchAmd64, kX32 + 518) == Syscall::sendmsg);
  CHECK(syscall_of(kArchAmd64, kX32 + 538) == Syscall::sendmmsg);
  CHECK(syscall_of(kArchAmd64, kX32 + 42) == Syscall::connect);
}

TEST_CASE("the calls that matter without a word to look for are those on keys and memory",
          "[audit][syscall_name]") {
  int of_interest = 0;
  int network = 0;
  for (const auto& row : syscall_table::kRows) {
    of_interest += is_call_of_interest(row.syscall) ? 1 : 0;
    network += may_contact_network(row.syscall) ? 1 : 0;
  }
  CHECK(of_interest == 3);
  CHECK(network == 5);
  for (const char* name : {"keyctl", "ptrace", "process_vm_readv"})
    CHECK(is_call_of_interest(syscall_named(name)));
  for (const char* name : {"connect", "sendto", "sendmsg", "sendmmsg", "socketcall"})
    CHECK(may_contact_network(syscall_named(name)));
}

}  // namespace
}  // namespace krbtrail::audit
