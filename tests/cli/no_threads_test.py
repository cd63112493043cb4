#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the system gives no thread, scan does alone what it would have shared, and live says why it ends.

    no_threads_test.py KRBTRAIL TESTDATA

RLIMIT_NPROC does not hold root, so the program runs as another user; without root the test is skipped.
"""

import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
OTHER_USER = 65533
LIMITS = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups",
          "prlimit", "--nproc=0:0"]
LOG = pathlib.Path("captured/raw/t1-discover-and-copy.log")


class NoThreads(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = pathlib.Path(self.scratch.name)
        self.folder.chmod(0o755)
        self.program = self.folder / "krbtrail"
        shutil.copy(KRBTRAIL, self.program)
        self.log = self.folder / "audit.log"
        shutil.copyfile(TESTDATA / LOG, self.log)
        self.compressed = self.folder / "audit.log.gz"
        self.compressed.write_bytes(gzip.compress(self.log.read_bytes()))

    def run_limited(self, *words, **more):
        return subprocess.run([*LIMITS, self.program, *words], cwd="/", capture_output=True,
                              text=True, check=False, **more)

    def test_no_thread_is_given(self):
        code = "import threading; threading.Thread(target=print).start()"
        done = subprocess.run([*LIMITS, "/usr/bin/python3", "-c", code], capture_output=True, text=True,
                              check=False)
        self.assertIn("can't start new thread", done.stderr)

    def test_scan_reads_alone_what_it_would_have_shared(self):
        for path in (self.log, self.compressed):
            for jobs in ("1", "2", "3"):
                with self.subTest(path=path.name, jobs=jobs):
                    words = ("scan", "--format", "csv", "--jobs", jobs, path)
                    whole = subprocess.run([self.program, *words], capture_output=True, text=True,
                                           check=False)
                    limited = self.run_limited(*words)
                    self.assertEqual(limited.stderr, whole.stderr)
                    self.assertEqual(limited.stdout, whole.stdout)
                    self.assertEqual((limited.returncode, whole.returncode), (1, 1))

    def test_live_says_that_it_cannot_read(self):
        with self.log.open() as log:
            done = self.run_limited("live", stdin=log)
        self.assertIn("no thread can be started for the reader", done.stderr)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    KRBTRAIL, TESTDATA = map(pathlib.Path, sys.argv[1:3])
    if os.geteuid() != 0:
        print("skipped: only root can run the program as another user")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
