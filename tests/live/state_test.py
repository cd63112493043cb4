#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was learned before a restart holds after it.

    state_test.py KRBTRAIL FOLDER
"""
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import unittest

from listening import HEAD, Live, as_sent, objects, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
FOLDER = pathlib.Path(sys.argv[2])
STEP = (FOLDER / "a02-sudo-copy.log").read_bytes()
OTHER = (FOLDER / "a07-python-without-words.log").read_bytes()
SEED = int(os.environ.get("SEED", random.randrange(1_000_000)))


def events(log):
    """The log cut behind each event; a record of an event that ended belongs to the next piece."""
    pieces, piece, last = [], [], None
    for line in log.splitlines(keepends=True):
        head = HEAD.match(line)
        if head and last is not None and head[2] != last:
            pieces.append(b"".join(piece))
            piece = []
        last = head[2] if head else last
        piece.append(line)
    return [*pieces, b"".join(piece)]


class State(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail-state-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.state = self.folder / "state"

    def lives(self, log, *options):
        """A life that ends with its input; everything that was written, and what was said."""
        with Live(KRBTRAIL, "--state", self.state, "--min-severity", "info", *options,
                  stdin=subprocess.PIPE) as live:
            live.process.stdin.write(as_sent(log))
            live.process.stdin.close()
            return live.end(), live.words()

    def ids(self, written, kind="finding"):
        return [item["id"] for item in written if item["type"] == kind]

    def beat(self, written):
        return [item for item in written if item["type"] == "heartbeat"][-1]

    def whole(self, log):
        with Live(KRBTRAIL, "--min-severity", "info", stdin=subprocess.PIPE) as live:
            live.process.stdin.write(as_sent(log))
            live.process.stdin.close()
            return live.end()

    def check_cut(self, log, at, whole):
        pieces = events(log)
        self.state.unlink(missing_ok=True)
        first, words = self.lives(b"".join(pieces[:at]))
        self.assertEqual(words, "")
        second, words = self.lives(b"".join(pieces[at:]))
        self.assertEqual(words, "")
        found = self.ids(first) + self.ids(second)
        self.assertEqual(sorted(found), sorted(self.ids(whole)), f"cut behind event {at}")
        # That a process walked through folders is forgotten, which speaks for it.
        order = ["info", "low", "medium", "high", "critical"]
        severities = {item["id"]: item["severity"] for item in whole if item["type"] == "finding"}
        for item in first + second:
            if item["type"] == "finding":
                self.assertGreaterEqual(order.index(item["severity"]),
                                        order.index(severities[item["id"]]), (at, item["title"]))
        stories = {item["id"]: item for item in whole if item["type"] == "incident"}
        later = {item["id"]: item for item in first + second if item["type"] == "incident"}
        self.assertEqual(later.keys(), stories.keys(), f"cut behind event {at}")
        return later, stories

    def test_a_theft_is_followed_across_a_restart_wherever_that_comes(self):
        print("seed", SEED)
        chance = random.Random(SEED)
        logs = sorted(FOLDER.glob("a*.log"))
        for log in chance.sample(logs, min(8, len(logs))):
            print(log.name)
            log = log.read_bytes()
            whole = self.whole(log)
            count = len(events(log))
            for at in sorted(chance.sample(range(1, count), min(2, count - 1))):
                self.check_cut(log, at, whole)

    def test_a_stolen_ticket_that_is_used_after_the_restart_is_one_story(self):
        """a02: a copy is made by sudo, then used by klist and kvno; the cut lies between."""
        whole = self.whole(STEP)
        at = next(number for number, event in enumerate(events(STEP)) if b'exe="/usr/bin/klist"' in event)
        later, stories = self.check_cut(STEP, at, whole)
        for story in stories:
            self.assertEqual(later[story], stories[story])

    def test_what_is_restored_is_said_and_told_once(self):
        first, _ = self.lives(STEP)
        self.assertEqual(self.beat(first)["state"], "none was kept")
        self.assertTrue(self.ids(first, "incident"))
        second, words = self.lives(b"")
        self.assertRegex(self.beat(second)["state"], r"^restored \d+ processes and \d+ events$")
        # Stories that were told at the end of the first life are not told again.
        self.assertEqual([item["type"] for item in second], ["heartbeat", "coverage", "summary"])
        [coverage] = [item for item in second if "bytes_read" in item]
        self.assertEqual((coverage["bytes_read"], coverage["events"], coverage["adds_up"]), (0, 0, True))
        self.assertEqual(words, "")

    def test_a_state_that_does_not_fit_is_left_alone_and_that_is_said(self):
        self.lives(STEP)
        good = self.state.read_bytes()
        for change, why in (
                (lambda text: text.replace(b"state 1", b"state 2", 1), "is not of this version of krbtrail"),
                (lambda text: text[:-1] + b"x", "does not fit its checksum"),
                (lambda text: text[:len(text) // 2], "does not fit its checksum"),
                (lambda text: b"", "is not of this version of krbtrail"),
                (lambda text: os.urandom(4096), "is not of this version of krbtrail"),
                (lambda text: resealed(re.sub(rb"(?m)^boot .*$", b"boot 0", text, count=1)),
                 "is of another boot"),
                (lambda text: resealed(text.replace(b"host h", b"host other", 1)), "is of another host"),
                (lambda text: resealed(text.replace(b"ended yes", b"ended ja", 1)), "does not add up")):
            self.state.write_bytes(change(good))
            written, words = self.lives(b"")
            self.assertEqual(self.beat(written)["state"], f"discarded: {self.state}: {why}")
            self.assertEqual(words, "krbtrail: warning: began without what was learned before: "
                                    f"{self.state}: {why}\n")
            # And a good one stands there again.
            _, words = self.lives(b"")
            self.assertEqual(words, "")

    def test_a_state_that_others_could_have_written_is_not_read(self):
        self.lives(STEP)
        self.state.chmod(0o622)
        written, _ = self.lives(b"")
        self.assertEqual(self.beat(written)["state"],
                         f"discarded: {self.state}: somebody else could have written it")

    def test_a_state_that_is_no_file_is_not_replaced(self):
        self.state.mkdir()
        written, words = self.lives(b"")
        # With Landlock it cannot even be opened.
        self.assertTrue(self.beat(written)["state"].startswith(f"discarded: {self.state}: "))
        self.assertIn(f"krbtrail: error: {self.state}: is no regular file\n", words)
        self.assertTrue(self.state.is_dir())

    def test_a_disk_that_takes_no_state_is_said_and_findings_come(self):
        with Live(KRBTRAIL, "--state", "/proc/krbtrail-state", stdin=subprocess.PIPE) as live:
            live.process.stdin.write(as_sent(STEP))
            live.process.stdin.close()
            live.end()
            self.assertEqual(len(live.findings()), 12)
            self.assertIn("/proc/krbtrail-state.new: cannot write: ", live.words())

    def test_killed_at_any_moment_it_leaves_a_whole_state(self):
        """Saved at each SIGHUP, killed in the middle: the old state or the new one, never half of one."""
        print("seed", SEED)
        chance = random.Random(SEED)
        self.lives(STEP)
        restored = set()
        for _ in range(15):
            with Live(KRBTRAIL, "--state", self.state, stdin=subprocess.PIPE) as live:
                live.process.stdin.write(as_sent(OTHER))
                live.process.stdin.flush()
                wait_for(live.findings, "a finding")
                for _ in range(3):
                    live.process.send_signal(1)
                    time.sleep(chance.random() / 100)
                live.process.kill()
            written, words = self.lives(b"")
            self.assertEqual(words, "")
            restored.add(self.beat(written)["state"].split()[0])
        self.assertEqual(restored, {"restored"})

    def test_a_story_that_a_death_cut_short_is_told_by_the_next_life(self):
        with Live(KRBTRAIL, "--state", self.state, stdin=subprocess.PIPE) as live:
            live.process.stdin.write(as_sent(STEP))
            live.process.stdin.flush()
            wait_for(lambda: len(live.findings()) == 12, "the findings")
            live.process.send_signal(1)
            wait_for(self.state.exists, "a state")
            live.process.kill()
        with Live(KRBTRAIL, "--state", self.state, stdin=subprocess.PIPE) as live:
            live.process.stdin.close()
            written = live.end()
        whole = [item for item in self.whole(STEP) if item["type"] == "incident"]
        self.assertEqual(self.ids(written, "incident"), [item["id"] for item in whole])
        self.assertEqual(self.ids(written), [])


def resealed(text):
    """With the checksum that it would have."""
    title, _, rest = text.split(b"\n", 2)
    total = 0xcbf29ce484222325  # FNV-1a, 64 bits
    for byte in rest:
        total = ((total ^ byte) * 0x100000001b3) & 0xffffffffffffffff
    return b"\n".join([title, b"checksum %016x" % total, rest])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
