# SPDX-License-Identifier: Apache-2.0
"""Runs a program from an anonymous memory file: run_from_memory.py PROGRAM ARGUMENT..."""

import os
import sys

memory = os.memfd_create("kworker", 0)
with open(sys.argv[1], "rb") as program:
    os.write(memory, program.read())
os.execve(memory, ["kworker", *sys.argv[2:]], os.environ)
