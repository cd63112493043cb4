#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signals, reloads and the end of a life, as auditd 3.0 to 4.2 have them.

    plugin_test.py KRBTRAIL FOLDER
"""
import json
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

import jsonschema

from listening import UNFOLDED, Live, as_sent, is_running, scanned, wait_for

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
STEP = as_sent((pathlib.Path(sys.argv[2]) / "a02-sudo-copy.log").read_bytes())
OTHER = as_sent((pathlib.Path(sys.argv[2]) / "a07-python-without-words.log").read_bytes())
SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] /
                     "docs/krbtrail.schema.json").read_text(encoding="utf-8"))
STOPPED_WITHIN = 1.0  # seconds, as promised; measured from the signal to the end of the process
SIGNALS = {signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD, signal.SIGCONT}


def ignore_as_auditd_does_at_its_start():
    for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, 32, 33}:
        signal.signal(number, signal.SIG_IGN)


def block_as_auditd_does_at_a_restart():
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def proposed_for(log):
    """The exception for the first finding of a log, as krbtrail proposes it, for a long time."""
    scan = [KRBTRAIL, "scan", "--hostname", "h", "--quiet", "-"]
    first = scanned(KRBTRAIL, log)[0]["id"]
    entry = subprocess.run([*scan, "--propose-exception", first], input=log, stdout=subprocess.PIPE, check=False)
    text = re.sub(r"(?m)^(from|expires) .*\n", "", entry.stdout.decode())
    return re.sub(r"(?m)^#? ?reason.*$", "", text) + "expires = 2100-01-01\nreason = a test\n"


class Plugin(Live):
    """Under a socketpair, as from auditd; `auditd` is its end of it."""

    def __init__(self, *options, **how):
        self.auditd, theirs = socket.socketpair()
        super().__init__(KRBTRAIL, *options, stdin=theirs, **how)
        theirs.close()

    def __exit__(self, *about):
        self.auditd.close()
        super().__exit__(*about)

    def has_found(self, count):
        wait_for(lambda: len(self.findings()) >= count, f"{count} findings")

    def has_said(self, words):
        wait_for(lambda: words in self.words(), words)

    def listens(self):
        """Once a theft has been found every handler is in its place."""
        self.auditd.sendall(OTHER)
        self.has_found(1)


class Signals(unittest.TestCase):
    def check_stop(self, **how):
        with Plugin(**how) as plugin:
            plugin.listens()
            plugin.auditd.sendall(STEP)  # and no end of file: auditd closes later
            began = time.monotonic()
            plugin.process.send_signal(signal.SIGTERM)
            written = plugin.end()
            self.assertLess(time.monotonic() - began, STOPPED_WITHIN + 2 * os.getloadavg()[0])
            self.assertEqual(written[-1]["type"], "summary")
            # What had been sent before was read: the step's own findings are among them.
            self.assertIn("56c2bd710a4ed49b", [item.get("id") for item in written])

    def test_the_parents_sigterm_drains_and_ends(self):
        self.check_stop()

    def test_an_input_that_cannot_be_read_is_no_end_of_the_input(self):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        with Live(KRBTRAIL, stdin=folder) as live:
            summary = live.end(3)[-1]
            self.assertTrue(summary["incomplete"])
            self.assertEqual(summary["inputs"],
                             [{"name": "standard input", "kind": "audit", "bytes": 0, "unread": True,
                               "problem": "cannot read: Is a directory"}])
            self.assertEqual(live.words(),
                             "krbtrail: error: standard input: cannot read: Is a directory\n")

    def test_signals_that_were_ignored_at_the_start_are_heard(self):
        self.check_stop(preexec_fn=ignore_as_auditd_does_at_its_start)

    def test_signals_that_were_blocked_at_a_restart_are_heard(self):
        self.check_stop(preexec_fn=block_as_auditd_does_at_a_restart)

    def test_a_strangers_sigterm_means_somebody_else(self):
        with Plugin() as plugin:
            plugin.listens()
            subprocess.run(["sh", "-c", f"kill -TERM {plugin.process.pid}"], check=True)
            before = len(plugin.findings())
            plugin.auditd.sendall(STEP)
            plugin.has_found(before + 12)
            self.assertTrue(is_running(plugin.process))

    def test_the_end_of_the_stream_is_the_end(self):
        with Plugin() as plugin:
            plugin.auditd.sendall(STEP)
            plugin.auditd.close()
            written = plugin.end()
            for item in written:
                jsonschema.validate(item, SCHEMA)
            self.assertEqual(len(plugin.findings()), 12)
            self.assertEqual([item["type"] for item in written][-4:],
                             ["heartbeat", "coverage", "coverage", "summary"])

    def test_auditd_4_2_stops_a_plugin_by_closing_and_then_sigterm(self):
        with Plugin() as plugin:
            plugin.listens()
            plugin.auditd.close()
            plugin.process.send_signal(signal.SIGTERM)
            plugin.end()


class Reload(unittest.TestCase):
    def test_other_rules_are_in_force_from_then_on(self):
        with Plugin("--min-severity", "info") as plugin:
            plugin.listens()
            plugin.config.write_text(UNFOLDED + "[severity]\ncritical = 900\nhigh = 800\n")
            plugin.process.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            before = len(plugin.findings())
            plugin.auditd.sendall(STEP)
            plugin.auditd.close()
            written = plugin.end()
            later = plugin.findings()[before:]
            self.assertEqual({item["severity"] for item in later} - {"medium", "low", "info"}, set())
            beat = [item for item in written if item["type"] == "heartbeat"][-1]
            self.assertEqual(beat["reloads"], 1)

    def test_a_file_with_a_mistake_leaves_the_old_rules(self):
        with Plugin() as plugin:
            plugin.listens()
            plugin.config.write_text("[severity]\nhihg = 800\n")
            plugin.process.send_signal(signal.SIGHUP)
            plugin.has_said("not reloaded: the rules are those of before")
            self.assertIn("krbtrail.conf:2: unknown key 'hihg' in [severity]", plugin.words())
            before = len(plugin.findings())
            plugin.auditd.sendall(STEP)
            plugin.auditd.close()
            plugin.end()
            self.assertIn("high", {item["severity"] for item in plugin.findings()[before:]})

    def test_exceptions_come_from_the_configuration_and_are_read_again(self):
        """auditd 2 and 3 give a plugin two arguments, so that there is no room for --exceptions."""
        with Plugin() as plugin:
            plugin.listens()
            exceptions = plugin.folder / "exceptions.conf"
            exceptions.write_text(proposed_for(OTHER))
            plugin.config.write_text(f"{UNFOLDED}exceptions = {exceptions}\n")
            plugin.process.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            before = len(plugin.findings())
            plugin.auditd.sendall(OTHER.replace(b"audit(1", b"audit(2"))
            plugin.auditd.close()
            beat = [item for item in plugin.end() if item["type"] == "heartbeat"][-1]
            self.assertEqual(plugin.words(), "")
            self.assertEqual((beat["reloads"], beat["suppressed"]), (1, 1))
            self.assertEqual(len(plugin.findings()), before)

    def test_a_mistake_in_the_exceptions_leaves_the_old_configuration_too(self):
        with Plugin() as plugin:
            plugin.listens()
            exceptions = plugin.folder / "exceptions.conf"
            exceptions.write_text("[exception all]\nrule = ticket-copied\n")
            plugin.config.write_text(f"[live]\nheartbeat = 1\nexceptions = {exceptions}\n")
            plugin.process.send_signal(signal.SIGHUP)
            plugin.has_said("not reloaded: the rules are those of before")
            time.sleep(1.5)
            self.assertNotIn("heartbeat", plugin.out.read_text())

    def test_no_record_is_lost_by_it(self):
        with Plugin() as plugin:
            plugin.listens()
            before = len(plugin.findings())
            for piece in range(0, len(STEP), 997):
                plugin.auditd.sendall(STEP[piece:piece + 997])
                plugin.process.send_signal(signal.SIGHUP)
            plugin.auditd.close()
            written = plugin.end()
            self.assertEqual(len(plugin.findings()), before + 12)
            [coverage] = [item for item in written
                          if item["type"] == "coverage" and "bytes_read" in item]
            self.assertEqual(coverage["bytes_read"], len(OTHER) + len(STEP))


class Input(unittest.TestCase):
    def test_the_binary_format_is_refused_with_the_way_out(self):
        with Plugin() as plugin:
            plugin.auditd.sendall(struct.pack("=4I", 0, 16, 1300, 8) + b"audit(1.".ljust(8970))
            plugin.end(2)
            self.assertEqual(plugin.words(),
                             "krbtrail: error: standard input: auditd sends its binary format\n"
                             "krbtrail: hint: format = string in the plugin's file is wanted\n")

    def test_a_finding_is_written_when_its_event_ends_and_not_later(self):
        with Plugin() as plugin:
            plugin.auditd.sendall(STEP)  # and then nothing at all
            plugin.has_found(12)
            self.assertTrue(is_running(plugin.process))

    def test_what_is_dropped_is_counted_and_said_in_coverage(self):
        """A line that can be none is dropped by the reader."""
        with Plugin() as plugin:
            plugin.auditd.sendall(b"x" * 300_000 + b"\n" + STEP)
            plugin.auditd.close()
            written = plugin.end()
            [coverage] = [item for item in written
                          if item["type"] == "coverage" and "bytes_read" in item]
            self.assertEqual(coverage["rejected"]["dropped"], {"lines": 1, "bytes": 300_001})
            self.assertTrue(coverage["adds_up"])
            self.assertTrue(written[-1]["incomplete"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
