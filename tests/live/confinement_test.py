#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whom live runs as after its start, what it may still do, and that it goes on with its work.

    confinement_test.py KRBTRAIL FOLDER

Exits with 77, which CTest shows as skipped, where it is not started by root.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from listening import Live, as_sent, objects, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
LOG = (pathlib.Path(sys.argv[2]) / "a02-sudo-copy.log").read_bytes()
OTHER = (pathlib.Path(sys.argv[2]) / "a07-python-without-words.log").read_bytes()
FINDINGS = 12
NOBODY = "65534"
OVERRIDE, READ_SEARCH = 1 << 1, 1 << 2  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, linux/capability.h
WHY_OFF = ": off: the programs that an output starts would inherit it"


def status_of(path):
    lines = path.joinpath("status").read_text(encoding="utf-8").splitlines()
    return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}


class Confinement(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="krbtrail-confined-")
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.folder.chmod(0o755)

    def found(self, path):
        text = path.read_text() if path.exists() else ""
        return objects(text[:text.rfind("\n") + 1], "finding")

    def feed(self, live, log=LOG):
        live.process.stdin.write(as_sent(log))
        live.process.stdin.flush()

    def at_work(self, *options, found=None, **how):
        """What the system says of each thread, and what the heartbeat says."""
        with Live(KRBTRAIL, *options, stdin=subprocess.PIPE, **how) as live:
            self.feed(live)
            path = found or live.out
            wait_for(lambda: len(self.found(path)) == FINDINGS, "the findings")
            threads = [status_of(thread)
                       for thread in pathlib.Path(f"/proc/{live.process.pid}/task").iterdir()]
            live.process.stdin.close()
            live.end()
            [beat] = objects(path.read_text(), "heartbeat")
            self.assertEqual(live.words(), "")
            return threads, beat["confinement"]

    def check_capabilities(self, threads, expected):
        for thread in threads:
            held = {name: int(thread[name][0], 16) for name in thread if name.startswith("Cap")}
            self.assertEqual(held, {"CapInh": 0, "CapAmb": 0, "CapBnd": 0,
                                    "CapPrm": expected, "CapEff": expected})

    def test_it_becomes_another_user_with_nothing(self):
        threads, said = self.at_work(user="nobody")
        self.assertEqual(len(threads), 2)
        self.check_capabilities(threads, 0)
        for thread in threads:
            self.assertEqual((thread["Uid"], thread["Gid"]), ([NOBODY] * 4, [NOBODY] * 4))
            self.assertEqual(thread.get("Groups", []), [])
            self.assertEqual((thread["NoNewPrivs"], thread["Seccomp"]), (["1"], ["2"]))
        self.assertEqual(said[:2], [f"user: nobody ({NOBODY})", "capabilities: none"])
        self.assertRegex(said[2], "^landlock: (on, ABI|off: )")
        self.assertEqual(said[3:], ["seccomp: on, system calls by list"])

    def test_root_that_is_asked_for_has_no_capability(self):
        threads, said = self.at_work(user="root")
        self.check_capabilities(threads, 0)
        self.assertEqual(said[:2], ["user: root (0)", "capabilities: none"])

    def test_a_file_in_a_folder_of_roots_keeps_the_capability_to_make_it_anew(self):
        path = self.folder / "found.ndjson"
        with Live(KRBTRAIL, "-o", f"ndjson:{path}", stdin=subprocess.PIPE, user="nobody") as live:
            self.feed(live)
            wait_for(lambda: len(self.found(path)) == FINDINGS, "the findings")
            self.check_capabilities([status_of(pathlib.Path(f"/proc/{live.process.pid}"))], OVERRIDE)
            path.rename(f"{path}.1")
            self.feed(live, OTHER)
            wait_for(lambda: self.found(path), "a finding in the new file")
            self.assertEqual(path.stat().st_uid, int(NOBODY))

    def test_a_file_in_a_folder_of_its_own_needs_none(self):
        os.chown(self.folder, int(NOBODY), -1)
        path = self.folder / "found.ndjson"
        threads, _ = self.at_work("-o", f"ndjson:{path}", found=path, user="nobody")
        self.check_capabilities(threads, 0)

    def test_a_log_of_roots_is_followed_through_rotation(self):
        log = self.folder / "logs" / "audit.log"
        log.parent.mkdir(mode=0o700)
        log.write_bytes(b"")
        log.chmod(0o600)
        with Live(KRBTRAIL, "--follow", log, user="nobody") as live:
            wait_for(lambda: status_of(pathlib.Path(f"/proc/{live.process.pid}"))["Threads"] == ["2"],
                     "the start")
            self.check_capabilities([status_of(pathlib.Path(f"/proc/{live.process.pid}"))], READ_SEARCH)
            with log.open("ab") as writer:
                writer.write(as_sent(LOG))
            wait_for(lambda: len(live.findings()) == FINDINGS, "the findings")
            log.rename(f"{log}.1")
            log.write_bytes(as_sent(OTHER))
            log.chmod(0o600)
            wait_for(lambda: len(live.findings()) > FINDINGS, "a finding from the new log")

    def test_settings_of_roots_are_reloaded(self):
        with Live(KRBTRAIL, stdin=subprocess.PIPE, user="nobody") as live:
            self.feed(live)
            wait_for(live.findings, "a finding")
            again = live.folder / "again"  # as an editor does: another file under the name
            again.write_text("[live]\nheartbeat = 0\n")
            again.rename(live.config)
            live.process.send_signal(1)
            wait_for(lambda: "krbtrail.conf:2: heartbeat: '0' is not a whole number" in live.words(),
                     "the mistake")

    def test_with_a_program_to_start_there_is_no_sandbox_to_inherit(self):
        program = self.folder / "program"
        program.write_text(f"#!/bin/sh\nid -u >>{self.folder}/ids/uid\n")
        program.chmod(0o755)
        ids = self.folder / "ids"
        ids.mkdir()
        ids.chmod(0o777)
        with Live(KRBTRAIL, "-o", f"exec:{program}", "-o", f"ndjson:{ids}/found", stdin=subprocess.PIPE,
                  user="nobody") as live:
            self.feed(live)
            live.process.stdin.close()
            live.end()
            [beat] = objects((ids / "found").read_text(), "heartbeat")
            self.assertEqual(beat["confinement"],
                             [f"user: nobody ({NOBODY})", "capabilities: none", "no new privileges: on",
                              "landlock" + WHY_OFF, "seccomp" + WHY_OFF])
            self.assertEqual(set((ids / "uid").read_text().split()), {NOBODY})

    def test_a_user_that_is_named_and_not_there_is_a_mistake(self):
        with Live(KRBTRAIL, user="krbtrail-absent") as live:
            live.end(2)
            self.assertEqual(live.words(),
                             "krbtrail: error: cannot become krbtrail-absent: this computer has no such user\n"
                             "krbtrail: hint: --user root stays root, with hardly a capability\n")

    def test_without_a_name_it_is_krbtrail_or_root_that_says_so(self):
        names = [line.split(":")[0] for line in pathlib.Path("/etc/passwd").read_text().splitlines()]
        is_there = "krbtrail" in names
        done = subprocess.run([KRBTRAIL, "live"], input=b"", capture_output=True, check=True)
        [beat] = objects(done.stdout.decode(), "heartbeat")
        self.assertEqual(beat["confinement"][0].startswith("user: krbtrail"), is_there)
        self.assertEqual(done.stderr.decode(), "" if is_there else
                         "krbtrail: warning: stays root, without its capabilities: this computer has no "
                         "user krbtrail\n")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: only root can give up root")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
