# SPDX-License-Identifier: Apache-2.0
"""What a capture has started and changed, kept on disk so that a later run can undo it."""

import json
import os
import signal
import time
from pathlib import Path

OUTSIDE = Path("/run/krbtrail-capture")  # as the machine sees it
INSIDE = Path("/opt/state")  # the same folder as the private namespace sees it


def start_time_of(pid):
    """The kernel's start time of a process, or None; with the pid it names one process for good."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return None


class State:
    """A small JSON file: the processes started, and the kernel's audit settings before."""

    def __init__(self, folder):
        self._file = folder / "state.json"
        self._content = {"processes": [], "before": None, "rules": []}
        if self._file.exists():
            self._content = json.loads(self._file.read_text())

    @property
    def before(self):
        """The kernel's audit settings before the capture, or None where they were not touched."""
        return self._content["before"]

    @property
    def rules(self):
        """The audit rules that the capture loads."""
        return self._content["rules"]

    def note_audit(self, settings, rules):
        """Remember the audit settings to go back to and the rules to take out."""
        self._content["before"] = settings
        self._content["rules"] = rules
        self._write()

    def note_process(self, name, pid):
        """Remember a process that the tear-down has to end."""
        entry = {"name": name, "pid": pid, "start": start_time_of(pid)}
        self._content["processes"].append(entry)
        self._write()

    def end_processes(self, only=None, but=None):
        """End each remembered process that still runs: ask, then insist; by pid, never by name."""
        for entry in self._content["processes"]:
            wanted = only in (None, entry["name"]) and entry["name"] != but
            if wanted and _still_runs(entry):
                print(f"  ending {entry['name']} (pid {entry['pid']})", flush=True)
                _end(entry)

    def _write(self):
        self._file.write_text(json.dumps(self._content))


def _still_runs(entry):
    return entry["start"] is not None and start_time_of(entry["pid"]) == entry["start"]


def _end(entry):
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 2)):
        os.kill(entry["pid"], number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            _reap(entry["pid"])
            if not _still_runs(entry):
                return
            time.sleep(0.05)


def _reap(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
