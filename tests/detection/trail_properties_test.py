#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What must hold for the ticket trail whatever happens on a host.

    trail_properties_test.py KRBTRAIL [SCRIPTS [SEED]]

Random scripts of thefts, own uses and everyday work, written as audit records by a model that knows which
files and processes hold something of a ticket. Of every script: the prefilter changes no byte; records in
any order within 5 s and 1,000 lines give the same findings; whatever is graded medium or above is about a
file or process that the model knows to hold a ticket; every theft is; nothing is said of inodes and pids
that somebody innocent got after a thief.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

from audit_records import CREATE, READ, File, Log, Process

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
SCRIPTS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
OWNERS = (1000, 1001, 1002)
GRAVE = ("medium", "high", "critical")
WINDOW_LINES = 1_000
WINDOW = 2_000  # milliseconds that a process, its children and its neighbours are apart at least


class Host(Log):
    """Acts of several events each, and of each event whether it may or must be grave."""

    def __init__(self, chance):
        super().__init__()
        self.chance = chance
        self.pid = 2_000
        self.inode = 5_000
        self.free_inodes = []
        self.free_pids = []
        self.copies = []
        self.tickets = {owner: File(f"/tmp/krb5cc_{owner}", self.new_inode(), owner)
                        for owner in OWNERS}
        self.guilty = set()  # events
        self.must = set()
        self.innocent = set()  # events on what somebody guilty had before

    def new_inode(self):
        self.inode += 1
        return self.inode

    def file(self, owner=0):
        inode = self.new_inode()
        return File(f"/srv/{self.chance.choice('abc')}/{inode}", inode, owner)

    def process(self, exe, reused=None, **facts):
        self.pid += 1
        # A parent of its own: neighbours are not what everyday work is.
        return Process(reused or self.pid, exe, ppid=100_000 + self.pid, **facts)

    def thief(self, exe):
        return self.process(exe, uid=0, auid=1009, ses=9)

    def guilt(self, *stamps):
        self.guilty.update(stamps)
        return stamps

    def sure(self, *stamps):
        self.must.update(self.guilt(*stamps))

    def pause(self):
        self.now += self.chance.randrange(WINDOW + 500, 20_000)

    def foreign_ticket(self):
        return self.tickets[self.chance.choice(OWNERS)]

    # Thefts.

    def copies_ticket(self):
        thief = self.thief(self.chance.choice(("/usr/bin/cp", "/usr/bin/dd", "/usr/bin/tar")))
        self.guilt(self.exec(thief, [thief.exe]))
        copy = self.file()
        if self.chance.random() < 0.5:
            self.sure(self.open(thief, self.foreign_ticket(), READ), self.open(thief, copy, CREATE))
        else:
            self.open(thief, copy, CREATE)
            self.sure(self.open(thief, self.foreign_ticket(), READ))
        self.copies.append(copy)
        self.free_pids.append(thief.pid)

    def uses_copy(self):
        if not self.copies:
            return
        user = self.process(self.chance.choice(("/usr/bin/klist", "/usr/bin/cat")), auid=1009)
        self.guilt(self.exec(user, [user.exe]))
        self.guilt(self.open(user, self.chance.choice(self.copies), READ))
        self.free_pids.append(user.pid)

    def renames_copy(self):
        if not self.copies:
            return
        copy = self.copies.pop()
        mover = self.thief("/usr/bin/mv")
        name = copy.path + ".moved"
        self.guilt(self.exec(mover, ["mv"]), self.rename(mover, copy, name))
        self.copies.append(File(name, copy.inode, copy.owner))

    def removes_copy(self):
        if not self.copies:
            return
        copy = self.copies.pop(self.chance.randrange(len(self.copies)))
        remover = self.thief("/usr/bin/rm")
        self.guilt(self.exec(remover, ["rm"]), self.unlink(remover, copy))
        self.free_inodes.append(copy.inode)

    def sends_ticket(self):
        thief = self.thief("/usr/bin/curl")
        self.guilt(self.exec(thief, ["curl"]))
        self.sure(self.open(thief, self.foreign_ticket(), READ), self.connect(thief))
        self.free_pids.append(thief.pid)

    # Own uses.

    def uses_own_ticket(self):
        owner = self.chance.choice(OWNERS)
        client = self.process(self.chance.choice(("/usr/bin/klist", "/usr/bin/curl")), uid=owner,
                              auid=owner, ses=owner)
        self.exec(client, [client.exe])
        self.open(client, self.tickets[owner], READ)
        if client.exe == "/usr/bin/curl":
            self.connect(client)
            self.open(client, self.file(owner), CREATE)

    def gets_new_ticket(self):
        owner = self.chance.choice(OWNERS)
        kinit = self.process("/usr/bin/kinit", uid=owner, auid=owner, ses=owner)
        self.exec(kinit, ["kinit"])
        self.unlink(kinit, self.tickets[owner])
        inode = self.free_inodes.pop() if self.free_inodes else self.new_inode()
        self.tickets[owner] = File(self.tickets[owner].path, inode, owner)
        self.innocent.add(self.open(kinit, self.tickets[owner], CREATE))

    # Everyday work.

    def works(self):
        worker = self.process("/usr/bin/make", uid=1003, auid=1003, ses=30)
        self.exec(worker, ["make", "all"])
        source, made = self.file(1003), self.file(1003)
        for stamp in (self.open(worker, source, READ), self.open(worker, made, CREATE),
                      self.connect(worker), self.unlink(worker, made)):
            self.innocent.add(stamp)

    def gets_inode_of_copy(self):
        if not self.free_inodes:
            return
        worker = self.process("/usr/bin/vim.basic", uid=1003, auid=1003, ses=30)
        report = File(f"/srv/report{self.pid}", self.free_inodes.pop(), 1003)
        self.innocent.update((self.exec(worker, ["vim"]), self.open(worker, report, CREATE),
                              self.open(worker, report, READ)))

    def gets_pid_of_thief(self):
        if not self.free_pids:
            return
        worker = self.process("/usr/bin/gcc", reused=self.free_pids.pop(), uid=1003, auid=1003,
                              ses=30)
        self.innocent.update((self.exec(worker, ["gcc"]), self.open(worker, self.file(1003), CREATE),
                              self.connect(worker)))

    ACTS = (copies_ticket, uses_copy, renames_copy, removes_copy, sends_ticket, uses_own_ticket,
            uses_own_ticket, gets_new_ticket, works, works, gets_inode_of_copy, gets_pid_of_thief)

    def live(self, acts):
        for _ in range(acts):
            self.pause()
            self.chance.choice(self.ACTS)(self)
        return self


def time_of(line):
    seconds, milliseconds = line.split(b"msg=audit(", 1)[1].split(b":", 1)[0].split(b".")
    return int(seconds) * 1_000 + int(milliseconds)


def shuffled(lines, chance):
    """Each line later by up to 4.9 s and 1,000 lines, as several writers and a network deliver them."""
    late = sorted((time_of(line) + chance.randrange(4_900), number, line)
                  for number, line in enumerate(lines))
    for place, (_, number, _) in enumerate(late):
        assert abs(place - number) <= WINDOW_LINES
    return [line for _, _, line in late]


def scan(log, *options):
    run = subprocess.run([KRBTRAIL, "scan", "--format", "ndjson", "--min-severity", "info", *options,
                          log], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if run.stderr or run.returncode not in (0, 1):
        raise AssertionError(f"{run.returncode} {run.stderr.decode()}")
    return run.stdout


def findings_of(output):
    every = [json.loads(line) for line in output.splitlines()]
    return [item for item in every if item["type"] == "finding"]


def event_of(finding):
    return finding["evidence"][0]["event"]


class Properties(unittest.TestCase):
    def check(self, host, chance, folder):
        lines = host.lines()
        log, late = folder / "audit.log", folder / "late.log"
        log.write_bytes(b"".join(lines))
        late.write_bytes(b"".join(shuffled(lines, chance)))
        output = scan(log)
        self.assertEqual(scan(log, "--no-prefilter"), output)
        found = findings_of(output)
        self.assertEqual({item["id"] for item in findings_of(scan(late))},
                         {item["id"] for item in found})
        grave = {event_of(item) for item in found if item["severity"] in GRAVE}
        self.assertEqual(grave - host.guilty, set(), "graded too high")
        self.assertEqual(host.must - grave, set(), "a theft is not found")
        innocent = {event_of(item) for item in found if item["severity"] != "info"} & host.innocent
        self.assertEqual(innocent, set(), "somebody innocent is named")
        return len(grave)

    def test_the_trail_on_random_scripts(self):
        chance = random.Random(SEED)
        grave = 0
        with tempfile.TemporaryDirectory(prefix="krbtrail-trail-") as name:
            for number in range(SCRIPTS):
                with self.subTest(seed=SEED, script=number):
                    host = Host(chance).live(40)
                    grave += self.check(host, chance, pathlib.Path(name))
        self.assertGreater(grave, SCRIPTS)


if __name__ == "__main__":
    print(f"seed {SEED}")
    unittest.main(argv=sys.argv[:1])
