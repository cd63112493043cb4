# SPDX-License-Identifier: Apache-2.0
"""The kernel's audit rules, borrowed for one login that nobody else has.

Every rule that a test loads is held to LOGIN by a further field, so that nothing else on the machine is
audited, and is deleted by itself: rules that somebody else loads meanwhile stay.
"""
import os
import pathlib
import shutil
import subprocess
import sys

LOGIN = 7001001  # a loginuid that no process has
SKIPPED = 77     # SKIP_RETURN_CODE


def auditctl(*arguments):
    return subprocess.run(["auditctl", *arguments], capture_output=True, text=True, check=False,
                          timeout=30)


def status():
    """The kernel's audit state as auditctl -s gives it."""
    pairs = (line.split(None, 1) for line in auditctl("-s").stdout.splitlines())
    return {key: int(value) for key, value in pairs if value.isdigit()}


def loginuids():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int((entry / "loginuid").read_text())
            except (OSError, ValueError):
                continue


def why_not():
    """Why the kernel's audit state cannot be borrowed here; None if it can."""
    if os.geteuid() != 0:
        return "not root"
    for program in ("auditctl", "auditd", "unshare"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if auditctl("-s").returncode != 0 or "enabled" not in status():
        return "the kernel's audit state cannot be read"
    if status()["pid"] or status()["enabled"]:
        return "this machine is audited"
    if auditctl("-l").stdout.strip() != "No rules":
        return "audit rules are loaded"
    if LOGIN in loginuids():
        return f"somebody is logged in as {LOGIN}"
    return None


def skip_unless_free():
    if reason := why_not():
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)


def held_to_login(line):
    """A line of audit rules as auditctl's arguments, for LOGIN alone."""
    return [*line.split(), "-F", f"auid={LOGIN}"]


def printed_rules(krbtrail, *options):
    run = subprocess.run([krbtrail, "audit-rules", *options], capture_output=True, text=True,
                         check=True)
    return [line for line in run.stdout.splitlines() if line and not line.startswith("#")]


def delete(rules):
    for rule in rules:
        auditctl("-d", *rule[1:])
