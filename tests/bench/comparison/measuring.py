# SPDX-License-Identifier: Apache-2.0
"""Runs programs in turn on one file and keeps the medians.

Interleaved rounds, the order reversed in every other one, so that a neighbour on the machine hurts
all alike. Figures are compared by CPU time: wall time on a loaded machine is off by up to three.
"""

import json
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000
# A run that takes this much CPU time is not repeated: its own length evens it out.
LONG_RUN = 20.0


class Failure(Exception):
    """A program that did not do what it was run for."""


@dataclass(frozen=True)
class Run:
    """What one run cost: seconds, and megabytes (10^6 bytes) of resident memory at its peak."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Cost:
    """The medians over the rounds; the peak memory is the greatest."""

    wall: float
    cpu: float
    peak: float
    rounds: int


class Runner:
    """Runs commands through run_measured, in the C locale."""

    def __init__(self, run_measured):
        self._run_measured = run_measured

    def run(self, command, good_statuses):
        """A Run; Failure if the command's exit status is none of the good ones."""
        with tempfile.TemporaryDirectory(prefix="krbtrail-bench-") as folder:
            report = Path(folder) / "report"
            done = subprocess.run(
                [self._run_measured, report, *command],
                env={"LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                stderr=subprocess.PIPE, text=True, errors="replace", check=False,
            )
            if done.returncode != 0:
                raise Failure(done.stderr.strip())
            figures = json.loads(report.read_text(encoding="utf-8"))
        if figures["status"] not in good_statuses:
            words = " ".join(str(word) for word in command)
            raise Failure(f"{words}: exit status {figures['status']}: {done.stderr.strip()[-2000:]}")
        return Run(
            wall=figures["wall"],
            cpu=figures["user"] + figures["system"],
            peak=figures["peak_kib"] * 1024 / MEGABYTE,
        )

    def compare(self, programs, path, rounds):
        """{program: Cost}, each program run `rounds` times on the file unless its run is long."""
        read_once(path)
        runs = {program: [] for program in programs}
        for number in range(rounds):
            for program in programs if number % 2 == 0 else reversed(programs):
                if runs[program] and runs[program][0].cpu > LONG_RUN:
                    continue
                runs[program].append(self.run(program.command(path), program.good_statuses))
        return {program: _cost(of_program) for program, of_program in runs.items()}


def read_once(path):
    """Brings a file into the page cache; the first touch would be charged to the first program."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def _cost(runs):
    return Cost(
        wall=statistics.median(run.wall for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        peak=max(run.peak for run in runs),
        rounds=len(runs),
    )
