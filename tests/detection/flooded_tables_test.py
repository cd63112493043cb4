#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A log that fills every table of the full rule set is read in bounded memory, and says what went.

    flooded_tables_test.py KRBTRAIL [SCALE]

With one thread and with more. At a scale below 1 no table is full: it is only read.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
SCALE = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
# Those of docs/LIMITS.md that the rules for tickets fill.
EVICTIONS = ("followed_files", "hosts", "process_table", "recent_opens", "tainted_processes")
MOST_MEMORY = {1: 64, 2: 72, 3: 72}  # MiB with so many --jobs; see docs/LIMITS.md


def scan(log, jobs):
    """(what the tables had to let go, seconds of CPU time, MiB at most)."""
    reader = subprocess.Popen(
        [KRBTRAIL, "scan", "--stats", "--format", "ndjson", "--jobs", str(jobs), log],
        stdout=subprocess.PIPE)
    coverage = None
    for line in reader.stdout:
        if line.startswith(b'{"type":"coverage"'):
            coverage = json.loads(line)
    _, status, usage = os.wait4(reader.pid, 0)
    if os.waitstatus_to_exitcode(status) != 1:
        raise SystemExit(f"exit status {os.waitstatus_to_exitcode(status)}")
    return (coverage.get("evictions", {}), usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024)


def complaints(log):
    for jobs, most_memory in MOST_MEMORY.items():
        evicted, seconds, memory = scan(log, jobs)
        print(f"--jobs {jobs}: {seconds:.1f} s, {memory:.1f} MiB, evicted: {evicted}")
        for name in EVICTIONS:
            if not evicted.get(name):
                yield f"--jobs {jobs}: {name}: nothing is said to be evicted"
        if memory >= most_memory:
            yield f"--jobs {jobs}: {memory:.1f} MiB of memory, {most_memory} are allowed"


def main():
    with tempfile.NamedTemporaryFile(prefix="krbtrail-flood-") as log:
        subprocess.run(
            [sys.executable, "-B", pathlib.Path(__file__).with_name("write_flood.py"), str(SCALE)],
            stdout=log, check=True)
        lines = list(complaints(log.name))
    if SCALE < 1:
        return 0
    print("\n".join(lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
