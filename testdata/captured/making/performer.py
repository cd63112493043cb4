# SPDX-License-Identifier: Apache-2.0
"""Performs a step: each session gets a loginuid of its own, a terminal and a login shell.

The kernel gives every new loginuid a fresh session id; that id, read back from /proc, is what ties
records to steps. Commands are typed into the shell one by one, as a person would.
"""

import ctypes
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

import private_host

PROMPT = re.compile(rb"<<(\d+)>> $")
PASSWORD_QUESTION = re.compile(rb"Password for (\w+)@\S+: $")
PATIENCE = 180


class Session:
    """One login: a terminal with a login shell, or a job without terminal as cron starts it."""

    def __init__(self, login, run_as, terminal):
        self.login = private_host.user_named(login)
        self.run_as = private_host.user_named(run_as)
        self.output = b""
        self._terminal = terminal
        self._master, self._slave = pty.openpty() if terminal else (None, None)
        self.ses = None
        self._groups = os.getgrouplist(self.run_as.name, self.run_as.uid)
        self._keeper = None

    def perform(self, commands):
        """Run the commands and end the session. Returns [{command, status}, ...]."""
        return self._type(commands) if self._terminal else self._run_jobs(commands)

    def _type(self, commands):
        self._log_in([("/bin/bash", ["-bash"])])
        self._read_until_prompt("login")
        results = [{"command": line, "status": self._type_line(line)} for line in commands]
        os.write(self._master, b"exit\n")
        self._wait_for_end()
        os.close(self._master)
        os.close(self._slave)
        return results

    def _type_line(self, line):
        os.write(self._master, line.encode() + b"\n")
        return self._read_until_prompt(line)

    def _run_jobs(self, commands):
        self._log_in([("/bin/sh", ["/bin/sh", "-c", line]) for line in commands])
        self._wait_for_end()
        return [{"command": line, "status": None} for line in commands]

    def _log_in(self, programs):
        """Fork a keeper that logs in, says its session id, and runs one program after the other.

        The keeper forks again for each program, so that no process carries the keeper's title.
        """
        reader, writer = os.pipe()
        self._keeper = os.fork()
        if self._keeper == 0:
            die_with_parent()
            os.close(reader)
            if self._terminal:
                os.close(self._master)
            Path("/proc/self/loginuid").write_text(str(self.login.uid))
            os.write(writer, Path("/proc/self/sessionid").read_bytes())
            os.close(writer)
            for program, argv in programs:
                _spawn_and_wait(lambda: self._become(program, argv))
            os._exit(0)
        os.close(writer)
        self.ses = int(os.read(reader, 32))
        os.close(reader)

    def _become(self, program, argv):
        os.setsid()
        if self._terminal:
            fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)
            fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 4000, 0, 0))
            os.fchown(self._slave, self.run_as.uid, 5)
            descriptors = [self._slave] * 3
        else:
            descriptors = [os.open("/dev/null", os.O_RDWR)] * 3
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
        os.closerange(3, 256)
        os.setgroups(self._groups)
        os.setresgid(*[self.run_as.uid] * 3)
        os.setresuid(*[self.run_as.uid] * 3)
        die_with_parent()
        os.chdir(self.run_as.home)
        os.umask(0o022)
        os.execve(program, argv, self._environment())

    def _environment(self):
        environment = {
            "HOME": self.run_as.home, "USER": self.run_as.name, "LOGNAME": self.run_as.name,
            "SHELL": "/bin/bash" if self._terminal else "/bin/sh", "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        }
        return {**environment, "TERM": "dumb"} if self._terminal else environment

    def _read_until_prompt(self, waited_for):
        recent, deadline = b"", time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([self._master], [], [], 0.2)[0]:
                chunk = os.read(self._master, 65536)
                self.output += chunk
                recent = (recent + chunk)[-65536:]
                self._answer_password_question(recent)
                prompt = PROMPT.search(recent)
                if prompt:
                    return int(prompt[1])
        raise RuntimeError(f"no end in {PATIENCE} s: {waited_for}\n{recent[-2000:]!r}")

    def _answer_password_question(self, recent):
        question = PASSWORD_QUESTION.search(recent)
        if question:
            password = private_host.user_named(question[1].decode()).password
            os.write(self._master, password.encode() + b"\n")

    def _wait_for_end(self):
        deadline = time.monotonic() + PATIENCE
        while os.waitpid(self._keeper, os.WNOHANG) == (0, 0):
            if self._terminal and select.select([self._master], [], [], 0.02)[0]:
                self._drain()
            elif not self._terminal:
                time.sleep(0.02)
            if time.monotonic() > deadline:
                raise RuntimeError(f"session {self.ses} does not end")
        end_left_over(self.ses)

    def _drain(self):
        try:
            self.output += os.read(self._master, 65536)
        except OSError:
            time.sleep(0.02)


def die_with_parent():
    """Have the kernel end this process when its parent is gone: a killed run leaves no sessions."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def end_left_over(ses):
    """End what a session left running; only processes with that session id, by pid."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _session_of(entry) == ses:
            try:
                os.kill(int(entry.name), signal.SIGKILL)
            except ProcessLookupError:
                continue


def _session_of(entry):
    try:
        return int((entry / "sessionid").read_text())
    except (OSError, ValueError):
        return None


def _spawn_and_wait(become):
    child = os.fork()
    if child == 0:
        try:
            become()
        finally:
            os._exit(127)
    os.waitpid(child, 0)
