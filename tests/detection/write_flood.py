#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a log that fills every table of the full rule set, and then some, to standard output.

    write_flood.py SCALE

At scale 1 each part has more entries, or more bytes, than its table may hold; 0.1 writes a tenth.
"""
import sys

from audit_records import CREATE, READ, WRITE, File, Log, Process

LONG = "d" * 250
LONGEST = "/" + "/".join([LONG] * 15)  # just below PATH_MAX
HUGE = "/" + "/".join([LONG] * 100)  # beyond it: no kernel writes that


class Flood(Log):
    def __init__(self, scale, write, **options):
        super().__init__(**options)
        self.scale = scale
        self.write = write
        self.inode = 1_000_000
        self.pid = 1_000

    def up_to(self, count):
        """That many steps of the part, a millisecond apart. Windows of time are flooded too."""
        for number in range(int(count * self.scale)):
            yield number
            self.now += 1
            self.flush()

    def flush(self):
        self.write(b"".join(self.lines()))
        self.events.clear()

    def next_inode(self):
        self.inode += 1
        return self.inode

    def process(self, exe="/usr/bin/cp", **facts):
        self.pid += 1
        return Process(self.pid, exe, **facts)

    def ticket(self, place="/tmp"):
        return File(f"{place}/krb5cc_{self.inode}", self.next_inode(), owner=1000)

    def tickets_and_copies(self):
        """Files, tainted processes, copies, recent opens, watched inodes and pids."""
        for number in self.up_to(6_000):
            thief = self.process(ppid=10 + number)
            self.open(thief, self.ticket(), READ)
            self.open(thief, File(f"/var/tmp/copy{number}", self.next_inode()), CREATE)

    def long_paths(self, place, count):
        for number in self.up_to(count):
            thief = self.process(ppid=10 + number)
            self.open(thief, self.ticket(place), READ)
            self.open(thief, File(f"{place}/copy{number}", self.next_inode()), CREATE)

    def several_tickets_of_one(self):
        for _ in self.up_to(500):
            thief = self.process()
            for _ in range(5):
                self.open(thief, self.ticket(LONGEST), READ)

    def long_ways(self):
        """Each copy is copied on, by a process of its own."""
        copy = self.ticket()
        for number in self.up_to(1_500):
            thief = self.process()
            self.open(thief, copy, READ)
            copy = File(f"/var/tmp/{LONG}{number}", self.next_inode())
            self.open(thief, copy, CREATE)

    def names_of_one_file(self):
        ticket = self.ticket()
        for number in self.up_to(1_000):
            self.link(self.process("/usr/bin/ln"), ticket, f"/var/tmp/{LONG}{number}")
            self.symlink(self.process("/usr/bin/ln"), ticket.path,
                         File(f"/var/tmp/s{LONG}{number}", self.next_inode()))
            self.rename(self.process("/usr/bin/mv"), ticket, f"/var/tmp/r{LONG}{number}")

    def sessions(self):
        """Incidents: many sessions, each with its tickets, and long command lines."""
        for number in self.up_to(1_500):
            thief = self.process("/usr/bin/curl", ses=number % 300)
            self.exec(thief, ["curl", "-T", f"/tmp/krb5cc_{number % 300}", "x" * 7_000])

    def tickets_of_one_session(self):
        for number in self.up_to(6_000):
            thief = self.process(ses=7)
            self.open(thief, File(f"/{number % 200}{LONGEST}/krb5cc_0", self.next_inode(),
                                  owner=1000), READ)

    def connections(self):
        thief = self.process("/usr/bin/curl")
        self.open(thief, self.ticket(), READ)
        for number in self.up_to(2_000):
            self.connect(thief, (10, number >> 16, number >> 8 & 255, number & 255))

    def searches(self):
        for number in self.up_to(1_000):
            self.exec(self.process("/usr/bin/find", ses=10_000 + number),
                      ["find", "/tmp", "-name", "krb5cc_*"])

    def writes_before_a_read(self):
        for number in self.up_to(1_000):
            thief = self.process("/usr/bin/tar")
            for _ in range(9):
                self.open(thief, File(f"/var/tmp/{LONG}{self.inode}", self.next_inode()), WRITE)
            if number % 4 == 0:
                self.open(thief, self.ticket(), READ)

    def processes(self):
        for number in self.up_to(15_000):
            self.exec(self.process("/usr/bin/true", ppid=self.pid - 1), ["true", "y" * 600])

    def neighbours(self):
        for number in self.up_to(1_500):
            parent = 5 + number % 100
            self.open(self.process(ppid=parent), self.ticket(), READ)
            self.open(self.process("/usr/bin/tee", ppid=parent),
                      File(f"/var/tmp/n{number}", self.next_inode()), CREATE)

    def run(self):
        self.tickets_and_copies()
        self.long_paths(LONGEST, 800)
        self.long_paths(HUGE, 100)
        self.several_tickets_of_one()
        self.long_ways()
        self.names_of_one_file()
        self.sessions()
        self.tickets_of_one_session()
        self.connections()
        self.searches()
        self.writes_before_a_read()
        self.processes()
        self.neighbours()
        self.hosts()

    def hosts(self):
        for number in self.up_to(4_300):
            self.node = f"node=host{number} "
            self.open(self.process(), self.ticket(), READ)


if __name__ == "__main__":
    Flood(float(sys.argv[1]), sys.stdout.buffer.write).run()
