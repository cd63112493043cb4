#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A log that fills every table of the full rule set is read in bounded memory, and says what went.

    flooded_tables_test.py KRBTRAIL [SCALE]

The log comes through a pipe. At a scale below 1 no table is full: it is only read.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
SCALE = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
# Those of docs/LIMITS.md that the rules for tickets fill.
EVICTIONS = ("followed_files", "hosts", "process_table", "recent_opens", "tainted_processes")
MOST_MEMORY = 64  # MiB; see docs/LIMITS.md


def scan():
    """(the coverage, seconds of CPU time, MiB at most)."""
    writer = subprocess.Popen(
        [sys.executable, "-B", pathlib.Path(__file__).with_name("write_flood.py"), str(SCALE)],
        stdout=subprocess.PIPE)
    reader = subprocess.Popen([KRBTRAIL, "scan", "--stats", "--format", "ndjson", "-"],
                              stdin=writer.stdout, stdout=subprocess.PIPE)
    writer.stdout.close()
    coverage = None
    for line in reader.stdout:
        if line.startswith(b'{"type":"coverage"'):
            coverage = json.loads(line)
    _, status, usage = os.wait4(reader.pid, 0)
    if writer.wait() != 0 or os.waitstatus_to_exitcode(status) != 1:
        raise SystemExit(f"exit status {os.waitstatus_to_exitcode(status)}")
    return coverage, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    coverage, seconds, memory = scan()
    evicted = coverage.get("evictions", {})
    print(f"{seconds:.1f} s, {memory:.1f} MiB, evicted: {evicted}")
    lines = [f"{name}: nothing is said to be evicted" for name in EVICTIONS if not evicted.get(name)]
    if memory >= MOST_MEMORY:
        lines.append(f"{memory:.1f} MiB of memory, {MOST_MEMORY} are allowed")
    if SCALE < 1:
        return 0
    print("\n".join(lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
