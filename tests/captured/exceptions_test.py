#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the exceptions that krbtrail proposes against every finding of the captured logs.

    exceptions_test.py KRBTRAIL TESTDATA/captured [N]

For each finding of every Nth log, without N of every log, which takes minutes: the proposed entry is
refused until somebody gives a reason; with one it suppresses that finding, and of all others in the log
exactly those that agree in every pinned field; and with any one pinned field changed it does not suppress
it.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
LOGS = sorted((pathlib.Path(sys.argv[2]) / "raw").glob("*.log"))
EVERY = int((sys.argv[3:] or [1])[0])
REASON = "reason = asked for by the owner of the test"
UNPINNED = ("from", "expires", "reason")


def scan(log, *options):
    return subprocess.run([KRBTRAIL, "scan", *options, log], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, text=True)


def findings(log, *options):
    run = scan(log, "--format", "ndjson", "--min-severity", "info", *options)
    if run.returncode not in (0, 1):
        raise AssertionError(f"{log}: {run.stderr}")
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    return [item for item in objects if item["type"] == "finding"], objects[-1], run.returncode


def field(finding, path):
    """The value at an NDJSON path; None where it is null or absent."""
    for key in path.split("."):
        finding = finding.get(key) if finding is not None else None
    return finding


def pins(entry):
    """The pinned fields of an entry, as they stand there."""
    lines = (re.fullmatch(r"(\S+) =(?: (.*))?", line) for line in entry.splitlines())
    return {line[1]: line[2] or "" for line in lines if line and line[1] not in UNPINNED}


def pinned_values(finding, keys):
    return [field(finding, key) for key in keys] + ["file" in finding]


def what_it_is_about(finding):
    keys = ("rule", "account.uid", "account.auid", "process.exe", "process.command_line", "file.path")
    return json.dumps(pinned_values(finding, keys))


def with_one_pin_changed(entry, name):
    """The entry once for each of its pins, in which that pin is another."""
    for key, value in pins(entry).items():
        other = {"rule": "seed-copy-exfil" if value == "seed-file-access" else "seed-file-access",
                 "account.uid": "4242", "account.auid": "4242"}.get(key, value + "7")
        changed = re.sub(rf"(?m)^{re.escape(key)} =.*$", lambda _: f"{key} = {other}", entry)
        yield changed.replace(f"[exception {name}]", f"[exception {name} {key}]")


class ProposedExceptions(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="krbtrail-exceptions-")
        self.addCleanup(directory.cleanup)
        self.file = pathlib.Path(directory.name) / "exceptions"

    def suppressed(self, log, text):
        """The ids of what a scan with these exceptions suppresses, its summary and its status."""
        self.file.write_text(text)
        shown, summary, status = findings(log, "--show-suppressed", "--exceptions", self.file)
        return {item["id"] for item in shown if "suppressed_by" in item}, summary, status

    def proposal(self, log, finding):
        run = scan(log, "--propose-exception", finding["id"])
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def check_refused_without_a_reason(self, log, proposal):
        self.file.write_text(proposal)
        run = scan(log, "--exceptions", self.file)
        self.assertEqual(run.returncode, 2)
        self.assertRegex(run.stderr, "exception .*: it has no reason\n")

    def check(self, log, finding, found, proposal):
        entry = re.sub(r"reason =\n\Z", REASON + "\n", proposal)
        keys = pins(entry)
        self.assertGreaterEqual(len(keys), 6)
        alike = {item["id"] for item in found
                 if pinned_values(item, keys) == pinned_values(finding, keys)}
        ids, summary, status = self.suppressed(log, entry)
        self.assertIn(finding["id"], ids)
        self.assertEqual(ids, alike)
        self.assertEqual(summary["suppressed"], len(alike))
        self.assertEqual(summary["findings"], len(found) - len(alike))
        self.assertEqual(status, 1 if len(alike) < len(found) else 0)
        ids, _, _ = self.suppressed(log, "\n".join(with_one_pin_changed(entry, finding["id"])))
        self.assertNotIn(finding["id"], ids)

    def test_a_proposal_suppresses_its_finding_and_nothing_else(self):
        self.assertGreaterEqual(len(LOGS), 40)
        tried = 0
        for log in LOGS[::EVERY]:
            found, _, _ = findings(log)
            about = {what_it_is_about(finding): finding for finding in found}
            for number, finding in enumerate(about.values()):
                tried += 1
                with self.subTest(log=log.name, id=finding["id"]):
                    proposal = self.proposal(log, finding)
                    if number == 0:
                        self.check_refused_without_a_reason(log, proposal)
                    self.check(log, finding, found, proposal)
        self.assertGreater(tried, 400 // EVERY)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
