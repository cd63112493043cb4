// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/actors.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "detect/process_names.h"
#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

using activity::Process;

constexpr std::string_view kDeleted = " (deleted)";

// krb5-user of MIT, heimdal-clients as Debian names both side by side (klist is heimtools there).
constexpr auto kKerberosClients = std::to_array<std::string_view>({
    "/usr/bin/kinit",
    "/usr/bin/klist",
    "/usr/bin/kdestroy",
    "/usr/bin/kvno",
    "/usr/bin/kswitch",
    "/usr/bin/kpasswd",
    "/usr/bin/kgetcred",
    "/usr/bin/heimtools",
    "/usr/bin/kinit.heimdal",
    "/usr/bin/klist.heimdal",
    "/usr/bin/kdestroy.heimdal",
    "/usr/bin/kswitch.heimdal",
    "/usr/bin/kpasswd.heimdal",
    "/usr/bin/kgetcred.heimdal",
});

// Debian 12's paths of sshd, sssd's programs, rpc.gssd, gssproxy, k5start and krenew were seen;
// where Fedora has another folder, it stands behind.
constexpr auto kTicketKeepers = std::to_array<std::string_view>({
    // openssh-server
    "/usr/sbin/sshd",
    "/usr/lib/openssh/sshd-session",
    "/usr/lib/openssh/sshd-auth",
    "/usr/libexec/openssh/sshd-session",
    "/usr/libexec/openssh/sshd-auth",
    // logins and what acts for another account
    "/usr/bin/login",
    "/usr/bin/su",
    "/usr/bin/sudo",
    "/usr/libexec/gdm-session-worker",
    "/usr/lib/gdm3/gdm-session-worker",
    "/usr/sbin/lightdm",
    "/usr/lib/x86_64-linux-gnu/sddm/sddm-helper",
    "/usr/libexec/sddm-helper",
    "/usr/lib/polkit-1/polkit-agent-helper-1",
    "/usr/sbin/cron",
    "/usr/sbin/crond",
    "/usr/lib/systemd/systemd",
    "/usr/lib/systemd/systemd-executor",
    // directory services: krb5_child, ldap_child, sssd_kcm, sssd_be and others
    "/usr/libexec/sssd/",
    "/usr/sbin/sssd",
    "/usr/sbin/winbindd",
    "/usr/sbin/nslcd",
    "/usr/sbin/adcli",
    // NFS, CIFS
    "/usr/sbin/rpc.gssd",
    "/usr/sbin/rpc.svcgssd",
    "/usr/sbin/gssproxy",
    "/usr/sbin/cifs.upcall",
    // kstart
    "/usr/bin/k5start",
    "/usr/bin/krenew",
    // the KDC's own, and Heimdal's KCM
    "/usr/sbin/krb5kdc",
    "/usr/sbin/kadmind",
    "/usr/lib/heimdal-servers/kcm",
});

constexpr auto kCleaners = std::to_array<std::string_view>({
    "/usr/bin/systemd-tmpfiles",
    "/usr/sbin/tmpreaper",
    "/usr/sbin/tmpwatch",
});

// Where the vendors' packages put their programs. Examples: sites differ.
constexpr auto kBackups = std::to_array<std::string_view>({
    "/usr/sbin/bacula-fd",
    "/usr/sbin/bareos-fd",
    "/opt/veeam/",
    "/usr/lib/amanda/amandad",
    "/usr/bin/restic",
    "/usr/bin/borg",
    "/opt/tivoli/tsm/client/ba/bin/dsmc",
});
constexpr auto kScanners = std::to_array<std::string_view>({
    "/opt/nessus/",
    "/opt/nessus_agent/",
    "/usr/local/qualys/cloud-agent/bin/qualys-cloud-agent",
    "/usr/sbin/clamd",
    "/var/ossec/bin/",
    "/usr/bin/aide",
    "/usr/bin/osqueryd",
    "/opt/osquery/bin/osqueryd",
    "/opt/microsoft/mdatp/sbin/wdavdaemon",
    "/opt/CrowdStrike/falcon-sensor",
});
constexpr auto kDataPlatforms = std::to_array<std::string_view>({"/usr/lib/jvm/"});
constexpr auto kContinuousIntegration = std::to_array<std::string_view>({
    "/usr/bin/gitlab-runner",
    "/usr/lib/gitlab-runner/gitlab-runner",
});
constexpr auto kConfigurationManagement = std::to_array<std::string_view>({
    "/opt/puppetlabs/",
    "/opt/chef/",
    "/opt/saltstack/salt/",
    "/usr/bin/salt-minion",
});

// Their manuals speak of GSSAPI or Negotiate.
constexpr auto kNetworkClients = std::to_array<std::string_view>({
    "/usr/bin/curl",
    "/usr/bin/ssh",
    "/usr/bin/psql",
    "/usr/lib/postgresql/",
    "/usr/bin/smbclient",
    "/usr/bin/rpcclient",
    "/usr/bin/ldapsearch",
    "/usr/bin/ldapwhoami",
    "/usr/bin/ldapmodify",
    "/usr/bin/nsupdate",
    "/usr/lib/git-core/git-remote-http",
    "/usr/lib/firefox-esr/firefox-esr",
    "/usr/lib/firefox/firefox",
});

// What follows is held against all names of a process.
constexpr auto kDebuggers = std::to_array<std::string_view>(
    {"gdb", "gdbserver", "gcore", "lldb", "strace", "ltrace", "procdump"});

constexpr auto kNetworkTools = std::to_array<std::string_view>({
    // the seed's
    "scp",
    "rsync",
    "nc",
    "ncat",
    "curl",
    "wget",
    // and what it lacks
    "netcat",
    "socat",
    "ssh",
    "sftp",
    "ftp",
    "lftp",
    "tftp",
    "telnet",
    "rclone",
    "aws",
    "gsutil",
    "gcloud",
    "az",
    "azcopy",
    "s3cmd",
    "aria2c",
    "smbclient",
    "mail",
    "mailx",
    "mutt",
    "sendmail",
    "croc",
    "wormhole",
});

// The front of their names, for the versions behind them. A dynamic loader runs what its argument
// names.
constexpr auto kInterpreters =
    std::to_array<std::string_view>({"python", "pypy", "perl", "ruby", "node", "php", "lua",
                                     "tclsh", "Rscript", "ld-linux", "ld-2", "ld-musl", "ld.so"});

constexpr auto kShells = std::to_array<std::string_view>(
    {"sh", "dash", "bash", "rbash", "zsh", "ksh", "ksh93", "mksh", "ash", "fish", "csh", "tcsh"});

constexpr auto kMovers = std::to_array<std::string_view>({
    // the seed's, but for those that are network tools
    "cp",
    "mv",
    "cat",
    "base64",
    "xxd",
    "tar",
    "dd",
    // and what it lacks: those that read, write or pack
    "base32",
    "install",
    "ln",
    "tee",
    "head",
    "tail",
    "split",
    "csplit",
    "tac",
    "nl",
    "cut",
    "tr",
    "sort",
    "paste",
    "shred",
    "truncate",
    "od",
    "hexdump",
    "hd",
    "strings",
    "sed",
    "awk",
    "gawk",
    "mawk",
    "less",
    "more",
    "vi",
    "vim",
    "nvim",
    "view",
    "nano",
    "ed",
    "emacs",
    "pico",
    "mcedit",
    "openssl",
    "gpg",
    "gpg2",
    "age",
    "gzip",
    "pigz",
    "bzip2",
    "xz",
    "zstd",
    "lz4",
    "zip",
    "7z",
    "7za",
    "7zr",
    "rar",
    "cpio",
    "pax",
    "ar",
    "bsdtar",
    "uuencode",
    "xxencode",
    "iconv",
    "busybox",
    "toybox",
    "find",
    "xargs",
    "parallel",
    "cmp",
    "diff",
    "ktutil",
    "ktutil.heimdal",
    "keyctl",
});

// Scripts of the groups above, whose exe is an interpreter: its first word is what runs.
bool is_script_runner(std::string_view exe) {
  return is_program(exe, "/usr/bin/python3") || starts_with(exe, "/usr/bin/python3.");
}

constexpr auto kOddFolders = std::to_array<std::string_view>(
    {"/tmp/", "/var/tmp/", "/dev/shm/", "/home/", "/run/user/", "/var/run/user/", "/memfd:"});

constexpr auto kSystemFolders =
    std::to_array<std::string_view>({"/bin/", "/lib/", "/libexec/", "/lib64/", "/lib32/"});

struct Group {
  ActorKind kind;
  bool ExemptGroups::*is_exempt;
};
constexpr auto kGroups = std::to_array<Group>({
    {ActorKind::backup, &ExemptGroups::backup},
    {ActorKind::scanner, &ExemptGroups::scanner},
    {ActorKind::data_platform, &ExemptGroups::data_platform},
    {ActorKind::continuous_integration, &ExemptGroups::continuous_integration},
    {ActorKind::configuration_management, &ExemptGroups::configuration_management},
});

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A path in the parts that are compared: where /usr is merged, /bin/cp and /usr/bin/cp are one
// program, and where sbin is merged too, /usr/sbin/sshd and /usr/bin/sshd.
struct Folded {
  std::string_view folder;  // "/bin/", or empty
  std::string_view rest;
};

Folded folded(std::string_view path) {
  std::string_view rest = path;
  if (!rest.starts_with("/usr/local/"))
    take(rest, "/usr");
  if (take(rest, "/sbin/"))
    return {.folder = "/bin/", .rest = rest};
  for (const std::string_view folder : kSystemFolders) {
    if (take(rest, folder))
      return {.folder = folder, .rest = rest};
  }
  return {.folder = {}, .rest = path};
}

std::string_view without_deleted(std::string_view exe) {
  return exe.ends_with(kDeleted) ? exe.substr(0, exe.size() - kDeleted.size()) : exe;
}

bool is_system_path(std::string_view exe) {
  return !folded(exe).folder.empty();
}

// A removed file is still the system's if it lay in one of its folders.
std::string_view plain_exe(std::string_view exe) {
  const std::string_view plain = without_deleted(exe);
  return is_system_path(plain) ? plain : exe;
}

bool matches(const Folded& program, std::string_view entry) {
  const Folded listed = folded(entry);
  if (program.folder != listed.folder)
    return false;
  return entry.ends_with('/') ? program.rest.starts_with(listed.rest) : program.rest == listed.rest;
}

std::string_view find_path(std::string_view exe, std::span<const std::string_view> list) {
  if (exe.empty())
    return {};
  const Folded program = folded(exe);
  const auto found = std::ranges::find_if(list, [&](std::string_view entry) {
    const bool may_be_it = entry.back() == exe.back() || entry.back() == '/';
    return may_be_it && matches(program, entry);
  });
  return found == list.end() ? std::string_view{} : *found;
}

// What the process runs by full path: exe, and the script of a system's interpreter. argv[1] is
// what the interpreter was told to run, not what it calls itself.
std::string_view find_program(const Process& process, std::span<const std::string_view> list) {
  const std::string_view exe = plain_exe(process.exe);
  if (const std::string_view found = find_path(exe, list); !found.empty())
    return found;
  if (!is_script_runner(exe) || process.argv.size() < 2)
    return {};
  return find_path(process.argv[1], list);
}

std::string_view find_name(const ProcessNames& names, std::span<const std::string_view> list) {
  for (const Candidate& candidate : names.candidates()) {
    const auto found = std::ranges::find_if(list, [&](std::string_view entry) {
      return entry.size() == candidate.name.size() && equals_ignore_case(candidate.name, entry);
    });
    if (found != list.end())
      return *found;
  }
  return {};
}

// "python3.11", "php8.2", "ld-linux-x86-64.so.2": a version or a loader's platform may follow, a
// word may not.
bool is_version_of(std::string_view name, std::string_view plain) {
  if (!starts_with(name, plain))
    return false;
  const std::string_view rest = name.substr(plain.size());
  return rest.empty() || rest.front() == '.' || (rest.front() >= '0' && rest.front() <= '9') ||
         (rest.front() == '-' && plain.starts_with("ld-"));
}

std::string_view find_interpreter(const ProcessNames& names) {
  for (const Candidate& candidate : names.candidates()) {
    const auto* const found = std::ranges::find_if(kInterpreters, [&](std::string_view plain) {
      return is_version_of(candidate.name, plain);
    });
    if (found != kInterpreters.end())
      return *found;
  }
  return {};
}

// "-bash" is a login shell.
std::string_view find_shell(const Process& process, const ProcessNames& names) {
  if (const std::string_view found = find_name(names, kShells); !found.empty())
    return found;
  if (process.argv.empty() || !process.argv.front().starts_with('-'))
    return {};
  const std::string_view login = std::string_view{process.argv.front()}.substr(1);
  return in_ignore_case(login, kShells) ? login : std::string_view{};
}

// host:path, user@host:path, rsync://…; not a local path with a colon in its last part.
bool is_remote_name(std::string_view argument) {
  const std::size_t colon = argument.find(':');
  return colon != std::string_view::npos && colon != 0 && !argument.starts_with('-') &&
         argument.substr(0, colon).find('/') == std::string_view::npos;
}

bool sends(const Process& process, std::string_view network_tool) {
  if (network_tool != "rsync")
    return !network_tool.empty();
  return std::ranges::any_of(process.argv,
                             [](std::string_view argument) { return is_remote_name(argument); });
}

void set_kind(Actor& actor, ActorKind kind, std::string_view matched) {
  if (actor.kind != ActorKind::other || matched.empty())
    return;
  actor.kind = kind;
  actor.matched = matched;
}

// What speaks for a process.
void find_by_path(const Process& process, const Settings& settings, Actor& actor) {
  if (!is_roots_file(process))
    return;
  for (const ActorKind kind :
       {ActorKind::kerberos_client, ActorKind::ticket_keeper, ActorKind::cleaner})
    set_kind(actor, kind, find_path(plain_exe(process.exe), actor_list(kind)));
  for (const Group& group : kGroups) {
    if (settings.exempt.*group.is_exempt)
      set_kind(actor, group.kind, find_program(process, actor_list(group.kind)));
  }
  set_kind(actor, ActorKind::network_client, find_path(plain_exe(process.exe), kNetworkClients));
}

// What speaks against it.
void find_by_name(const Process& process, Actor& actor) {
  const ProcessNames names{process};
  const std::string_view network_tool = find_name(names, kNetworkTools);
  const std::string_view interpreter = find_interpreter(names);
  const std::string_view shell = find_shell(process, names);
  const std::string_view mover = find_name(names, kMovers);
  set_kind(actor, ActorKind::debugger, find_name(names, kDebuggers));
  set_kind(actor, ActorKind::network_tool, network_tool);
  set_kind(actor, ActorKind::interpreter, interpreter);
  set_kind(actor, ActorKind::shell, shell);
  set_kind(actor, ActorKind::mover, mover);
  actor.is_mover =
      !network_tool.empty() || !interpreter.empty() || !shell.empty() || !mover.empty();
  actor.sends = sends(process, network_tool);
}

}  // namespace

std::string_view to_string(ActorKind kind) {
  switch (kind) {
    case ActorKind::kerberos_client:
      return "kerberos_client";
    case ActorKind::ticket_keeper:
      return "ticket_keeper";
    case ActorKind::cleaner:
      return "cleaner";
    case ActorKind::backup:
      return "backup";
    case ActorKind::scanner:
      return "scanner";
    case ActorKind::data_platform:
      return "data_platform";
    case ActorKind::continuous_integration:
      return "continuous_integration";
    case ActorKind::configuration_management:
      return "configuration_management";
    case ActorKind::network_client:
      return "network_client";
    case ActorKind::debugger:
      return "debugger";
    case ActorKind::network_tool:
      return "network_tool";
    case ActorKind::interpreter:
      return "interpreter";
    case ActorKind::shell:
      return "shell";
    case ActorKind::mover:
      return "mover";
    case ActorKind::other:
      return "other";
  }
  return "other";
}

std::span<const std::string_view> actor_list(ActorKind kind) {
  switch (kind) {
    case ActorKind::kerberos_client:
      return kKerberosClients;
    case ActorKind::ticket_keeper:
      return kTicketKeepers;
    case ActorKind::cleaner:
      return kCleaners;
    case ActorKind::backup:
      return kBackups;
    case ActorKind::scanner:
      return kScanners;
    case ActorKind::data_platform:
      return kDataPlatforms;
    case ActorKind::continuous_integration:
      return kContinuousIntegration;
    case ActorKind::configuration_management:
      return kConfigurationManagement;
    case ActorKind::network_client:
      return kNetworkClients;
    case ActorKind::debugger:
      return kDebuggers;
    case ActorKind::network_tool:
      return kNetworkTools;
    case ActorKind::interpreter:
      return kInterpreters;
    case ActorKind::shell:
      return kShells;
    case ActorKind::mover:
      return kMovers;
    case ActorKind::other:
      return {};
  }
  return {};
}

bool is_program(std::string_view exe, std::string_view path) {
  return !path.ends_with('/') && matches(folded(plain_exe(exe)), path);
}

bool is_odd_place(std::string_view exe) {
  const bool is_in_odd_folder = std::ranges::any_of(
      kOddFolders, [&](std::string_view folder) { return exe.starts_with(folder); });
  return is_in_odd_folder || (exe.ends_with(kDeleted) && !is_system_path(without_deleted(exe)));
}

bool is_roots_file(const Process& process) {
  constexpr std::uint32_t kOthersMayWrite = 022;
  return process.file_owner.value_or(0) == 0 &&
         (process.file_mode.value_or(0) & kOthersMayWrite) == 0;
}

Actor actor_of(const Process& process, const Settings& settings) {
  Actor actor;
  find_by_path(process, settings, actor);
  find_by_name(process, actor);
  actor.at_odd_place = is_odd_place(process.exe);
  return actor;
}

}  // namespace krbtrail::detect
