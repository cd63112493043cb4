# SPDX-License-Identifier: Apache-2.0
"""Reads every small private file of a folder: collect.py FOLDER OUTPUT."""

import glob
import os
import sys

with open(sys.argv[2], "wb") as output:
    for path in glob.glob(os.path.join(sys.argv[1], "k*_1*")):
        with open(path, "rb") as source:
            output.write(source.read())
