// SPDX-License-Identifier: Apache-2.0
#include "cli/sandbox.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::cli {

namespace {

// --- Landlock. Debian 12's header ends at ABI 2; what came later is given by number, from
// include/uapi/linux/landlock.h of Linux 6.12.

constexpr std::uint64_t kTruncate = 1ULL << 14;     // ABI 3
constexpr std::uint64_t kIoctlDevice = 1ULL << 15;  // ABI 5

constexpr std::uint64_t kReadAccess = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kFileWriteAccess = LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kDirectoryWriteAccess =
    kFileWriteAccess | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;

// Of a rule on something that is no directory the kernel accepts these only.
constexpr std::uint64_t kAccessOfAFile = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
                                         LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate | kIoctlDevice;

// struct landlock_ruleset_attr as of ABI 6. An older kernel takes the longer struct as long as what
// it does not know is zero.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;  // ABI 4: 1 bind, 2 connect, both TCP
  std::uint64_t scoped = 0;              // ABI 6: 1 abstract unix sockets, 2 signals
};

RulesetAttributes attributes_for(int abi) {
  RulesetAttributes attributes{.handled_access_fs = (1ULL << 13) - 1};
  if (abi >= 2)
    attributes.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3)
    attributes.handled_access_fs |= kTruncate;
  if (abi >= 4)
    attributes.handled_access_net = 3;
  if (abi >= 5)
    attributes.handled_access_fs |= kIoctlDevice;
  if (abi >= 6)
    attributes.scoped = 3;
  return attributes;
}

// False if the kernel refuses the rule. A pipe or a socket (/dev/fd/63) cannot have one and needs
// none.
bool allow_beneath(const input::FileDescriptor& ruleset, const std::string& path,
                   std::uint64_t access) {
  const input::FileDescriptor target{open(path.c_str(), O_PATH | O_CLOEXEC)};
  struct stat status {};
  if (!target.is_open() || fstat(target.get(), &status) != 0)
    return true;
  if (!S_ISDIR(status.st_mode))
    access &= kAccessOfAFile;
  const landlock_path_beneath_attr rule{.allowed_access = access, .parent_fd = target.get()};
  const long added =
      syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
  return added == 0 || errno == EBADFD;
}

bool allow_all(const input::FileDescriptor& ruleset, const std::vector<std::string>& paths,
               std::uint64_t access) {
  return std::ranges::all_of(
      paths, [&](const std::string& path) { return allow_beneath(ruleset, path, access); });
}

std::string because_of_errno(const std::string& layer) {
  return layer + ": off: " + input::system_reason(errno);
}

std::string enter_landlock(const SandboxPaths& paths) {
  const std::string layer = "landlock";
  const long abi =
      syscall(SYS_landlock_create_ruleset, nullptr, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 0)
    return layer + (errno == EOPNOTSUPP ? ": off: disabled when this kernel was booted"
                                        : ": off: this kernel has none (Linux 5.13 or later)");
  const RulesetAttributes attributes = attributes_for(static_cast<int>(abi));
  const input::FileDescriptor ruleset{
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0U))};
  if (!ruleset.is_open())
    return because_of_errno(layer);
  const std::uint64_t handled = attributes.handled_access_fs;
  const bool allowed =
      allow_all(ruleset, paths.readable, kReadAccess & handled) &&
      allow_all(ruleset, paths.writable_directories, kDirectoryWriteAccess & handled) &&
      allow_all(ruleset, paths.writable_files, kFileWriteAccess & handled);
  if (!allowed || syscall(SYS_landlock_restrict_self, ruleset.get(), 0U) != 0)
    return because_of_errno(layer);
  return layer + ": on, ABI " + std::to_string(abi);
}

// --- seccomp. A list of what is allowed rather than of what is not: the kernel gains calls every
// year, and one that nobody thought of (io_uring opens sockets) must not be a hole. The price is
// that a newer C library may want a call that is missing here. Hence ENOSYS, not a kill: it makes
// glibc take the older call that it has been using for years (clone3 -> clone, faccessat2 ->
// faccessat).

constexpr std::array kAllowedCalls{
    // reading and writing what is open
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(lseek), SCMP_SYS(_llseek),
    SCMP_SYS(close), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
    SCMP_SYS(fallocate), SCMP_SYS(fadvise64), SCMP_SYS(readahead), SCMP_SYS(copy_file_range),
    SCMP_SYS(sendfile), SCMP_SYS(flock),
    // names; which of them Landlock decides
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat), SCMP_SYS(stat),
    SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fstatat64), SCMP_SYS(statx),
    SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(fchmod),
    SCMP_SYS(fchown), SCMP_SYS(umask),
    // memory
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(munmap), SCMP_SYS(mremap),
    SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(mincore), SCMP_SYS(membarrier),
    // time and chance
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    // threads of our own; clone has a rule of its own below
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list),
    SCMP_SYS(set_tid_address), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu), SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    // signals; tgkill has a rule of its own below
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    // who and where we are
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrlimit),
    SCMP_SYS(ugetrlimit), SCMP_SYS(arch_prctl), SCMP_SYS(prctl)};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

bool allow(const Filter& filter, int call) {
  return seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) == 0;
}

// Allows the call if its argument number `argument`, as far as `mask` reaches, equals `value`. The
// header's own SCMP_A0() is a compound literal, which C++ does not have.
bool allow_if(const Filter& filter, int call, unsigned argument, std::uint64_t mask,
              std::uint64_t value) {
  const scmp_arg_cmp condition{argument, SCMP_CMP_MASKED_EQ, mask, value};
  return seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1, condition) == 0;
}

// To connect to the system log and its like, and to talk to it. Other families stay forbidden.
bool allow_unix_sockets(const Filter& filter) {
  constexpr std::uint64_t kWhole = 0xFFFFFFFF;
  constexpr std::array kCalls{SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
                              SCMP_SYS(recvfrom), SCMP_SYS(recvmsg)};
  return allow_if(filter, SCMP_SYS(socket), 0, kWhole, AF_UNIX) &&
         std::ranges::all_of(kCalls, [&](int call) { return allow(filter, call); });
}

// A call that this architecture does not have (aarch64 has no open) is no failure: libseccomp lets
// such rules pass.
bool allow_calls(const Filter& filter) {
  constexpr std::uint64_t kWhole = 0xFFFFFFFF;
  const auto self = static_cast<std::uint64_t>(getpid());
  return std::ranges::all_of(kAllowedCalls, [&](int call) { return allow(filter, call); }) &&
         allow_if(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD) &&
         allow_if(filter, SCMP_SYS(tgkill), 0, kWhole, self) &&
         // What isatty and the width of a terminal need. TIOCSTI would type into the caller's
         // shell.
         allow_if(filter, SCMP_SYS(ioctl), 1, kWhole, TCGETS) &&
         allow_if(filter, SCMP_SYS(ioctl), 1, kWhole, TIOCGWINSZ);
}

std::string enter_seccomp(bool unix_sockets) {
  const std::string layer = "seccomp";
  const Filter filter{seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &seccomp_release};
  if (!filter || !allow_calls(filter) || (unix_sockets && !allow_unix_sockets(filter)))
    return layer + ": off: the filter could not be built";
  if (const int failure = seccomp_load(filter.get()); failure != 0)
    return layer + ": off: " + input::system_reason(-failure);
  return layer + ": on, system calls by list";
}

}  // namespace

std::vector<std::string> enter_sandbox(const SandboxPaths& paths) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return {because_of_errno("landlock"), because_of_errno("seccomp")};
  std::vector<std::string> layers{enter_landlock(paths)};
  layers.push_back(enter_seccomp(paths.unix_sockets));
  return layers;
}

}  // namespace krbtrail::cli
