// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/audit_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace krbtrail::detect {
namespace {

constexpr std::string_view kDefaultPlace = "FILE:/tmp/krb5cc_%{uid}";  // libkrb5's own
constexpr std::size_t kColumns = 80;

// Where copies are put, whoever the tickets belong to.
constexpr std::array<std::string_view, 3> kDropFolders = {"/tmp", "/var/tmp", "/dev/shm"};

// A store with the one program that opens it by trade.
struct Store {
  std::string_view folder;
  std::string_view program;
  std::string_view key;
};
constexpr std::array<Store, 2> kStores = {{
    {"/var/lib/sss/db", "/usr/libexec/sssd/sssd_be", "kerberos_sss"},
    {"/var/lib/sss/secrets", "/usr/libexec/sssd/sssd_kcm", "kerberos_kcm"},
}};

// auditctl splits a line at blanks and has no quotes.
bool can_be_spelt(std::string_view path) {
  return std::ranges::all_of(path, [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           std::string_view{"/._-+@:"}.find(byte) != std::string::npos;
  });
}

std::string printable(std::string_view text) {
  std::string shown;
  for (const char byte : text)
    shown += byte >= ' ' && byte <= '~' ? byte : '?';
  return shown;
}

class Writer {
 public:
  explicit Writer(const AuditRulesRequest& request) : request_(request) {
    const auto built_in = CcacheTemplate::parse(kDefaultPlace);
    add_place(built_in.value());
    for (const PlaceOfTickets& place : request.places)
      add_place(place.place);
  }

  std::string write() {
    write_head();
    write_first_tier();
    if (request_.tier >= 2)
      write_second_tier();
    if (request_.tier >= 3)
      write_third_tier();
    write_what_stays_invisible();
    return std::move(text_);
  }

 private:
  void add_place(const CcacheTemplate& place) {
    places_.push_back(place);
    const std::string folder{place.fixed_folder()};
    if (!folder.empty() && std::ranges::find(folders_, folder) == folders_.end())
      folders_.push_back(folder);
  }

  [[nodiscard]] bool exists(std::string_view path) const {
    return !request_.exists || request_.exists(std::string{path});
  }

  void comment(std::string_view words) {
    std::string line = "#";
    while (!words.empty()) {
      const std::string_view word = words.substr(0, words.find(' '));
      words.remove_prefix(std::min(words.size(), word.size() + 1));
      if (line.size() + 1 + word.size() > kColumns && line.size() > 1) {
        text_ += line + "\n";
        line = "#";
      }
      line += " " + std::string{word};
    }
    text_ += line + "\n";
  }

  void headline(std::string_view words) { text_ += "\n## " + std::string{words} + "\n"; }

  void rule(std::string_view arch, const std::string& rest) {
    text_ += "-a always,exit -F arch=" + std::string{arch} + " " + rest + "\n";
  }

  // For both word sizes, where the machine runs 32-bit programs whose calls auditctl knows.
  void rules(const std::string& rest) {
    rule("b64", rest);
    if (request_.machine == Machine::x86_64)
      rule("b32", rest);
  }

  // Why a rule about this path cannot be loaded; empty if it can.
  [[nodiscard]] std::string obstacle(std::string_view path) const {
    if (!can_be_spelt(path))
      return "a rules file cannot spell it";
    return exists(path) ? "" : "it is not there";
  }

  // True if rules about the folder can be loaded; says so otherwise.
  bool can_watch(std::string_view folder) {
    const std::string why = obstacle(folder);
    if (!why.empty())
      comment("No rule for " + printable(folder) + ": " + why + ".");
    return why.empty();
  }

  void write_head() {
    comment("Audit rules for following stolen Kerberos tickets, tier " +
            std::to_string(request_.tier) + ", by krbtrail audit-rules.");
    comment("For /etc/audit/rules.d, then augenrules --load; or auditctl -R FILE.");
    comment("Once, at the head of all rules: -b 8192, --backlog_wait_time 60000, -f 1.");
    for (const std::string& warning : request_.warnings)
      comment("WARNING: " + printable(warning));
    text_ += "#\n";
    comment("Tickets are expected at " + std::string{kDefaultPlace} + " (built in)");
    for (const PlaceOfTickets& place : request_.places)
      comment("and at " + printable(place.place.text()) + " (" + printable(place.source) + ")");
  }

  void write_first_tier() {
    headline("Tier 1: programs, and what is read of others");
    comment(
        "Volume: about 1 KB for each program start, which is nearly all of it (10 a second are "
        "0.9 GB a day), and a handful of mismatches of owners a day. Silence a noisy service by "
        "a never-rule for its account in front of these, not by its interpreter. An NFS host "
        "puts this in front: -a never,exit -F arch=b64 -F dir=/tmp -F exe=/usr/sbin/rpc.gssd");
    rules("-S execve,execveat -F key=ccache_exec");
    for (const std::string& folder : folders_) {
      if (!can_watch(folder))
        continue;
      const std::string here = "-F dir=" + folder + " ";
      rules(here + "-F perm=r -C fsuid!=obj_uid -F key=kerberos_ccache");
      rules(here + "-F perm=r -C auid!=obj_uid -F auid!=unset -F key=kerberos_ccache");
      rule("b64", "-S " + renaming_calls() + " " + here + "-F key=kerberos_ccache_mv");
    }
    rules("-F path=/etc/krb5.keytab -F perm=r -F key=kerberos_keytab");
    for (const Store& store : kStores) {
      if (can_watch(store.folder))
        rules("-F dir=" + std::string{store.folder} + " -F perm=r" + except(store.program) +
              " -F key=" + std::string{store.key});
    }
    comment("KEYRING: and MEMORY: tickets: who takes a keyring, and who reads a process.");
    rule("b64", "-S keyctl -F a0=0x16 -F key=kerberos_keyring");
    rule("b64", "-S ptrace -F a0=0x10 -F key=kerberos_ptrace");
    rule("b64", "-S ptrace -F a0=0x4206 -F key=kerberos_ptrace");
    rule("b64", "-S process_vm_readv -F key=kerberos_ptrace");
  }

  // The kernel refuses an exe whose folder is not there.
  [[nodiscard]] std::string except(std::string_view program) const {
    const bool can_exist = obstacle(program.substr(0, program.rfind('/'))).empty();
    return can_exist ? " -F exe!=" + std::string{program} : "";
  }

  [[nodiscard]] std::string renaming_calls() const {
    return request_.machine == Machine::x86_64
               ? "rename,renameat,renameat2,link,linkat,symlink,symlinkat"
               : "renameat,renameat2,linkat,symlinkat";
  }

  void write_second_tier() {
    headline("Tier 2: one's own tickets, and copies");
    comment(
        "Volume: about 0.75 KB for each file that people write in these folders. A file that is "
        "watched by name is found again when kinit replaces it; names with a random end cannot "
        "be watched by name and are in tier 3 only.");
    write_accounts();
    for (const std::string_view folder : kDropFolders) {
      if (can_watch(folder))
        rules("-F dir=" + std::string{folder} +
              " -F perm=wa -F auid>=1000 -F auid!=unset -F key=kerberos_ccache_w");
    }
    if (std::ranges::find(folders_, "/run/user") == folders_.end() && can_watch("/run/user"))
      rules("-F dir=/run/user -F perm=r -C fsuid!=obj_uid -F key=kerberos_ccache");
    rule("b64", "-S keyctl -F a0=11 -F auid!=unset -F key=kerberos_keyring");
  }

  void write_accounts() {
    const std::size_t count = std::min(request_.uids.size(), kAccountsWatched);
    if (request_.uids.empty())
      comment("No account is known, so no ticket is watched by name.");
    for (const CcacheTemplate& place : places_) {
      for (std::size_t i = 0; i < count; ++i) {
        const std::optional<std::string> path = place.path_of(request_.uids[i]);
        if (!path)
          break;
        const std::string folder = path->substr(0, path->rfind('/'));
        if (obstacle(folder).empty() && can_be_spelt(*path))
          rules("-F path=" + *path + " -F perm=rwa -F key=kerberos_ccache");
      }
    }
    if (count < request_.uids.size())
      comment("The tickets of " + std::to_string(request_.uids.size() - count) +
              " more accounts are not watched by name: each rule costs time in every call.");
  }

  void write_third_tier() {
    headline("Tier 3: everything");
    comment(
        "Volume: whatever is read and written in these folders; a compiler alone touches "
        "several files in /tmp for each file it translates. The last rule sees tickets of "
        "containers and through /proc/PID/root, wherever they lie.");
    for (const std::string& folder : folders_) {
      if (can_watch(folder))
        rule("b64", "-S all -F dir=" + folder + " -F perm=rwa -F key=kerberos_ccache");
    }
    const std::string calls = request_.machine == Machine::x86_64
                                  ? "open,openat,openat2,open_by_handle_at"
                                  : "openat,openat2,open_by_handle_at";
    rule("b64", "-S " + calls +
                    " -F success=1 -F filetype=file -F obj_uid>=1000 -C fsuid!=obj_uid -F "
                    "key=foreign_open");
  }

  void write_what_stays_invisible() {
    headline("What stays invisible");
    if (request_.tier == 1)
      comment(
          "- A user's own ticket read by a program of the same user, unless its command line "
          "names it (tier 2); what became of a copy (tier 2).");
    if (request_.tier <= 2)
      comment("- Tickets in containers and in private folders of services (tier 3).");
    comment(
        "- The environment of a program, so KRB5CCNAME too; data that io_uring moves; what a "
        "process does with a file that it had open already.");
    comment(
        "- Folders that are mounted after the rules were loaded, such as /run/user/1000 at "
        "login: auditctl -q /run/user,/run/user/1000 adds one.");
    comment(
        "- Everything while '-a task,never' is among the rules, and what the kernel lost: "
        "auditctl -s.");
    for (const CcacheTemplate& place : places_) {
      if (place.is_on_disk() && place.fixed_folder().empty())
        comment("- " + printable(place.text()) +
                ": it begins with a variable, so no folder can be "
                "watched but each home by itself.");
    }
  }

  const AuditRulesRequest& request_;
  std::vector<CcacheTemplate> places_;
  std::vector<std::string> folders_;  // to watch, each once
  std::string text_;
};

}  // namespace

std::string audit_rules(const AuditRulesRequest& request) {
  return Writer{request}.write();
}

}  // namespace krbtrail::detect
