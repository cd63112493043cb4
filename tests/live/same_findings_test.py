#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every way in gives the findings of scan, and of each other to the letter.

    same_findings_test.py KRBTRAIL FOLDER

The captured logs of FOLDER come by file (scan), by a pipe in odd pieces, by the socketpair and in the
format of a plugin, by an af_unix socket that goes away once, and by a log that grows and is rotated.
"""
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from listening import Live, as_sent, scanned, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
FOLDER = pathlib.Path(sys.argv[2]).resolve()
STEPS = sorted(FOLDER.glob("[at][0-9]*.log"))
SEED = random.SystemRandom().randrange(1_000_000)


def in_pieces(data, chance):
    at = 0
    while at < len(data):
        size = chance.choice([1, 7, 100, 4096, 30_000])
        yield data[at:at + size]
        at += size


def records_of(step):
    return step.read_bytes()


def everything():
    """All steps one after the other; no stamp of them is another's."""
    return b"".join(map(records_of, STEPS))


def comparable(findings):
    """Without the name of the input and where in it something stood, in order of id."""
    text = sorted(findings, key=lambda finding: finding["id"])
    for finding in text:
        for evidence in finding["evidence"]:
            evidence.pop("input"), evidence.pop("line", None), evidence.pop("offset", None)
        for hop in finding.get("trail", []):
            for key in ("input", "line", "offset"):
                hop.get("evidence", {}).pop(key, None)
    return text


class SameFindings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = everything()
        cls.sent = as_sent(cls.log)
        cls.expected = comparable(scanned(KRBTRAIL, cls.log))

    def check(self, findings):
        self.assertGreater(len(self.expected), 100)
        found = comparable(findings)
        self.assertEqual([item["id"] for item in found], [item["id"] for item in self.expected])
        self.assertEqual(found, self.expected)

    def test_a_pipe_in_odd_pieces(self):
        with Live(KRBTRAIL, stdin=subprocess.PIPE) as live:
            for piece in in_pieces(self.sent, random.Random(SEED)):
                live.process.stdin.write(piece)
                live.process.stdin.flush()
            live.process.stdin.close()
            live.end()
            self.check(live.findings())

    def test_a_plugin_s_socketpair(self):
        ours, theirs = socket.socketpair()
        with ours, Live(KRBTRAIL, stdin=theirs) as live:
            theirs.close()
            ours.sendall(self.sent)
            wait_for(lambda: len(live.findings()) == len(self.expected), "the findings")
            live.process.send_signal(signal.SIGTERM)
            live.end()
            self.check(live.findings())

    def test_no_prefilter(self):
        with Live(KRBTRAIL, "--no-prefilter", stdin=subprocess.PIPE) as live:
            live.process.stdin.write(self.sent)
            live.process.stdin.close()
            live.end()
            self.check(live.findings())

    def test_a_socket_that_goes_away_between_two_records(self):
        half = self.sent.index(b"\n", len(self.sent) // 2) + 1
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{folder}/events")
            server.listen(1)
            with Live(KRBTRAIL, "--socket", f"{folder}/events") as live:
                for part in (self.sent[:half], self.sent[half:]):
                    client, _ = server.accept()
                    with client:
                        client.sendall(part)
                wait_for(lambda: len(live.findings()) == len(self.expected), "the findings")
                live.process.send_signal(signal.SIGTERM)
                live.end()
                self.check(live.findings())
                self.assertIn("the other side is gone; connecting again", live.words())

    def test_a_log_that_grows_and_is_rotated(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "audit.log"
            path.write_bytes(b"type=DAEMON_START msg=audit(1.000:1): op=start\n")
            with Live(KRBTRAIL, "--follow", path) as live:
                wait_for(lambda: str(path) in open_files(live.process.pid), "the open log")
                half = self.log.index(b"\n", len(self.log) // 2) + 1
                with open(path, "ab") as log:
                    log.write(self.log[:half])
                path.rename(f"{path}.1")
                path.write_bytes(self.log[half:])
                # There is no EOE in a log: the last event ends when it has been silent for 2 s.
                wait_for(lambda: len(live.findings()) == len(self.expected), "the findings")
                live.process.send_signal(signal.SIGTERM)
                live.end()
                self.check(live.findings())


def open_files(pid):
    names = []
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(str(link.readlink()))
        except FileNotFoundError:  # closed meanwhile
            pass
    return names


if __name__ == "__main__":
    print("seed", SEED)
    unittest.main(argv=sys.argv[:1])
