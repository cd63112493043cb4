#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types what the help, the man page and the README tell people to type.

    examples_test.py BINARY help|man|readme

Every example runs in a fresh directory that holds what examples name: audit.log, audit.log.gz and
evidence/, in which there is a theft; /var/log/audit stands for that evidence, too. A scan has to find
it (exit status 1), everything else has to succeed.
"""
import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
EVIDENCE = PROJECT / "testdata" / "captured" / "raw"
COMMANDS = ("scan", "rules")


def lay_out(folder):
    (folder / "evidence").mkdir()
    theft = b"".join(path.read_bytes() for path in sorted(EVIDENCE.glob("t*.log")))
    (folder / "audit.log").write_bytes(theft)
    (folder / "evidence" / "audit.log").write_bytes(theft)
    (folder / "audit.log.gz").write_bytes(gzip.compress(theft))


def from_help(binary):
    for command in ([], *[[name] for name in COMMANDS]):
        text = subprocess.run([binary, *command, "--help"], capture_output=True, text=True,
                              check=True).stdout
        examples = text.split("\nExamples:\n")[1].splitlines()
        assert len(examples) == 3, examples
        for line in examples:
            yield re.split(r" {2,}", line.strip())[0]


def from_man(_):
    text = (PROJECT / "man" / "krbtrail.1").read_text(encoding="utf-8")
    for line in re.findall(r"^\.Dl (.*krbtrail .*)$", text, re.MULTILINE):
        yield line


def from_readme(_):
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    for line in re.findall(r"^ {4}\$ (.*krbtrail .*)$", text, re.MULTILINE):
        yield line


SOURCES = {"help": from_help, "man": from_man, "readme": from_readme}


def run(line, binary):
    with tempfile.TemporaryDirectory(prefix="krbtrail-example-") as scratch:
        lay_out(Path(scratch))
        line = line.replace("/var/log/audit", "evidence")
        environment = dict(os.environ, PATH=f"{binary.parent}:{os.environ['PATH']}", LC_ALL="C")
        return subprocess.run(["bash", "-o", "pipefail", "-c", line], cwd=scratch, env=environment,
                              capture_output=True, text=True, timeout=120, check=False,
                              stdin=subprocess.DEVNULL)


def main():
    binary = Path(sys.argv[1]).resolve()
    lines = list(SOURCES[sys.argv[2]](binary))
    failures = 0 if lines else 1
    for line in lines:
        done = run(line, binary)
        wanted = 1 if "krbtrail scan" in line else 0
        if done.returncode != wanted or not (done.stdout or " -o " in line):
            print(f"{line}\n  exit status {done.returncode}, expected {wanted}\n{done.stderr}")
            failures += 1
    print(len(lines), "examples,", failures, "failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
