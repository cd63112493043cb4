#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around a run, at random moments: signals, a kill, input in odd pieces, evidence that
changes while it is read.

    faults_test.py BINARY [SEED]

The seed is printed; the same one gives the same plan, though not the same moments of another process.
"""
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

BINARY = Path(sys.argv[1]).resolve()
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else int.from_bytes(os.urandom(4), "big")
RAW = Path(__file__).resolve().parents[2] / "testdata" / "captured" / "raw"
# Sanitizers make a run ten times as long.
ROUNDS = 3 if "ASAN_OPTIONS" in os.environ else 20
OLD = b"the report of yesterday\n"


def theft():
    return b"".join(path.read_bytes() for path in sorted(RAW.glob("t*.log")))


def read_slowly(chance, process, data):
    """Feeds `data` in pieces of any size, with signals that mean nothing in between."""
    try:
        while data:
            size = min(len(data), chance.choice((1, 7, 4095, 4096, 65536, chance.randrange(1, 300000))))
            process.stdin.write(data[:size])
            process.stdin.flush()
            data = data[size:]
            for harmless in (signal.SIGWINCH, signal.SIGURG, signal.SIGSTOP, signal.SIGCONT):
                process.send_signal(harmless)
    finally:
        process.stdin.close()


class Vandal(threading.Thread):
    """Does to a folder of logs what a rotation, an intruder or a failing disk does, until stopped."""

    def __init__(self, folder, chance):
        super().__init__()
        self.folder, self.chance, self.stopped = folder, chance, threading.Event()
        self.log = theft()[:200000]

    def run(self):
        acts = (self.rotate, self.remove, self.truncate, self.grow, self.write, self.make_fifo)
        while not self.stopped.is_set():
            path = self.folder / f"audit.log.{self.chance.randrange(1, 6)}"
            try:
                self.chance.choice(acts)(path)
            except OSError:  # what another act has taken away
                pass
            time.sleep(self.chance.random() / 200)

    def rotate(self, path):
        path.rename(self.folder / f"audit.log.{self.chance.randrange(1, 6)}")

    def remove(self, path):
        path.unlink()

    def truncate(self, path):
        os.truncate(path, self.chance.randrange(1, 5000))

    def grow(self, path):
        self.put(path, os.O_APPEND, self.log[self.chance.randrange(len(self.log)):])

    def write(self, path):
        self.put(path, os.O_TRUNC, self.log)

    def put(self, path, how, data):
        """Does not wait for a reader where there is a FIFO now."""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | how), "wb") as file:
            file.write(data)

    def make_fifo(self, path):
        path.unlink()
        os.mkfifo(path)


class Faults(unittest.TestCase):
    def setUp(self):
        self.chance = random.Random(f"{SEED} {self.id()}")
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail-faults-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        (self.folder / "output").mkdir()
        self.out = self.folder / "output" / "out"
        self.log = self.folder / "audit.log"
        self.log.write_bytes(theft())
        self.environment = dict(os.environ, TMPDIR=scratch.name, LC_ALL="C")

    def start(self, *arguments, **options):
        return subprocess.Popen([BINARY, *arguments], env=self.environment, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def finish(self, process):
        stdout, stderr = process.communicate(timeout=120)
        return stdout, stderr.decode(), process.returncode

    def commands(self):
        """Commands that write a report, with it and the status they end with."""
        scan = ["scan", "--quiet", "--output", self.out]
        findings = self.folder / "findings.ndjson"
        findings.write_bytes(self.finish(self.start("scan", "--format", "ndjson", self.log))[0])
        for command in ([*scan, "--format", "ndjson", self.log], [*scan, "--format", "html", self.log],
                        ["merge", "--quiet", "--output", self.out, findings]):
            begun = time.monotonic()
            status = self.finish(self.start(*command))[2]
            yield command, self.out.read_bytes(), status, time.monotonic() - begun

    def end_at_random(self, number, whole, status, seconds, command):
        self.out.write_bytes(OLD)
        process = self.start(*command)
        time.sleep(self.chance.random() * seconds * 1.2)
        process.send_signal(number)
        _, words, ended = self.finish(process)
        self.assertIn(ended, (-number, status), words)
        report = self.out.read_bytes()
        self.assertIn(report, (OLD, whole))
        if ended == status:
            self.assertEqual(report, whole)

    def test_a_signal_at_any_moment_leaves_the_old_report_or_the_new(self):
        for command, whole, status, seconds in self.commands():
            for _ in range(ROUNDS):
                number = self.chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
                self.end_at_random(number, whole, status, seconds, command)
                self.assertEqual(os.listdir(self.folder / "output"), ["out"])

    def test_a_kill_at_any_moment_leaves_the_old_report_or_the_new(self):
        for command, whole, status, seconds in self.commands():
            for _ in range(ROUNDS):
                self.end_at_random(signal.SIGKILL, whole, status, seconds, command)
                left = [name for name in os.listdir(self.folder / "output") if name != "out"]
                # The moment between the name and the rename, or a file system that needs a name.
                self.assertTrue(all(name.startswith(".krbtrail-") for name in left), left)

    def test_odd_pieces_and_signals_change_nothing(self):
        log = theft()
        for data in (log, gzip.compress(log)):
            with subprocess.Popen([BINARY, "scan", "--format", "ndjson", "-"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                expected = process.communicate(data)
            for _ in range(ROUNDS // 3):
                process = self.start("scan", "--format", "ndjson", "-", stdin=subprocess.PIPE)
                answer = []
                reader = threading.Thread(
                    target=lambda: answer.append((process.stdout.read(), process.stderr.read())))
                reader.start()
                read_slowly(self.chance, process, data)
                reader.join()
                process.stdout.close()
                process.stderr.close()
                self.assertEqual(process.wait(), 1)
                self.assertEqual(answer, [expected])

    def test_evidence_that_changes_while_it_is_read_is_accounted_for(self):
        evidence = self.folder / "evidence"
        evidence.mkdir()
        (evidence / "audit.log").write_bytes(theft())
        vandal = Vandal(evidence, self.chance)
        vandal.start()
        try:
            for _ in range(ROUNDS):
                self.check_accounts(*self.finish(self.start("scan", "--stats", "--format", "ndjson", evidence)))
        finally:
            vandal.stopped.set()
            vandal.join()

    def check_accounts(self, stdout, words, status):
        objects = [json.loads(line) for line in stdout.splitlines()]
        totals = next(item for item in objects if item["type"] == "coverage" and "host" not in item)
        summary = objects[-1]
        self.assertEqual(summary["type"], "summary", words)
        self.assertTrue(totals["adds_up"], totals)
        self.assertEqual(sum(item["bytes"] for item in summary["inputs"]), totals["bytes_read"])
        self.assertEqual(status, 1)  # the theft in audit.log stands still
        problems = [item for item in summary["inputs"] if "problem" in item]
        self.assertEqual(words.count("krbtrail: error: "), len(problems), words)
        for item in summary["inputs"]:
            self.assertTrue(not item["unread"] or summary["incomplete"], item)


if __name__ == "__main__":
    print(f"seed {SEED}")
    unittest.main(argv=sys.argv[:1])
