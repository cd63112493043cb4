# SPDX-License-Identifier: Apache-2.0
"""A real auditd with a configuration of its own, and audit rules for the test users alone."""

import subprocess
import time
from pathlib import Path

import private_host

WATCHED_FOLDERS = (
    "/tmp", "/var/tmp", "/dev/shm", "/home", "/root", "/run/user", "/srv", "/var/lib/app",
    "/var/lib/sss",
)
FILE_CALLS = (
    "open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,"
    "symlink,symlinkat,truncate"
)
CRASHES_OF_OTHERS = ["-a", "always,exclude", "-F", "msgtype=ANOM_ABEND", "-F", "auid=-1"]


def audits(loginuid):
    """Whether some rule of ours would audit the sessions of this loginuid."""
    people = {user.uid for user in (*private_host.PEOPLE, private_host.ROOT)}
    lanes = range(private_host.FIRST_LANE_UID, private_host.LAST_LANE_UID + 1)
    return loginuid in people or loginuid in lanes


def rules(lanes):
    """Every rule as auditctl's arguments; each but the silencer is held to the test's loginuids."""
    if lanes:
        bounds = private_host.FIRST_LANE_UID, private_host.LAST_LANE_UID
        logins = [["auid=0"], [f"auid>={bounds[0]}", f"auid<={bounds[1]}"]]
    else:
        logins = [[f"auid={user.uid}"] for user in (private_host.ROOT, *private_host.PEOPLE)]
    return [CRASHES_OF_OTHERS] + [
        _exit_rule(login, *rule) for login in logins for rule in _rules_for_one(lanes)
    ]


def _rules_for_one(lanes):
    folders = [*WATCHED_FOLDERS, "/var/lib"] if lanes else WATCHED_FOLDERS
    for arch in ("b64", "b32"):
        yield arch, "execve,execveat", [], "ccache_exec"
        for folder in folders:
            yield arch, FILE_CALLS, [f"dir={folder}"], "kerberos_ccache"
        yield arch, FILE_CALLS, ["path=/etc/krb5.keytab"], "kerberos_keytab"
    yield "b64", "ptrace", ["a0=0x10"], "kerberos_ptrace"
    yield "b64", "ptrace", ["a0=0x4206"], "kerberos_ptrace"
    yield "b64", "process_vm_readv", [], "kerberos_ptrace"
    yield "b64", "keyctl", ["a0=0x16"], "kerberos_keyring"
    yield "b64", "keyctl", ["a0=11"], "kerberos_keyring"
    yield "b64", "connect", ["exit!=-ENOENT"], "network"


def _exit_rule(login, arch, calls, fields, key):
    rule = ["-a", "always,exit", "-F", f"arch={arch}", "-S", calls]
    for field in [*fields, *login, f"key={key}"]:
        rule += ["-F", field]
    return rule


def auditctl(*arguments):
    """auditctl's standard output; its failure is ours."""
    done = subprocess.run(
        ["auditctl", *arguments], capture_output=True, text=True, check=False, timeout=30
    )
    if done.returncode:
        raise RuntimeError(f"auditctl {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def status():
    """The kernel's audit state as auditctl -s gives it, numbers as int."""
    pairs = (line.split(None, 1) for line in auditctl("-s").splitlines())
    return {key: int(value) for key, value in pairs if value.isdigit()}


def loaded_rules():
    """The rules in force, as auditctl prints them."""
    return [line for line in auditctl("-l").splitlines() if line != "No rules"]


def start(state, folder, log_format, lanes):
    """Start auditd with its log in `folder`, then load the rules. Returns the log's path."""
    wanted = rules(lanes)
    state.note_audit(status(), wanted)
    log = Path(folder) / "audit.log"
    _write_configuration(Path(folder), log, log_format)
    daemon = subprocess.Popen(["auditd", "-n", "-s", "enable", "-c", str(folder)], cwd="/")
    state.note_process("auditd", daemon.pid)
    _wait(lambda: status()["pid"] == daemon.pid, "auditd to register with the kernel")
    auditctl("-b", "8192", "--backlog_wait_time", "60000", "-f", "1")
    for rule in wanted:
        auditctl(*rule)
    return log


def stop(state):
    """Let the backlog drain, switch auditing off, then end auditd and take the rules out."""
    if status()["enabled"]:
        _wait(lambda: status()["backlog"] == 0, "the kernel's backlog to drain")
        time.sleep(0.5)
        print(f"  lost records: {status()['lost'] - state.before['lost']}", flush=True)
    auditctl("-e", "0")
    state.end_processes(only="auditd")
    _remove(state.rules)
    auditctl(
        "-b", str(state.before["backlog_limit"]),
        "--backlog_wait_time", str(state.before["backlog_wait_time"]),
        "-f", str(state.before["failure"]),
    )


def _remove(rules_to_delete):
    """Delete our own rules one by one; rules that somebody else loaded stay."""
    for rule in rules_to_delete if loaded_rules() else []:
        subprocess.run(["auditctl", "-d", *rule[1:]], capture_output=True, check=False, timeout=30)


def _write_configuration(folder, log, log_format):
    node = "hostname" if log_format == "ENRICHED" else "none"
    (folder / "plugins").mkdir(parents=True)
    folder.chmod(0o700)
    (folder / "auditd.conf").write_text(
        f"log_file = {log}\nlog_format = {log_format}\nname_format = {node}\n"
        f"plugin_dir = {folder}/plugins\nlocal_events = yes\nwrite_logs = yes\n"
        "flush = incremental_async\nfreq = 200\nmax_log_file = 500\n"
        "max_log_file_action = ignore\nspace_left = 20\nspace_left_action = ignore\n"
        "admin_space_left = 10\nadmin_space_left_action = ignore\n"
        "disk_full_action = suspend\ndisk_error_action = suspend\n"
    )


def _wait(condition, what, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.1)
