#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sources the completions in a real shell and asks for some.

    completions_test.py BINARY bash|zsh|fish

Exits with 77, which CTest shows as skipped, where the shell is not installed. Every option that the
help of a command names has to be offered; the options' values are asked of a few.
"""
import re
import shutil
import subprocess
import sys

COMMANDS = ("scan", "live", "merge", "explain", "rules", "audit-rules")

BASH = """source "$1"; shift
COMP_WORDS=(krbtrail "$@"); COMP_CWORD=$#; _krbtrail; printf '%s\\n' "${COMPREPLY[@]}" """

# zsh completes in its line editor only: what our function hands to zsh's own is printed instead.
ZSH = """compdef() { }
_describe() { print -rl -- ${all%%:*} }
_arguments() { print -rl -- "$@" }
source "$1"; shift
words=(krbtrail "$@"); CURRENT=$#words; _krbtrail"""

FISH = "source $argv[1]; complete -C (string join -- ' ' krbtrail $argv[2..])"


def answers(shell, script, words):
    program = {"bash": ["bash", "-c", BASH, "bash"], "zsh": ["zsh", "-fc", ZSH, "zsh"],
               "fish": ["fish", "--no-config", "-c", FISH]}[shell]
    done = subprocess.run([*program, script, *words], capture_output=True, text=True, check=True,
                          timeout=60)
    assert not done.stderr, done.stderr
    if shell == "zsh":
        found = set(re.findall(r"^\*?(-[-\w]+)", done.stdout, re.MULTILINE))
        values = [v.split() for v in re.findall(r":\(([^)]*)\)$", done.stdout, re.MULTILINE)]
        return found | set(done.stdout.split()) | {word for value in values for word in value}
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


def options_of(binary, command):
    text = subprocess.run([binary, command, "--help"], capture_output=True, text=True,
                          check=True).stdout
    return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE))


def main():
    binary, shell = sys.argv[1:]
    if not shutil.which(shell):
        print(f"skipped: {shell} is not installed")
        sys.exit(77)
    script = subprocess.run([binary, "completions", shell], capture_output=True, text=True,
                            check=True).stdout
    with open(f"completions-test.{shell}", "w", encoding="utf-8") as file:
        file.write(script)
    ask = lambda *words: answers(shell, f"completions-test.{shell}", words)
    problems = []
    if missing := {*COMMANDS, "completions"} - ask(""):
        problems.append(f"commands that are not offered: {missing}")
    for command in COMMANDS:
        options = options_of(binary, command)
        assert options or command == "completions"
        if missing := options - ask(command, "--"):
            problems.append(f"options of {command} that are not offered: {missing}")
    for words, wanted in ((("scan", "--kind", ""), {"auto", "audit", "windows"}),
                          (("merge", "--min-severity", ""), {"info", "critical"}),
                          (("rules", "--format", "j"), {"json"})):
        if missing := wanted - ask(*words):
            problems.append(f"{' '.join(words)}: not offered: {missing}")
    print(*problems, sep="\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
