#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the source tree and the binary against what docs/ARCHITECTURE.md promises.

    architecture_test.py arrows | foreign_headers | own_paths BUILD | hardening BINARY [fortified]

arrows           a room includes only what stands below it
foreign_headers  a library's header is included in its one home
own_paths        no file of the project names the place where it happens to lie
hardening        the binary is position independent, read-only where it can be, and guarded

Each prints what breaks the promise, one line each, and exits with 1 if there is anything.
"""
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# Room -> the rooms whose doors it may open. Its own are always open to it.
ARROWS = {
    "model": set(),
    "input": {"model"},
    "audit": {"model"},
    "windows": {"model"},
    "report": {"model"},
    "activity": {"audit", "model"},
    "detect": {"activity", "windows", "model"},
    "live": {"input", "activity", "model"},
    "cli": {"model", "input", "audit", "windows", "report", "activity", "detect", "live"},
}

# Header -> where it may be included, as the beginning of a path.
HOMES = {
    r"auparse\.h": ["src/audit/decoder"],
    r"libaudit\.h": ["src/audit/"],
    r"re2/.*": ["src/detect/"],
    r"boost/program_options.*": ["src/cli/options.cc"],
    r"seccomp\.h": ["src/cli/sandbox.cc"],
    r"linux/landlock\.h": ["src/cli/sandbox.cc"],
    r"nettle/.*": ["src/cli/"],
    r"(zlib|zstd|lzma|bzlib|igzip_lib|isa-l)\.h|isa-l/.*": ["src/input/"],
    r"hs/.*|hs\.h": ["src/audit/"],
    r"cap-ng\.h": ["src/live/"],
    r"simdjson\.h": ["src/windows/json", "src/report/ndjson_reader"],
    r"pugixml\.hpp": ["src/windows/xml"],
    r"pwd\.h|grp\.h": [],  # account names come from the evidence, never from this computer
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources():
    for folder in ("include", "src"):
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path.relative_to(PROJECT)


def includes():
    """Every include line as (file, line number, bracket, header)."""
    for path in sources():
        lines = (PROJECT / path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if found := INCLUDE.match(line):
                yield path, number, found[1], found[2]


def room_of(path):
    return path.parts[2] if path.parts[0] == "include" else path.parts[1]


def arrows():
    for path, number, bracket, header in includes():
        if bracket == "<":
            continue
        room = room_of(path)
        parts = header.split("/")
        if room not in ARROWS:
            yield f"{path}: there is no room '{room}'"
        elif parts[0] == "krbtrail":
            if parts[1] != room and parts[1] not in ARROWS[room]:
                yield f"{path}:{number}: {room} must not include {header}"
        elif parts[0] != room and not (PROJECT / path.parent / header).exists():
            yield f"{path}:{number}: {header} is inside another room"
        elif path.parts[0] == "include":
            yield f"{path}:{number}: a door must not include {header}, which stays inside"


def foreign_headers():
    for path, number, _, header in includes():
        for pattern, homes in HOMES.items():
            if re.fullmatch(pattern, header) and not any(str(path).startswith(h) for h in homes):
                yield f"{path}:{number}: {header} belongs in {', '.join(homes) or 'no file'}"


def own_files():
    """What git tracks, or without git every file outside the build folders."""
    listed = subprocess.run(["git", "-C", PROJECT, "ls-files", "-z"], capture_output=True,
                            check=False)
    if listed.returncode == 0 and listed.stdout:
        return [PROJECT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in PROJECT.rglob("*")
            if path.is_file() and not path.relative_to(PROJECT).parts[0].startswith(("build", ".git"))]


def own_paths(build):
    places = {str(PROJECT).encode(), str(Path(build).resolve()).encode()}
    for path in own_files():
        if not path.is_file():
            continue
        content = path.read_bytes()
        for place in places:
            if place in content:
                yield f"{path.relative_to(PROJECT)}: names {place.decode()}"


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], capture_output=True, text=True,
                          check=True).stdout


def hardening(binary, *flags):
    dynamic, segments, symbols = readelf("-d", binary), readelf("-l", binary), readelf("--dyn-syms", binary)
    stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
    promises = {
        "position independent (PIE)": re.search(r"FLAGS_1.*\bPIE\b", dynamic),
        "relocations bound at start (BIND_NOW)": re.search(r"FLAGS.*\b(BIND_NOW|NOW)\b", dynamic),
        "relocations read-only (RELRO)": "GNU_RELRO" in segments,
        "stack not executable (NX)": not re.search(r"\bRWE\b", stack),
        "stack protector": "__stack_chk_fail" in symbols,
    }
    if "x86_64" in flags:
        code = subprocess.run(["objdump", "-d", "--disassemble=main", binary], capture_output=True,
                              text=True, check=True).stdout
        promises["guarded against jumps into functions (CET)"] = re.search(
            r"<main>:\n.*\bendbr64\b", code)
    if "fortified" in flags:
        promises["fortified library calls"] = re.search(
            r"__(?!stack)\w+_chk\b", symbols)
    for promise, kept in promises.items():
        if not kept:
            yield f"{binary}: not {promise}"


CHECKS = {check.__name__: check for check in (arrows, foreign_headers, own_paths, hardening)}


def main():
    problems = list(CHECKS[sys.argv[1]](*sys.argv[2:]))
    print(*problems, sep="\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
