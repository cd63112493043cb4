#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The comparison that the tests of generated logs rest on can fail, and says what differs."""

import unittest

from compare_truth import differences

EVENT = "1700000000.124:42"


def planted(kind, generous, strict=(), node=None, event=EVENT):
    truth = {"event": event, "kind": kind, "generous": list(generous), "strict": list(strict)}
    return {**truth, "node": node} if node else truth


def found(rule, node=None, event=EVENT):
    evidence = {"input": "a", "line": 1, "event": event}
    return {"type": "finding", "rule": rule,
            "evidence": [{**evidence, "node": node} if node else evidence]}


class Differences(unittest.TestCase):
    def test_what_was_planted_and_found_is_no_difference(self):
        truth = [planted("read_plain", ["seed-file-access"]), planted("denied_read", [], event="1")]
        self.assertEqual(differences([found("seed-file-access")], truth, "generous"), [])

    def test_a_missed_theft_is_named_with_its_kind(self):
        truth = [planted("read_plain", ["seed-file-access"], node="web")]
        self.assertEqual(differences([], truth, "generous"),
                         [f"missed: web {EVENT} seed-file-access: read_plain"])

    def test_the_readings_are_told_apart(self):
        truth = [planted("read_plain", ["seed-file-access"])]
        self.assertEqual(differences([], truth, "strict"), [])
        self.assertEqual(differences([found("seed-file-access")], truth, "strict"),
                         [f"not in the truth: {EVENT} seed-file-access: read_plain"])

    def test_a_finding_where_nothing_was_planted_is_a_difference(self):
        self.assertEqual(
            differences([found("seed-copy-exfil")], [], "generous"),
            [f"not in the truth: {EVENT} seed-copy-exfil: nothing was planted there"])

    def test_a_finding_of_another_host_is_another_finding(self):
        truth = [planted("read_plain", ["seed-file-access"], node="web")]
        self.assertEqual(len(differences([found("seed-file-access", node="db")], truth,
                                         "generous")), 2)

    def test_a_theft_that_is_found_twice_is_a_difference(self):
        truth = [planted("read_plain", ["seed-file-access"])]
        self.assertEqual(differences([found("seed-file-access")] * 2, truth, "generous"),
                         [f"found 2 times: {EVENT} seed-file-access: read_plain"])

    def test_other_objects_are_no_findings(self):
        self.assertEqual(differences([{"type": "summary"}], [], "generous"), [])


if __name__ == "__main__":
    unittest.main()
