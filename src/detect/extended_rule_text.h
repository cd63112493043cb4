// SPDX-License-Identifier: Apache-2.0
//
// What people are told about the rules beyond the query's three branches. docs/RULES.md says the
// same.
//
// The severity here is that of a rule's own signals alone, by the points of docs/RULES.md, "Score
// and severity": a finding is graded by all signals that hold, and often ends elsewhere. Techniques
// are ATT&CK's. Projects that are named as a source were read, not copied.
#pragma once

#include <array>
#include <string_view>

#include "detect/seed_rule_text.h"
#include "krbtrail/detect/rule.h"

namespace krbtrail::detect::extended {

inline constexpr std::array<std::string_view, 1> kTicketTheft = {"T1558.005"};
inline constexpr std::array<std::string_view, 2> kTheftOfKeys = {"T1558.005", "T1552.004"};
inline constexpr std::array<std::string_view, 2> kTheftFromMemory = {"T1558.005", "T1003.007"};
inline constexpr std::array<std::string_view, 2> kTheftAfterDiscovery = {"T1558.005", "T1083"};
inline constexpr std::array<std::string_view, 3> kTheftBySending = {"T1558.005", "T1041", "T1048"};

// Sentences that several rules share.
inline constexpr std::string_view kNeedsFileAccess =
    "Records of file access where tickets lie: an audit rule with -F dir=/tmp -F perm=rwa, or at "
    "least perm=r with -C fsuid!=obj_uid, and the same for every other folder that krb5.conf or "
    "sssd.conf names. Each event needs its SYSCALL and PATH records, and CWD where names are "
    "relative.";
inline constexpr std::string_view kNeedsForeignReads =
    "Records of reads across owners: -F dir=/tmp -F perm=r with -C fsuid!=obj_uid, and with "
    "-C auid!=obj_uid -F auid!=unset for those who became root. Without success=1: what was denied "
    "is an attempt.";
inline constexpr std::string_view kNeedsCommandLines = seed::kToolNeeds[0];
inline constexpr std::string_view kNeedsWrites =
    "Records of writes where copies end up: -F perm=wa with -F dir=/tmp, /var/tmp, /dev/shm and "
    "the homes.";
inline constexpr std::string_view kNeedsNames =
    "Records of rename, link and symlink calls with -F dir=/tmp, 64-bit and 32-bit.";
inline constexpr std::string_view kNeedsConnections =
    "Records of connect calls with their SOCKADDR: an audit rule with -S connect.";

inline constexpr std::string_view kCannotSeeNoFile =
    "Tickets that are in no file of their own: KCM:, KEYRING: and MEMORY: caches. "
    "ticket-store-access, keyring-read and process-memory-read look for those.";
inline constexpr std::string_view kCannotSeeBelowFiles =
    "A disk that is read as a device, a snapshot or a disk image: no file is opened.";
inline constexpr std::string_view kCannotSeeUring =
    "Opens through io_uring: without a rule on the kernel's io_uring filter they leave no record, "
    "and from a worker thread a record without a name.";
inline constexpr std::string_view kCannotSeeUnloggedCopy =
    "Copies made where writes are not audited: the read is seen, the copy and its use are not.";
inline constexpr std::string_view kCannotSeeEnvironment =
    "The environment: KRB5CCNAME=… is on record only inside sh -c, env or sudo.";

inline constexpr std::string_view kTuneGroups =
    "Switch on the groups of programs that the host runs by trade: backup, scanner, data platform, "
    "continuous integration, configuration management. They are off by default, since a thief may "
    "use the same programs.";
inline constexpr std::string_view kTunePlaces =
    "Name the places where the site keeps its tickets, if krb5.conf does not.";

// E01, files.
inline constexpr std::array<std::string_view, 2> kAccessNeeds = {
    kNeedsFileAccess,
    "Reads by owners too, if own use is to be shown: perm=r with -C fsuid!=obj_uid leaves them "
    "out."};
inline constexpr std::array<std::string_view, 5> kAccessCannotSee = {
    "A ticket under a name and in a place that neither the rule nor krb5.conf nor the site knows, "
    "if its inode was never seen under a name that tells.",
    kCannotSeeNoFile, kCannotSeeBelowFiles, kCannotSeeUring, seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 4> kAccessFalseAlarms = {
    "Programs that use Kerberos through a library and open their user's own ticket: curl, psql, "
    "Java, smbclient, jobs in Python. The owner's own use is info.",
    "Backup agents, security scanners and integrity checkers that read /tmp.",
    "Clean-up jobs that delete old tickets.",
    "Administrators who clone or delete a ticket to debug delegation or trust."};
inline constexpr std::array<std::string_view, 2> kAccessTuning = {kTuneGroups, kTunePlaces};

// E01, arguments.
inline constexpr std::array<std::string_view, 1> kArgumentNeeds = {kNeedsCommandLines};
inline constexpr std::array<std::string_view, 5> kArgumentCannotSee = {
    "Tickets that are named by a pattern, a folder or a variable which the program resolves by "
    "itself: tar /tmp, cp -r /tmp, find -exec.",
    "Names that a shell opens itself: cat < /tmp/krb5cc_1000 has no path among its arguments.",
    kCannotSeeEnvironment,
    "Whether the file was opened at all, if file access is not audited: the score is low for that "
    "reason.",
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kArgumentFalseAlarms = {
    "Users who copy, list or archive a ticket of their own.",
    "Build and deployment agents that hand a ticket to a job.",
    "Texts that speak of a ticket's path: grep krb5cc_1000 in a log, a commit message."};
inline constexpr std::array<std::string_view, 1> kArgumentTuning = {
    "Audit file access too: what the opens show then decides the score, not the arguments."};

// E02.
inline constexpr std::array<std::string_view, 2> kOwnerNeeds = {
    kNeedsForeignReads,
    "ouid= of the PATH record and fsuid= and auid= of the SYSCALL record, as every kernel writes "
    "them. No account names: uids are compared."};
inline constexpr std::array<std::string_view, 4> kOwnerCannotSee = {
    "A thief who runs as the ticket's owner and logged in as the owner: own-ticket-read looks for "
    "that.",
    "Who stands behind root where no login was recorded: a daemon, a cron job and a service that "
    "was broken into all have an unset auid.",
    kCannotSeeNoFile, seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 5> kOwnerFalseAlarms = {
    "Backup agents, scanners and integrity checkers that read everybody's files as root.",
    "Backups, scans and copies that an administrator starts through sudo: a login stands behind "
    "root, as with a theft.",
    "Administrators who look at or copy a user's ticket to debug: the records are those of a "
    "theft, and only the administrator can say.",
    "sudo -u and su to a service account whose ticket is then used.",
    "Refused opens by programs that walk /tmp, such as find, du and file managers."};
inline constexpr std::array<std::string_view, 2> kOwnerTuning = {
    kTuneGroups,
    "Run backups and scans from a service that no login stands behind, not through sudo."};

// E03.
inline constexpr std::array<std::string_view, 2> kPlantedNeeds = {
    "Records of what is made in the folders where tickets lie: -F dir=/tmp -F perm=wa.",
    "Records of chown, fchown, fchownat, lchown and their like: -F dir=/tmp -F perm=a."};
inline constexpr std::array<std::string_view, 4> kPlantedCannotSee = {
    "A cache planted under a name without a uid: krb5cc_pam_AbC123, tkt in a DIR: collection.",
    "A cache whose owner was already right when it appeared, as when root drops its rights first.",
    "What a program does that has KRB5CCNAME set to the planted file.", seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 4> kPlantedFalseAlarms = {
    "Login programs and keepers that write the file as root and hand it over a moment later.",
    "Restoring a backup as root.",
    "Scripts that hand a service its ticket as root: cp, then chown.",
    "Containers in a user namespace: their krb5cc_1000 belongs to uid 101000 of the host."};
inline constexpr std::array<std::string_view, 1> kPlantedTuning = {
    "Let services fetch their own ticket from a keytab (k5start, gssproxy) in place of a copy."};

// E04.
inline constexpr std::array<std::string_view, 2> kOwnReadNeeds = {
    "Reads by owners: -F perm=r for the folder, or for /tmp/krb5cc_UID of each account, without "
    "-C fsuid!=obj_uid.",
    kNeedsCommandLines};
inline constexpr std::array<std::string_view, 4> kOwnReadCannotSee = {
    "Code inside a Kerberos client or any other program in /usr: a library that was loaded into "
    "it, a plugin, a macro.",
    "Kerberos clients that print, forward or use the ticket: klist, ssh, curl.", kCannotSeeNoFile,
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 4> kOwnReadFalseAlarms = {
    "Users who copy or look at their own ticket.",
    "Interpreters that use Kerberos by trade: jobs in Python, Java services, Spark and Kafka.",
    "Kerberos programs that are installed in a home: conda, pipx, a Java of one's own.",
    "A user's own backup of /tmp."};
inline constexpr std::array<std::string_view, 2> kOwnReadTuning = {
    "Switch on the data platform group where services under fixed accounts read their own tickets "
    "with java or python.",
    "Raise --min-severity to medium to see only what crosses owners."};

// E05.
inline constexpr std::array<std::string_view, 3> kCopiedNeeds = {
    kNeedsFileAccess, kNeedsWrites,
    "Device and inode of the PATH records: a file opened before the ticket, as tar, zip and a "
    "shell's > do, is recalled by them."};
inline constexpr std::array<std::string_view, 5> kCopiedCannotSee = {
    kCannotSeeUnloggedCopy,
    "What was written: two opens are on record and no data, so every file that a reader of a "
    "ticket writes in time is a suspected copy.",
    "Copies that another process makes from a pipe, a socket or shared memory, except a neighbour "
    "in the same pipe.",
    "A process that waits longer than the trail remembers a read.", seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 4> kCopiedFalseAlarms = {
    "Backups: a copy that differs from a theft in its target only.",
    "Programs that read a ticket and then write a file of their own: a download by curl "
    "--negotiate, a result of a job.",
    "Editors and shells, which write histories and swap files: files whose name marks a log or a "
    "history are left out.",
    "Scripts that put a ticket into place for its owner."};
inline constexpr std::array<std::string_view, 2> kCopiedTuning = {
    kTuneGroups, "Audit writes only where copies can be hidden, not the whole file system."};

// E06.
inline constexpr std::array<std::string_view, 3> kUsedNeeds = {
    "What ticket-copied needs, for the copy has to be known before its use.",
    "Records of reads of the copy: an audit rule with -F perm=r for the folder where it lies.",
    "The records of theft and use in one run: offline in the same evidence, live in one life of "
    "the host."};
inline constexpr std::array<std::string_view, 4> kUsedCannotSee = {
    kCannotSeeUnloggedCopy, "Use on another host: ticket-sent is the last that this host sees.",
    "Copies so old that the tables of the trail have let go of them; coverage counts what was "
    "evicted.",
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kUsedFalseAlarms = {
    "Everything that opens a file which is a suspected copy by mistake: see ticket-copied.",
    "The ticket's owner, who uses a copy that was made on purpose: that gets no points for use.",
    "Backups and scanners that read the copy in their turn."};
inline constexpr std::array<std::string_view, 1> kUsedTuning = {
    "Mend what made the copy suspicious: see ticket-copied."};

// E07.
inline constexpr std::array<std::string_view, 2> kOddPathNeeds = {
    kNeedsFileAccess,
    "Records from before the ticket was made: a file that was seen made for the client's own "
    "account is none of this rule's business."};
inline constexpr std::array<std::string_view, 4> kOddPathCannotSee = {
    "A stolen ticket that is put where the thief's own would lie.",
    "Clients that this rule does not know as such: programs that use Kerberos through a library.",
    kCannotSeeEnvironment, seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kOddPathFalseAlarms = {
    "Sites that keep tickets elsewhere than krb5.conf says, by KRB5CCNAME in a profile.",
    "Services with a ticket of their own: airflow, cron jobs with kinit -c.",
    "Logs that begin after the ticket was made."};
inline constexpr std::array<std::string_view, 1> kOddPathTuning = {kTunePlaces};

// E08.
inline constexpr std::array<std::string_view, 1> kToolNeeds = {kNeedsCommandLines};
inline constexpr std::array<std::string_view, 4> kToolCannotSee = {
    "Tools under another name, and code of one's own: what they open and write is what gives "
    "them away.",
    "Tools that are run from memory under a name that says nothing, and code on the standard input "
    "of an interpreter.",
    kCannotSeeEnvironment, seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kToolFalseAlarms = {
    "Penetration testers and red teams at work.",
    "Reading, editing, searching for or packing such a tool: grep getST.py, vim ticketer.py. A "
    "name that is an argument of such a program scores little.",
    "Other programs of the same name: cme, rbcd and ticketer are ordinary words."};
inline constexpr std::array<std::string_view, 1> kToolTuning = {
    "Name further tools of which the site knows; a name counts as a whole term, in any case."};

// E09.
inline constexpr std::array<std::string_view, 2> kDiscoveryNeeds = {
    kNeedsCommandLines,
    "Reads of /proc/PID/environ, where opens across owners are audited everywhere (-S openat with "
    "-C fsuid!=obj_uid)."};
inline constexpr std::array<std::string_view, 4> kDiscoveryCannotSee = {
    "A shell's own patterns: echo /tmp/krb5cc_* is a builtin, and of ls /tmp/krb5cc_* only the "
    "names that were found are arguments.",
    "Listing a folder: ls /tmp and readdir name no ticket.",
    "Searches inside one program: Python's glob and os.walk.", seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kDiscoveryFalseAlarms = {
    "Administrators and help desks who look whether a user has a ticket.",
    "Clean-up jobs: find /tmp -name 'krb5cc_*' -mtime +7 -delete.",
    "Inventory and monitoring agents that read /proc/PID/environ."};
inline constexpr std::array<std::string_view, 1> kDiscoveryTuning = {
    "Nothing: a search alone stays low, and adds its points to a theft in the same session."};

// E10.
inline constexpr std::array<std::string_view, 2> kKeytabNeeds = {
    "Records of reads of keytabs: -F path=/etc/krb5.keytab -F perm=r, and the same for the keytabs "
    "of services and for /etc/krb5/user.",
    kNeedsCommandLines};
inline constexpr std::array<std::string_view, 4> kKeytabCannotSee = {
    "Keytabs under names that do not end in .keytab, in places that nobody named.",
    "A service that reads its own keytab and was broken into.", kCannotSeeBelowFiles,
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 4> kKeytabFalseAlarms = {
    "Services that read their own keytab and are not known as such: web servers, databases, Java "
    "services. The owner's own use scores less.",
    "Joining a domain and changing keys: adcli, net, realm, msktutil, ktutil.",
    "Administrators who list a keytab: klist -k.",
    "Backups of /etc and configuration management that ships keytabs."};
inline constexpr std::array<std::string_view, 1> kKeytabTuning = {kTuneGroups};

// E11.
inline constexpr std::array<std::string_view, 2> kStoreNeeds = {
    "Records of reads of the stores: -F dir=/var/lib/sss/secrets -F perm=r and "
    "-F dir=/var/lib/sss/db -F perm=r, without the daemons themselves (-F exe!=).",
    kNeedsConnections};
inline constexpr std::array<std::string_view, 4> kStoreCannotSee = {
    "Programs that ask the KCM daemon for their own user's tickets through the Kerberos library, "
    "if they are known as Kerberos clients.",
    "What was asked and answered on the KCM socket.",
    "Memory of the daemons: process-memory-read looks for that.", seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kStoreFalseAlarms = {
    "Programs that use Kerberos through a library on a host with KCM: caches, and are not known as "
    "Kerberos clients.",
    "Administrators who debug or clear the caches of SSSD: sssctl, ldbsearch, rm of the db folder.",
    "Backups of /var/lib."};
inline constexpr std::array<std::string_view, 1> kStoreTuning = {kTuneGroups};

// E12.
inline constexpr std::array<std::string_view, 1> kKeyringNeeds = {
    "Records of keyctl calls: -S keyctl -F a0=0x16 (KEYCTL_GET_PERSISTENT), -S keyctl -F a0=11 "
    "(KEYCTL_READ), 64-bit and 32-bit."};
inline constexpr std::array<std::string_view, 4> kKeyringCannotSee = {
    "Which key was read: the record has its number and neither its name nor what is in it.",
    "A program that runs as the owner and is known as a Kerberos client.",
    "keyctl through io_uring or by a module in the kernel.", seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kKeyringFalseAlarms = {
    "Programs that use Kerberos through a library on a host with KEYRING: caches.",
    "Other users of the kernel's keys: fscrypt, NFS's idmapper, cifs, container runtimes, "
    "systemd.",
    "Keepers that open a user's keyring as root: sshd, login, sssd's krb5_child, rpc.gssd."};
inline constexpr std::array<std::string_view, 1> kKeyringTuning = {
    "Audit KEYCTL_READ only for logins (-F auid!=unset): daemons read keys all day."};

// E13.
inline constexpr std::array<std::string_view, 3> kMemoryNeeds = {
    "Records of ptrace calls that attach (-S ptrace with -F a0=0x10 and -F a0=0x4206) and of "
    "process_vm_readv, with the OBJ_PID record that names the process.",
    "Records of opens of /proc/PID/mem, where opens across owners are audited everywhere.",
    kNeedsCommandLines};
inline constexpr std::array<std::string_view, 4> kMemoryCannotSee = {
    "Whether the process held a ticket at all.",
    "Memory of one's own processes, which needs no right and is what debuggers do all day.",
    "Core dumps that a crash leaves, swap, hibernation images and the memory of virtual machines.",
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kMemoryFalseAlarms = {
    "Debuggers, tracers and profilers that an administrator starts as root: gdb, strace, perf.",
    "Crash handlers and security agents that look into processes.",
    "Checkpointing of containers (criu)."};
inline constexpr std::array<std::string_view, 1> kMemoryTuning = {
    "Silence an agent at the audit rule: -a never,exit with its -F exe= path before the others."};

// E14.
inline constexpr std::array<std::string_view, 3> kSentNeeds = {kNeedsFileAccess, kNeedsConnections,
                                                               kNeedsCommandLines};
inline constexpr std::array<std::string_view, 4> kSentCannotSee = {
    "What was sent: a connection is on record and no data.",
    "Data that goes over a connection which was open before the read, or that somebody else "
    "fetches.",
    "Tickets that are carried off as a copy, hours later: copy-used then names the sender.",
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kSentFalseAlarms = {
    "Network programs that use their own user's ticket to log in, as tickets are meant to be used: "
    "ssh, curl, psql, smbclient. They are not counted as sending it.",
    "Interpreters that do the same: jobs in Python and Java.",
    "Backups to another host that take /tmp along."};
inline constexpr std::array<std::string_view, 1> kSentTuning = {kTuneGroups};

// E15.
inline constexpr std::array<std::string_view, 1> kRenamedNeeds = {kNeedsNames};
inline constexpr std::array<std::string_view, 4> kRenamedCannotSee = {
    "Bind mounts and overlays: another name without a call that names the file.",
    "A new name in a folder that is not audited, if the old one was in none either.",
    "Chains of symbolic links of which a part was made where nothing is audited.",
    seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kRenamedFalseAlarms = {
    "Programs that install a ticket by rename and are not known to: a rename into krb5cc_UID by or "
    "for that very uid counts as installing it.",
    "Scripts that put a ticket into place for its owner.",
    "Users who give their own ticket another name."};
inline constexpr std::array<std::string_view, 1> kRenamedTuning = {
    "Make renames into place as the ticket's owner, not as root."};

// E16.
inline constexpr std::array<std::string_view, 2> kNamespaceNeeds = {
    kNeedsFileAccess,
    "Records of opens across owners everywhere (-S openat with -C fsuid!=obj_uid and "
    "-F obj_uid>=1000): a rule for a folder of the host does not see a container's or a service's "
    "own."};
inline constexpr std::array<std::string_view, 4> kNamespaceCannotSee = {
    "A process that has entered the other namespace itself (nsenter, docker exec): the names of "
    "its records are those of the inside.",
    "Containers whose storage lies elsewhere than in an overlay, btrfs or vfs folder of the usual "
    "runtimes.",
    kCannotSeeBelowFiles, seed::kMacOsIsOutOfScope};
inline constexpr std::array<std::string_view, 3> kNamespaceFalseAlarms = {
    "Container runtimes and their image tools at work on the overlay.",
    "Backups and scanners that walk /var/lib/docker or /tmp as root.",
    "systemd, which makes and clears a service's private /tmp."};
inline constexpr std::array<std::string_view, 1> kNamespaceTuning = {kTuneGroups};

inline constexpr RuleInfo kTicketAccessInfo{
    .id = "ticket-access",
    .title = "Kerberos ticket accessed",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E01; names as MIT krb5, Heimdal, OpenSSH, pam_krb5, SSSD, k5start, "
        "rpc.gssd and airflow write them",
    .logic =
        "A ticket cache, under any of the names and in any of the places that real systems use, is "
        "read, created, changed or deleted by a program that is not, by its full path, a Kerberos "
        "client or keeper of that very ticket. Random suffixes, DIR: collections, /run/user, "
        "krb5ccmachine_REALM, Heimdal's krb5scc_UID, *.ccache and *.kirbi count, and so does a "
        "file whose inode was seen under such a name before. The owner's own use by an ordinary "
        "program is info.",
    .needs = kAccessNeeds,
    .cannot_see = kAccessCannotSee,
    .false_alarms = kAccessFalseAlarms,
    .tuning = kAccessTuning};

inline constexpr RuleInfo kTicketOnCommandLineInfo{
    .id = "ticket-on-command-line",
    .title = "Program started with a Kerberos ticket among its arguments",
    .severity = model::Severity::info,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E01; after branch 3 of the Microsoft Sentinel query \"Detect Ccache "
        "Files\"",
    .logic =
        "A program that moves, encodes or packs files, an interpreter, a shell or a network tool "
        "is started with a ticket's path among its arguments.",
    .needs = kArgumentNeeds,
    .cannot_see = kArgumentCannotSee,
    .false_alarms = kArgumentFalseAlarms,
    .tuning = kArgumentTuning};

inline constexpr RuleInfo kOwnerMismatchInfo{
    .id = "ticket-owner-mismatch",
    .title = "Somebody else than its owner opened a Kerberos ticket",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E02; after the audit rules of linikatz (blue/audit/audit.rules) and of "
        "audit-userspace (32-power-abuse.rules)",
    .logic =
        "A ticket is opened by somebody else than its owner: the uid that the kernel checks "
        "(fsuid) is another, or root acts and a login of somebody else stands behind it, or it is "
        "root with no login behind it, or the owner's uid acts and somebody else logged in (su, "
        "sudo -u). Attempts that were denied count, for less.",
    .needs = kOwnerNeeds,
    .cannot_see = kOwnerCannotSee,
    .false_alarms = kOwnerFalseAlarms,
    .tuning = kOwnerTuning};

inline constexpr RuleInfo kTicketPlantedInfo{
    .id = "ticket-planted",
    .title = "Kerberos ticket belongs to another account than its name says",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E03",
    .logic =
        "A file named krb5cc_ and a uid appears, or is handed over, with an owner who has another "
        "uid: a cache laid out for somebody, or taken over.",
    .needs = kPlantedNeeds,
    .cannot_see = kPlantedCannotSee,
    .false_alarms = kPlantedFalseAlarms,
    .tuning = kPlantedTuning};

inline constexpr RuleInfo kOwnTicketReadInfo{
    .id = "own-ticket-read",
    .title = "A user's own Kerberos ticket was read by a program that has no use for it",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E04; in shape after Elastic detection-rules, "
        "credential_access_auditd_sensitive_cloud_… (files of hosts and clouds)",
    .logic =
        "The owner's own ticket is read in the owner's session by a program that moves, encodes or "
        "packs files, by an interpreter, a shell or a network tool, or by a program that lies in "
        "/tmp, /var/tmp, /dev/shm, a home or only in memory: what malware of the session does.",
    .needs = kOwnReadNeeds,
    .cannot_see = kOwnReadCannotSee,
    .false_alarms = kOwnReadFalseAlarms,
    .tuning = kOwnReadTuning};

inline constexpr RuleInfo kTicketCopiedInfo{
    .id = "ticket-copied",
    .title = "Reader of a Kerberos ticket wrote a file",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E05",
    .logic =
        "A process that read a ticket, or a suspected copy of one, makes or writes a file; also "
        "one that it had opened for writing before the read, and one that its child or its "
        "neighbour in a pipe writes. The file is a suspected copy from then on.",
    .needs = kCopiedNeeds,
    .cannot_see = kCopiedCannotSee,
    .false_alarms = kCopiedFalseAlarms,
    .tuning = kCopiedTuning};

inline constexpr RuleInfo kCopyUsedInfo{
    .id = "copy-used",
    .title = "Suspected copy of a Kerberos ticket was opened",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E06; closes the gap that test 4 of the Microsoft Sentinel query \"Detect "
        "Ccache Files\" leaves",
    .logic =
        "A suspected copy of a ticket is opened by another process than the one that made it, at "
        "any later time, under whatever name it has by then: Kerberos clients at trusted paths "
        "included, for this is how a stolen ticket is used.",
    .needs = kUsedNeeds,
    .cannot_see = kUsedCannotSee,
    .false_alarms = kUsedFalseAlarms,
    .tuning = kUsedTuning};

inline constexpr RuleInfo kClientAtOddPathInfo{
    .id = "client-at-odd-path",
    .title = "Kerberos client used a ticket from an unusual place",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E07",
    .logic =
        "A Kerberos client opens as its cache a file that nobody saw made for it: it is not where "
        "the tickets of the client's account lie, and no record shows that it was created for that "
        "account.",
    .needs = kOddPathNeeds,
    .cannot_see = kOddPathCannotSee,
    .false_alarms = kOddPathFalseAlarms,
    .tuning = kOddPathTuning};

inline constexpr RuleInfo kTicketToolInfo{
    .id = "ticket-tool",
    .title = "Tool for Kerberos tickets started",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source =
        "krbtrail, E08; names from impacket, PKINITtools, minikerberos, krbrelayx, tickey, "
        "linikatz, KeyTabExtract, SSSDKCMExtractor, kerbrute and their like",
    .logic =
        "A tool that was made to steal, forge or convert tickets is started, or a general attack "
        "tool that is told to use Kerberos (-k, --use-kcache, -no-pass). Its name stands as a "
        "whole term among the arguments or is the name of the program.",
    .needs = kToolNeeds,
    .cannot_see = kToolCannotSee,
    .false_alarms = kToolFalseAlarms,
    .tuning = kToolTuning};

inline constexpr RuleInfo kTicketDiscoveryInfo{
    .id = "ticket-discovery",
    .title = "Search for Kerberos tickets or keytabs",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTheftAfterDiscovery,
    .source = "krbtrail, E09; in shape after Sigma's lnx_auditd_find_cred_in_files",
    .logic =
        "Tickets, keytabs or KRB5CCNAME are looked for: find, grep, ls, locate and their like with "
        "such a name among their arguments, or a process that reads the environment of several "
        "processes of other accounts.",
    .needs = kDiscoveryNeeds,
    .cannot_see = kDiscoveryCannotSee,
    .false_alarms = kDiscoveryFalseAlarms,
    .tuning = kDiscoveryTuning};

inline constexpr RuleInfo kKeytabAccessInfo{
    .id = "keytab-access",
    .title = "Keytab accessed by a program that is not its service",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTheftOfKeys,
    .source =
        "krbtrail, E10; that adcli rewrites keytabs is known from falcosecurity/falco, pull "
        "request 1825",
    .logic =
        "/etc/krb5.keytab, a file named *.keytab or a client keytab in /etc/krb5/user is opened by "
        "a program that is not, by its full path, a service or keeper of keytabs. A keytab is as "
        "good as a password: whoever has it gets tickets until the keys are changed.",
    .needs = kKeytabNeeds,
    .cannot_see = kKeytabCannotSee,
    .false_alarms = kKeytabFalseAlarms,
    .tuning = kKeytabTuning};

inline constexpr RuleInfo kStoreAccessInfo{
    .id = "ticket-store-access",
    .title = "Store of Kerberos tickets accessed",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E11; after the audit rules of linikatz (blue/audit/audit.rules)",
    .logic =
        "A file in which SSSD, its KCM daemon, Samba or gssproxy keeps many accounts' tickets or "
        "keys is opened by a program that is not, by its full path, their own: the secrets and "
        "their key below /var/lib/sss/secrets, the ccache_ and fast_ccache_ files below "
        "/var/lib/sss/db, secrets.ldb wherever it lies. Or a program that is no Kerberos client "
        "connects to the KCM socket.",
    .needs = kStoreNeeds,
    .cannot_see = kStoreCannotSee,
    .false_alarms = kStoreFalseAlarms,
    .tuning = kStoreTuning};

inline constexpr RuleInfo kKeyringReadInfo{
    .id = "keyring-read",
    .title = "Kernel keyring read that may hold Kerberos tickets",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E12; call numbers from keyctl(2)",
    .logic =
        "The persistent keyring of another uid is asked for (KEYCTL_GET_PERSISTENT), or a key is "
        "read (KEYCTL_READ) by a program that is not, by its full path, known to use the kernel's "
        "keys.",
    .needs = kKeyringNeeds,
    .cannot_see = kKeyringCannotSee,
    .false_alarms = kKeyringFalseAlarms,
    .tuning = kKeyringTuning};

inline constexpr RuleInfo kProcessMemoryReadInfo{
    .id = "process-memory-read",
    .title = "Memory of another user's process read",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTheftFromMemory,
    .source =
        "krbtrail, E13; after the audit rules of linikatz (blue/audit/audit.rules) and "
        "Elastic detection-rules, credential_access_proc_credential_dumping",
    .logic =
        "A process attaches to a process of another uid with ptrace, reads it with "
        "process_vm_readv or opens its /proc/PID/mem; or gcore or gdb -p is started on one. A "
        "process that uses Kerberos holds tickets in memory, a MEMORY: cache wholly so.",
    .needs = kMemoryNeeds,
    .cannot_see = kMemoryCannotSee,
    .false_alarms = kMemoryFalseAlarms,
    .tuning = kMemoryTuning};

inline constexpr RuleInfo kTicketSentInfo{
    .id = "ticket-sent",
    .title = "Reader of a Kerberos ticket connected to the network",
    .severity = model::Severity::medium,
    .rule_set = model::RuleSet::extended,
    .attack = kTheftBySending,
    .source = "krbtrail, E14; in shape after Sigma's lnx_auditd_data_exfil_wget",
    .logic =
        "A process that read a ticket or a suspected copy, its child or its neighbour in a pipe "
        "connects to another host; or a network tool is started with a ticket's path among its "
        "arguments.",
    .needs = kSentNeeds,
    .cannot_see = kSentCannotSee,
    .false_alarms = kSentFalseAlarms,
    .tuning = kSentTuning};

inline constexpr RuleInfo kTicketRenamedInfo{
    .id = "ticket-renamed",
    .title = "Kerberos ticket got another name",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E15",
    .logic =
        "A ticket or a suspected copy is renamed, hard-linked or given a symbolic link by somebody "
        "who is not its own client or keeper. It is followed under the new name.",
    .needs = kRenamedNeeds,
    .cannot_see = kRenamedCannotSee,
    .false_alarms = kRenamedFalseAlarms,
    .tuning = kRenamedTuning};

inline constexpr RuleInfo kForeignNamespaceInfo{
    .id = "foreign-namespace",
    .title = "Kerberos ticket reached through another process's or a container's files",
    .severity = model::Severity::low,
    .rule_set = model::RuleSet::extended,
    .attack = kTicketTheft,
    .source = "krbtrail, E16",
    .logic =
        "A ticket is reached by a path that leads into somebody else's files: /proc/PID/root or "
        "/proc/PID/cwd, a container's layers and merged view, or the private /tmp that systemd "
        "gives a service.",
    .needs = kNamespaceNeeds,
    .cannot_see = kNamespaceCannotSee,
    .false_alarms = kNamespaceFalseAlarms,
    .tuning = kNamespaceTuning};

// In the order of presentation.
inline constexpr std::array<const RuleInfo*, 17> kRules = {
    &kTicketAccessInfo,    &kTicketOnCommandLineInfo, &kOwnerMismatchInfo, &kTicketPlantedInfo,
    &kOwnTicketReadInfo,   &kTicketCopiedInfo,        &kCopyUsedInfo,      &kClientAtOddPathInfo,
    &kTicketToolInfo,      &kTicketDiscoveryInfo,     &kKeytabAccessInfo,  &kStoreAccessInfo,
    &kKeyringReadInfo,     &kProcessMemoryReadInfo,   &kTicketSentInfo,    &kTicketRenamedInfo,
    &kForeignNamespaceInfo};

}  // namespace krbtrail::detect::extended
