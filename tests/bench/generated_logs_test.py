#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every planted theft is found and nothing else is, with and without the prefilter.

    generated_logs_test.py KRBTRAIL GENERATE_LOG AUPARSE_LOOP [OPTION OF GENERATE_LOG]...

Generates a log of three megabytes, full of thefts and look-alikes, and scans it in both readings. The
findings must be those of the truth, the output with and without the prefilter the same to the byte,
and records and events counted as many as were generated; libauparse must be able to read all of them.

The full rule set must find each theft, too: what was done to a file at medium severity or above, what
only a command line says, and a file that gets a ticket's name, at any. The look-alikes look like thefts to the seed's query, and some of them are
one: root's cat of /tmp/krb5cc_1000_Ab3dEf. Planted events happen in processes of the background, which
hold what was read from then on. So what else is found must have come from a planted event.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from compare_truth import differences, objects_of

READINGS = {"generous": [], "strict": ["--strict-kql"]}
PLANTED = ["--theft-ppm", "5000", "--benign-ppm", "20000"]


def generate(generator, options, folder):
    """(log, truth, {"records": how many, "events": how many})."""
    log, truth = folder / "audit.log", folder / "truth.ndjson"
    done = subprocess.run(
        [generator, "--bytes", "3MB", *PLANTED, "--output", log, "--truth", truth, *options],
        stderr=subprocess.PIPE, text=True, check=True,
    )
    counts = re.search(r"(\d+) records, (\d+) events", done.stderr)
    return log, truth, {"records": int(counts[1]), "events": int(counts[2])}


def scan(krbtrail, log, options, rules="seed"):
    """The NDJSON of a scan that found something and read everything."""
    done = subprocess.run(
        [krbtrail, "scan", "--rules", rules, "--format", "ndjson", *options, log],
        capture_output=True, check=False,
    )
    if done.returncode != 1:
        raise SystemExit(f"exit status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def complaints_of(krbtrail, log, truth, generated, reading, folder):
    """What is wrong with the scans in one reading, as lines."""
    output = scan(krbtrail, log, READINGS[reading])
    lines = []
    if output != scan(krbtrail, log, [*READINGS[reading], "--no-prefilter", "--jobs", "2"]):
        lines.append(f"{reading}: the output with and without the prefilter differs")
    findings = folder / f"{reading}.ndjson"
    findings.write_bytes(output)
    objects = objects_of(findings)
    lines += [f"{reading}: {line}" for line in differences(objects, objects_of(truth), reading)]
    return lines + [f"{reading}: {line}" for line in miscounts(objects[-1], generated)]


def key_of(evidence):
    return evidence.get("node", ""), evidence["event"]


def must_alert(theft):
    return "seed-file-access" in theft["generous"] and theft["kind"] != "rename_into_place"


def complaints_of_full(krbtrail, log, truth):
    """What is wrong with the scan by the full rule set, as lines."""
    output = scan(krbtrail, log, ["--min-severity", "info"], "full")
    lines = []
    if output != scan(krbtrail, log, ["--min-severity", "info", "--no-prefilter", "--jobs", "3"], "full"):
        lines.append("full: the output with and without the prefilter differs")
    planted = {key_of(one): one for one in map(json.loads, truth.read_text().splitlines())}
    found = {}
    for one in map(json.loads, output.splitlines()):
        if one["type"] == "finding":
            found[key_of(one["evidence"][0])] = one
    for key, theft in planted.items():
        finding = found.get(key)
        if theft["generous"] and finding is None:
            lines.append(f"full: {key} ({theft['kind']}) is not found")
        elif must_alert(theft) and finding["severity"] in ("info", "low"):
            lines.append(f"full: {key} ({theft['kind']}) is {finding['severity']}")
    for key, finding in found.items():
        way = [(key[0], hop["evidence"]["event"]) for hop in finding.get("trail", [])]
        if key not in planted and not any(event in planted for event in way):
            lines.append(f"full: {key} ({finding['rule']}) has nothing to do with a planted event")
    return lines


def miscounts(summary, generated):
    """A line for each count of the summary that is not that of the generator."""
    return [
        f"{summary[what]} {what} counted, {count} generated"
        for what, count in generated.items()
        if summary[what] != count
    ]


def main():
    krbtrail, generator, auparse_loop, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="krbtrail-generated-") as name:
        folder = Path(name)
        log, truth, generated = generate(generator, options, folder)
        records = generated["records"]
        lines = []
        for reading in READINGS:
            lines += complaints_of(krbtrail, log, truth, generated, reading, folder)
        lines += complaints_of_full(krbtrail, log, truth)
        parsed = subprocess.run([auparse_loop, log], stdout=subprocess.PIPE, text=True, check=True)
        if not re.match(rf"{records} records, .* 0 refused$", parsed.stdout.strip()):
            lines.append(f"libauparse read {parsed.stdout.strip()}, {records} were generated")
    print("\n".join(lines) or f"{records} records, no difference")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
