// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/proc_snapshot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "krbtrail/input/file_descriptor.h"

namespace krbtrail::live {
namespace {

using activity::RunningProcess;
using input::FileDescriptor;

constexpr std::size_t kStatusBytes = 8'192;  // some 1,500 in Linux 6.12
constexpr std::size_t kCommBytes = 64;       // TASK_COMM_LEN is 16
constexpr std::size_t kNumberBytes = 32;

using Directory = std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })>;

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = code == std::errc{} && end == text.data() + text.size() && !text.empty();
  return is_number ? std::optional{value} : std::nullopt;
}

// At most `limit` bytes; none if it cannot be read.
std::string text_of(const FileDescriptor& folder, const char* name, std::size_t limit) {
  const FileDescriptor file{
      ::openat(folder.get(), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  std::string text(limit, '\0');
  std::size_t size = 0;
  while (file.is_open() && size < limit) {
    const ssize_t got = ::read(file.get(), text.data() + size, limit - size);
    if (got <= 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

std::string target_of(const FileDescriptor& folder, const char* link) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(folder.get(), link, target.data(), target.size());
  return size <= 0 ? std::string{} : std::string{target.data(), static_cast<std::size_t>(size)};
}

std::string_view without_line_end(std::string_view text) {
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

// 4294967295 is nobody's.
std::optional<std::uint32_t> id_in(const FileDescriptor& folder, const char* name) {
  const std::string text = text_of(folder, name, kNumberBytes);
  const auto id = number(without_line_end(text));
  return id == std::numeric_limits<std::uint32_t>::max() ? std::nullopt : id;
}

// The fields behind "PPid:" and its like, at the start of a line: a line end in a process's own
// name is written as two characters (fs/proc/array.c).
std::vector<std::string_view> status_fields(std::string_view status, std::string_view name) {
  std::vector<std::string_view> fields;
  while (!status.empty()) {
    const std::size_t end = std::min(status.find('\n'), status.size());
    std::string_view line = status.substr(0, end);
    status.remove_prefix(std::min(end + 1, status.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":")
      continue;
    line.remove_prefix(name.size() + 1);
    while (!line.empty()) {
      const std::size_t begin = std::min(line.find_first_not_of("\t "), line.size());
      line.remove_prefix(begin);
      const std::size_t size = std::min(line.find_first_of("\t "), line.size());
      if (size != 0)
        fields.push_back(line.substr(0, size));
      line.remove_prefix(size);
    }
    break;
  }
  return fields;
}

bool read_status(const FileDescriptor& folder, RunningProcess& process) {
  const std::string status = text_of(folder, "status", kStatusBytes);
  const auto parent = status_fields(status, "PPid");
  const auto uids = status_fields(status, "Uid");  // real, effective, saved, of the file system
  if (parent.size() != 1 || uids.size() != 4 || !number(parent[0]))
    return false;
  process.ppid = *number(parent[0]);
  process.uid = number(uids[0]);
  process.euid = number(uids[1]);
  process.fsuid = number(uids[3]);
  return true;
}

std::optional<RunningProcess> read_process(const FileDescriptor& folder, std::uint32_t pid,
                                           std::size_t argument_bytes) {
  RunningProcess process{.pid = pid};
  if (!read_status(folder, process))
    return std::nullopt;
  process.exe = target_of(folder, "exe");
  process.arguments = text_of(folder, "cmdline", argument_bytes + 1);
  if (process.exe.empty() && process.arguments.empty())
    return std::nullopt;  // a kernel thread, or one that has ended and is waited for
  process.truncated = process.arguments.size() > argument_bytes;
  process.arguments.resize(std::min(process.arguments.size(), argument_bytes));
  process.arguments.shrink_to_fit();
  const std::string comm = text_of(folder, "comm", kCommBytes);
  process.comm = without_line_end(comm);
  process.cwd = target_of(folder, "cwd");
  process.auid = id_in(folder, "loginuid");
  process.ses = id_in(folder, "sessionid");
  return process;
}

std::size_t cost_of(const RunningProcess& process) {
  return sizeof process + process.arguments.size() + process.exe.size() + process.cwd.size();
}

std::vector<std::uint32_t> pids_in(const std::string& root) {
  std::vector<std::uint32_t> pids;
  const Directory directory{::opendir(root.c_str())};
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    const std::string_view name{static_cast<const char*>(entry->d_name)};
    if (const auto pid = number(name); pid && *pid != 0)
      pids.push_back(*pid);
  }
  std::ranges::sort(pids);
  return pids;
}

}  // namespace

ProcSnapshot read_proc(const std::string& root, ProcLimits limits) {
  ProcSnapshot snapshot;
  std::size_t bytes = 0;
  const std::vector<std::uint32_t> pids = pids_in(root);
  for (const std::uint32_t pid : pids) {
    if (snapshot.processes.size() == limits.processes || bytes > limits.bytes) {
      ++snapshot.left_out;
      continue;
    }
    const std::string path = root + "/" + std::to_string(pid);
    const FileDescriptor folder{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.is_open())
      continue;
    auto process = read_process(folder, pid, limits.argument_bytes);
    if (!process)
      continue;
    bytes += cost_of(*process);
    snapshot.processes.push_back(std::move(*process));
  }
  return snapshot;
}

}  // namespace krbtrail::live
