#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds krbtrail's findings about a generated log against what generate_log planted in it.

    compare_truth.py FINDINGS TRUTH generous|strict

FINDINGS is the NDJSON of `krbtrail scan --rules seed`, TRUTH what `generate_log --truth` wrote. Prints
what was missed and what was found that is not in the truth; the exit status is 1 if there is either.
"""

import json
import sys
from collections import Counter
from pathlib import Path


def objects_of(path):
    """The objects of a file of NDJSON, in order."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def expected_of(truth, reading):
    """What has to be found: {(node, event, branch): kind}."""
    return {
        (planted.get("node", ""), planted["event"], branch): planted["kind"]
        for planted in truth
        for branch in planted[reading]
    }


def found_in(findings):
    """How often (node, event, branch) was found; the event that a finding is about comes first."""
    return Counter(
        (finding["evidence"][0].get("node") or "", finding["evidence"][0]["event"], finding["rule"])
        for finding in findings
        if finding["type"] == "finding"
    )


def differences(findings, truth, reading):
    """A line for each theft that was missed, found twice, or found though nobody planted it."""
    expected, found = expected_of(truth, reading), found_in(findings)
    kinds = {(planted.get("node", ""), planted["event"]): planted["kind"] for planted in truth}
    lines = [
        f"missed: {' '.join(key).strip()}: {kind}"
        for key, kind in expected.items()
        if key not in found
    ]
    for key, count in found.items():
        name = f"{' '.join(key).strip()}: {kinds.get(key[:2], 'nothing was planted there')}"
        if key not in expected:
            lines.append(f"not in the truth: {name}")
        elif count > 1:
            lines.append(f"found {count} times: {name}")
    return lines


def main():
    findings, truth, reading = sys.argv[1:]
    expected = expected_of(objects_of(truth), reading)
    lines = differences(objects_of(findings), objects_of(truth), reading)
    for line in lines:
        print(line)
    print(f"{reading}: {len(expected)} planted, {len(lines)} differences")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
