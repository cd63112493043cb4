// SPDX-License-Identifier: Apache-2.0
#include "bench/background.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace krbtrail::bench {
namespace {

struct Program {
  std::string_view exe;
  std::string_view comm;
  std::string_view command_line;  // a template, see expand(); '~' is a blank inside an argument
};

constexpr std::array kPrograms{
    Program{"/usr/bin/bash", "bash",
            "bash -c test~-d~%d~&&~cd~%d~&&~./%w.sh~--retry~%n~2>&1~|~tee~-a~%f"},
    Program{"/usr/bin/bash", "%w.sh", "/bin/bash /opt/%w/bin/%w.sh --once --log /var/log/%w.log"},
    Program{"/usr/bin/dash", "sh",
            "/bin/sh -c [~-x~/usr/lib/%w/%w~]~&&~/usr/lib/%w/%w~--quiet~%f~2>&1~|~logger~-t~%w"},
    Program{"/usr/bin/dash", "sh", "sh -e /usr/lib/%w/%w-helper %n"},
    Program{"/usr/bin/ls", "ls", "ls --color=auto -la %d %d"},
    Program{"/usr/bin/cat", "cat", "cat %f %f"},
    Program{"/usr/bin/cp", "cp", "cp -a %f %d/"},
    Program{"/usr/bin/mv", "mv", "mv %f %f.old"},
    Program{"/usr/bin/rm", "rm", "rm -f %t %t"},
    Program{"/usr/bin/mkdir", "mkdir", "mkdir -p %d/%w/%n %d/%w/%n"},
    Program{"/usr/bin/chmod", "chmod", "chmod 0644 %f %f"},
    Program{"/usr/bin/grep", "grep", "grep -rn --include=*.c %w~%w %d"},
    Program{"/usr/bin/grep", "grep", "grep -q ^%w= %f"},
    Program{"/usr/bin/sed", "sed", "sed -n s/^%w:~*//p %f"},
    Program{"/usr/bin/mawk", "awk", "awk {~print~$1,~$%n~} %f"},
    Program{"/usr/bin/cut", "cut", "cut -d: -f1,%n"},
    Program{"/usr/bin/sort", "sort", "sort -u -k%n"},
    Program{"/usr/bin/tr", "tr", "tr -d \\n"},
    Program{"/usr/bin/head", "head", "head -n %n %f"},
    Program{"/usr/bin/find", "find", "find %d -xdev -name *.%w -mtime +%n -print"},
    Program{"/usr/bin/xargs", "xargs", "xargs -0 -n %n rm -f"},
    Program{"/usr/bin/date", "date", "date -u +%%Y-%%m-%%d~%%H:%%M:%%S"},
    Program{"/usr/bin/sleep", "sleep", "sleep %n"},
    Program{"/usr/bin/ps", "ps", "ps -eo pid,ppid,user,args --sort=-pcpu"},
    Program{"/usr/bin/id", "id", "id -u"},
    Program{"/usr/bin/hostname", "hostname", "hostname -f"},
    Program{"/usr/bin/stat", "stat", "stat -c %%s~%%Y %f"},
    Program{"/usr/bin/git", "git", "git -C %d rev-parse --short HEAD"},
    Program{"/usr/bin/git", "git", "git -c core.quotepath=false fetch --prune origin %x"},
    Program{"/usr/bin/x86_64-linux-gnu-gcc-12", "gcc",
            "gcc -std=c11 -O2 -g -Wall -I%d -I%d/include -DVERSION=\"%n\" -c %s -o %t"},
    Program{"/usr/lib/gcc/x86_64-linux-gnu/12/cc1", "cc1",
            "/usr/lib/gcc/x86_64-linux-gnu/12/cc1 -quiet -I %d -imultiarch x86_64-linux-gnu "
            "-D_REENTRANT %s -quiet -dumpbase %w.c -mtune=generic -march=x86-64 -g -O2 -o %t"},
    Program{"/usr/bin/x86_64-linux-gnu-as", "as", "as -I %d --64 -o %w.o %t"},
    Program{"/usr/bin/x86_64-linux-gnu-ld.bfd", "ld",
            "ld --build-id --eh-frame-hdr -m elf_x86_64 -o %d/%w %t %t %t -lc -lpthread"},
    Program{"/usr/bin/make", "make", "make -s -j%n -C %d CC=gcc PREFIX=/usr/local DESTDIR=%t %w"},
    Program{"/usr/bin/python3.11", "python3",
            "/usr/bin/python3 /opt/%w/%w.py --config %f --state %d/%w.json -v"},
    Program{"/usr/bin/python3.11", "python3", "python3 -m %w.%w --port %n"},
    Program{"/usr/bin/python3.11", "%w.py",
            "/usr/bin/python3 /usr/local/bin/%w.py --since yesterday~%n:00 --out %t"},
    Program{"/usr/bin/perl", "perl", "perl -ne print~if~/%w/ %f"},
    Program{"/usr/bin/curl", "curl",
            "curl -fsS --max-time %n -H X-Token:~%x http://%h.example.net:%n/v1/%w"},
    Program{"/usr/bin/wget", "wget", "wget -q -O %t https://%h.example.net/pool/%w-%n.deb"},
    Program{"/usr/bin/ssh", "ssh", "ssh -o BatchMode=yes %u@%h.example.net uptime"},
    Program{"/usr/bin/rsync", "rsync", "rsync -a --delete %d/ %h.example.net:/srv/%w/"},
    Program{"/usr/bin/tar", "tar", "tar -C %d -czf /var/backups/%w-%n.tar.gz ."},
    Program{"/usr/bin/gzip", "gzip", "gzip -9 /var/log/%w.log.%n"},
    Program{"/usr/bin/systemctl", "systemctl", "systemctl is-active --quiet %w.service"},
    Program{"/usr/bin/sudo", "sudo", "sudo -n /usr/sbin/%w status"},
    Program{"/usr/bin/docker", "docker", "docker ps -q --filter name=%w-%n"},
    Program{"/usr/bin/runc", "runc", "runc --root /run/docker/%w exec --process %t %x"},
    Program{"/usr/lib/jvm/java-17-openjdk-amd64/bin/java", "java",
            "java -Xmx%nm -XX:+UseG1GC -Djava.io.tmpdir=/var/tmp -Dlog.dir=/var/log/%w -cp "
            "/opt/%w/lib/%w.jar:/opt/%w/lib/%w.jar:/opt/%w/lib/%w.jar net.example.%w.Main %f"},
    Program{"/usr/bin/psql", "psql", "psql -h %h -U %w -Atc select~count(*)~from~%w;"},
    Program{"/usr/lib/postgresql/15/bin/pg_isready", "pg_isready", "pg_isready -q -h %h"},
    Program{"/usr/sbin/logrotate", "logrotate", "/usr/sbin/logrotate /etc/logrotate.conf"},
};

constexpr std::array<std::string_view, 40> kWords{
    "alpha",  "backup",  "billing", "cache",  "cluster", "collect", "console", "daily",
    "deploy", "device",  "engine",  "export", "gateway", "health",  "index",   "ingest",
    "ledger", "manager", "metrics", "mirror", "monitor", "notify",  "orders",  "parser",
    "policy", "portal",  "queue",   "report", "router",  "search",  "server",  "session",
    "status", "storage", "sync",    "tenant", "upload",  "worker",  "archive", "inventory"};

constexpr std::array<std::string_view, 8> kHosts{"db-01",  "db-02", "web-01",  "web-02",
                                                 "app-07", "mx-1",  "build-3", "nas"};

// Files that are opened again and again, each as often as its neighbours.
constexpr std::array<std::string_view, 24> kCommonFiles{
    "/etc/ld.so.cache",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib/x86_64-linux-gnu/libselinux.so.1",
    "/lib/x86_64-linux-gnu/libpthread.so.0",
    "/usr/lib/locale/locale-archive",
    "/usr/lib/locale/C.utf8/LC_CTYPE",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/certs/ca-certificates.crt",
    "/proc/self/status",
    "/proc/stat",
    "/proc/meminfo",
    "/proc/filesystems",
    "/sys/fs/cgroup/cpu.max",
    "/dev/null",
    "/usr/share/zoneinfo/UTC",
    "/var/lib/dpkg/status",
    "/usr/lib/python3.11/encodings/__init__.py"};

// Files of which there are many.
constexpr std::array<std::string_view, 14> kFileTemplates{
    "/usr/lib/python3/dist-packages/%w/%w.py",
    "/usr/lib/python3/dist-packages/%w/__pycache__/%w.cpython-311.pyc",
    "/var/lib/%w/data/%n/%x.json",
    "/var/log/%w/%w.log",
    "/home/%u/src/%w/%w.c",
    "/home/%u/src/%w/include/%w.h",
    "/home/%u/.config/%w/%w.ini",
    "/tmp/cc%x.s",
    "/proc/%n/stat",
    "/proc/%n/cmdline",
    "/sys/class/net/%w%n/statistics/rx_bytes",
    "/srv/%w/%w %n.csv",
    "/usr/include/x86_64-linux-gnu/%w/%w.h",
    "/opt/%w/lib/%w-%n.jar"};

constexpr std::array<std::string_view, 8> kUnits{
    "apt-daily",   "logrotate",       "man-db", "fstrim", "systemd-tmpfiles-clean",
    "e2scrub_all", "phpsessionclean", "certbot"};

constexpr std::uint64_t kHeap = 0x55d0'0000'0000;
constexpr std::uint64_t kStack = 0x7ffc'0000'0000;

void append_word(std::string& text, Random& random) {
  text += random.pick(kWords);
}

void append_hex(std::string& text, Random& random, std::size_t length) {
  std::uint64_t bits = random.next();
  for (std::size_t i = 0; i < length; ++i, bits >>= 4U)
    text += "0123456789abcdef"[bits & 15U];
}

void append_expanded(std::string& text, std::string_view pattern, Random& random);

void append_directory(std::string& text, Random& random) {
  constexpr std::array<std::string_view, 5> kDirectories{"/srv/%w/%w", "/home/%u/src/%w",
                                                         "/var/lib/%w", "/opt/%w/share", "/etc/%w"};
  append_expanded(text, random.pick(kDirectories), random);
}

void append_placeholder(std::string& text, char what, Random& random) {
  switch (what) {
    case 'w':
      append_word(text, random);
      break;
    case 'n':
      text += std::to_string(1 + random.below(9'999));
      break;
    case 'x':
      append_hex(text, random, 12);
      break;
    case 'u':
      text += account_name(kFirstUser + random.below(kUsers));
      break;
    case 'h':
      text += random.pick(kHosts);
      break;
    case 'd':
      append_directory(text, random);
      break;
    case 'f':
      append_expanded(text, random.pick(kFileTemplates), random);
      break;
    case 's':
      append_expanded(text, "/home/%u/src/%w/%w.c", random);
      break;
    case 't':
      append_expanded(text, "/tmp/%w.%x", random);
      break;
    case '%':
      text += '%';
      break;
    default:
      text += {'%', what};
  }
}

// %w word, %n number, %x hex digits, %u user, %h host, %d directory, %f file, %s source file,
// %t temporary file, %% a per cent sign; '%' before anything else stands for itself.
void append_expanded(std::string& text, std::string_view pattern, Random& random) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size())
      append_placeholder(text, pattern[++i], random);
    else
      text += pattern[i];
  }
}

std::string expand(std::string_view pattern, Random& random) {
  std::string text;
  append_expanded(text, pattern, random);
  return text;
}

std::vector<std::string> expand_command_line(std::string_view pattern, Random& random) {
  std::vector<std::string> argv;
  while (!pattern.empty()) {
    const std::size_t blank = std::min(pattern.find(' '), pattern.size());
    std::string argument = expand(pattern.substr(0, blank), random);
    for (char& c : argument)
      c = c == '~' ? ' ' : c;
    argv.push_back(std::move(argument));
    pattern.remove_prefix(std::min(blank + 1, pattern.size()));
  }
  return argv;
}

// The same for the same path, below the inodes of planted events.
std::uint64_t inode_of(std::string_view path) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
  for (const char c : path)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return 1'000 + hash % 3'900'000;
}

PathItem regular(std::string path) {
  const std::uint64_t inode = inode_of(path);
  return {.name = std::move(path), .inode = inode};
}

PathItem program_file(std::string_view path) {
  return {.name = std::string{path}, .inode = inode_of(path), .mode = 0100755};
}

PathItem directory(std::string path) {
  const std::uint64_t inode = inode_of(path);
  return {.name = std::move(path), .inode = inode, .mode = 040755, .nametype = "PARENT"};
}

std::string parent_of(std::string_view path) {
  return std::string{path.substr(0, path.rfind('/') + 1)};
}

std::uint64_t address(Random& random, std::uint64_t base) {
  return base + std::uint64_t{random.below(0xffff'ffff)} * 8;
}

void write_failed_exec(EventText& event, Host& host, Random& random) {
  const Actor& actor = host.any_process(random);
  const Call call{.number = 59,
                  .name = "execve",
                  .success = false,
                  .exit = -2,
                  .a0 = kHeap,
                  .a1 = kHeap + 0x40,
                  .a2 = kStack,
                  .a3 = 0};
  event.syscall(actor, call, "exec");
  event.cwd(actor.cwd);
  event.path({.name = expand("/usr/local/bin/%w", random), .nametype = "UNKNOWN"});
  event.proctitle(actor.title);
}

void write_exec(EventText& event, Host& host, Random& random) {
  const Program& program = random.pick(kPrograms);
  const std::vector<std::string> argv = expand_command_line(program.command_line, random);
  const std::string comm = expand(program.comm, random);
  Actor& actor = host.run(random, program.exe, comm, argv);
  Call call{.number = 59, .name = "execve", .exit = 0};
  call.a0 = address(random, kHeap);
  call.a1 = address(random, kHeap);
  call.a2 = address(random, kHeap);
  call.a3 = 8;
  call.items = 2;
  event.syscall(actor, call, "exec");
  event.execve(argv);
  event.cwd(actor.cwd);
  event.path(program_file(program.exe));
  event.path(program_file("/lib64/ld-linux-x86-64.so.2"));
  event.proctitle(actor.title);
}

std::string any_path(Random& random) {
  const std::uint32_t draw = random.below(100);
  if (draw < 4)
    return "/etc/krb5.conf";
  if (draw < 45)
    return std::string{random.pick(kCommonFiles)};
  return expand(random.pick(kFileTemplates), random);
}

Call open_call(Random& random, std::uint64_t flags) {
  Call call{.exit = 3 + random.below(60), .a2 = flags};
  call.a1 = address(random, kStack);
  return call;
}

void write_read(EventText& event, const Actor& actor, Random& random) {
  event.syscall(actor, open_call(random, 0x80000), "file_open");
  event.cwd(actor.cwd);
  event.path(regular(any_path(random)));
}

void write_create(EventText& event, const Actor& actor, Random& random) {
  const std::string path = expand(random.percent(50) ? "/tmp/%w.%x" : "/var/lib/%w/%x", random);
  Call call = open_call(random, 0x241);
  call.a3 = 0x1b6;
  call.items = 2;
  event.syscall(actor, call, "file_open");
  event.cwd(actor.cwd);
  event.path(directory(parent_of(path)));
  PathItem created = regular(path);
  created.owner = actor.uid;
  created.nametype = "CREATE";
  event.path(created);
}

void write_missing(EventText& event, const Actor& actor, Random& random) {
  Call call = open_call(random, 0x80000);
  call.success = false;
  call.exit = -2;
  event.syscall(actor, call, "file_open");
  event.cwd(actor.cwd);
  event.path({.name = any_path(random), .nametype = "UNKNOWN"});
}

void write_read_below_descriptor(EventText& event, const Actor& actor, Random& random) {
  Call call = open_call(random, 0x20000);
  call.a0 = 3 + random.below(5);
  event.syscall(actor, call, "file_open");
  event.cwd(actor.cwd);
  PathItem item = regular(expand("%w-%n.dat", random));
  item.owner = actor.uid;
  event.path(item);
}

void write_open(EventText& event, Host& host, Random& random) {
  const Actor& actor = host.any_process(random);
  const std::uint32_t draw = random.below(100);
  if (draw < 80)
    write_read(event, actor, random);
  else if (draw < 88)
    write_create(event, actor, random);
  else if (draw < 95)
    write_missing(event, actor, random);
  else
    write_read_below_descriptor(event, actor, random);
  event.proctitle(actor.title);
}

void write_connect(EventText& event, Host& host, Random& random) {
  const Actor& actor = host.any_process(random);
  Call call{.number = 42, .name = "connect", .exit = 0};
  call.a0 = 3 + random.below(60);
  call.a1 = address(random, kStack);
  call.a2 = 0x10;
  call.items = 0;
  const std::uint32_t last = 1 + random.below(250);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string socket = "saddr=020001BB0A0000";
  socket += kDigits[last >> 4U];
  socket += kDigits[last & 15U];
  socket += "0000000000000000";
  event.syscall(actor, call, "network");
  event.other("SOCKADDR", socket,
              "SADDR={ saddr_fam=inet laddr=10.0.0." + std::to_string(last) + " lport=443 }");
  event.proctitle(actor.title);
}

void write_login(EventText& event, Host& host, Random& random) {
  const Actor& shell = host.log_in(random);
  Actor daemon = shell;
  daemon.uid = 0;
  daemon.tty = "(none)";
  daemon.exe = "/usr/sbin/sshd";
  daemon.comm = "sshd";
  const std::string auid = std::to_string(shell.auid);
  Call call{.number = 1, .name = "write", .exit = 4, .a0 = 3, .items = 0};
  call.a1 = address(random, kStack);
  call.a2 = 4;
  event.other("LOGIN",
              "pid=" + std::to_string(shell.pid) +
                  " uid=0 subj=unconfined old-auid=4294967295 auid=" + auid +
                  " tty=(none) old-ses=4294967295 ses=" + std::to_string(shell.ses) + " res=1",
              "UID=\"root\" OLD-AUID=\"unset\" AUID=\"" + account_name(shell.auid) + "\"");
  event.syscall(daemon, call, "login");
  event.proctitle("sshd: " + account_name(shell.auid) + " [priv]");
}

void write_user_record(EventText& event, Host& host, Random& random) {
  struct Kind {
    std::string_view type;
    std::string_view operation;
  };
  constexpr std::array kKinds{
      Kind{"USER_AUTH", "PAM:authentication grantors=pam_permit,pam_sss"},
      Kind{"USER_ACCT", "PAM:accounting grantors=pam_permit"},
      Kind{"CRED_ACQ", "PAM:setcred grantors=pam_permit,pam_sss"},
      Kind{"CRED_DISP", "PAM:setcred grantors=pam_permit"},
      Kind{"USER_START", "PAM:session_open grantors=pam_keyinit,pam_limits,pam_unix"},
      Kind{"USER_END", "PAM:session_close grantors=pam_keyinit,pam_limits,pam_unix"},
  };
  const Kind& kind = random.pick(kKinds);
  const Actor& actor = host.any_login_process(random);
  const std::string account = account_name(actor.auid);
  event.other(kind.type,
              "pid=" + std::to_string(actor.pid) + " uid=0 auid=" + std::to_string(actor.auid) +
                  " ses=" + std::to_string(actor.ses) +
                  " subj=unconfined msg='op=" + std::string{kind.operation} + " acct=\"" + account +
                  "\" exe=\"/usr/sbin/sshd\" hostname=10.0.3.7 addr=10.0.3.7 terminal=ssh "
                  "res=success'",
              "UID=\"root\" AUID=\"" + account + "\"");
}

void write_service_record(EventText& event, Random& random) {
  const std::string_view type = random.percent(50) ? "SERVICE_START" : "SERVICE_STOP";
  event.other(type,
              "pid=1 uid=0 auid=4294967295 ses=4294967295 subj=unconfined msg='unit=" +
                  std::string{random.pick(kUnits)} +
                  " comm=\"systemd\" exe=\"/usr/lib/systemd/systemd\" hostname=? addr=? "
                  "terminal=? res=success'",
              "UID=\"root\" AUID=\"unset\"");
}

}  // namespace

void write_background_event(EventText& event, Host& host, Random& random) {
  const std::uint32_t draw = random.below(1'000);
  if (draw < 410)
    write_exec(event, host, random);
  else if (draw < 420)
    write_failed_exec(event, host, random);
  else if (draw < 880)
    write_open(event, host, random);
  else if (draw < 960)
    write_connect(event, host, random);
  else if (draw < 964)
    write_login(event, host, random);
  else if (draw < 990)
    write_user_record(event, host, random);
  else
    write_service_record(event, random);
}

void write_stray_event(EventText& event, Random& random) {
  event.other("UNKNOWN[1334]", "prog-id=" + std::to_string(random.below(5'000)) + " op=UNLOAD");
}

}  // namespace krbtrail::bench
