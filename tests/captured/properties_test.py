#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What may not change a finding, on every captured raw log.

    properties_test.py KRBTRAIL TESTDATA/captured

Line ends of Windows, every record twice, the records backwards, a pipe, and xz give the same findings.
"""
import json
import lzma
import pathlib
import subprocess
import sys
import unittest

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
LOGS = sorted((pathlib.Path(sys.argv[2]) / "raw").glob("*.log"))


def reversed_lines(content):
    return b"".join(reversed(content.splitlines(keepends=True)))


WAYS = {
    "line ends of Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "twice": lambda content: content + content,
    "backwards": reversed_lines,
    "compressed": lzma.compress,
}


def findings(content):
    """What is found, without the place of the evidence in its file."""
    run = subprocess.run([KRBTRAIL, "scan", "--format", "ndjson", "-"], input=content,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    found = [item for item in found if item["type"] == "finding"]
    for item in found:
        del item["evidence"]
    return sorted(found, key=lambda item: item["id"])


class Properties(unittest.TestCase):
    def test_nothing_that_may_not_matter_changes_a_finding(self):
        self.assertGreaterEqual(len(LOGS), 40)
        total = 0
        for log in LOGS:
            content = log.read_bytes()
            expected = findings(content)
            total += len(expected)
            for way, change in WAYS.items():
                with self.subTest(log=log.name, way=way):
                    self.assertEqual(findings(change(content)), expected)
        self.assertGreater(total, 100)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
