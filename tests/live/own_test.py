#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What krbtrail does itself is recorded like everything else: it must not be found, nor go round for ever.

    own_test.py KRBTRAIL FOLDER
"""
import pathlib
import shutil
import socket
import sys
import tempfile
import unittest

from listening import Live, objects, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
OPEN = """{node}type=SYSCALL msg=audit(1700000000.100:{serial}): arch=c000003e syscall=257 success=yes exit=3 \
a0=ffffff9c a1=7f a2=0 a3=0 items=1 ppid={ppid} pid={pid} auid=1001 uid=1001 gid=1001 euid=1001 suid=1001 \
fsuid=1001 egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=3 comm="cat" exe={exe} key=(null)
{node}type=CWD msg=audit(1700000000.100:{serial}): cwd="/"
{node}type=PATH msg=audit(1700000000.100:{serial}): item=0 name="/tmp/krb5cc_1000" inode=77 dev=fd:00 \
mode=0100644 ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL
{node}type=EOE msg=audit(1700000000.100:{serial}): 
"""
EXEC = """type=SYSCALL msg=audit(1700000000.050:{serial}): arch=c000003e syscall=59 success=yes exit=0 \
a0=7f a1=7f a2=7f a3=0 items=1 ppid={ppid} pid={pid} auid=1001 uid=1001 gid=1001 euid=1001 suid=1001 \
fsuid=1001 egid=1001 sgid=1001 fsgid=1001 tty=pts0 ses=3 comm="sh" exe="/usr/bin/dash" key=(null)
type=EXECVE msg=audit(1700000000.050:{serial}): argc=1 a0="sh"
type=EOE msg=audit(1700000000.050:{serial}): 
"""
OURS = f'"{KRBTRAIL}"'
OURS_GONE = f"{KRBTRAIL} (deleted)".encode().hex().upper()  # since a package was upgraded
CAT = '"/usr/bin/cat"'


class Own(unittest.TestCase):
    program = KRBTRAIL

    def live(self, *options, **how):
        self.auditd, theirs = socket.socketpair()
        self.addCleanup(self.auditd.close)
        live = Live(self.program, *options, stdin=theirs, **how)
        theirs.close()
        return live

    def send(self, serial, **what):
        what = {"node": "", "ppid": 4999998, "pid": 4999999, "exe": CAT} | what
        self.auditd.sendall(OPEN.format(serial=serial, **what).encode())

    def found(self, **what):
        """How many findings an access gives, and how many events were our own."""
        with self.live() as live:
            pid = live.process.pid
            self.send(7, **{name: pid if value is None else value for name, value in what.items()})
            self.auditd.close()
            written = live.end()
            [beat] = [item for item in written if item["type"] == "heartbeat"]
            return len(live.findings()), beat["own_events"]

    def test_an_access_of_its_own_is_no_finding(self):
        self.assertEqual(self.found(pid=None, exe=OURS), (0, 1))

    def test_it_knows_itself_after_an_upgrade(self):
        self.assertEqual(self.found(pid=None, exe=OURS_GONE), (0, 1))

    def test_it_knows_itself_under_a_path_with_a_blank(self):
        """Which the kernel writes in hexadecimal."""
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail own ")
        self.addCleanup(scratch.cleanup)
        self.program = pathlib.Path(scratch.name) / "krbtrail"
        shutil.copy(KRBTRAIL, self.program)
        self.assertEqual(self.found(pid=None, exe=str(self.program).encode().hex().upper()), (0, 1))

    def test_an_access_of_a_program_that_it_started_is_no_finding(self):
        self.assertEqual(self.found(ppid=None), (0, 1))

    def test_an_access_of_what_such_a_program_started_is_no_finding(self):
        """A script names the ticket to the next program, and that one would be found for ever."""
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail-own-")
        self.addCleanup(scratch.cleanup)
        found = pathlib.Path(scratch.name) / "found"
        with self.live("-o", f"ndjson:{found}", "-o", "exec:/bin/true") as live:
            self.auditd.sendall(EXEC.format(serial=5, ppid=live.process.pid, pid=4999997).encode())
            self.send(7, ppid=4999997)
            self.auditd.close()
            live.end()
        [beat] = objects(found.read_text(), "heartbeat")
        self.assertEqual((beat["own_events"], beat["findings"]), (2, 0))

    def test_somebody_elses_krbtrail_is_not_itself(self):
        self.assertEqual(self.found(exe=OURS), (1, 0))

    def test_another_program_under_its_number_is_not_itself(self):
        """As in another pid namespace."""
        self.assertEqual(self.found(pid=None), (1, 0))

    def test_its_number_on_another_host_is_somebody_else(self):
        self.assertEqual(self.found(pid=None, exe=OURS, node="node=other "), (1, 0))
        self.assertEqual(self.found(ppid=None, node="node=other "), (1, 0))

    def test_a_loop_is_told_with_the_rule_that_ends_it(self):
        with self.live(config="[live]\nheartbeat = 1\n") as live:
            for serial in range(1, 1_102):  # beyond a thousand between two heartbeats
                self.send(serial, pid=live.process.pid, exe=OURS)
            wait_for(live.words, "the warning")
            self.assertEqual(live.words(), "krbtrail: warning: the audit rules record krbtrail itself: "
                                           f"-a never,exit -F exe={KRBTRAIL}\n")
            self.assertEqual(live.findings(), [])

    def test_what_is_recorded_now_and_then_is_no_loop(self):
        with self.live(config="[live]\nheartbeat = 1\n") as live:
            for serial in range(1, 101):
                self.send(serial, pid=live.process.pid, exe=OURS)
            wait_for(lambda: '"own_events":100' in live.out.read_text(), "a heartbeat behind them")
            self.auditd.close()
            live.end()
            self.assertEqual(live.words(), "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
