#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types what the help, the man page and the README tell people to type.

    examples_test.py BINARY help|man|readme

Every example runs in a fresh directory that holds what examples name: audit.log, audit.log.gz and
evidence/, in which there is a theft; findings/*.ndjson, which scans of them wrote; ws1.xml and Security.xml, in which there are others; /var/log/audit stands for that evidence, too. theft.log is what
the README shows. A scan has to end well (0 or 1; 1 where it is alone), everything else has to succeed,
and where output is shown ("..." for anything) it has to be that.
"""
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from textual_case import expectation

PROJECT = Path(__file__).resolve().parents[2]
EVIDENCE = PROJECT / "testdata" / "captured" / "raw"
COMMANDS = ("scan", "live", "merge", "explain", "rules", "audit-rules", "completions")


def lay_out(folder, binary):
    (folder / "evidence").mkdir()
    theft = b"".join(path.read_bytes() for path in sorted(EVIDENCE.glob("t*.log")))
    (folder / "audit.log").write_bytes(theft)
    (folder / "evidence" / "audit.log").write_bytes(b"".join(b"node=web1 " + line for line in theft.splitlines(keepends=True)))
    (folder / "theft.log").write_text(shown_log(), encoding="utf-8")
    shutil.copytree(PROJECT / "etc", folder / "etc")
    (folder / "audit.log.gz").write_bytes(gzip.compress(theft))
    (folder / "ws1.xml").write_bytes(
        (PROJECT / "testdata" / "windows" / "relayed_logon.xml").read_bytes())
    (folder / "Security.xml").write_bytes(
        (PROJECT / "testdata" / "windows" / "relayed_logon_elevated.xml").read_bytes())
    (folder / "findings").mkdir()
    for name in ("audit.log", "ws1.xml"):
        with open(folder / "findings" / f"{name}.ndjson", "wb") as findings:
            subprocess.run([binary, "scan", "--quiet", "--format", "ndjson", folder / name],
                           stdout=findings, check=False)


def shown_log():
    """The records that the README shows."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    return "".join(line + "\n" for line in re.findall(r"^ {4}(type=.*)$", text, re.MULTILINE))


def from_help(binary):
    for command in ([], *[[name] for name in COMMANDS]):
        text = subprocess.run([binary, *command, "--help"], capture_output=True, text=True,
                              check=True).stdout
        examples = text.split("\nExamples:\n")[1].splitlines()
        assert len(examples) == 3, examples
        for line in examples:
            yield re.split(r" {2,}", line.strip())[0], []


def from_man(_):
    text = (PROJECT / "man" / "krbtrail.1").read_text(encoding="utf-8")
    for line in re.findall(r"^\.Dl (.*krbtrail .*)$", text, re.MULTILINE):
        yield line, []


def from_readme(_):
    """Each line behind a `$` with the output that is shown below it."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.MULTILINE):
        for part in re.split(r"^ {4}\$ ", block, flags=re.MULTILINE)[1:]:
            line, *output = [shown.removeprefix("    ") for shown in part.rstrip("\n").split("\n")]
            yield line, output


SOURCES = {"help": from_help, "man": from_man, "readme": from_readme}


def run(line, binary):
    with tempfile.TemporaryDirectory(prefix="krbtrail-example-") as scratch:
        lay_out(Path(scratch), binary)
        line = line.replace("/var/log/audit", "evidence")
        # What has no end of its own is ended as by ^C.
        line = line.replace("krbtrail live --", "timeout --preserve-status --signal INT 2 krbtrail live --")
        environment = dict(os.environ, PATH=f"{binary.parent}:{os.environ['PATH']}", LC_ALL="C")
        return subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=scratch, env=environment,
                              capture_output=True, text=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL)


def problems(line, shown, done):
    finds = re.search(r"krbtrail (?:scan|merge)(.*)", line)
    alone = finds and not finds[1].count("|")
    if done.returncode not in ((0, 1) if finds else (0,)):
        yield f"exit status {done.returncode}"
    if alone and "--host" not in line and "--propose" not in line and done.returncode != 1:
        yield f"exit status {done.returncode}: the theft was not found"
    if not done.stdout and not re.search(r" -o | > |^source | \| source$", line):
        yield "no output"
    if shown and not expectation(shown).fullmatch(done.stdout.lstrip("\n")):
        yield f"not the output that is shown, but\n{done.stdout}"


def main():
    binary = Path(sys.argv[1]).resolve()
    examples = list(SOURCES[sys.argv[2]](binary))
    failures = 0 if examples else 1
    for line, shown in examples:
        done = run(line, binary)
        for problem in problems(line, shown, done):
            print(f"{line}\n  {problem}\n{done.stderr}")
            failures += 1
    print(len(examples), "examples,", failures, "failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
