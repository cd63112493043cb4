#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where findings go, and what becomes of them where that fails, blocks or is rotated.

    outputs_test.py KRBTRAIL FOLDER
"""
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from listening import ME, Live, as_sent, objects, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
STEP = as_sent((pathlib.Path(sys.argv[2]) / "a02-sudo-copy.log").read_bytes())
OTHER = as_sent((pathlib.Path(sys.argv[2]) / "a07-python-without-words.log").read_bytes())
FINDINGS = 12


class Outputs(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail-outputs-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def live(self, *outputs, **how):
        return Live(KRBTRAIL, *[word for output in outputs for word in ("-o", output)],
                    stdin=subprocess.PIPE, **how)

    def lines(self, path, kind="finding"):
        text = path.read_text() if path.exists() else ""
        return objects(text[:text.rfind("\n") + 1], kind)

    def test_a_file_is_opened_anew_when_it_was_rotated(self):
        path = self.folder / "found.ndjson"
        with self.live(f"ndjson:{path}") as live:
            live.process.stdin.write(STEP)
            live.process.stdin.flush()
            wait_for(lambda: len(self.lines(path)) == FINDINGS, "the findings")
            path.rename(f"{path}.1")
            live.process.stdin.write(OTHER)
            live.process.stdin.flush()
            wait_for(lambda: self.lines(path), "a finding in the new file")
            live.process.stdin.close()
            live.end()
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual(len(self.lines(pathlib.Path(f"{path}.1"))), FINDINGS)

    def test_a_full_disk_loses_findings_but_says_so(self):
        with self.live("ndjson:/dev/full") as live:
            live.process.stdin.write(STEP)
            live.process.stdin.close()
            live.end(4)
            self.assertEqual(live.words(),
                             "krbtrail: error: ndjson:/dev/full: cannot write: No space left on device\n"
                             "krbtrail: error: ndjson:/dev/full: has lost what it could not take\n")

    def test_one_output_that_fails_does_not_concern_the_others(self):
        path = self.folder / "found.ndjson"
        with self.live("ndjson:/dev/full", f"ndjson:{path}") as live:
            live.process.stdin.write(STEP)
            live.process.stdin.close()
            live.end(4)
            self.assertEqual(len(self.lines(path)), FINDINGS)
            [beat] = self.lines(path, "heartbeat")
            counts = {item["name"]: item for item in beat["outputs"]}
            self.assertEqual(counts["ndjson:/dev/full"]["written"], 0)
            self.assertEqual(counts[f"ndjson:{path}"]["lost"], 0)

    def test_a_socket_that_comes_late_gets_all(self):
        path = self.folder / "socket"
        with self.live(f"unix:{path}") as live, socket.socket(socket.AF_UNIX) as server:
            live.process.stdin.write(STEP)
            live.process.stdin.flush()
            wait_for(lambda: "cannot write: No such file or directory" in live.words(), "the attempt")
            server.bind(str(path))
            server.listen(1)
            client, _ = server.accept()
            live.process.stdin.close()
            with client, client.makefile("r") as received:
                text = received.read()
            live.end()
            self.assertEqual(len(objects(text, "finding")), FINDINGS)

    def test_a_reader_that_is_behind_gets_the_end_too(self):
        path = self.folder / "socket"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen(1)
            with self.live(f"unix:{path}") as live:
                live.process.stdin.write(restamped(STEP * 80))  # more than a socket holds
                live.process.stdin.close()
                client, _ = server.accept()
                time.sleep(0.5)  # it is at its end meanwhile, or this shows less
                with client, client.makefile("r") as received:
                    text = received.read()
                live.end()
                self.assertEqual([item["type"] for item in objects(text)][-1], "summary")

    def test_a_reader_that_is_stuck_does_not_stop_the_intake(self):
        path = self.folder / "socket"
        flood = STEP * 200  # repeats are findings of their own here, several megabytes of them
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen(1)  # and nobody ever reads
            with self.live(f"unix:{path}") as live:
                live.process.stdin.write(restamped(flood))
                live.process.stdin.close()
                live.end(4)
                self.assertIn("has lost what it could not take", live.words())

    def test_a_program_gets_each_finding_on_its_standard_input(self):
        program, path = self.folder / "program", self.folder / "got"
        program.write_text(f"#!/bin/sh\ncat >>{path}\nenv >{path}.env\n")
        program.chmod(0o755)
        with self.live(f"exec:{program}") as live:
            live.process.stdin.write(STEP)
            live.process.stdin.flush()
            wait_for(lambda: len(self.lines(path)) == FINDINGS, "the findings")
            live.process.stdin.close()
            live.end()
            self.assertNotIn("heartbeat", path.read_text())
            self.assertNotIn("HOME", pathlib.Path(f"{path}.env").read_text())

    def test_a_program_that_fails_has_lost_its_finding(self):
        with self.live("exec:/bin/false") as live:
            live.process.stdin.write(OTHER)
            live.process.stdin.close()
            live.end(4)
            self.assertIn("exec:/bin/false: ended with status 1", live.words())

    def test_repeats_share_an_id_and_a_count(self):
        config = "[live]\nfold = 3600\n"
        with self.live(config=config) as live:
            live.process.stdin.write(STEP)
            live.process.stdin.close()
            written = live.end()
            found = [item for item in written if item["type"] == "finding"]
            ids = [item["id"] for item in found]
            final = {item["id"]: item.get("count", 1) for item in found}
            self.assertLess(len(final), FINDINGS)
            self.assertEqual(sum(final.values()), FINDINGS)
            self.assertEqual(len(ids) - len(final), sum(count > 1 for count in final.values()))

    def test_nowhere_to_write_is_said(self):
        run = subprocess.run([KRBTRAIL, "live", "--user", ME], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             check=True, timeout=60)
        self.assertEqual(run.stderr, "krbtrail: warning: findings go nowhere: no output is given, "
                                     "and standard output is /dev/null\n")


def restamped(log):
    """Each second later than the one before, so that no copy is a copy."""
    lines = log.splitlines(keepends=True)
    return b"".join(line.replace(b"audit(1", b"audit(%d" % (1 + number * 8 // len(lines)), 1)
                    for number, line in enumerate(lines))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
