#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An event that is made to be large is read in bounded memory, and says what it had to go without.

    large_events_test.py KRBTRAIL MOST_MEMORY

MOST_MEMORY is in MiB (docs/LIMITS.md); 0 is for a build that takes more of its own. Each event is 8 MiB of fields of a few bytes, so that every byte costs as much memory as it can.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
MOST_MEMORY = float(sys.argv[2])
EVENT_BYTES = 8 << 20
LINE_BYTES = 65_000
HEAD = "msg=audit(1700000000.123:42): "
CALL = ("type=SYSCALL " + HEAD + "arch=c000003e syscall={} success=yes exit=3 a0=ffffff9c a1=7ffc "
        "a2=0 a3=0 items={} ppid=1 pid=7 auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 "
        'fsgid=0 tty=pts0 ses=3 comm="cp" exe="/usr/bin/cp"')
FILE = 'name="/tmp/{}" inode={} dev=fd:01 mode=0100600 ouid=1000 ogid=0 nametype=NORMAL'


def filled(lines, small):
    """The lines, as long as `small` fields of the numbers up from 0 make them, up to 8 MiB."""
    number, left = 0, EVENT_BYTES
    for line in lines:
        parts, size = [line], len(line)
        while size < min(LINE_BYTES, left) - 20:
            parts.append(small.format(number))
            size += len(parts[-1])
            number += 1
        yield "".join(parts)
        left -= size + 1
        if left < 1_000:
            return


def exec_of_many():
    yield CALL.format(59, 1)
    first = "type=EXECVE " + HEAD + 'argc=900000 a0="cp" a1="/tmp/krb5cc_1000"'
    yield from filled([first] + ["type=EXECVE " + HEAD] * 200, " a{}=1")


def exec_of_the_same():
    yield CALL.format(59, 1)
    first = "type=EXECVE " + HEAD + 'argc=9 a0="cp" a1="/tmp/krb5cc_1000"'
    yield from filled([first] + ["type=EXECVE " + HEAD] * 200, " a1[{}]=1")


def files(small, separator=""):
    yield CALL.format(257, 1)
    names = ["krb5cc_1000"] + ["x"] * 199
    lines = (f"type=PATH {HEAD}item={item} {FILE.format(name, item)}{separator}"
             for item, name in enumerate(names))
    yield from filled(lines, small)


EVENTS = {"an exec of many arguments": exec_of_many(),
          "an argument in many pieces": exec_of_the_same(),
          "files of many fields": files(" b=1"),
          "files of many enriched fields": files(" B=1", "\x1d")}
OUTPUTS = (["--format", "text"], ["--format", "ndjson"], ["--format", "html"])


def fields_left_out(line):
    if not line.startswith(b'{"type":"coverage"'):
        return 0
    return json.loads(line).get("evictions", {}).get("event_fields", 0)


def scan(log, output):
    """(the exit status, what was left out, MiB at most).

    What is read here is read line by line: a child counts its parent's memory as its own.
    """
    with tempfile.NamedTemporaryFile(prefix="krbtrail-large-") as report:
        reader = subprocess.Popen(
            [KRBTRAIL, "scan", "--stats", "--min-severity", "info", *output, log], stdout=report)
        _, status, usage = os.wait4(reader.pid, 0)
        with open(report.name, "rb") as lines:
            left_out = sum(fields_left_out(line) for line in lines)
    return os.waitstatus_to_exitcode(status), left_out, usage.ru_maxrss / 1024


def complaints(folder):
    for name, lines in EVENTS.items():
        log = pathlib.Path(folder, "audit.log")
        with open(log, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in lines)
        for output in OUTPUTS:
            status, left_out, memory = scan(log, output)
            print(f"{name}, {' '.join(output)}: {memory:.1f} MiB, left out: {left_out}")
            if status != 1:
                yield f"{name}, {' '.join(output)}: exit status {status}"
            if output[1] == "ndjson" and left_out == 0:
                yield f"{name}: nothing is said to be left out"
            if memory >= MOST_MEMORY > 0:
                yield f"{name}, {' '.join(output)}: {memory:.1f} MiB, {MOST_MEMORY:.0f} are allowed"


def main():
    with tempfile.TemporaryDirectory(prefix="krbtrail-large-") as folder:
        lines = list(complaints(folder))
    print("\n".join(lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
