# SPDX-License-Identifier: Apache-2.0
"""Swaps the names of two files with renameat2: exchange.py ONE OTHER."""

import ctypes
import sys

AT_FDCWD, RENAME_EXCHANGE = -100, 2
one, other = (path.encode() for path in sys.argv[1:])
sys.exit(ctypes.CDLL(None).renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE))
