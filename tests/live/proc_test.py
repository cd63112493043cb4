#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A thief whose parent ran before krbtrail did: /proc knows the parent, and the finding says that it was /proc.

    proc_test.py KRBTRAIL FOLDER
"""
import os
import pathlib
import socket
import subprocess
import sys
import unittest

from listening import Live

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
THEFT = """type=SYSCALL msg=audit(1700000000.100:7): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c \
a1=7f a2=0 a3=0 items=1 ppid={ppid} pid=4999999 auid=1001 uid=1001 gid=1001 euid=1001 suid=1001 fsuid=1001 \
egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=3 comm="cat" exe="/usr/bin/cat" key=(null)
type=CWD msg=audit(1700000000.100:7): cwd="/"
type=PATH msg=audit(1700000000.100:7): item=0 name="/tmp/krb5cc_1000" inode=77 dev=fd:00 mode=0100644 \
ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL
type=EOE msg=audit(1700000000.100:7): 
"""


class RanBefore(unittest.TestCase):
    def setUp(self):
        # A program's own name for itself may hold anything but NUL.
        self.parent = subprocess.Popen(["sleep\n1\x1b[2J", "600"], executable="/bin/sleep")
        self.addCleanup(self.parent.wait)
        self.addCleanup(self.parent.kill)
        self.unknown = {"pid": self.parent.pid, "command_line_source": "none", "source": "unknown"}
        self.ours, self.theirs = socket.socketpair()
        self.addCleanup(self.ours.close)

    def finding(self, proc):
        with Live(KRBTRAIL, stdin=self.theirs, proc=proc) as live:
            self.theirs.close()
            self.ours.sendall(THEFT.format(ppid=self.parent.pid).encode())
            self.ours.close()
            written = live.end()
            [finding] = [item for item in written if item["type"] == "finding"]
            [beat] = [item for item in written if item["type"] == "heartbeat"]
            [coverage] = [item for item in written if "bytes_read" in item]
            return finding, beat, coverage

    def test_the_parent_is_known_and_from_where(self):
        finding, beat, coverage = self.finding(proc=True)
        parent = finding["process"]["parent"]
        self.assertEqual(parent["pid"], self.parent.pid)
        self.assertEqual(parent["exe"], os.path.realpath("/bin/sleep"))
        self.assertEqual(parent["command_line"], "sleep\n1\x1b[2J 600")
        self.assertEqual((parent["source"], parent["command_line_source"]), ("proc", "proc"))
        # Who started it is this test.
        self.assertEqual(finding["process"]["ancestry"][1]["pid"], os.getpid())
        self.assertEqual(finding["process"]["ancestry"][1]["source"], "proc")
        # The thief itself is known from its record.
        self.assertEqual(finding["process"]["source"], "actor")
        self.assertGreater(beat["known_from_proc"], 2)
        self.assertEqual(coverage["notes"],
                         [f"{beat['known_from_proc']} processes ran before krbtrail did and are known from "
                          "/proc, not from records"])
        self.assertTrue(coverage["adds_up"])

    def test_nothing_is_known_where_nobody_is_to_look(self):
        finding, beat, coverage = self.finding(proc=False)
        self.assertEqual(finding["process"]["parent"], self.unknown)
        self.assertEqual(beat["known_from_proc"], 0)
        self.assertEqual(coverage["notes"], [])

    def test_a_log_that_was_kept_is_not_of_now(self):
        with Live(KRBTRAIL, stdin=subprocess.DEVNULL) as scratch:
            kept = scratch.folder / "kept.log"
            kept.write_text(THEFT.format(ppid=self.parent.pid))
            with kept.open("rb") as log, Live(KRBTRAIL, stdin=log, proc=True) as live:
                [finding] = [item for item in live.end() if item["type"] == "finding"]
        self.assertEqual(finding["process"]["parent"], self.unknown)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
