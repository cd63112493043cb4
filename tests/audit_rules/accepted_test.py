#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""auditctl and the kernel take every line that `krbtrail audit-rules` prints.

    accepted_test.py KRBTRAIL

Each line is loaded for a login that nobody has, with auditing off, and deleted again.
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import kernel_audit  # noqa: E402

KRBTRAIL = sys.argv[1]


class Accepted(unittest.TestCase):
    def test_every_line_of_every_tier_is_taken(self):
        tiers = [kernel_audit.printed_rules(KRBTRAIL, "--tier", tier) for tier in "123"]
        self.assertTrue(set(tiers[0]) < set(tiers[1]) < set(tiers[2]))
        for line in tiers[2]:
            rule = kernel_audit.held_to_login(line)
            with self.subTest(line=line):
                loaded = kernel_audit.auditctl(*rule)
                kernel_audit.delete([rule])
                self.assertEqual((loaded.returncode, loaded.stdout, loaded.stderr), (0, "", ""))
        self.assertEqual(kernel_audit.auditctl("-l").stdout.strip(), "No rules")


if __name__ == "__main__":
    kernel_audit.borrow_or_skip()
    unittest.main(argv=sys.argv[:1])
