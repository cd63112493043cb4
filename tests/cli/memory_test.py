#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Too little memory is an error, never a shorter report and never a file left behind.

    memory_test.py BINARY

Each command runs under address-space limits (RLIMIT_AS) that go up from the lowest under which the
program starts at all. At every step there is the whole report with the status of a run without limits,
or status 4, words that say why, and no file. Where a decompressor gets no memory the run goes on
without that file, and the report names it.
"""
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

BINARY = Path(sys.argv[1]).resolve()
TESTDATA = Path(__file__).resolve().parents[2] / "testdata"
KIB = 1024
STARTS_BELOW = 64 * KIB * KIB
WORKS_BELOW = 512 * KIB * KIB  # what the hint promises
# A thread asks for a stack and a heap of its own: only here is there room for all of them.
WALK_ENDS = 72 * KIB * KIB
STEP = 1100 * KIB
WORDS = """\
krbtrail: error: out of memory: the output is not whole
krbtrail: hint: 512 MiB are enough for any evidence; ulimit -v, the service or the container allows less
"""
NO_MEMORY_FOR_IT = re.compile(r"data cannot be read at offset \d+: no memory for it\n")


class Outcome:
    def __init__(self, arguments, limit=None):
        def lower():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

        with tempfile.TemporaryDirectory(prefix="krbtrail-memory-") as folder:
            done = subprocess.run([BINARY, *arguments], preexec_fn=lower, cwd=folder, check=False,
                                  capture_output=True, env=dict(os.environ, TMPDIR=folder))
            self.status, self.words = done.returncode, done.stderr.decode()
            self.files = sorted(os.listdir(folder))
            self.report = Path(folder, "out").read_bytes() if self.files == ["out"] else None


def lowest_to_start():
    """The first limit, but for 16 KiB, under which the program answers."""
    low, high = 0, STARTS_BELOW
    while high - low > 16 * KIB:
        middle = (low + high) // 2
        answers = Outcome(["--version"], middle).status == 0
        low, high = (low, middle) if answers else (middle, high)
    return high


def complaint(found, whole):
    """What is wrong with the outcome of a run with little memory, or None."""
    if found.report == whole.report and found.status == whole.status and found.files == ["out"]:
        return None
    if found.status == 4 and found.words == WORDS and not found.files:
        return None
    loss = found.files == ["out"] and NO_MEMORY_FOR_IT.search(found.words)
    if loss and found.status in (1, 3) and b'"incomplete":true' in found.report.splitlines()[-1]:
        return None
    return f"status {found.status}, files {found.files}, words {found.words!r}"


def walk(name, arguments, start):
    whole = Outcome(arguments)
    if whole.report is None:
        return [f"{name}: no report without limits either: {whole.words}"]
    problems, worked = [], 0
    for limit in [*range(start, WALK_ENDS, STEP), WORKS_BELOW]:
        found = Outcome(arguments, limit)
        worked += found.report == whole.report
        if wrong := complaint(found, whole):
            problems.append(f"{name}: with {limit // KIB} KiB: {wrong}")
    print(f"{name}: whole under {worked} limits")
    if found.report != whole.report:
        problems.append(f"{name}: the hint promises too much")
    return problems


def evidence(folder):
    """(what is walked, its arguments)."""
    log = Path(folder, "audit.log")
    log.write_bytes(b"".join(path.read_bytes() for path in
                             sorted((TESTDATA / "captured" / "raw").glob("t*.log"))))
    for program in ("gzip", "xz", "zstd", "bzip2"):
        subprocess.run([program, "-k", "-q", log], check=True)
    findings = Path(folder, "findings.ndjson")
    with open(findings, "wb") as file:
        subprocess.run([BINARY, "scan", "--format", "ndjson", log], stdout=file, check=False)
    report = ["--quiet", "--output", "out"]
    for format_name in ("text", "ndjson", "csv", "html", "ocsf"):
        yield f"scan to {format_name}", ["scan", *report, "--format", format_name, log]
    for suffix in ("gz", "xz", "zst", "bz2"):
        yield f"scan of .{suffix}", ["scan", *report, "--format", "ndjson", f"{log}.{suffix}"]
    shapes = TESTDATA / "windows" / "shapes"
    yield "scan of Windows logs", ["scan", *report, "--format", "ndjson", shapes]
    yield "scan of Windows logs on threads", ["scan", *report, "--format", "ndjson", "--jobs", "4",
                                              shapes / "evtx"]
    for jobs in ("2", "3"):
        yield f"scan with --jobs {jobs}", ["scan", *report, "--format", "ndjson", "--jobs", jobs, log]
    yield "merge", ["merge", *report, "--format", "ndjson", findings]


def main():
    start = lowest_to_start()
    problems = []
    with tempfile.TemporaryDirectory(prefix="krbtrail-memory-") as folder:
        for name, arguments in evidence(folder):
            problems += walk(name, arguments, start)
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
