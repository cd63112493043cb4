# SPDX-License-Identifier: Apache-2.0
"""Copies a file by system calls that few programs use: raw_open.py WAY SOURCE TARGET.

WAY is openat2, or dirfd for an open relative to the descriptor of SOURCE's folder.
"""

import ctypes
import os
import struct
import sys

SYS_OPENAT2 = 437
AT_FDCWD = -100


def open_by_openat2(path):
    """openat2(AT_FDCWD, path, {O_RDONLY, 0, 0})."""
    how = struct.pack("QQQ", os.O_RDONLY, 0, 0)
    return ctypes.CDLL(None).syscall(SYS_OPENAT2, AT_FDCWD, path.encode(), how, len(how))


def open_by_folder(path):
    """openat(folder, name)."""
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    return os.open(os.path.basename(path), os.O_RDONLY, dir_fd=folder)


way, source, target = sys.argv[1:]
descriptor = {"openat2": open_by_openat2, "dirfd": open_by_folder}[way](source)
with open(target, "wb") as output:
    output.write(os.read(descriptor, 65536))
