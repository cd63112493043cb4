#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds krbtrail against what was really done in the captured logs.

    captured_test.py KRBTRAIL TESTDATA/captured

For every captured step, raw and enriched, in both readings of the seed's rules: each branch fires on
exactly the events that the truth names; the prefilter changes no byte; the accounting adds up.
"""
import json
import pathlib
import subprocess
import sys
import unittest

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
CAPTURED = pathlib.Path(sys.argv[2])
READINGS = {"generous": [], "strict": ["--strict-kql"]}


def scan(log, *options):
    """The bytes that a scan of `log` prints as NDJSON, and its exit status."""
    run = subprocess.run([KRBTRAIL, "scan", "--rules", "seed", "--format", "ndjson", *options, log],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.stderr:
        raise AssertionError(f"{log}: {run.stderr.decode()}")
    return run.stdout, run.returncode


def serials_by_rule(objects):
    found = {}
    for item in objects:
        if item["type"] == "finding":
            stamp = item["evidence"][0]["event"]
            found.setdefault(item["rule"], []).append(int(stamp.rsplit(":", 1)[1]))
    return {rule: sorted(serials) for rule, serials in found.items()}


def bytes_accounted(coverage):
    rejected = sum(count["bytes"] for count in coverage["rejected"].values())
    return coverage["used"]["bytes"] + coverage["not_needed"]["bytes"] + rejected


class Captured(unittest.TestCase):
    def check(self, step, form, reading):
        log = CAPTURED / step[form]["log"]
        output, status = scan(log, "--stats", *READINGS[reading])
        objects = [json.loads(line) for line in output.splitlines()]
        expected = {rule: sorted(serials)
                    for rule, serials in step[form]["seed"][reading].items() if serials}
        self.assertEqual(serials_by_rule(objects), expected)
        self.assertEqual(status, 1 if expected else 0)
        coverage = next(item for item in objects if item["type"] == "coverage" and "host" not in item)
        self.assertEqual(coverage["bytes_read"], log.stat().st_size)
        self.assertEqual(bytes_accounted(coverage), log.stat().st_size)
        unfiltered, _ = scan(log, "--stats", "--no-prefilter", "--jobs", "3", *READINGS[reading])
        self.assertEqual(unfiltered, output)

    def test_each_branch_fires_on_the_events_that_were_performed(self):
        steps = json.loads((CAPTURED / "truth.json").read_text())["steps"]
        self.assertGreaterEqual(len(steps), 28)
        for step in steps:
            for form in ("raw", "enriched"):
                for reading in READINGS:
                    with self.subTest(step=step["name"], form=form, reading=reading):
                        self.check(step, form, reading)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
