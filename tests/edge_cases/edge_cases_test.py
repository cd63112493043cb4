#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs krbtrail over testdata/audit and holds each case against its expectation, in exact counts.

    edge_cases_test.py KRBTRAIL TESTDATA/audit

NAME.json says what to expect of NAME.log or of the folder NAME: `events`, `records`, `findings` (rule
and serial, in the order of completion; `strict` for --strict-kql where it differs), `rejected` lines by
reason, `statements` of coverage, `hosts`, `fields` of findings as INDEX.KEY.KEY, `incomplete`, and a part
of the message on `stderr`. What is not named is nothing. Lines that start with "# " at the head of a
log say what to look at; they are taken away before the scan.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
CASES = pathlib.Path(sys.argv[2])
# The odd things that the formats of audit logs are known for, numbered; further fixtures are of what was
# met since.
KNOWN_EDGE_CASES = 45
# What a log of a few events cannot show is said of every case, and tested elsewhere.
ALWAYS_SAID = {"no_execve", "no_ccache_paths", "no_writes", "serial_gaps"}


def without_comments(content):
    while content.startswith(b"# "):
        content = content.partition(b"\n")[2]
    return content


def scan(target, *options):
    run = subprocess.run([KRBTRAIL, "scan", "--rules", "seed", "--format", "ndjson", "--stats", *options, target],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return run.stdout, run.stderr.decode(), run.returncode


def rule_and_serial(finding):
    return f"{finding['rule']} {finding['evidence'][0]['event'].rsplit(':', 1)[1]}"


def value_at(findings, path):
    index, *keys = path.split(".")
    value = findings[int(index)]
    for key in keys:
        value = value[key]
    return value


class EdgeCase(unittest.TestCase):
    maxDiff = None

    def check(self, target, expected):
        output, errors, status = scan(target)
        objects = [json.loads(line) for line in output.splitlines()]
        findings = [item for item in objects if item["type"] == "finding"]
        totals = next(item for item in objects if item["type"] == "coverage" and "host" not in item)
        hosts = [item for item in objects if item["type"] == "coverage" and "host" in item]
        said = {statement["key"] for host in hosts for statement in host["statements"]}
        rejected = {why: count["lines"] for why, count in totals["rejected"].items() if count["lines"]}
        incomplete = expected.get("incomplete", False)

        self.assertEqual([rule_and_serial(finding) for finding in findings], expected["findings"])
        self.assertEqual(totals["events"], expected["events"])
        self.assertEqual(totals["records"], expected["records"])
        self.assertEqual(rejected, expected.get("rejected", {}))
        self.assertTrue(totals["adds_up"])
        self.assertEqual(objects[-1]["incomplete"], incomplete)
        self.assertEqual(status, 1 if findings else 3 if incomplete else 0)
        self.assertEqual(sorted(said - ALWAYS_SAID | said & set(expected.get("statements", []))),
                         sorted(expected.get("statements", [])))
        if "hosts" in expected:
            self.assertEqual(sorted(host["host"] for host in hosts), expected["hosts"])
        for path, value in expected.get("fields", {}).items():
            self.assertEqual(value_at(findings, path), value, path)
        self.assertIn(expected.get("stderr", ""), errors)
        self.assertEqual(errors == "", "stderr" not in expected)
        self.check_other_ways(target, expected, output)

    def check_other_ways(self, target, expected, output):
        self.assertEqual(scan(target, "--no-prefilter")[0], output)
        strict = [json.loads(line) for line in scan(target, "--strict-kql")[0].splitlines()]
        if "strict" in expected:
            found = [rule_and_serial(item) for item in strict if item["type"] == "finding"]
            self.assertEqual(found, expected["strict"])

    def test_each_edge_case_has_a_fixture(self):
        numbers = [int(case.name.split("_")[0]) for case in sorted(CASES.glob("*.json"))]
        self.assertEqual(sorted(set(numbers)), list(range(1, len(set(numbers)) + 1)))
        self.assertLessEqual(set(range(1, KNOWN_EDGE_CASES + 1)), set(numbers))

    def test_every_statement_has_its_reason(self):
        said = 0
        for case in sorted(CASES.glob("*.log")):
            output, _, _ = scan(case)
            for item in map(json.loads, output.splitlines()):
                for statement in item.get("statements", []):
                    said += 1
                    self.assertTrue(statement["text"] and statement["reason"], statement)
        self.assertGreater(said, 100)

    def test_every_case(self):
        cases = sorted(CASES.glob("*.json"))
        with tempfile.TemporaryDirectory() as scratch:
            for case in cases:
                expected = json.loads(case.read_text())
                target = CASES / case.stem
                if not target.is_dir():
                    target = pathlib.Path(scratch) / f"{case.stem}.log"
                    target.write_bytes(without_comments((CASES / target.name).read_bytes()))
                with self.subTest(case=case.stem):
                    self.check(target, expected)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
