# SPDX-License-Identifier: Apache-2.0
"""krbtrail live as a child, and what to feed it."""
import json
import os
import pathlib
import pwd
import re
import subprocess
import tempfile
import time

HEAD = re.compile(rb"^(node=\S+ )?type=\S+ msg=audit\(([^)]*)\)")
UNFOLDED = "[live]\nfold = 0\nlimit = 0\nheartbeat = 3600\n"
ME = pwd.getpwuid(os.getuid()).pw_name
# Empty, as from auditd, but for what a sanitized build is told.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
PATIENCE = 30  # seconds that nothing here takes, on any machine


def as_sent(log):
    """The records of a log as auditd sends them to a plugin: an EOE behind each event's last record."""
    lines = log.splitlines(keepends=True)
    keys = [HEAD.match(line) for line in lines]
    keys = [match and (match[1] or b"", match[2]) for match in keys]
    last = {key: number for number, key in enumerate(keys)}
    sent = []
    for number, (line, key) in enumerate(zip(lines, keys)):
        sent.append(line)
        if key and last[key] == number:
            sent.append(key[0] + b"type=EOE msg=audit(" + key[1] + b"): \n")
    return b"".join(sent)


def objects(text, kind=None):
    found = [json.loads(line) for line in text.splitlines()]
    return [item for item in found if kind in (None, item["type"])]


def wait_for(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.01)
    return answer


class Live:
    """A running `krbtrail live`; its standard output is in the file .out, its words in .err.

    It stays who started it, so that it says nothing of having to."""

    def __init__(self, krbtrail, *options, config=UNFOLDED, stdin=subprocess.DEVNULL, user=ME, proc=False, **how):
        self.scratch = tempfile.TemporaryDirectory(prefix="krbtrail-live-")
        self.folder = pathlib.Path(self.scratch.name)
        self.folder.chmod(0o755)  # whom it becomes may read its settings
        self.config = self.folder / "krbtrail.conf"
        self.config.write_text(config)
        self.out = self.folder / "out"
        self.err = self.folder / "err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [krbtrail, "live", "--hostname", "h", "--config", self.config, "--user", user,
                 *([] if proc else ["--no-proc"]), *options],
                stdin=stdin, stdout=out, stderr=err, env=ENVIRONMENT, **how)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.scratch.cleanup()

    def findings(self):
        text = self.out.read_text()
        return objects(text[:text.rfind("\n") + 1], "finding")

    def words(self):
        return self.err.read_text()

    def end(self, status=0):
        """Waits for the end and gives what was written."""
        code = self.process.wait(PATIENCE)
        if code != status:
            raise AssertionError(f"exit status {code}, not {status}: {self.words()}")
        return objects(self.out.read_text())


def scanned(krbtrail, log):
    run = subprocess.run([krbtrail, "scan", "--hostname", "h", "--format", "ndjson", "--quiet", "-"],
                         input=log, stdout=subprocess.PIPE, check=False)
    return objects(run.stdout, "finding")


def is_running(process):
    return process.poll() is None and os.path.exists(f"/proc/{process.pid}")
