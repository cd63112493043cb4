#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one case of a textual test: a command line, what it prints, and its exit status.

    textual_case.py BINARY FILE NAME

A FILE holds cases, separated by empty lines; '#' begins a comment line. A case has these words, each
repeatable and each taking the rest of its line:

    NAME    a sentence about behaviour; it is the test's name
    RUN     a line for bash; `krbtrail` is the binary under test, $TMP an empty directory,
            `without_privilege CMD` runs CMD so that permission bits count even for root
    STDIN   a line of standard input (none: it is empty)
    STDOUT  a line that is expected; "..." stands for anything, alone for any number of lines
    STDERR  the same for standard error
    EXIT    the exit status; negative for a signal; 0 if it is not given

An output without a line here is expected to be empty. The working directory is the project's own.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
WORDS = ("NAME", "RUN", "STDIN", "STDOUT", "STDERR", "EXIT")
TIME_LIMIT_SECONDS = 120

PROLOGUE = r"""
without_privilege() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --bounding-set=-dac_override,-dac_read_search "$@"
  else
    "$@"
  fi
}
"""


def cases(path):
    """The cases of a file as dictionaries from word to lines."""
    found, current = [], {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            current = {}
            continue
        word, _, rest = line.partition(" ")
        if word not in WORDS:
            sys.exit(f"{path}:{number}: expected one of {', '.join(WORDS)}, got {word!r}")
        if not current:
            found.append(current)
        # Words are padded to one column; what is behind that column is the line itself.
        text = line[8:] if line[len(word):8].isspace() else rest
        current.setdefault(word, []).append(text)
    return found


def find_case(path, name):
    matching = [case for case in cases(path) if case.get("NAME") == [name]]
    if len(matching) != 1:
        sys.exit(f"{path}: {len(matching)} cases are named {name!r}, expected 1")
    return matching[0]


def expectation(lines):
    """A pattern for a whole output."""
    pattern = ""
    for line in lines:
        if line == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += "[^\n]*".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.compile(pattern)


def run(case, binary):
    """Runs the case in a session of its own, so that nothing of it outlives its time."""
    with tempfile.TemporaryDirectory(prefix="krbtrail-case-") as scratch:
        environment = dict(os.environ, TMP=scratch, TMPDIR=scratch, LC_ALL="C",
                           PATH=f"{binary.parent}:{os.environ['PATH']}")
        given = "".join(line + "\n" for line in case.get("STDIN", []))
        with subprocess.Popen(["bash", "-c", PROLOGUE + "\n".join(case["RUN"])], cwd=PROJECT,
                              env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, start_new_session=True) as shell:
            try:
                stdout, stderr = shell.communicate(given.encode(), TIME_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(shell.pid, signal.SIGKILL)
                sys.exit(f"stopped after {TIME_LIMIT_SECONDS} s")
        return subprocess.CompletedProcess(case["RUN"], shell.returncode, stdout, stderr)


def differences(case, done):
    for word, output in (("STDOUT", done.stdout), ("STDERR", done.stderr)):
        text = output.decode("utf-8", "backslashreplace")
        if not expectation(case.get(word, [])).fullmatch(text):
            wanted = "".join(line + "\n" for line in case.get(word, []))
            yield f"{word}: expected\n{wanted or '(nothing)'}\n{word}: got\n{text or '(nothing)'}"
    wanted = int(case.get("EXIT", ["0"])[0])
    if done.returncode != wanted:
        yield f"EXIT: expected {wanted}, got {done.returncode}"


def main():
    binary, path, name = Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3]
    case = find_case(path, name)
    done = run(case, binary)
    problems = list(differences(case, done))
    if problems:
        print("RUN", *case["RUN"], sep="\n  ")
        print(*problems, sep="\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
