#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A generated Windows log is read whole: windows_logs_test.py KRBTRAIL GENERATE_WINDOWS_LOG FORM"""
import json
import subprocess
import sys
import tempfile

BYTES = 3_000_000


def main():
    krbtrail, generate, form = sys.argv[1:]
    with tempfile.NamedTemporaryFile(suffix=f".{form}") as log:
        subprocess.run([generate, form, str(BYTES)], stdout=log, check=True)
        scan = [krbtrail, "scan", "--format", "ndjson", log.name]
        run = subprocess.run(scan, capture_output=True, check=False)
        together = subprocess.run([*scan, "--jobs", "3"], capture_output=True, check=False)
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    account = next(one for one in objects if "adds_up" in one)
    host = next(one for one in objects if one["type"] == "coverage" and "host" in one)
    kinds = {one["type"] for one in objects}
    checks = {
        "nothing but coverage": kinds == {"coverage", "summary"},
        "the bytes add up": account["adds_up"],
        "every byte was read": account["bytes_read"] >= BYTES,
        "nothing is unreadable": account["rejected"]["unreadable"]["bytes"] == 0,
        "no problem": account["notes"] == [] or form == "text",
        "three jobs write the same": (together.stdout, together.returncode)
                                     == (run.stdout, run.returncode),
        "the host": host["host"] == "ws1.example.test",
        "clean, or rendered text of some fields": run.returncode == 0 or form == "text",
    }
    failed = [what for what, holds in checks.items() if not holds]
    print(objects[-1]["records"], "records;", "failed:", failed or "nothing")
    print(json.dumps([account["notes"], host], indent=1) if failed else "")
    sys.exit(1 if failed or objects[-1]["records"] < 1000 else 0)


main()
