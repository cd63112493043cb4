# SPDX-License-Identifier: Apache-2.0
"""Logs to measure on, made by generate_log in a folder that goes away."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

UNITS = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
# Like an ordinary host's: 500 events a second, 6 % interleaved.
SHAPES = {
    "raw": [],
    "enriched": ["--enriched"],
    "5 events/s": ["--density", "5"],
    "50 events/s": ["--density", "50"],
    "500 events/s": ["--density", "500"],
    "5,000 events/s": ["--density", "5000"],
    "20,000 events/s": ["--density", "20000"],
    "2,000 ppm strays": ["--stray-ppm", "2000"],
    "2,000 ppm strays, 5,000 events/s": ["--stray-ppm", "2000", "--density", "5000"],
    "no PROCTITLE": ["--no-proctitle"],
    "no PROCTITLE, 5,000 events/s": ["--no-proctitle", "--density", "5000"],
    "50 % interleaved": ["--interleave-percent", "50"],
    "late records": ["--reorder"],
    "20 hosts": ["--hosts", "20"],
    "every event a look-alike": ["--benign-ppm", "1000000"],
}


@dataclass(frozen=True)
class Log:
    """A log that was made: its path and what is in it."""

    path: Path
    bytes: int
    records: int
    events: int


class LogMaker:
    """Makes logs in `folder`; one log exists at a time for each name."""

    def __init__(self, generate_log, folder):
        self._generate_log = generate_log
        self._folder = Path(folder)

    def make(self, shape, size):
        """A Log of that shape, `size` bytes long."""
        name = re.sub(r"[^a-z0-9]+", "-", shape.lower()) + f"-{size}.log"
        path = self._folder / name
        done = subprocess.run(
            [self._generate_log, "--bytes", str(size), "--output", path, *SHAPES[shape]],
            stderr=subprocess.PIPE, text=True, check=True,
        )
        counts = re.match(r"(\d+) bytes, (\d+) records, (\d+) events", done.stderr)
        return Log(path, *(int(count) for count in counts.groups()))

    def make_windows(self, generate_windows_log, form, size):
        """The path of a Windows log in that form, at least `size` bytes long."""
        path = self._folder / f"windows.{form}"
        with open(path, "wb") as log:
            subprocess.run([generate_windows_log, form, str(size)], stdout=log, check=True)
        return path


def parse_size(text):
    """Bytes of "100MiB", "4GB", "1000"; ValueError for anything else."""
    match = re.fullmatch(r"(\d+)([A-Za-z]*)", text)
    if not match or match[2] not in UNITS:
        raise ValueError(f"'{text}' is not a size such as 100MiB or 1GB")
    return int(match[1]) * UNITS[match[2]]
