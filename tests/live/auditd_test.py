#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""krbtrail live as the plugin of a real auditd, through what can befall it.

    auditd_test.py KRBTRAIL PLUGIN_FILE

PLUGIN_FILE is what is installed for auditd 3 and 4. auditd has a configuration of its own, the rules
are those of `krbtrail audit-rules` held to one login that nobody has, and /tmp is this test's own: the
machine is not audited, and afterwards the kernel's audit state is what it was.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import kernel_audit  # noqa: E402
from kernel_audit import wait_for  # noqa: E402

KRBTRAIL = pathlib.Path(sys.argv[1]).resolve()
PLUGIN_FILE = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
VICTIM = 1000
TICKET = f"/tmp/krb5cc_{VICTIM}"
FLOOD = 8_000  # findings of 1.3 kB; an output holds back 8 MiB


def theft(name):
    """A ticket is copied by root for a user, who reads the copy."""
    return (f"cp {TICKET} /tmp/{name}; chmod 644 /tmp/{name}; "
            f"setpriv --reuid={kernel_audit.LOGIN} --clear-groups cat /tmp/{name}")


def ticket_is_there():
    pathlib.Path(TICKET).write_bytes(b"\5\4 no ticket\n" * 40)
    os.chown(TICKET, VICTIM, VICTIM)
    pathlib.Path(TICKET).chmod(0o600)


class Host:
    """auditd and its plugin, whose findings go to `found`, for the time of a with statement."""

    def __init__(self, *settings, is_plugin=True):
        self.scratch = kernel_audit.scratch_folder()
        self.folder = pathlib.Path(self.scratch.name)
        self.found = self.folder / "found.ndjson"
        self.config = self.folder / "krbtrail.conf"
        self.configure(*settings)
        self.auditd = kernel_audit.Auditd(
            self.folder, kernel_audit.printed_rules(KRBTRAIL, "--tier", "2"))
        self.folder.chmod(0o755)
        self.is_plugin = is_plugin
        if is_plugin:
            (self.auditd.plugins / "krbtrail.conf").write_text(self._plugin_file())

    def configure(self, *settings):
        lines = ["[live]", f"output = ndjson:{self.found}", "fold = 0", "limit = 0", "heartbeat = 1"]
        self.config.write_text("\n".join([*lines, *settings, ""]))

    def _plugin_file(self):
        text = re.sub("^active = no$", "active = yes", PLUGIN_FILE, flags=re.M)
        text = re.sub("^path = .*$", f"path = {KRBTRAIL}", text, flags=re.M)
        return re.sub("--config=.*$", f"--config={self.config}", text, flags=re.M)

    def __enter__(self):
        ticket_is_there()
        self.auditd.__enter__()
        try:
            if self.is_plugin:
                self.plugin = wait_for(self._find_plugin, "the plugin")
                wait_for(self.beat, "a heartbeat")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.auditd.__exit__()
        self.scratch.cleanup()

    def _find_plugin(self):
        threads = pathlib.Path(f"/proc/{self.auditd.daemon.pid}/task").glob("*/children")
        for pid in " ".join(path.read_text() for path in threads).split():
            try:
                if os.readlink(f"/proc/{pid}/exe") == str(KRBTRAIL):
                    return int(pid)
            except FileNotFoundError:  # it has ended meanwhile
                continue
        return None

    def new_plugin(self):
        pid = self._find_plugin()
        return pid if pid != self.plugin else None

    def objects(self, kind, path=None):
        path = path or self.found
        text = path.read_text() if path.exists() else ""
        found = map(json.loads, text[:text.rfind("\n") + 1].splitlines())
        return [item for item in found if item["type"] == kind]

    def is_connected(self):
        """Records come, for each try is one."""
        def is_heard():
            kernel_audit.perform("auditctl -m 'is somebody there?'")
            return self.beat() and self.beat()["lines"]
        wait_for(is_heard, "a record")

    def beat(self):
        """The last heartbeat."""
        return (self.objects("heartbeat") or [None])[-1]

    def has_found(self, name, path=None):
        """Whether the copy of that name was found made, and found read."""
        found = {item["process"]["name"] for item in self.objects("finding", path)
                 if item.get("process") and name in item["process"]["command_line"]}
        return {"cp", "cat"} <= found

    def steal(self, name):
        kernel_audit.perform(theft(name))
        wait_for(lambda: self.has_found(name), f"the findings about {name}")

    def scanned(self):
        """What scan finds in auditd's own logs."""
        run = subprocess.run([KRBTRAIL, "scan", "--hostname", socket.gethostname(), "--quiet",
                              "--format", "ndjson", *self.folder.glob("audit.log*")],
                             capture_output=True, text=True, check=False)
        return [item for item in map(json.loads, run.stdout.splitlines())
                if item["type"] == "finding"]

    def stop(self):
        """auditd is stopped as its service is, and with it the plugin."""
        self.auditd.wait_until_drained()
        self.auditd.signal(signal.SIGTERM)
        self.auditd.daemon.wait(kernel_audit.PATIENCE)
        wait_for(lambda: self.objects("summary"), "the plugin's end")


def ids(findings):
    return sorted(item["id"] for item in findings)


class UnderAuditd(unittest.TestCase):
    def test_every_theft_of_a_life_is_found_once_and_as_scan_finds_it(self):
        """Through a reload by SIGHUP, the rotation of both logs, and a regular end."""
        with Host() as host:
            host.steal("first")
            host.configure("[severity]", "critical = 900", "high = 800")
            host.auditd.signal(signal.SIGHUP)
            wait_for(lambda: host.beat()["reloads"] == 1, "the reload")
            before = len(host.objects("finding"))
            host.steal("reloaded")
            self.assertEqual({item["severity"] for item in host.objects("finding")[before:]}
                             & {"high", "critical"}, set())
            host.configure()
            host.auditd.signal(signal.SIGHUP)
            wait_for(lambda: host.beat()["reloads"] == 2, "the second reload")
            host.auditd.signal(signal.SIGUSR1)  # auditd rotates its log
            wait_for((host.folder / "audit.log.1").exists, "the rotation")
            rotated = host.found.rename(f"{host.found}.1")
            host.steal("rotated")
            host.stop()
            live = host.objects("finding", rotated) + host.objects("finding")
            self.assertEqual(host.objects("heartbeat")[-1]["dropped_lines"], 0)
            self.assertEqual(ids(live), ids(host.scanned()))

    def test_a_plugin_that_was_killed_is_started_again_and_finds_the_next_theft(self):
        with Host() as host:
            host.steal("before")
            os.kill(host.plugin, signal.SIGKILL)
            # auditd notices with what it sends next, which is lost.
            kernel_audit.perform(theft("unseen"))
            host.plugin = wait_for(host.new_plugin, "the new plugin")
            wait_for(lambda: host.beat()["uptime"] <= 1, "its heartbeat")
            host.steal("after")
            # This one has its signals blocked: it has to hear them all the same.
            host.auditd.signal(signal.SIGHUP)
            wait_for(lambda: host.beat()["reloads"] == 1, "the reload")
            host.stop()

    def test_the_socket_of_auditds_own_plugin_gives_the_same(self):
        with Host(is_plugin=False) as host:
            events = host.folder / "events"
            (host.auditd.plugins / "af_unix.conf").write_text(
                "active = yes\ndirection = out\npath = builtin_af_unix\ntype = builtin\n"
                f"args = 0600 {events}\nformat = string\n")
            host.auditd.signal(signal.SIGHUP)
            live = subprocess.Popen([KRBTRAIL, "live", "--socket", events, "--config", host.config],
                                    stderr=subprocess.DEVNULL)
            try:
                host.is_connected()
                host.steal("through-a-socket")
                host.auditd.wait_until_drained()
                live.send_signal(signal.SIGTERM)
                self.assertEqual(live.wait(kernel_audit.PATIENCE), 0)
            finally:
                live.kill()
                live.wait()
            self.assertLess(0, len(host.objects("finding")))
            self.assertEqual(ids(host.objects("finding")), ids(host.scanned()))

    def test_auditd_that_was_killed_takes_the_plugin_along(self):
        with Host() as host:
            host.steal("before")
            host.auditd.signal(signal.SIGKILL)
            wait_for(lambda: host.objects("summary"), "the plugin's end")

    def test_a_full_disk_delays_findings_and_loses_none(self):
        small = pathlib.Path("/tmp/small")
        small.mkdir()
        kernel_audit.mount_tmpfs(small, "-o", "size=64k")
        filling = small / "filling"
        subprocess.run(["dd", "if=/dev/zero", f"of={filling}", "bs=4k"], stderr=subprocess.DEVNULL,
                       check=False)
        with Host(f"output = ndjson:{small}/found.ndjson") as host:
            host.steal("full")
            [_, counts] = wait_for(lambda: host.beat()["outputs"], "the counts")
            self.assertFalse(host.has_found("full", small / "found.ndjson"))
            self.assertEqual((counts["written"], counts["lost"]), (0, 0))
            filling.unlink()
            wait_for(lambda: host.has_found("full", small / "found.ndjson"), "what waited")
            host.stop()
            self.assertEqual(ids(host.objects("finding", small / "found.ndjson")),
                             ids(host.objects("finding")))

    def test_a_stuck_reader_and_a_flood_stop_nobody(self):
        """More findings than an output may hold back, while one output's reader never reads."""
        lost = kernel_audit.status()["lost"]
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("/tmp/sink")
            server.listen(1)
            with Host("output = unix:/tmp/sink") as host:
                kernel_audit.perform(f"for ((i = 0; i < {FLOOD}; i++)); do read <{TICKET}; done")
                host.steal("flooded")
                reads = [item for item in host.objects("finding")
                         if item["process"]["name"] == "bash" and "file" in item]
                self.assertEqual(len(reads), FLOOD)
                stuck = wait_for(lambda: [item for item in host.beat()["outputs"] if item["lost"]],
                                 "a heartbeat that says what is lost")
                self.assertEqual([item["name"] for item in stuck], ["unix:/tmp/sink"])
                host.stop()
                self.assertEqual(host.objects("heartbeat")[-1]["dropped_lines"], 0)
                self.assertEqual(ids(host.objects("finding")), ids(host.scanned()))
        self.assertEqual(kernel_audit.status()["lost"], lost)


if __name__ == "__main__":
    kernel_audit.borrow_or_skip()
    with kernel_audit.scratch_folder() as kept:
        # The build may lie in the /tmp that goes out of sight, and auditd wants root's own file.
        KRBTRAIL = pathlib.Path(shutil.copy(KRBTRAIL, kept))
        KRBTRAIL.chmod(0o755)
        kernel_audit.enter_private_mounts()
        unittest.main(argv=sys.argv[:1])
