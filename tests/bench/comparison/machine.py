# SPDX-License-Identifier: Apache-2.0
"""The machine that a figure comes from, in the words that make the figure comparable."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe():
    """Lines of Markdown: processor, memory, system, programs and their versions."""
    return [
        f"- Processor: {_cpu_model()}, {os.cpu_count()} in use; memory {_memory_gib()} GiB",
        f"- System: {_distribution()}, Linux {platform.release()}",
        f"- Versions: {', '.join(filter(None, map(_version, VERSIONS)))}",
    ]


def load():
    """The load averages and the share of time stolen by other guests since the machine started."""
    one, five, _ = os.getloadavg()
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return f"load {one:.1f} (1 min) {five:.1f} (5 min), {100 * ticks[7] / sum(ticks):.1f} % stolen"


VERSIONS = (
    ("g++", ["c++", "--version"]),
    ("grep", ["grep", "--version"]),
    ("ripgrep", ["rg", "--version"]),
    ("ausearch", ["ausearch", "--version"]),
    ("libauparse", ["pkg-config", "--modversion", "auparse"]),
)


def _version(entry):
    name, command = entry
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    match = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return f"{name} {match[0]}" if match else None


def _cpu_model():
    match = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return match[1] if match else platform.machine()


def _memory_gib():
    kibibytes = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    return round(kibibytes / 2**20)


def _distribution():
    match = re.search(r'PRETTY_NAME="(.+)"', Path("/etc/os-release").read_text())
    return match[1] if match else "unknown"
