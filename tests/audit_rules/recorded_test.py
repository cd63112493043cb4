#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that `krbtrail audit-rules` prints record the seed's four tests.

    recorded_test.py KRBTRAIL

A real auditd writes a log of its own while the four tests are performed with a /tmp of their own, by a
root shell that somebody logged in for. Each tier's rules are loaded for that login alone and deleted
afterwards; the kernel's audit state is given back as it was found.
"""
import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import kernel_audit

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
VICTIM = 1000
TICKET = f"/tmp/krb5cc_{VICTIM}"
# The seed's tests as far as they need no realm. klist fails on a file that is no ticket, having read it.
TESTS = f"""
find /tmp -name 'krb5cc_*' -type f
klist -c {TICKET}
cp {TICKET} /tmp/.svc_cache_bak
base64 {TICKET}
xxd {TICKET}
/usr/bin/python3 -c "ccache = open('{TICKET}', 'rb').read()"
cp {TICKET} /tmp/attacker_krb5cc
KRB5CCNAME=/tmp/attacker_krb5cc klist
"""
COPIES = ("/tmp/.svc_cache_bak", "/tmp/attacker_krb5cc")
PERFORM = ["bash", "-c", f"echo {kernel_audit.LOGIN} >/proc/self/loginuid && exec bash -c \"$1\"", "-"]


def wait_for(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.1)


def configure(folder):
    (folder / "plugins").mkdir()
    folder.chmod(0o700)
    (folder / "auditd.conf").write_text(
        f"log_file = {folder}/audit.log\nlog_format = RAW\nname_format = none\n"
        f"plugin_dir = {folder}/plugins\nlocal_events = yes\nwrite_logs = yes\nflush = none\n"
        "max_log_file = 100\nmax_log_file_action = ignore\nspace_left = 2\n"
        "space_left_action = ignore\nadmin_space_left = 1\nadmin_space_left_action = ignore\n"
        "disk_full_action = ignore\ndisk_error_action = ignore\n")


class Recorder:
    """auditd with the rules of one tier, for the time of a with statement."""

    def __init__(self, folder, lines):
        self.folder = folder
        crashes_of_others = "-a always,exclude -F msgtype=ANOM_ABEND -F auid=-1".split()
        self.rules = [crashes_of_others, *map(kernel_audit.held_to_login, lines)]
        self.before = kernel_audit.status()
        self.daemon = None

    def __enter__(self):
        configure(self.folder)
        self.daemon = subprocess.Popen(["auditd", "-n", "-s", "enable", "-c", str(self.folder)])
        try:
            wait_for(lambda: kernel_audit.status()["pid"] == self.daemon.pid, "auditd")
            kernel_audit.auditctl("-b", "8192")
            for rule in self.rules:
                loaded = kernel_audit.auditctl(*rule)
                if loaded.returncode:
                    raise AssertionError(f"{rule}: {loaded.stderr}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        wait_for(lambda: kernel_audit.status()["backlog"] == 0, "the kernel's backlog")
        time.sleep(0.5)
        kernel_audit.auditctl("-e", "0")
        self.daemon.terminate()
        self.daemon.wait(30)
        kernel_audit.delete(self.rules)
        kernel_audit.auditctl("-b", str(self.before["backlog_limit"]))


def perform():
    for copy in COPIES:
        pathlib.Path(copy).unlink(missing_ok=True)
    pathlib.Path(TICKET).write_bytes(b"\5\4 no ticket\n" * 40)
    os.chown(TICKET, VICTIM, VICTIM)
    pathlib.Path(TICKET).chmod(0o600)
    subprocess.run([*PERFORM, TESTS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=False, timeout=60)


def started(log, program):
    return f'comm="{program}"' in log


class Recorded(unittest.TestCase):
    def record(self, tier):
        """The log of the four tests under the rules of a tier, and what krbtrail finds in it."""
        with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="krbtrail-recorded-") as scratch:
            folder = pathlib.Path(scratch)
            with Recorder(folder, kernel_audit.printed_rules(KRBTRAIL, "--tier", tier)):
                perform()
            run = subprocess.run([KRBTRAIL, "scan", "--rules", "seed", "--format", "ndjson",
                                  folder / "audit.log"], capture_output=True, text=True, check=False)
            log = (folder / "audit.log").read_text(errors="replace")
        objects = [json.loads(line) for line in run.stdout.splitlines()]
        return log, [item for item in objects if item["type"] == "finding"]

    def check(self, tier):
        log, findings = self.record(tier)
        found = {(item["rule"], re.sub(r"^python[0-9.]+$", "python", item["process"]["name"]))
                 for item in findings}
        encoders = [name for name in ("base64", "xxd") if shutil.which(name)]
        for program in ["cp", "python", *encoders]:
            self.assertIn(("seed-file-access", program), found)
        for program in ("cp", "base64"):
            self.assertIn(("seed-copy-exfil", program), found)
        self.assertIn(("seed-impacket-tool", "python"), found)
        self.assertTrue(started(log, "find"))
        if shutil.which("klist"):
            # Exempt by its name, so no finding; the record of its use of the copy has to be there.
            self.assertRegex(log, r'name="/tmp/attacker_krb5cc" .* nametype=NORMAL')
            self.assertTrue(started(log, "klist"))
        for copy in COPIES:
            created = re.search(rf'name="{re.escape(copy)}" .* nametype=CREATE', log)
            self.assertEqual(created is not None, tier != "1", copy)

    def test_each_tier_records_the_four_tests(self):
        for tier in "123":
            with self.subTest(tier=tier):
                self.check(tier)
        self.assertEqual(kernel_audit.auditctl("-l").stdout.strip(), "No rules")


def enter_private_tmp():
    """From here on this process and its children have a /tmp of their own."""
    new_mounts = 0x00020000  # CLONE_NEWNS
    if ctypes.CDLL(None, use_errno=True).unshare(new_mounts) != 0:
        print("skipped: a mount namespace cannot be made here")
        sys.exit(kernel_audit.SKIPPED)
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/tmp"], check=True)


if __name__ == "__main__":
    kernel_audit.skip_unless_free()
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="krbtrail-recorded-") as kept:
        # The build may lie in the /tmp that goes out of sight.
        KRBTRAIL = pathlib.Path(shutil.copy(KRBTRAIL, kept))
        enter_private_tmp()
        unittest.main(argv=sys.argv[:1])
