// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/privileges.h"

#include <algorithm>
#include <cerrno>

#include <cap-ng.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::live {
namespace {

constexpr unsigned kReadSearchBit = 1;
constexpr unsigned kOverrideBit = 2;

bool may(const std::string& path, int how) {
  return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// A file that is not there is no matter of rights, as long as its folder may be searched.
bool may_read(const std::string& path) {
  return may(path, R_OK) || errno == ENOENT;
}

bool may_write(const std::string& path) {
  struct stat facts {};
  const bool is_there = ::stat(path.c_str(), &facts) == 0;
  if (is_there && !S_ISREG(facts.st_mode))
    return may(path, W_OK);
  return (!is_there || may(path, W_OK)) && may(folder_of(path), W_OK | X_OK);
}

bool may_connect(const std::string& path) {
  return may(path, W_OK);
}

bool change_to(const AccountIds& account, const KeptCapabilities& kept) {
  constexpr auto kUsed = static_cast<capng_type_t>(CAPNG_EFFECTIVE | CAPNG_PERMITTED);
  capng_clear(CAPNG_SELECT_BOTH);
  if (kept.read_search)
    capng_update(CAPNG_ADD, kUsed, CAP_DAC_READ_SEARCH);
  if (kept.override)
    capng_update(CAPNG_ADD, kUsed, CAP_DAC_OVERRIDE);
  return capng_change_id(static_cast<int>(account.uid), static_cast<int>(account.gid),
                         static_cast<capng_flags_t>(CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING)) ==
         0;
}

// In a child, which has become the account with no capability at all.
unsigned lacking(const NeededFiles& files) {
  unsigned bits = 0;
  if (!std::ranges::all_of(files.read, may_read))
    bits |= kReadSearchBit;
  if (!std::ranges::all_of(files.written, may_write) ||
      !std::ranges::all_of(files.connected, may_connect))
    bits |= kOverrideBit;
  return bits;
}

model::Error refused() {
  return {.message = "root cannot be given up: " + input::system_reason(errno), .hint = {}};
}

// Which capabilities the account could not do without.
model::Result<KeptCapabilities> try_out(const AccountIds& account, const NeededFiles& files) {
  constexpr int kNever = 64;
  const pid_t child = ::fork();
  if (child < 0)
    return refused();
  if (child == 0)
    ::_exit(change_to(account, {}) ? static_cast<int>(lacking(files)) : kNever);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) == kNever) {
    errno = EPERM;
    return refused();
  }
  const auto bits = static_cast<unsigned>(WEXITSTATUS(status));
  return KeptCapabilities{.read_search = (bits & kReadSearchBit) != 0,
                          .override = (bits & kOverrideBit) != 0};
}

}  // namespace

bool is_root() {
  return ::geteuid() == 0;
}

model::Result<KeptCapabilities> become(const AccountIds& account, const NeededFiles& files) {
  model::Result<KeptCapabilities> kept = try_out(account, files);
  if (!kept)
    return kept;
  if (!change_to(account, kept.value()) || ::geteuid() != account.uid) {
    errno = EPERM;
    return refused();
  }
  return kept;
}

}  // namespace krbtrail::live
