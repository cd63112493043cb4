# SPDX-License-Identifier: Apache-2.0
"""The kernel's audit rules, borrowed for one login that nobody else has.

Every rule that a test loads is held to LOGIN by a further field, so that nothing else on the machine is
audited, and is deleted by itself: rules that somebody else loads meanwhile stay.
"""
import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

LOGIN = 7001001  # a loginuid that no process has
SKIPPED = 77     # SKIP_RETURN_CODE
LOCK = "/run/lock/krbtrail-kernel-audit"  # of everything on this machine that borrows
FOLDER_PREFIX = "/var/tmp/krbtrail-audited-"
LOCK_PATIENCE = 120  # seconds; each test that borrows takes less
PATIENCE = 30        # seconds that nothing here takes, on any machine
# With audit enabled the kernel reports every crash and every refusal of Landlock on the machine, rule or
# no rule.
NOTHING_OF_OTHERS = f"-a always,exclude -F auid!={LOGIN}".split()


def auditctl(*arguments):
    return subprocess.run(["auditctl", *arguments], capture_output=True, text=True, check=False,
                          timeout=30)


def status():
    """The kernel's audit state as auditctl -s gives it."""
    pairs = (line.split(None, 1) for line in auditctl("-s").stdout.splitlines())
    return {key: int(value) for key, value in pairs if value.isdigit()}


def loginuids():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int((entry / "loginuid").read_text())
            except (OSError, ValueError):
                continue


def why_not():
    """Why the kernel's audit state cannot be borrowed here; None if it can."""
    for program in ("auditctl", "auditd", "unshare"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    if auditctl("-s").returncode != 0 or "enabled" not in status():
        return "the kernel's audit state cannot be read"
    if status()["pid"] or status()["enabled"]:
        return "this machine is audited"
    if auditctl("-l").stdout.strip() != "No rules":
        return "audit rules are loaded"
    if LOGIN in loginuids():
        return f"somebody is logged in as {LOGIN}"
    return None


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def borrow_or_skip():
    """The kernel's audit state is this process's until its end, or it ends here."""
    if os.geteuid() != 0:
        skip("not root")
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)  # closed when this process ends
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > deadline:
                skip("another test has borrowed the kernel's audit state")
            time.sleep(0.2)
    undo_killed_run()
    if reason := why_not():
        skip(reason)


def undo_killed_run():
    """Whoever was killed has left rules for LOGIN and an auditd; nobody is at it now, we have the lock."""
    rules = [line for line in auditctl("-l").stdout.splitlines() if line.startswith("-")]
    if not rules or not all(str(LOGIN) in rule for rule in rules):
        return
    left = status()["pid"]
    if left and FOLDER_PREFIX in pathlib.Path(f"/proc/{left}/cmdline").read_text():
        os.kill(left, signal.SIGTERM)
        wait_for(lambda: status()["pid"] == 0, "the end of the auditd of a killed run")
    auditctl("-D")
    auditctl("-e", "0")


def enter_private_mounts():
    """From here on this process and its children have mounts of their own, and an empty /tmp."""
    new_mounts = 0x00020000  # CLONE_NEWNS
    if ctypes.CDLL(None, use_errno=True).unshare(new_mounts) != 0:
        skip("a mount namespace cannot be made here")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    mount_tmpfs("/tmp")


def mount_tmpfs(path, *options):
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", path], check=True)


def perform(script, timeout=60):
    """A root shell that LOGIN has logged in for does what the script says; its status is not asked."""
    login = f"echo {LOGIN} >/proc/self/loginuid && exec bash -c \"$1\""
    subprocess.run(["bash", "-c", login, "-", script], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False, timeout=timeout)


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.02)
    return answer


def held_to_login(line):
    """A line of audit rules as auditctl's arguments, for LOGIN alone."""
    return [*line.split(), "-F", f"auid={LOGIN}"]


def printed_rules(krbtrail, *options):
    run = subprocess.run([krbtrail, "audit-rules", *options], capture_output=True, text=True,
                         check=True)
    return [line for line in run.stdout.splitlines() if line and not line.startswith("#")]


def delete(rules):
    for rule in rules:
        auditctl("-d", *rule[1:])


def scratch_folder():
    """Not in /tmp, of which a test may have one of its own."""
    path = pathlib.Path(FOLDER_PREFIX)
    return tempfile.TemporaryDirectory(dir=path.parent, prefix=path.name)


class Auditd:
    """auditd with a configuration of its own and rules for LOGIN, for the time of a with statement.

    What is in FOLDER/plugins when it starts are its plugins.
    """

    def __init__(self, folder, lines):
        self.folder = folder
        self.log = folder / "audit.log"
        self.plugins = folder / "plugins"
        self.plugins.mkdir()
        self.rules = [NOTHING_OF_OTHERS, *map(held_to_login, lines)]
        self.before = status()
        self.daemon = None
        folder.chmod(0o700)
        (folder / "auditd.conf").write_text(
            f"log_file = {self.log}\nlog_format = RAW\nname_format = none\nnum_logs = 9\n"
            f"plugin_dir = {self.plugins}\nlocal_events = yes\nwrite_logs = yes\nflush = none\n"
            "max_log_file = 100\nmax_log_file_action = ignore\nspace_left = 2\n"
            "space_left_action = ignore\nadmin_space_left = 1\nadmin_space_left_action = ignore\n"
            "disk_full_action = ignore\ndisk_error_action = ignore\nq_depth = 99999\n")

    def __enter__(self):
        self.daemon = subprocess.Popen(["auditd", "-n", "-s", "enable", "-c", str(self.folder)])
        try:
            wait_for(lambda: status().get("pid") == self.daemon.pid, "auditd")
            auditctl("-b", "8192")
            for rule in self.rules:
                loaded = auditctl(*rule)
                if loaded.returncode:
                    raise AssertionError(f"{rule}: {loaded.stderr}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            if self.daemon.poll() is None:
                self.wait_until_drained()
        finally:
            auditctl("-e", "0")  # first, so that the deletion of the rules is not recorded
            self.signal(signal.SIGTERM)
            self.daemon.wait(PATIENCE)
            delete(self.rules)
            auditctl("-b", str(self.before["backlog_limit"]))

    def signal(self, number):
        self.daemon.send_signal(number)

    def wait_until_drained(self):
        """auditd does not empty the kernel's backlog when it is told to end."""
        wait_for(lambda: status()["backlog"] == 0, "the kernel's backlog")
        wait_for(lambda: self._is_quiet(), "auditd's log")

    def _is_quiet(self):
        size = self.log.stat().st_size
        time.sleep(0.3)
        return self.log.stat().st_size == size and status()["backlog"] == 0
