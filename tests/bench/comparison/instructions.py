# SPDX-License-Identifier: Apache-2.0
"""Instructions per byte: what callgrind counts, as the slope between a 5 MB and a 15 MB log.

The slope leaves start-up out, and neighbours on the machine do not change it: two runs differ by less
than a thousandth of a per cent. It is the one figure that may fail a check.
"""

import json
import re
import subprocess

from measuring import Failure

SMALL, LARGE = 5_000_000, 15_000_000
TOLERANCE = 1.05


def per_byte(program, maker, shape):
    """Instructions that the program spends on a further byte of a log of that shape."""
    small, large = maker.make(shape, SMALL), maker.make(shape, LARGE)
    spent = [_instructions(program, log.path) for log in (small, large)]
    return (spent[1] - spent[0]) / (large.bytes - small.bytes)


def _instructions(program, path):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               *program.command(path)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    match = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode not in program.good_statuses or not match:
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr[-2000:]}")
    return int(match[1])


def read_recorded(path):
    """{"raw": 7.9, …} as `write_recorded` wrote it."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_recorded(path, figures):
    """Records the figures that later runs are held against."""
    rounded = {name: round(number, 2) for name, number in figures.items()}
    path.write_text(json.dumps(rounded, indent=2) + "\n", encoding="utf-8")


def complaints(figures, recorded):
    """A sentence for each figure that is more than 5 % over the recorded one, or not recorded."""
    lines = []
    for name, number in figures.items():
        if name not in recorded:
            lines.append(f"{name}: {number:.2f} instructions per byte, and nothing is recorded")
        elif number > recorded[name] * TOLERANCE:
            lines.append(f"{name}: {number:.2f} instructions per byte, more than 5 % over the "
                         f"recorded {recorded[name]:.2f}")
    return lines
