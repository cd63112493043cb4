# SPDX-License-Identifier: Apache-2.0
"""Reads another process's memory with process_vm_readv: peek.py PID TARGET."""

import ctypes
import sys


class Span(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def heap_of(pid):
    """(start, length) of the process's heap."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps:
        line = next(line for line in maps if line.rstrip().endswith("[heap]"))
    start, end = (int(number, 16) for number in line.split()[0].split("-"))
    return start, end - start


process, target = int(sys.argv[1]), sys.argv[2]
begin, size = heap_of(process)
buffer = ctypes.create_string_buffer(size)
local = Span(ctypes.cast(buffer, ctypes.c_void_p), size)
remote = Span(begin, size)
ctypes.CDLL(None).process_vm_readv(
    process, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0
)
with open(target, "wb") as output:
    output.write(buffer.raw)
