#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Types what the help, a page of the manual or a document tells people to type.

    examples_test.py BINARY help|man/PAGE|README.md|docs/DOCUMENT.md

In a document a command is a line behind `$` in an indented block, and the lines below it, if any, are
its output ("..." for anything). All commands of a document run in one shell, in the document's order,
in a scratch directory that holds what examples name: audit.log, audit.log.gz and evidence/, in which
there is a theft; findings/*.ndjson, which scans of them wrote; ws1.xml and Security.xml, in which there
are others; theft.log, which the README shows; testdata, scripts, docs and etc of the project;
/var/log/audit stands for evidence/. A scan or merge has to end well (0 or 1; 1 where it is alone),
everything else has to succeed, and where output is shown it has to be that. A command that renews a part
of a document has to leave it as it is. NOT_RUN names what cannot
run here, and why. The commands and options that are named in running text have to exist.
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
TIME_LIMIT_SECONDS = 580

BENCH = "takes minutes, and a build with KRBTRAIL_BENCH; scripts/check instructions runs a part of it"
NOT_RUN = {
    "README.md": {
        "./scripts/try": "installs packages and builds",
        "./scripts/test": "installs packages, builds and runs this test",
        "./scripts/check": "installs packages and takes half an hour",
        "cmake --install build": "needs root; scripts/check installed does it elsewhere",
        "scripts/package": "builds; scripts/check package does it",
    },
    "docs/FLEET.md": {
        "etc/fleet/parallel": "needs GNU parallel; scripts/check fleet runs it",
        "ansible-playbook": "needs Ansible and hosts; scripts/check fleet runs it",
        "etc/fleet/slurm/submit": "needs a Slurm; scripts/check fleet starts one",
        "scontrol": "needs a Slurm",
    },
    "docs/PERFORMANCE.md": {
        "scripts/bench": BENCH,
        "build/tests/bench/generate_log": BENCH,
        "build/krbtrail scan": "reads what generate_log makes",
        "tests/bench/compare_truth.py": "reads what generate_log makes",
    },
    "docs/WALKTHROUGH-LINUX.md": {
        "sudo install": "changes the audit rules of the machine",
        "sudo augenrules": "changes the audit rules of the machine",
    },
    "man/krbtrail-live.8": {
        "krbtrail live --follow": "needs a system log; tests/live follows logs",
        "krbtrail audit-rules --tier 2 >/etc/": "changes the audit rules of the machine",
        "augenrules": "changes the audit rules of the machine",
        "auditctl": "writes to the audit log of the machine",
        "touch": "is to be found by the plugin of the machine; tests/live has a real auditd",
    },
}


def shown_log():
    """The records that the README shows."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    return "".join(line + "\n" for line in re.findall(r"^ {4}(type=.*)$", text, re.MULTILINE))


def lay_out(folder, binary):
    (folder / "evidence").mkdir()
    theft = b"".join(path.read_bytes() for path in sorted(EVIDENCE.glob("t*.log")))
    (folder / "audit.log").write_bytes(theft)
    (folder / "evidence" / "audit.log").write_bytes(
        b"".join(b"node=web1 " + line for line in theft.splitlines(keepends=True)))
    (folder / "theft.log").write_text(shown_log(), encoding="utf-8")
    for name in ("etc", "docs"):
        shutil.copytree(PROJECT / name, folder / name)
    for name in ("testdata", "scripts"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "audit.log.gz").write_bytes(gzip.compress(theft))
    for name, source in (("ws1.xml", "relayed_logon.xml"),
                         ("Security.xml", "relayed_logon_elevated.xml")):
        shutil.copy(PROJECT / "testdata" / "windows" / source, folder / name)
    (folder / "findings").mkdir()
    for name in ("audit.log", "ws1.xml"):
        with open(folder / "findings" / f"{name}.ndjson", "wb") as findings:
            subprocess.run([binary, "scan", "--quiet", "--format", "ndjson", folder / name],
                           stdout=findings, check=False)


def help_of(binary, *command):
    return subprocess.run([binary, *command, "--help"], capture_output=True, text=True,
                          check=True).stdout


def from_help(binary):
    for command in ([], *[[name] for name in COMMANDS]):
        examples = help_of(binary, *command).split("\nExamples:\n")[1].splitlines()
        assert len(examples) == 3, examples
        for line in examples:
            yield re.split(r" {2,}", line.strip())[0], []


def from_man(text):
    for line in re.findall(r"^\.Dl (.*krbtrail .*)$", text, re.MULTILINE):
        yield line, []
    # Files that a page shows are written and read, other literal lines are commands.
    for number, block in enumerate(re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$", text,
                                              re.MULTILINE)):
        if not re.search(r"^(\[|\w+ = )", block, re.MULTILINE):
            yield from ((line, []) for line in block.splitlines())
            continue
        reader = ("krbtrail scan --exceptions {0} theft.log" if "[exception " in block else
                  "krbtrail rules --config {0}")
        yield f"cat >shown{number}.conf <<'END'\n{block}END", []
        yield reader.format(f"shown{number}.conf"), []


def blocks(text):
    """The indented and the fenced blocks of a document, without their indentation."""
    for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.MULTILINE):
        yield re.sub(r"^ {4}", "", block, flags=re.MULTILINE)
    yield from re.findall(r"^```[a-z]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def from_document(text):
    """Each line behind a `$` with the output that is shown below it."""
    for block in blocks(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *output = part.rstrip("\n").split("\n")
            yield line, output


def unmarked(text):
    """Lines of blocks that look like commands and have no `$`, so that they would never run."""
    for block in blocks(text):
        for line in re.split(r"^\$ ", block, flags=re.MULTILINE)[0].splitlines():
            if re.match(r"(sudo|krbtrail|cmake|ctest|apt-get|(\./)?(scripts|build|tests|etc)/) ?\S",
                        line):
                yield f"a command without $: {line}"


def unknown_words(text, binary):
    """Commands, options and scripts in running text that do not exist."""
    options = {name: help_of(binary, name) for name in COMMANDS}
    for span in re.findall(r"`(krbtrail [^`\n]*)`|^\.Ql (krbtrail .*)$", text, re.MULTILINE):
        words = "".join(span).split()
        if not re.fullmatch(r"[a-z][a-z-]*", words[1]):
            continue
        if words[1] not in COMMANDS:
            yield f"there is no command {words[1]}: {' '.join(words)}"
            continue
        for option in re.findall(r"(?<= )--[a-z][a-z-]*", " ".join(words)):
            if option != "--help" and f"{option} " not in options[words[1]]:
                yield f"krbtrail {words[1]} has no {option}"
    for script in re.findall(r"`(?:\./)?(scripts/[a-z_]+)\b", text):
        if not os.access(PROJECT / script, os.X_OK):
            yield f"there is no {script}"


def reason_not_to_run(line, reasons):
    return next((start for start in reasons if line.startswith(start)), None)


def run(lines, binary):
    """All lines in one shell; what each of them printed and how it ended."""
    with tempfile.TemporaryDirectory(prefix="krbtrail-example-") as scratch:
        place, outputs = Path(scratch) / "work", Path(scratch) / "outputs"
        place.mkdir()
        outputs.mkdir()
        lay_out(place, binary)
        script = "set -o pipefail\n"
        for number, line in enumerate(lines):
            line = line.replace("/var/log/audit", "evidence")
            # What has no end of its own is ended as by ^C.
            line = line.replace("krbtrail live --",
                                "timeout --preserve-status --signal INT 2 krbtrail live --")
            script += (f"{{ {line}\n}} >{outputs}/{number}.out 2>{outputs}/{number}.err\n"
                       f"echo $? >{outputs}/{number}.status\n")
        environment = dict(os.environ, PATH=f"{binary.parent}:{os.environ['PATH']}", LC_ALL="C")
        done = subprocess.run(["bash", "-c", script], cwd=place, env=environment, text=True,
                              capture_output=True, timeout=TIME_LIMIT_SECONDS, check=False,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        for number, _ in enumerate(lines):
            out, err, status = ((outputs / f"{number}.{kind}").read_text(encoding="utf-8")
                                for kind in ("out", "err", "status"))
            yield subprocess.CompletedProcess(lines[number], int(status), out, err)
        for document in sorted((PROJECT / "docs").iterdir()):
            assert document.read_bytes() == (place / "docs" / document.name).read_bytes(), \
                f"{document.name} is not what its commands write"


def problems(line, shown, done):
    finds = re.search(r"krbtrail (?:scan|merge)(.*)", line, re.DOTALL)
    alone = finds and not re.search(r"[|;]|--host|--propose|--exceptions", finds[0])
    if done.returncode not in ((0, 1) if finds else (0,)):
        yield f"exit status {done.returncode}"
    if alone and done.returncode != 1:
        yield f"exit status {done.returncode}: the theft was not found"
    if "krbtrail" in line and not done.stdout and \
            not re.search(r" -o | --output | >|^source | \| source$|^\w+\(\) \{", line):
        yield "no output"
    if shown and not expectation(shown).fullmatch(done.stdout.strip("\n") + "\n"):
        yield f"not the output that is shown, but\n{done.stdout}"


def main():
    binary, place = Path(sys.argv[1]).resolve(), sys.argv[2]
    failures = []
    if place == "help":
        examples = list(from_help(binary))
    else:
        text = (PROJECT / place).read_text(encoding="utf-8")
        examples = list((from_man if place.startswith("man/") else from_document)(text))
        failures = [*unmarked(text), *unknown_words(text, binary)]
    reasons = NOT_RUN.get(place, {})
    skipped = {line: reason_not_to_run(line, reasons) for line, _ in examples}
    for line, start in skipped.items():
        if start:
            print(f"not run: {line}: {reasons[start]}")
    failures += [f"NOT_RUN has what is not shown: {start}"
                 for start in set(reasons) - set(skipped.values())]
    typed = [(line, shown) for line, shown in examples if not skipped[line]]
    for (line, shown), done in zip(typed, run([line for line, _ in typed], binary), strict=True):
        failures += [f"{line}\n  {problem}\n{done.stderr}" for problem in problems(line, shown, done)]
    print(*failures, sep="\n")
    print(len(typed), "examples run,", len(failures), "failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
