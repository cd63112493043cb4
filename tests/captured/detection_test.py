#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the full rule set against what was really done in the captured logs.

    detection_test.py KRBTRAIL TESTDATA/captured [N]

Of every Nth step, without N of every step: each step's most severe finding lies in the range that was written down before any rule had seen the
logs; each step's own acts on a ticket are findings of the actor's session; the prefilter changes no byte.
"""
import functools
import json
import pathlib
import subprocess
import sys
import unittest

import jsonschema

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
CAPTURED = pathlib.Path(sys.argv[2])
SEVERITIES = ("none", "info", "low", "medium", "high", "critical")
FORMS = ("raw", "enriched")
# Used without a trail to it. rsync's receiver is a child of another child of the reader's, and born
# before the read: nothing in the records says that what it writes came through its pipe. A forged ticket
# was never read. Both uses are found by their owner or their tool instead.
NO_TRAIL = {"a41-rsync", "a53-forge"}


@functools.cache
def scan(log, *options):
    """The bytes that a scan of `log` prints as NDJSON, with findings of every severity."""
    run = subprocess.run(
        [KRBTRAIL, "scan", "--format", "ndjson", "--min-severity", "info", *options, log],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.stderr or run.returncode not in (0, 1, 3):
        raise AssertionError(f"{log}: {run.returncode} {run.stderr.decode()}")
    return run.stdout


def objects_of(output, kind):
    every = [json.loads(line) for line in output.splitlines()]
    return [item for item in every if item["type"] == kind]


def serial_of(finding):
    return int(finding["evidence"][0]["event"].rsplit(":", 1)[1])


def serials_of(roles):
    return {serial for serials in roles.values() for serial in serials}


class Detection(unittest.TestCase):
    def setUp(self):
        steps = json.loads((CAPTURED / "truth.json").read_text())["steps"]
        self.assertGreaterEqual(len(steps), 111)
        self.steps = steps[::int((sys.argv[3:] or [1])[0])]

    def for_each_step(self, check):
        for step in self.steps:
            for form in FORMS:
                with self.subTest(step=step["name"], form=form):
                    check(step, form, scan(CAPTURED / step[form]["log"]))

    def test_the_severity_of_each_step_is_the_expected_one(self):
        def check(step, form, output):
            own = serials_of(step[form]["roles"])
            found = [SEVERITIES.index(finding["severity"])
                     for finding in objects_of(output, "finding") if serial_of(finding) in own]
            expected = step["expected_severity"]
            most = max(found, default=0)
            self.assertGreaterEqual(most, SEVERITIES.index(expected["min"]), expected["why"])
            self.assertLessEqual(most, SEVERITIES.index(expected["max"]), expected["why"])
        self.for_each_step(check)

    def test_every_object_is_as_the_schema_says(self):
        schema = json.loads((CAPTURED.parent.parent / "docs/krbtrail.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        for form in FORMS:
            for line in scan(CAPTURED / form, "--evidence").splitlines():
                validator.validate(json.loads(line))

    def test_nothing_that_the_seed_finds_is_dropped(self):
        def check(step, form, output):
            found = {(rule, serial_of(finding)) for finding in objects_of(output, "finding")
                     for rule in finding["rules"]}
            wanted = {(rule, serial) for rule, serials in step[form]["seed"]["generous"].items()
                      for serial in serials}
            self.assertEqual(wanted - found, set())
        self.for_each_step(check)

    def test_the_prefilter_changes_no_byte(self):
        def check(step, form, output):
            self.assertEqual(scan(CAPTURED / step[form]["log"], "--no-prefilter"), output)
        self.for_each_step(check)

    def test_the_use_of_each_stolen_copy_is_found(self):
        def check(step, form, output):
            uses = set(step[form]["roles"].get("uses_copy", []))
            used = {serial_of(finding) for finding in objects_of(output, "finding")
                    if "copy-used" in finding["rules"]}
            if step["kind"] == "attack" and uses:
                self.assertEqual(bool(uses & used), step["name"] not in NO_TRAIL,
                                 f"of {sorted(uses)} are found: {sorted(used)}")
        self.for_each_step(check)

    def test_every_finding_adds_up_and_every_incident_is_one_of_its_findings(self):
        def check(_step, _form, output):
            findings = objects_of(output, "finding")
            for finding in findings:
                points = sum(reason["points"] for reason in finding["reasons"])
                self.assertEqual(finding["score"], max(0, min(100, points)))
            incidents = {incident["id"]: incident for incident in objects_of(output, "incident")}
            self.assertEqual({finding["incident"] for finding in findings if "incident" in finding},
                             set(incidents))
            for incident in incidents.values():
                listed = {finding["id"] for finding in findings
                          if finding.get("incident") == incident["id"]}
                self.assertEqual(set(incident["findings"]), listed)
        self.for_each_step(check)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
