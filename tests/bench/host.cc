// SPDX-License-Identifier: Apache-2.0
#include "bench/host.h"

#include <algorithm>
#include <utility>

namespace krbtrail::bench {
namespace {

constexpr std::uint32_t kPidLimit = 131'072;
constexpr std::uint32_t kFirstPid = 300;  // what the kernel restarts at (RESERVED_PIDS)
constexpr std::uint32_t kShells = 24;
constexpr std::uint32_t kShortLived = 400;
constexpr std::int64_t kJiffy = 4;  // milliseconds, CONFIG_HZ=250
constexpr std::size_t kTitleLimit = 128;

struct Daemon {
  std::uint32_t pid;
  std::uint32_t uid;
  std::string_view exe;
  std::string_view comm;
};

constexpr std::array kDaemons{
    Daemon{1, 0, "/usr/lib/systemd/systemd", "systemd"},
    Daemon{412, 0, "/usr/sbin/cron", "cron"},
    Daemon{433, 0, "/usr/lib/systemd/systemd-logind", "systemd-logind"},
    Daemon{517, 0, "/usr/sbin/sshd", "sshd"},
    Daemon{640, 33, "/usr/sbin/nginx", "nginx"},
    Daemon{655, 33, "/usr/sbin/nginx", "nginx"},
    Daemon{702, 110, "/usr/lib/postgresql/15/bin/postgres", "postgres"},
    Daemon{731, 110, "/usr/lib/postgresql/15/bin/postgres", "postgres"},
    Daemon{810, 0, "/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "java"},
    Daemon{911, 0, "/usr/sbin/rsyslogd", "rs:main Q:Reg"},
    Daemon{950, 0, "/usr/bin/dockerd", "dockerd"},
    Daemon{990, 0, "/usr/libexec/sssd/sssd_be", "sssd_be"},
};

constexpr std::array<std::string_view, 6> kTerminals{"pts0", "pts1", "pts2",
                                                     "pts3", "pts7", "(none)"};

}  // namespace

std::string title_of(const std::vector<std::string>& argv) {
  std::string title;
  for (const std::string& argument : argv) {
    if (!title.empty())
      title.push_back('\0');
    title += argument;
    if (title.size() >= kTitleLimit)
      break;
  }
  title.resize(std::min(title.size(), kTitleLimit));
  return title;
}

Host::Host(std::string node, Random& random)
    : node_{std::move(node)}, serial_{1'000 + random.below(100'000)}, last_pid_{kFirstPid} {
  for (const Daemon& daemon : kDaemons) {
    processes_.push_back({.pid = daemon.pid,
                          .ppid = daemon.pid == 1 ? 0U : 1U,
                          .uid = daemon.uid,
                          .exe = std::string{daemon.exe},
                          .comm = std::string{daemon.comm},
                          .cwd = "/",
                          .title = std::string{daemon.exe}});
  }
  last_pid_ = 1'000;
  processes_.resize(kDaemons.size() + kShells + kShortLived);
  for (std::uint32_t shell = 0; shell < kShells; ++shell)
    begin_session(processes_[kDaemons.size() + shell], random);
  const auto seen = static_cast<std::uint32_t>(kDaemons.size()) + kShells;
  for (std::size_t slot = seen; slot < processes_.size(); ++slot)
    processes_[slot] = processes_[random.below(seen)];
}

Stamp Host::next_stamp(std::chrono::microseconds now) {
  const std::int64_t milliseconds = now.count() / 1'000 / kJiffy * kJiffy;
  return {.seconds = milliseconds / 1'000,
          .milliseconds = static_cast<std::uint32_t>(milliseconds % 1'000),
          .serial = ++serial_};
}

std::uint32_t Host::new_pid() {
  last_pid_ = last_pid_ + 1 < kPidLimit ? last_pid_ + 1 : kFirstPid;
  return last_pid_;
}

std::uint32_t Host::any_slot(Random& random, std::uint32_t from) {
  return from + random.below(static_cast<std::uint32_t>(processes_.size()) - from);
}

Actor& Host::any_process(Random& random) {
  return processes_[any_slot(random, 0)];
}

Actor& Host::any_login_process(Random& random) {
  return processes_[kDaemons.size() + random.below(kShells)];
}

Actor& Host::log_in(Random& random) {
  Actor& shell = any_login_process(random);
  begin_session(shell, random);
  return shell;
}

void Host::begin_session(Actor& shell, Random& random) {
  const std::uint32_t uid = kFirstUser + random.below(kUsers);
  shell.pid = new_pid();
  shell.ppid = 517;
  shell.auid = uid;
  shell.uid = uid;
  shell.ses = ++last_session_;
  shell.tty = random.pick(kTerminals);
  shell.exe = "/usr/bin/bash";
  shell.comm = "bash";
  shell.cwd = "/home/" + account_name(uid);
  shell.title = "-bash";
}

Actor& Host::run(Random& random, std::string_view exe, std::string_view comm,
                 const std::vector<std::string>& argv) {
  const std::uint32_t first = static_cast<std::uint32_t>(kDaemons.size()) + kShells;
  const std::uint32_t slot = any_slot(random, first);
  if (!random.percent(10)) {
    const Actor& parent = processes_[any_slot(random, 0)];
    Actor child = parent;
    child.ppid = parent.pid;
    child.pid = new_pid();
    child.title = title_of(argv);
    processes_[slot] = std::move(child);
  }
  Actor& process = processes_[slot];
  process.exe = exe;
  process.comm = comm.substr(0, 15);
  return process;
}

}  // namespace krbtrail::bench
