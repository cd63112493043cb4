#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the command over one scenario as every tool exports it.

    scan_shapes_test.py KRBTRAIL WRITE_WINDOWS_SHAPES

The files under testdata/windows/shapes are what the writer writes. Each gives one object with the
verdict that stands beside it, the same story, and (where the shape carries record ids and a
computer) the same id; all that is printed is valid by docs/krbtrail.schema.json. All shapes with that
id in one run are one finding.
"""
import filecmp
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema  # Debian: python3-jsonschema. Without it this test fails, it is not skipped.

PROJECT = Path(__file__).resolve().parents[2]
SHAPES = PROJECT / "testdata" / "windows" / "shapes"
SCHEMA = json.loads((PROJECT / "docs" / "krbtrail.schema.json").read_text(encoding="utf-8"))
VERDICTS = ("finding", "near_miss", "indeterminate")
HOST = "ws1.example.test"
LOGON = {"logon_id": "0x8a38de", "target_user_sid": "S-1-5-21-1-2-3-500",
         "target_user_name": "Administrator"}
SERVICE = {"logon_id": "0x8a38de", "name": "KrbSCM", "account": "LocalSystem",
           "file_name": '"C:\\Users\\eve\\KrbRelayUp.exe" system 1'.replace("\\", "\\\\")}

problems = []


def expect(file, what, got, wanted):
    if got != wanted:
        problems.append(f"{file}: {what}: expected {wanted!r}, got {got!r}")


def scan(krbtrail, *arguments):
    """The exit status and the objects of a run, each held against the schema."""
    run = subprocess.run([krbtrail, "scan", "--format", "ndjson", *arguments], cwd=SHAPES,
                         capture_output=True, check=False)
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for value in objects:
        for error in validator.iter_errors(value):
            problems.append(f"{arguments}: {list(error.absolute_path)}: {error.message}")
    return run.returncode, objects


def same_files(writer):
    """What the writer writes is what is committed."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([writer, folder], check=True)
        written = {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}
        kept = {path.relative_to(SHAPES) for path in SHAPES.rglob("*") if path.is_file()}
        for name in sorted(written ^ kept):
            problems.append(f"{name}: only in {'testdata' if name in kept else 'what is written'}")
        for name in sorted(written & kept):
            if not filecmp.cmp(Path(folder) / name, SHAPES / name, shallow=False):
                problems.append(f"{name}: differs from what is written")


def check_story(file, found):
    expect(file, "host", found["host"] in (HOST, ""), True)
    for leg, wanted in (("logon", LOGON), ("service", SERVICE)):
        for key, value in wanted.items():
            if key in found[leg] or found["type"] == "finding":
                expect(file, f"{leg}.{key}", found[leg].get(key), value)
    expect(file, "evidence", [one["input"] for one in found["evidence"]], [file, file])


def check_shape(krbtrail, file, verdict):
    """The id of the finding where the shape has all that an id is made of."""
    status, objects = scan(krbtrail, file)
    found = [one for one in objects if one["type"] in VERDICTS]
    expect(file, "objects", len(found), 1)
    if not found:
        return None
    kind, _, unknown = verdict.partition(": ")
    expect(file, "verdict", found[0]["type"], kind)
    expect(file, "unknown", [one["name"] for one in found[0]["predicates"] if one["held"] is None],
           unknown.split(", ") if unknown else [])
    expect(file, "exit status", status, 1 if kind == "finding" else 3)
    expect(file, "accounting", [one["adds_up"] for one in objects if "adds_up" in one], [True])
    check_story(file, found[0])
    has_ids = all(found[0][leg].get("record_id") for leg in ("logon", "service"))
    return found[0]["id"] if has_ids else None


def main():
    krbtrail, writer = map(str, (Path(argument).resolve() for argument in sys.argv[1:]))
    same_files(writer)
    verdicts = dict(line.split("\t")
                    for line in (SHAPES / "verdicts.tsv").read_text(encoding="utf-8").splitlines())
    ids = {file: check_shape(krbtrail, file, verdict) for file, verdict in verdicts.items()}
    with_id = sorted(file for file, finding in ids.items() if finding)
    expect("all shapes", "ids", len({ids[file] for file in with_id}), 1)
    _, objects = scan(krbtrail, *with_id)
    expect("all at once", "objects",
           [(one["type"], one["id"], one["session"]) for one in objects if one["type"] in VERDICTS],
           [("finding", ids[with_id[0]], [])])
    print(len(verdicts), "shapes,", len(problems), "problems")
    print(*problems, sep="\n")
    sys.exit(1 if problems or not verdicts else 0)


main()
