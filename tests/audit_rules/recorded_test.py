#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The rules that `krbtrail audit-rules` prints record the seed's four tests.

    recorded_test.py KRBTRAIL

A real auditd writes a log of its own while the four tests are performed with a /tmp of their own, by a
root shell that somebody logged in for. Each tier's rules are loaded for that login alone and deleted
afterwards; the kernel's audit state is given back as it was found.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import kernel_audit  # noqa: E402

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


def perform():
    for copy in COPIES:
        pathlib.Path(copy).unlink(missing_ok=True)
    pathlib.Path(TICKET).write_bytes(b"\5\4 no ticket\n" * 40)
    os.chown(TICKET, VICTIM, VICTIM)
    pathlib.Path(TICKET).chmod(0o600)
    kernel_audit.perform(TESTS)


def started(log, program):
    return f'comm="{program}"' in log


class Recorded(unittest.TestCase):
    def record(self, tier):
        """The log of the four tests under the rules of a tier, and what krbtrail finds in it."""
        with kernel_audit.scratch_folder() as scratch:
            folder = pathlib.Path(scratch)
            with kernel_audit.Auditd(folder, kernel_audit.printed_rules(KRBTRAIL, "--tier", tier)):
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


if __name__ == "__main__":
    kernel_audit.borrow_or_skip()
    with kernel_audit.scratch_folder() as kept:
        # The build may lie in the /tmp that goes out of sight.
        KRBTRAIL = pathlib.Path(shutil.copy(KRBTRAIL, kept))
        kernel_audit.enter_private_mounts()
        unittest.main(argv=sys.argv[:1])
