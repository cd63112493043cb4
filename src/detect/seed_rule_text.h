// SPDX-License-Identifier: Apache-2.0
//
// What people are told about the three branches. The false alarms are the query's own ("False
// Positives & Tuning") and those met on captures of a real machine; docs/RULES.md says the same.
#pragma once

#include <array>
#include <string_view>

#include "detect/seed_lists.h"
#include "krbtrail/detect/rule.h"

namespace krbtrail::detect::seed {

inline constexpr std::array<std::string_view, 1> kAttack = {"T1558.005"};

inline constexpr std::string_view kMacOsIsOutOfScope =
    "macOS: out of scope. Its API: caches live in memory, and auditd does not run there.";

// Branch 1.
inline constexpr std::array<std::string_view, 2> kFileNeeds = {
    "Records of file access below /tmp, and wherever else ccaches lie: an audit rule with "
    "-F dir=/tmp -F perm=rwa, or at least perm=r with -C fsuid!=obj_uid. Each event needs its "
    "SYSCALL and PATH records, and CWD where names are relative.",
    "Reads. The query's own data source has none; --strict-kql leaves them out, and then a copy or "
    "a base64 of a ticket is invisible to this branch."};

inline constexpr std::array<std::string_view, 8> kFileCannotSee = {
    "Ticket names with a suffix, as sshd, pam_krb5, sssd and k5start write them "
    "(krb5cc_1000_AbC123), and krb5cc_pam_AbC123, krb5ccmachine_REALM and DIR: caches: the pattern "
    "wants digits up to the end of the name.",
    "Tickets outside /tmp, such as /run/user/1000/krb5cc_1000 or /var/tmp/krb5cc_1000.",
    "Any thief called like an exempt program: a copy of cat named sshd or klist.",
    "Exempt programs put to use: klist -c on somebody else's ticket.",
    "Whose ticket it is: a user's own ticket and a stolen one look the same.",
    "The stolen copy, unless its name matches too.",
    "Tickets that are in no file of their own: KCM:, KEYRING: and MEMORY: caches.",
    kMacOsIsOutOfScope};

inline constexpr std::array<std::string_view, 5> kFileFalseAlarms = {
    "Backup agents (Bacula, Veeam, Amanda, restic, rsync) that read /tmp.",
    "Security scanners (Qualys, Nessus) and integrity checkers (aide, sha256sum) that read /tmp.",
    "Every Kerberos client that is not on the list and opens its user's own ticket: kvno, ssh and "
    "curl with GSSAPI, psql, Java, rpc.gssd, cifs.upcall, k5start, sssd's krb5_child, sshd-session "
    "of OpenSSH 9.8 and later, and Heimdal's clients (kinit.heimdal, heimtools).",
    "Administrators who clone a ccache to debug delegation or trust.",
    "Clean-up jobs such as tmpreaper, which delete old tickets."};

inline constexpr std::array<std::string_view, 2> kFileTuning = {
    "Audit reads across owners only (-C fsuid!=obj_uid): a user's own use of a ticket then leaves "
    "no "
    "record, and what is left is what matters.",
    "Silence a service at the audit rule: -a never,exit with its -F exe= path before the others."};

inline constexpr std::array<NamedList, 1> kFileLists = {
    NamedList{.name = "LegitKerbProcesses",
              .meaning = "never reported, by base name in any case, wherever they lie",
              .entries = kLegitKerbProcesses}};

// Branch 2.
inline constexpr std::array<std::string_view, 1> kToolNeeds = {
    "EXECVE records: an audit rule for execve and execveat, 64-bit and 32-bit. Without them the "
    "command line comes from PROCTITLE, which may be stale or cut, or from comm."};

inline constexpr std::array<std::string_view, 6> kToolCannotSee = {
    "Impacket without .py in the command line: impacket-getST, python3 -m impacket.examples.getST.",
    "Renamed scripts, and tools that are not on the list: secretsdump, Rubeus, kekeo, tickey.",
    "The environment: KRB5CCNAME=… is on record only inside sh -c, env or sudo.",
    "Python that reads a ticket without naming one in its arguments.",
    "Other interpreters: the same code in perl or ruby.",
    kMacOsIsOutOfScope};

inline constexpr std::array<std::string_view, 4> kToolFalseAlarms = {
    "Python services that use gssapi or krb5 for authentication between services: common with "
    "Hadoop, Spark and Kafka.",
    "The compiler cache: python3 waf --with-ccache has the word ccache.",
    "Reading or searching for such a tool: grep getST.py, vim ticketer.py.",
    "Build and deployment agents (Jenkins, GitLab Runner) that use Kerberos credentials."};

inline constexpr std::array<std::string_view, 1> kToolTuning = {
    "--strict-kql knows a process by its exe alone; on Debian python3 is python3.11 there, and the "
    "Python half of this branch falls silent."};

inline constexpr std::array<NamedList, 3> kToolLists = {
    NamedList{.name = "ImpacketKerbTools",
              .meaning = "reported where the command line has one as a term, in any case",
              .entries = kImpacketKerbTools},
    NamedList{.name = "python",
              .meaning = "process names that count as Python, in any case",
              .entries = kPythonNames},
    NamedList{.name = "ccache words",
              .meaning = "reported where the command line of Python has one as a term, in any case",
              .entries = kCcacheWords}};

// Branch 3.
inline constexpr std::array<std::string_view, 1> kCopyNeeds = kToolNeeds;

inline constexpr std::array<std::string_view, 5> kCopyCannotSee = {
    "Shells, which are on no list: of sh -c 'cat < /tmp/krb5cc_1000' the arguments of sh name the "
    "ticket and those of cat do not; builtins and redirections name it nowhere.",
    "Directories and patterns that a program resolves by itself: cp -r /tmp, tar /tmp.",
    "Programs that are not on the list: python, perl, install, openssl, zip, sftp, socat, ln.",
    "Ticket names without a number (krb5cc_pam_AbC), and DIR: and KCM: caches.",
    kMacOsIsOutOfScope};

inline constexpr std::array<std::string_view, 3> kCopyFalseAlarms = {
    "Users and administrators who copy a ticket of their own, often after klist, to debug "
    "delegation "
    "or trust.",
    "Build and deployment agents (Jenkins, GitLab Runner) that hand a ticket to a job.",
    "Scripts that move a ticket into place (cp or mv to krb5cc_UID)."};

inline constexpr std::array<std::string_view, 1> kCopyTuning = {
    "Silence a service account at the audit rule: -a never,exit -S execve with its -F auid= or "
    "-F exe= before the others."};

inline constexpr std::array<NamedList, 1> kCopyLists = {
    NamedList{.name = "ExfilCommands",
              .meaning = "process names that count as copying, in any case",
              .entries = kExfilCommands}};

inline constexpr RuleInfo kFileAccessInfo{
    .id = "seed-file-access",
    .title = "Unexpected process accessed a Kerberos ticket cache",
    .detection_type = "UnexpectedCcacheFileAccess",
    .attack = kAttack,
    .source =
        "Microsoft Sentinel query \"Detect Ccache Files\", branch 1, SuspiciousCcacheFileAccess",
    .logic =
        "A file of /tmp named krb5cc_ and digits, a file named krb5.ccache, or a file named "
        "*.ccache whose path contains /krb5 is created, modified, renamed, deleted or read, and "
        "the process is not on the list of exempt programs. A rename or link counts by its new "
        "name. Only calls that succeeded count.",
    .needs = kFileNeeds,
    .cannot_see = kFileCannotSee,
    .false_alarms = kFileFalseAlarms,
    .tuning = kFileTuning,
    .lists = kFileLists};

inline constexpr RuleInfo kImpacketToolInfo{
    .id = "seed-impacket-tool",
    .title = "Impacket tool or Python script run on Kerberos tickets",
    .detection_type = "ImpacketKerberosTool",
    .attack = kAttack,
    .source = "Microsoft Sentinel query \"Detect Ccache Files\", branch 2, ImpacketOrPythonKerb",
    .logic =
        "A command line has the name of one of Impacket's ticket tools; or a process is Python "
        "and its command line has a word that speaks of ticket caches. Both are matched as "
        "terms: getST.py is found in /opt/getST.py, not in mygetST.py.",
    .needs = kToolNeeds,
    .cannot_see = kToolCannotSee,
    .false_alarms = kToolFalseAlarms,
    .tuning = kToolTuning,
    .lists = kToolLists};

inline constexpr RuleInfo kCopyExfilInfo{
    .id = "seed-copy-exfil",
    .title = "Copying program run on a Kerberos ticket cache",
    .detection_type = "CcacheFileCopyOrExfiltration",
    .attack = kAttack,
    .source = "Microsoft Sentinel query \"Detect Ccache Files\", branch 3, ShellCcacheAccess",
    .logic =
        "A program that copies, encodes or sends files is run, and its command line contains "
        "krb5cc_ and a digit, anywhere, or has krb5.ccache.",
    .needs = kCopyNeeds,
    .cannot_see = kCopyCannotSee,
    .false_alarms = kCopyFalseAlarms,
    .tuning = kCopyTuning,
    .lists = kCopyLists};

}  // namespace krbtrail::detect::seed
